#!/usr/bin/env bash
# findings/eigen-erf.sh: the error function of an infinite bound, and powers of two, by Eigen's arrays.
# Packages: libeigen3-dev 5.0.1-3, g++ 4:16.1.0-3 (Debian unstable).
# Expected: a Gaussian's part in a bin without an upper bound is (1 - erf(x)) / 2, since erf of infinity is 1;
#   2 to the power 10 is 1024.
# Seen: erf of infinity is NaN in doubles, and so is that of 1e160; in floats it is 1, and erfc is right. exp2
#   of a double 10 is less than 1024, as an integer 1023; that of 1000 is off by 100 units of the last place.
# Documentation: none says so. tensorflow/tensorflow#125596 and vinecopulib/vinecopulib#792 tell of erf; none
#   was found on exp2.
# Versions: 3.4.0 (Debian 12 and 13) has erf right, and no exp2.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid libeigen3-dev=5.0.1-3 g++=4:16.1.0-3 libc6-dev

cat >"$temp/sid/trial/functions.cc" <<'CPP'
#include <Eigen/Core>
#include <cmath>
#include <cstdio>
#include <limits>
#include <unsupported/Eigen/SpecialFunctions>

int main() {
  const double infinity = std::numeric_limits<double>::infinity();
  Eigen::ArrayXd x(8);
  x << 0, 1, 6, 1e150, 1e160, infinity, -infinity, -1;
  const Eigen::ArrayXd part = x.erf(), rest = x.erfc();
  const Eigen::ArrayXf single = x.cast<float>().erf();
  for (int i = 0; i < x.size(); ++i)
    std::printf("%g: erf %g, of float %g, erfc %.6g, C++ %g\n", x[i], std::isnan(part[i]) ? NAN : part[i],
                single[i], rest[i], std::erf(x[i]));
  Eigen::ArrayXd powers(4);
  powers << 1, 10, 100, 1000;
  const Eigen::ArrayXd two = powers.exp2();
  for (int i = 0; i < powers.size(); ++i)
    std::printf("2^%g: off by %.1e, C++ by %g\n", powers[i], two[i] / std::ldexp(1, powers[i]) - 1,
                std::exp2(powers[i]) / std::ldexp(1, powers[i]) - 1);
  std::printf("as an integer: %d\n", static_cast<int>(two[1]));
}
CPP

stated='0: erf 0, of float 0, erfc 1, C++ 0
1: erf 0.842701, of float 0.842701, erfc 0.157299, C++ 0.842701
6: erf 1, of float 1, erfc 2.15197e-17, C++ 1
1e+150: erf 1, of float 1, erfc 0, C++ 1
1e+160: erf nan, of float 1, erfc 0, C++ 1
inf: erf nan, of float 1, erfc 0, C++ 1
-inf: erf nan, of float -1, erfc 2, C++ -1
-1: erf -0.842701, of float -0.842701, erfc 1.8427, C++ -0.842701
2^1: off by 0.0e+00, C++ by 0
2^10: off by -2.2e-16, C++ by 0
2^100: off by -2.2e-15, C++ by 0
2^1000: off by -2.3e-14, C++ by 0
as an integer: 1023'

inside sid g++ functions.cc -I/usr/include/eigen3 -o functions >&2
seen=$(inside sid ./functions)
compare "$stated" "$seen"
