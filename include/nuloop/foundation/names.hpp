// Enumerated values and the names that people write for them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace nuloop {

/// The value called `name` in a list of pairs of a name and a value, or null.
template <class Names>
constexpr const typename Names::value_type::second_type* find_named(const Names& names,
                                                                    std::string_view name) {
  for (const auto& [known, value] : names)
    if (known == name)
      return &value;
  return nullptr;
}

/// The name of `value` in such a list; empty if it has none.
template <class Names>
constexpr std::string_view name_of(const Names& names,
                                   typename Names::value_type::second_type value) {
  for (const auto& [name, known] : names)
    if (known == value)
      return name;
  return {};
}

}  // namespace nuloop
