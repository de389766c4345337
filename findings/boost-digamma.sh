#!/usr/bin/env bash
# findings/boost-digamma.sh: the digamma function of Boost for numbers of 50 digits.
# Packages: libboost1.92-dev 1.92.0-4+b1, g++ 4:16.1.0-3 (Debian unstable).
# Expected: digamma(-1/2) = digamma(1/2) + 2 = 0.0365, to 50 digits.
# Seen: it is -1.9635, the value at +1/2, for binary and decimal numbers of 50 digits, where double is right,
#   and so are its neighbours -0.499 and -0.501, -3/2 and -5/2 with 50 digits.
# Documentation: none was found of it.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid libboost1.92-dev=1.92.0-4+b1 g++=4:16.1.0-3 libc6-dev

cat >"$temp/sid/trial/digamma.cc" <<'CPP'
#include <boost/math/special_functions/digamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_dec_float.hpp>
#include <cstdio>

using boost::multiprecision::cpp_bin_float_50;
using boost::multiprecision::cpp_dec_float_50;

int main() {
  for (const double x : {-0.499, -0.5, -0.501, -1.5, -2.5, 0.5})
    std::printf("%g: double %.8f, binary %.8f, decimal %.8f, recurrence %.8f\n", x, boost::math::digamma(x),
                boost::math::digamma(cpp_bin_float_50(x)).convert_to<double>(),
                boost::math::digamma(cpp_dec_float_50(x)).convert_to<double>(),
                boost::math::digamma(x + 1) - 1 / x);
}
CPP

stated='-0.499: double 0.04542439, binary 0.04542439, decimal 0.04542439, recurrence 0.04542439
-0.5: double 0.03648997, binary -1.96351003, decimal -1.96351003, recurrence 0.03648997
-0.501: double 0.02755473, binary 0.02755473, decimal 0.02755473, recurrence 0.02755473
-1.5: double 0.70315664, binary 0.70315664, decimal 0.70315664, recurrence 0.70315664
-2.5: double 1.10315664, binary 1.10315664, decimal 1.10315664, recurrence 1.10315664
0.5: double -1.96351003, binary -1.96351003, decimal -1.96351003, recurrence -1.96351003'

inside sid g++ digamma.cc -o digamma >&2
seen=$(inside sid ./digamma)
compare "$stated" "$seen"
