#!/usr/bin/env bash
# findings/qd-functions.sh: hyperbolic and inverse functions of the QD library's double-doubles.
# Packages: libqd-dev 2.3.23+dfsg.1-1.1+b2, g++ (Debian 13).
# Expected: about 31 digits, and limits where double has them: tanh(1000) is 1, atan(1e300) is pi / 2.
# Seen: tanh(1000), atan(1e300), asinh(1e300) and the text 1.5e-310 are NaN, without a word. asinh and atanh
#   lose digits towards 0, where those of a double keep all: atanh has 23 right ones at 1e-10, 18 at 1e-15.
# Documentation: none was found.
# Versions: 2.3.23 is that of Debian unstable too.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie libqd-dev=2.3.23+dfsg.1-1.1+b2 g++=4:14.2.0-1 libc6-dev

cat >"$temp/trixie/trial/functions.cc" <<'CPP'
#include <qd/dd_real.h>

#include <cmath>
#include <iostream>

/// |value / exact - 1|, or that the value is none.
void describe(const char *name, dd_real value, dd_real exact) {
  std::cout << name << ": ";
  if (value.isnan())
    std::cout << "NaN\n";
  else
    std::cout << "off by " << to_double(abs(value / exact - 1.0)) << "\n";
}

int main() {
  std::cout.precision(1);
  describe("tanh 700", tanh(dd_real(700)), 1);
  describe("tanh 1000", tanh(dd_real(1000)), 1);
  describe("atan 1e100", atan(dd_real(1e100)), dd_real::_pi2);
  describe("atan 1e300", atan(dd_real(1e300)), dd_real::_pi2);
  describe("asinh 1e100", asinh(dd_real(1e100)), log(dd_real(2)) + log(dd_real(1e100)));
  describe("asinh 1e300", asinh(dd_real(1e300)), log(dd_real(2)) + log(dd_real(1e300)));
  for (const double x : {1e-5, 1e-10, 1e-15}) {
    const dd_real cube = dd_real(x) * x * x / 6.0; // the next term is below the precision
    const dd_real fifth = dd_real(x) * x * x * x * x;
    std::cout << "at " << x << " ";
    describe("asinh", asinh(dd_real(x)), x - cube + fifth * 3.0 / 40.0);
    std::cout << "at " << x << " ";
    describe("atanh", atanh(dd_real(x)), x + cube * 2.0 + fifth / 5.0);
  }
  std::cout << "double: tanh 1000 = " << std::tanh(1000.) << "\n";
  std::cout << "text: " << dd_real("1.5e-310") << "\n";
}
CPP

stated='tanh 700: off by 0
tanh 1000: NaN
atan 1e100: off by 0
atan 1e300: NaN
asinh 1e100: off by 1e-31
asinh 1e300: NaN
at 1e-05 asinh: off by 1e-27
at 1e-05 atanh: off by 9e-28
at 1e-10 asinh: off by 1e-23
at 1e-10 atanh: off by 2e-23
at 1e-15 asinh: off by 2e-31
at 1e-15 atanh: off by 2e-18
double: tanh 1000 = 1
text: nan'

inside trixie g++ functions.cc -o functions -lqd >&2
seen=$(inside trixie ./functions)
compare "$stated" "$seen"
