// Best fits and intervals of one parameter against functions whose intervals are known.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/interval.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

using nuloop::Bounded;
using nuloop::infinity;
using namespace nuloop::statistics;

namespace {

const std::vector<double> deltas = {delta_chi2(0.68), delta_chi2(0.90), delta_chi2(0.95)};

// Without numerical errors of its own.
template <class Function>
ParameterFit fit(const Function& chi2, double low, double high, double scale = 1.0) {
  return fit_parameter(
      [&](double x) {
        return Bounded<double>{chi2(x), 0.0};
      },
      {low, high, scale}, deltas);
}

}  // namespace

TEST_CASE("delta chi2 is what tables of the normal distribution say") {
  // Squares of the two-sided quantiles 0.99446, 1.64485 and 1.95996.
  CHECK(delta_chi2(0.68) == Approx(0.988946).epsilon(1e-6));
  CHECK(delta_chi2(0.90) == Approx(2.705543).epsilon(1e-6));
  CHECK(delta_chi2(0.95) == Approx(3.841459).epsilon(1e-6));
  CHECK(delta_chi2(std::erf(2.0 / std::sqrt(2.0))) == Approx(4.0).epsilon(1e-12));
  // The Review of Particle Physics has 2.30 at 68.27 %, 4.61 at 90 % and 5.99 at 95 %; 1 at 39.35
  // %.
  CHECK(delta_chi2_of_two(0.6827) == Approx(2.30).margin(0.005));
  CHECK(delta_chi2_of_two(0.90) == Approx(4.61).margin(0.005));
  CHECK(delta_chi2_of_two(0.95) == Approx(5.99).margin(0.005));
  CHECK(delta_chi2_of_two(-std::expm1(-0.5)) == Approx(1.0).epsilon(1e-14));
}

TEST_CASE("a parabola has the intervals of a Gaussian, at any place, width and unit") {
  for (const double unit : {1.0, 1e-33, 1e20})
    for (const double centre : {0.0, -0.083, 0.3, 7.0})
      for (const double width : {1e-5, 0.01, 1.0, 20.0})
        for (const double chi2_min : {0.0, 30.0}) {
          CAPTURE(unit, centre, width, chi2_min);
          const auto found = fit(
              [&](double x) {
                const double pull = (x / unit - centre) / width;
                return chi2_min + pull * pull;
              },
              -infinity, infinity, unit);
          // chi2_min + pull^2 has the digits of chi2_min, and derivatives a hundredth of a width.
          const double allowed = unit * (1e-10 * width + 1e-15 * std::abs(centre));
          CHECK(std::abs(found.best_fit.value - unit * centre) <= allowed);
          CHECK(std::abs(found.chi2.value - chi2_min) <= 1e-13 * (1.0 + chi2_min));
          CHECK(found.other_minimum == infinity);
          REQUIRE(found.intervals.size() == 3);
          for (std::size_t i = 0; i < deltas.size(); ++i) {
            const double half = width * std::sqrt(deltas[i]);
            CHECK(std::abs(found.intervals[i].low.value - unit * (centre - half)) <= allowed);
            CHECK(std::abs(found.intervals[i].high.value - unit * (centre + half)) <= allowed);
          }
        }
}

TEST_CASE("numerical errors of chi2 move the best fit and the ends by no more than is said") {
  const double width = 0.01, error = 1e-4;
  const auto disturbed = [&](double sign) {
    // chi2 = (x/width + shift)^2 + tilt has at most this error at every x.
    return fit_parameter(
        [&](double x) {
          const double pull = x / width;
          const double shift = 0.5 * error;
          return Bounded<double>{(pull + sign * shift) * (pull + sign * shift),
                                 error * std::abs(pull)};
        },
        {-infinity, infinity, 1.0}, deltas);
  };
  const ParameterFit up = disturbed(1.0), straight = disturbed(0.0), down = disturbed(-1.0);
  for (const ParameterFit* moved : {&up, &down}) {
    const double shift = std::abs(moved->best_fit.value - straight.best_fit.value);
    CHECK(shift > 0.1 * straight.best_fit.error);
    CHECK(shift <= straight.best_fit.error);
    for (std::size_t i = 0; i < deltas.size(); ++i) {
      const double end = std::abs(moved->intervals[i].low.value - straight.intervals[i].low.value);
      CHECK(end > 0.1 * straight.intervals[i].low.error);
      // To first order: the second is a half of 1e-4.
      CHECK(end <= straight.intervals[i].low.error * (1.0 + 1e-4));
    }
  }
}

