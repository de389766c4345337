// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/kind.hpp"

#include <algorithm>

namespace nuloop::setup {

const Kind* find_kind(const Kinds& kinds, std::string_view name) {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const Kind* kind) { return kind->name == name; });
  return found == kinds.end() ? nullptr : *found;
}

std::vector<std::string> names_of(const Kinds& kinds) {
  std::vector<std::string> names;
  for (const Kind* kind : kinds)
    names.emplace_back(kind->name);
  return names;
}

}  // namespace nuloop::setup
