// The real dilogarithm.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <numbers>

namespace nuloop::physics {

/// Li2(1) = pi^2/6.
inline constexpr double dilogarithm_at_1 = std::numbers::pi * std::numbers::pi / 6.0;

/// Re Li2(x) for any finite x, to double precision (GSL).
double dilogarithm(double x);

}  // namespace nuloop::physics
