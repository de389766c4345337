#!/usr/bin/env bash
# findings/boost-z-test.sh: tests of a mean with known variance in Boost's statistics.
# Packages: libboost1.92-dev 1.92.0-4+b1, g++ 4:16.1.0-3 (Debian unstable).
# Expected: the mean 3 of 10 numbers of variance 2 is 3 * sqrt(10 / 2) = 6.7 sigmas from 0. Numbers with just
#   the mean that is assumed have the p-value 1, and so have two equal samples.
# Seen: the variance divides where its root should, which makes 4.7 of it. The p-value is that of a Gaussian
#   around the sample's size less one: 5.7e-07 for 6 numbers with just the mean that is assumed, 0 for 100
#   such numbers, 0 for two equal samples of 50. So the test rejects whatever it gets. The t tests are right.
# Documentation: it calls the second result the p-value, and says that it comes from a uniform distribution of
#   n - 1 degrees of freedom.
# Versions: 1.83.0 (Debian 13) and 1.92.0 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid libboost1.92-dev=1.92.0-4+b1 g++=4:16.1.0-3 libc6-dev

cat >"$temp/sid/trial/test.cc" <<'CPP'
#include <boost/math/statistics/t_test.hpp>
#include <boost/math/statistics/z_test.hpp>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

using namespace boost::math::statistics;

double two_sided(double sigmas) { return std::erfc(std::abs(sigmas) / std::sqrt(2)); }

using Pair = std::pair<double, double>;

void print(const char* what, Pair z, Pair t, double sigmas) {
  std::printf("%s: z %.3f, p %.2g; t %.3f, p %.2g; right: %.3f sigmas, p %.2g\n", what, z.first, z.second,
              t.first, t.second, sigmas, two_sided(sigmas));
}

int main() {
  print("mean 3, variance 2, 10 numbers", one_sample_z_test(3.0, 2.0, 10.0, 0.0),
        one_sample_t_test(3.0, 2.0, 10.0, 0.0), 3 / std::sqrt(2.0 / 10));
  print("mean 0, variance 1, 100 numbers", one_sample_z_test(0.0, 1.0, 100.0, 0.0),
        one_sample_t_test(0.0, 1.0, 100.0, 0.0), 0);
  const std::vector<double> sample{-3, -2, -1, 1, 2, 3};
  print("6 numbers around 0", one_sample_z_test(sample, 0.0), one_sample_t_test(sample, 0.0), 0);
  std::vector<double> first, second;
  for (int i = 0; i < 50; ++i) {
    first.push_back(i % 7);
    second.push_back((i + 1) % 7);
  }
  print("50 numbers twice", two_sample_z_test(first, first), two_sample_t_test(first, first), 0);
}
CPP

stated='mean 3, variance 2, 10 numbers: z 4.743, p 5.6e-43; t 6.708, p 8.8e-05; right: 6.708 sigmas, p 2e-11
mean 0, variance 1, 100 numbers: z 0.000, p 0; t 0.000, p 1; right: 0.000 sigmas, p 1
6 numbers around 0: z 0.000, p 5.7e-07; t 0.000, p 1; right: 0.000 sigmas, p 1
50 numbers twice: z 0.000, p 0; t 0.000, p 1; right: 0.000 sigmas, p 1'

inside sid g++ test.cc -o test >&2
seen=$(inside sid ./test)
compare "$stated" "$seen"
