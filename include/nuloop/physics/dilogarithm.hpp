// The real dilogarithm.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/quad.hpp"

#include <boost/math/constants/constants.hpp>

namespace nuloop::physics {

/// Li2(1) = pi^2/6, to the digits of Real.
template <class Real>
Real dilogarithm_at_1() {
  return boost::math::constants::pi_sqr_div_six<Real>();
}

/// Re Li2(x) for any finite x, to a few units of the 16th digit of the larger of it and its
/// logarithms' squares.
double dilogarithm(double x);

/// Re Li2(x) for any finite x, to a few units of the 33rd digit of the larger of it and its
/// logarithms' squares.
Quad dilogarithm(const Quad& x);

}  // namespace nuloop::physics
