// The number type for closed forms where these cancel in double precision.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/multiprecision/cpp_bin_float.hpp>

namespace nuloop::physics {

/// 113 bits, 34 decimal digits.
using Quad = boost::multiprecision::cpp_bin_float_quad;

}  // namespace nuloop::physics
