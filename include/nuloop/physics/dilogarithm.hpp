// The real dilogarithm.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/double_double.hpp"

#include <boost/math/constants/constants.hpp>

namespace nuloop::physics {

/// Li2(1) = pi^2/6, to the digits of Real.
template <class Real>
Real dilogarithm_at_1() {
  return boost::math::constants::pi_sqr_div_six<Real>();
}
template <>
inline DoubleDouble dilogarithm_at_1<DoubleDouble>() {
  return DoubleDouble::ordered_sum(0x1.a51a6625307d3p+0, 0x1.1873d8912200cp-55);
}
template <>
inline DoubleDoublePack dilogarithm_at_1<DoubleDoublePack>() {
  return dilogarithm_at_1<DoubleDouble>();
}

/// Re Li2(x) for any finite x, to a few units of the 16th digit of the larger of it and its
/// logarithms' squares.
double dilogarithm(double x);

/// Re Li2(x) for any finite x, to 50 units of 2^-106 of the larger of it and its logarithms'
/// squares.
DoubleDouble dilogarithm(const DoubleDouble& x);

}  // namespace nuloop::physics
