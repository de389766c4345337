// What is read off between points, against curves whose answers are known in closed form.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/between_points.hpp"

#include "catch.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/statistics/interval.hpp"

#include <cmath>
#include <vector>

using nuloop::infinity;
using namespace nuloop::statistics;
using Values = std::vector<double>;

TEST_CASE("A curve linear in the logarithm of the exposure passes a level where it must") {
  const Values exposure = {0.1, 0.7, 2.0, 9.0};
  Values values;
  for (const double t : exposure)
    values.push_back(3.0 + 2.0 * std::log(t));
  for (const double level : {-1.0, 2.5, 5.0})
    CHECK(stays_above(exposure, values, level) ==
          Approx(std::exp((level - 3.0) / 2.0)).epsilon(1e-12));
  CHECK(stays_above(exposure, values, values.front()) == 0.0);
  CHECK(stays_above(exposure, values, -9.0) == 0.0);
  CHECK(stays_above(exposure, values, 9.0) == infinity);
}

TEST_CASE("A curve that falls back passes a level when it does so for good") {
  const Values exposure = {1.0, 2.0, 4.0, 8.0};
  CHECK(stays_above(exposure, Values{0.0, 6.0, 4.0, 6.0}, 5.0) == Approx(std::sqrt(32.0)));
  CHECK(stays_above(exposure, Values{6.0, 6.0, 6.0, 4.0}, 5.0) == infinity);
  CHECK(std::isnan(stays_above(exposure, Values{0.0, nuloop::nan, 4.0, 6.0}, 5.0)));
  // Nothing stands between a number and infinity.
  CHECK(stays_above(exposure, Values{-infinity, 6.0, 6.0, 6.0}, 5.0) == 2.0);
  CHECK(stays_above(exposure, Values{0.0, 1.0, infinity, infinity}, 5.0) == 4.0);
}

TEST_CASE("chi2 that saturates reaches a threshold at the root of its own formula") {
  const double a = 7.0, b = 0.11;
  const Values exposure = {0.2, 1.0, 5.0, 30.0};
  Values chi2;
  for (const double t : exposure)
    chi2.push_back(a * t / (1.0 + b * t));
  for (const double threshold : {2.0, 9.0, 25.0})  // a t = threshold (1 + b t)
    CHECK(reached(exposure, chi2, threshold) ==
          Approx(threshold / (a - b * threshold)).epsilon(1e-12));
  CHECK(reached(exposure, chi2, 1.0) == 0.0);
  CHECK(reached(exposure, chi2, 60.0) == infinity);
  CHECK(std::isnan(reached(exposure, Values{1.0, 2.0, nuloop::nan, 4.0}, 3.0)));
}

TEST_CASE("An interval of Feldman and Cousins is where straight roots meet") {
  // root = |x - 1|/2; the critical one is 1 + x/10 with errors of 0.02 x^2.
  std::vector<TestedValue> tested;
  for (const double x : {-4.0, -2.0, 0.5, 2.0, 5.0, 8.0})
    tested.push_back({x, std::abs(x - 1.0) / 2.0, {1.0 + x / 10.0, 0.02 * x * x}});
  const EstimatedInterval found = feldman_cousins(tested, 1.0);
  // (1 - x)/2 = 1 + x/10 and (x - 1)/2 = 1 + x/10
  CHECK(found.low.value == Approx(-0.5 / 0.6).epsilon(1e-12));
  CHECK(found.high.value == Approx(1.5 / 0.4).epsilon(1e-12));
  // Errors are linear between the tested values, over the slope 1/2.
  const auto line = [](double x, double a, double b) { return 0.02 * (a * a + (x - a) * (b + a)); };
  CHECK(found.low.error == Approx(2.0 * line(-0.5 / 0.6, -2.0, 0.5)).epsilon(1e-12));
  CHECK(found.high.error == Approx(2.0 * line(3.75, 2.0, 5.0)).epsilon(1e-12));
}

