#!/usr/bin/env bash
# findings/alglib-tails.sh: far tails of the normal distribution in ALGLIB.
# Packages: libalglib-dev 4.2.0-2, g++ 4:14.2.0-1 (Debian 13).
# Expected: the header gives relative errors of 3.4e-14 for normaldistribution(x) from -13 to 0 and of 5.7e-14
#   for errorfunctionc(x) from 0 to 26.6417.
# Seen: normaldistribution(-8) is off by 2 percent, normaldistribution(-9) is 0, and so is
#   errorfunctionc(10); the true values are 1.13e-19 and 2.09e-45. So an excess of nine standard deviations
#   has the p-value 0, which invnormaldistribution turns into -1e300 standard deviations.
#   errorfunctionc(9 / sqrt(2)) / 2 is right, and so is invnormaldistribution(1e-20).
# Documentation: the header, as above; none was found of the cut.
# Versions: 3.19.0 (Debian 12), 4.2.0 and 4.7.0 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie libalglib-dev=4.2.0-2 g++=4:14.2.0-1

cat >"$temp/trixie/trial/tails.cpp" <<'CPP'
#include <libalglib/specialfunctions.h>

#include <cmath>
#include <cstdio>

int main() {
  for (double z : {6.0, 8.0, 9.0, 20.0}) {
    const double tail = alglib::normaldistribution(-z);
    std::printf("%g: %.4g, by erfc %.4g, true %.4g, back %.4g\n", z, tail,
                alglib::errorfunctionc(z / std::sqrt(2.0)) / 2, std::erfc(z / std::sqrt(2.0)) / 2,
                alglib::invnormaldistribution(tail));
  }
  for (double x : {9.99, 10.0})
    std::printf("erfc %g: %.4g, true %.4g\n", x, alglib::errorfunctionc(x), std::erfc(x));
  std::printf("of 1e-20: %.7g\n", alglib::invnormaldistribution(1e-20));
}
CPP

stated='6: 9.866e-10, by erfc 9.866e-10, true 9.866e-10, back -6
8: 6.106e-16, by erfc 6.221e-16, true 6.221e-16, back -8.002
9: 0, by erfc 1.129e-19, true 1.129e-19, back -1e+300
20: 0, by erfc 0, true 2.754e-89, back -1e+300
erfc 9.99: 2.553e-45, true 2.553e-45
erfc 10: 0, true 2.088e-45
of 1e-20: -9.26234'

inside trixie g++ tails.cpp -lalglib -o tails >&2
seen=$(inside trixie ./tails)
compare "$stated" "$seen"
