#!/usr/bin/env bash
# findings/boost-double-double.sh: waves of large phases and hyperbolic functions of Boost's double-doubles.
# Packages: libboost1.92-dev 1.92.0-4+b1, g++ 4:16.1.0-3 (Debian unstable).
# Expected: a type of 31 digits has at least the digits of double everywhere, and cosh is even.
# Seen: sin loses the digits that its argument has before the point: of 31 digits 21 are right at 1e10, 12 at
#   1e20, where double has 16, and sin(1e30) is 0. cosh(-700) is infinite and sinh(-700) minus infinite, where
#   cosh(700) and sinh(700) are right. Nothing is raised.
# Documentation: none was found of this type. boostorg/multiprecision#24 (closed) chose that the sine of a
#   number too large for the reduction is 0.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid libboost1.92-dev=1.92.0-4+b1 g++=4:16.1.0-3 libc6-dev

cat >"$temp/sid/trial/functions.cc" <<'CPP'
#include <boost/multiprecision/cpp_double_fp.hpp>

#include <cmath>
#include <cstdio>

using boost::multiprecision::cpp_double_double;

int digits(const cpp_double_double &value, const cpp_double_double &exact) {
  const double off = fabs(value / exact - 1).convert_to<double>();
  return off < 1e-31 ? 31 : static_cast<int>(-std::log10(off));
}

/// The sine of the double x; exact: by mpmath.
void wave(double x, const char *exact) {
  const cpp_double_double whole(x), right(exact);
  std::printf("sin %g: %.6f, digits %d, of double %d\n", x, sin(whole).convert_to<double>(),
              digits(sin(whole), right), digits(std::sin(x), right));
}

int main() {
  wave(1, "0.84147098480789650665250232163029899962");
  wave(1e5, "0.035748797972016509316470500695808829");
  wave(1e10, "-0.487506025087510691527794294348106042");
  wave(1e15, "0.858272793170235835523886390848406647");
  wave(1e20, "-0.645251285265780844205811711312523007");
  wave(1e30, "0.00933146893117582405723721943036301149");
  for (const double x : {600., -600., 700., -700.})
    std::printf("%g: cosh %.3e, sinh %.3e\n", x, cosh(cpp_double_double(x)).convert_to<double>(),
                sinh(cpp_double_double(x)).convert_to<double>());
}
CPP

stated='sin 1: 0.841471, digits 31, of double 17
sin 100000: 0.035749, digits 25, of double 16
sin 1e+10: -0.487506, digits 21, of double 16
sin 1e+15: 0.858273, digits 17, of double 16
sin 1e+20: -0.645251, digits 12, of double 16
sin 1e+30: 0.000000, digits 0, of double 16
600: cosh 1.887e+260, sinh 1.887e+260
-600: cosh 1.887e+260, sinh -1.887e+260
700: cosh 5.071e+303, sinh 5.071e+303
-700: cosh inf, sinh -inf'

inside sid g++ functions.cc -o functions >&2
seen=$(inside sid ./functions)
compare "$stated" "$seen"
