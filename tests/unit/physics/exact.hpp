// Numbers of 50 digits, beside which those of double-double arithmetic are judged.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/double_double.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>

namespace nuloop::test {

using Exact = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<50>,
                                            boost::multiprecision::et_off>;

template <class Number = Exact>
Number exactly(const physics::DoubleDouble& x) {
  return Number(x.high()) + Number(x.low());
}

/// The error of `found` as a part of `expected`, in units of 2^-106.
template <class Number>
double units(const physics::DoubleDouble& found, const Number& expected) {
  const Number error = abs(Number(exactly<Number>(found) - expected));
  if (error == 0)
    return 0.0;
  return static_cast<double>(Number(ldexp(Number(error / abs(expected)), 106)));
}

}  // namespace nuloop::test