TEST_CASE("With asymptotic critical values it is the interval that a fit finds") {
  const double best = -8.0, width = 3.0, level = 0.9;
  std::vector<TestedValue> tested;
  for (int i = -20; i <= 20; ++i) {
    const double x = best + 0.7 * i + 0.1;
    tested.push_back({x, std::abs(x - best) / width, {std::sqrt(delta_chi2(level)), 0.0}});
  }
  const auto fit = fit_parameter(
      [&](double x) {
        return nuloop::Bounded<double>{std::pow((x - best) / width, 2), 0.0};
      },
      {-100.0, 100.0, 1.0}, {delta_chi2(level)});
  const EstimatedInterval found = feldman_cousins(tested, best);
  CHECK(found.low.value == Approx(fit.intervals[0].low.value).epsilon(1e-10));
  CHECK(found.high.value == Approx(fit.intervals[0].high.value).epsilon(1e-10));
}

TEST_CASE("An end that was not tested is infinite, and of a failed point nothing is known") {
  std::vector<TestedValue> tested = {
      {0.0, 1.0, {2.0, 0.1}}, {1.0, 0.0, {2.0, 0.1}}, {5.0, 4.0, {2.0, 0.1}}};
  const EstimatedInterval open = feldman_cousins(tested, 1.0);
  CHECK(open.low.value == -infinity);
  CHECK(open.low.error == infinity);
  CHECK(open.high.value == Approx(3.0));
  tested[1].critical.value = nuloop::nan;
  CHECK(std::isnan(feldman_cousins(tested, 1.0).high.value));
}

TEST_CASE("Times in one bin follow the law that chi2 = t D^2/(V + t (f S)^2 + t (b B)^2) gives") {
  const double d = 11.0, v = 400.0, s = 900.0, background = 70.0, threshold = 25.0;
  const Values flux = {0.0, 0.0005, 0.001, 0.002, 0.01}, width = {0.001, 0.01, 0.1, 1.0};
  Values times;
  for (const double f : flux)
    for (const double b : width) {
      const double left = d * d / threshold - std::pow(f * s, 2) - std::pow(b * background, 2);
      times.push_back(left > 0.0 ? v / left : infinity);
    }
  const auto law = one_bin_law(flux, width, times);
  REQUIRE(law);
  CHECK(law->at_zero == Approx(d * d / threshold / v).epsilon(1e-10));
  CHECK(law->never_from(0) == Approx(d / 5.0 / s).epsilon(1e-10));
  CHECK(law->never_from(1) == Approx(d / 5.0 / background).epsilon(1e-10));

  Values other = times;
  other[1] *= 1.001;
  CHECK_FALSE(one_bin_law(flux, width, other));
  CHECK_FALSE(one_bin_law(flux, width, Values(times.size(), infinity)));
  // One value of a width says nothing of its slope.
  CHECK_FALSE(one_bin_law(Values{0.0, 0.0, 0.0}, Values{0.1}, Values{1.0, 1.0, 1.0}));
}

TEST_CASE("The least value of a quadratic is found between the points of a grid") {
  const auto value = [](double x, double y) {
    const double u = x - 2.3, w = y - 3.8;
    return 0.7 + 2.0 * u * u + 1.1 * u * w + 0.9 * w * w;
  };
  Values grid;
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 7; ++j)
      grid.push_back(value(i, j));
  const auto least = least_on_grid(grid, 7);
  REQUIRE(least);
  CHECK(least->value == Approx(0.7).epsilon(1e-12));
  CHECK(least->at[0] == Approx(2.3).epsilon(1e-12));
  CHECK(least->at[1] == Approx(3.8).epsilon(1e-12));
  // At the edge, and without a minimum.
  CHECK_FALSE(least_on_grid(Values{0, 1, 2, 1, 2, 3, 2, 3, 4}, 3));
  CHECK_FALSE(least_on_grid(Values(9, 1.0), 3));
  CHECK_FALSE(least_on_grid(Values{4, 4, 4, 4, nuloop::nan, 4, 4, 4, 4}, 3));
}
