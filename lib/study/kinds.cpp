// SPDX-License-Identifier: GPL-3.0-or-later
#include "kinds.hpp"

#include <array>
#include <cstddef>

namespace nuloop::study {

const KindTraits& traits_of(Kind kind) {
  // In the order of Kind.
  static constexpr std::array<const KindTraits*, kind_names.size()> all = {
      &reach_kind, &rates_kind, &cross_section_kind, &impacts_kind, &measurement_kind, &toys_kind};
  return *all[static_cast<std::size_t>(kind)];
}

}  // namespace nuloop::study