TEST_CASE("an interval that chi2 never closes is infinite") {
  // p^2/(1 + p^2/limit) tends to the limit; it is at delta where p^2 = delta/(1 - delta/limit).
  for (const double limit : {0.5, 2.0, 3.0, 10.0}) {
    CAPTURE(limit);
    const auto found =
        fit([&](double x) { return x * x / (1.0 + x * x / limit); }, -infinity, infinity, 0.7);
    CHECK(std::abs(found.best_fit.value) < 1e-10);
    for (std::size_t i = 0; i < deltas.size(); ++i) {
      const Interval& interval = found.intervals[i];
      if (deltas[i] >= limit) {
        CHECK(interval.low.value == -infinity);
        CHECK(interval.high.value == infinity);
      } else {
        const double end = std::sqrt(deltas[i] / (1.0 - deltas[i] / limit));
        CHECK(interval.low.value == Approx(-end).epsilon(1e-10));
        CHECK(interval.high.value == Approx(end).epsilon(1e-10));
      }
    }
  }
  const auto one_sided =
      fit([](double x) { return x < 0.0 ? x * x : x * x / (1.0 + x * x); }, -infinity, infinity);
  CHECK(one_sided.intervals[1].low.value == Approx(-std::sqrt(deltas[1])).epsilon(1e-10));
  CHECK(one_sided.intervals[1].high.value == infinity);
}

TEST_CASE("an interval ends where the range does") {
  const auto near = fit([](double x) { return std::pow((x - 0.1) / 0.2, 2); }, 0.0, 1.0);
  CHECK(near.best_fit.value == Approx(0.1).epsilon(1e-10));
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    CHECK(near.intervals[i].low.value == 0.0);
    CHECK(near.intervals[i].low.error == 0.0);
    CHECK(near.intervals[i].high.value == Approx(0.1 + 0.2 * std::sqrt(deltas[i])).epsilon(1e-10));
  }
  // Lowest at the end itself.
  const auto at_end = fit([](double x) { return 9.0 * (x + x * x); }, 0.0, 1.0);
  CHECK(at_end.best_fit.value == Approx(0.0).margin(1e-8));
  CHECK(at_end.intervals[0].low.value == 0.0);
  CHECK(at_end.intervals[0].high.value ==
        Approx(0.5 * (std::sqrt(1.0 + 4.0 * deltas[0] / 9.0) - 1.0)).margin(1e-8));
}

TEST_CASE("a minimum as near to an end of the range as one likes is found") {
  // The scan has steps of 1/128.
  for (const double truth : {0.0035, 1e-3, 1e-5, 1.0 - 0.0035, 1.0 - 1e-4, 1.0 / 256}) {
    CAPTURE(truth);
    const auto found = fit([&](double x) { return std::pow((x - truth) / 0.01, 2); }, 0.0, 1.0);
    CHECK(found.best_fit.value == Approx(truth).margin(1e-11));
    CHECK(found.chi2.value < 1e-15);
    CHECK(found.other_minimum == infinity);
    for (std::size_t i = 0; i < deltas.size(); ++i) {
      const double half = 0.01 * std::sqrt(deltas[i]);
      CHECK(found.intervals[i].low.value == Approx(std::max(0.0, truth - half)).margin(1e-10));
      CHECK(found.intervals[i].high.value == Approx(std::min(1.0, truth + half)).margin(1e-10));
    }
  }
  // Another minimum there is told at its depth.
  const auto two = fit(
      [](double x) {
        return std::min(std::pow((x - 0.5) / 0.1, 2), 1.0 + 1e4 * std::pow(x - 3e-3, 2));
      },
      0.0, 1.0);
  CHECK(two.other_minimum == Approx(1.0).margin(1e-9));
}

TEST_CASE("an interval is connected with the lowest minimum, and others are told") {
  // Two valleys, at -2 and 3, the second 1.5 higher, the ridge between them above 6.
  const auto valleys = [](double x) {
    const double left = (x + 2.0) * (x + 2.0), right = (x - 3.0) * (x - 3.0) + 1.5;
    return 5.0 + left * right / (left + right);
  };
  const auto found = fit(valleys, -infinity, infinity);
  CHECK(std::abs(found.best_fit.value + 2.0) < 1e-9);
  double lowest = infinity;
  for (double x = 1.0; x < 5.0; x += 1e-4)
    lowest = std::min(lowest, valleys(x));
  CHECK(found.other_minimum == Approx(lowest - 5.0).margin(1e-7));
  CHECK(found.other_minimum < deltas[1]);
  CHECK(found.intervals[1].high.value < 1.0);
  for (const auto& [end, delta] : {std::pair{found.intervals[1].low.value, deltas[1]},
                                   {found.intervals[1].high.value, deltas[1]}})
    CHECK(valleys(end) == Approx(5.0 + delta).epsilon(1e-9));
}

TEST_CASE("a parameter that nothing depends on, or only infinity suits, is no measurement") {
  using nuloop::NumericalError;
  CHECK_THROWS_AS(fit([](double) { return 3.0; }, -infinity, infinity), NumericalError);
  CHECK_THROWS_AS(fit([](double) { return 0.0; }, 0.0, 1.0), NumericalError);
  CHECK_THROWS_AS(fit([](double x) { return 1.0 / (1.0 + x * x); }, -infinity, infinity),
                  NumericalError);
}
