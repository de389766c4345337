// The doubles that are no numbers, by the names that formulas give them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

namespace nuloop {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace nuloop
