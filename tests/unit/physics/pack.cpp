// Logarithms and dilogarithms of several numbers at once against the libraries' own.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/pack.hpp"

#include "catch.hpp"
#include "physics/dilogarithm_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <gsl/gsl_sf_dilog.h>

using namespace nuloop;
using namespace nuloop::physics;

namespace {

// Distance in units of the last place of `expected`.
double units(double found, long double expected) {
  const double place = std::ldexp(1.0, std::ilogb(static_cast<double>(expected)) - 52);
  return std::abs(static_cast<double>((found - expected) / place));
}

}  // namespace

TEST_CASE("the logarithm is good to about one unit of the last place everywhere") {
  double worst = 0.0, worst_of_sum = 0.0;
  const auto compare = [&](double x) {
    worst = std::max(worst, units(log(Pack(x))[0], std::log(static_cast<long double>(x))));
    worst_of_sum =
        std::max(worst_of_sum, units(log1p(Pack(x))[0], std::log1p(static_cast<long double>(x))));
  };
  for (int exponent = -1022; exponent <= 1023; ++exponent)
    for (const double mantissa : {1.0, 1.1, 1.37, std::sqrt(2.0), 1.41422, 1.7, 2.0 - 1e-15})
      compare(std::ldexp(mantissa, exponent));
  for (double x = 0.4; x < 2.5; x += 1.7e-5)
    compare(x);
  for (double distance = 1e-16; distance < 0.3; distance *= 1.01) {
    compare(1 + distance);
    compare(1 - distance);
    worst_of_sum = std::max(worst_of_sum, units(log1p(Pack(-distance))[0],
                                                std::log1p(static_cast<long double>(-distance))));
  }
  CHECK(log(Pack(1.0))[0] == 0.0);
  CHECK(worst < 1.1);
  CHECK(worst_of_sum < 1.6);  // the correction is rounded once more
}

TEST_CASE("dilogarithms follow from logarithms") {
  // A few roundings on either side, relative to the squares of the logarithms where these are
  // larger.
  for (double r = 1e-15; r < 1e15; r *= 1.003) {
    CAPTURE(r);
    const double log_r = std::log(r);
    CHECK(dilogarithm_of_negative<Pack>(log(Pack(r)), log1p(Pack(r)))[0] ==
          Approx(gsl_sf_dilog(-r)).epsilon(2e-15).margin(4e-16 * (1 + log_r * log_r)));
    if (r >= 1)
      continue;
    for (const double x : {r, 1 - r})
      CHECK(dilogarithm_of_fraction<Pack>(std::log(x), std::log1p(-x))[0] ==
            Approx(gsl_sf_dilog(x)).epsilon(2e-15).margin(1e-15));
  }
}

TEST_CASE("each value of a pack has its own result, to the last bit, wherever it stands") {
  for (double x = 1e-3; x < 1e3; x *= 1.1) {
    std::array<double, pack_width> values;
    for (std::size_t i = 0; i < pack_width; ++i)
      values[i] = x * static_cast<double>(1 + i * i);
    const Pack logs = log(Pack::load(values));
    const Pack dilogs = dilogarithm_of_negative(logs, log1p(Pack::load(values)));
    for (std::size_t i = 0; i < pack_width; ++i) {
      CHECK(logs[i] == log(Pack(values[i]))[0]);
      CHECK(dilogs[i] == dilogarithm_of_negative(log(Pack(values[i])), log1p(Pack(values[i])))[0]);
    }
  }
}

TEST_CASE("whole numbers and magnitudes are the library's own") {
  for (const double x : {0.0, 0.5, 0.999, 1.0, 2.5, 1e15 + 0.5, 0x1p52, 1e300}) {
    CHECK(floor(Pack(x))[0] == std::floor(x));
    CHECK(abs(Pack(-x))[0] == x);
    CHECK(abs(Pack(x))[0] == x);
  }
}

TEST_CASE("what a pack lacks is filled with its last value") {
  const std::array<double, 1> one = {3.5};
  const Pack pack = Pack::load(one);
  for (std::size_t i = 0; i < pack_width; ++i)
    CHECK(pack[i] == 3.5);
}
