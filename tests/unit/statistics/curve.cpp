// The Asimov chi2 of every statistic against the closed form, searches, limits and moved inputs.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/curve.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <boost/math/tools/minima.hpp>

namespace {

using nuloop::Bounded;
using nuloop::infinity;
using nuloop::NumericalError;
using nuloop::statistics::ChiSquareCurve;
using nuloop::statistics::Comparison;
using nuloop::statistics::Counts;
using nuloop::statistics::exact;
using nuloop::statistics::FittedCurve;
using nuloop::statistics::ProfiledCurve;
using nuloop::statistics::Statistic;
using nuloop::statistics::statistic_names;
using nuloop::statistics::Whitened;
using Real = long double;

struct Spectra {
  Counts reference, difference, tested, background;
  std::vector<Counts> nuisances;
  Eigen::VectorXd sigmas;

  Bounded<Eigen::MatrixXd> pulls() const {
    std::vector<Counts> list = {tested, background};
    list.insert(list.end(), nuisances.begin(), nuisances.end());
    Eigen::MatrixXd value(reference.value.size(), static_cast<Eigen::Index>(list.size()));
    Eigen::MatrixXd error = value;
    for (Eigen::Index k = 0; k < value.cols(); ++k) {
      value.col(k) = list[static_cast<std::size_t>(k)].value;
      error.col(k) = list[static_cast<std::size_t>(k)].error;
    }
    return {value, error};
  }
  Comparison comparison() const {
    return {reference + background, tested + background, difference, pulls(),
            exact<Eigen::VectorXd>(sigmas.cwiseAbs2())};
  }
  FittedCurve curve(Statistic statistic) const { return {statistic, comparison()}; }
  ChiSquareCurve closed() const { return Whitened(comparison()).curve(sigmas); }
};

// A signal that falls, a model some per cent away, a background, and a third pull or none.
Spectra random_spectra(std::mt19937_64& engine, Eigen::Index bins, double distance,
                       bool with_nuisance) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Eigen::ArrayXd reference(bins), difference(bins), background(bins), nuisance(bins);
  const double level = std::pow(10.0, 4.0 * unit(engine));
  for (Eigen::Index i = 0; i < bins; ++i) {
    reference[i] = 1e5 * (0.5 + unit(engine)) *
                   std::exp(-6.0 * static_cast<double>(i) / static_cast<double>(bins));
    difference[i] = reference[i] * distance * (unit(engine) - 0.3);
    background[i] = level * (0.2 + unit(engine));
    nuisance[i] = reference[i] * 0.01 * unit(engine);
  }
  Spectra s{exact(reference),
            exact(difference),
            exact<Eigen::ArrayXd>(reference - difference),
            exact(background),
            {},
            Eigen::Vector2d(0.005, 0.1)};
  if (with_nuisance) {
    s.nuisances = {exact(nuisance)};
    s.sigmas = Eigen::Vector3d(0.005, 0.1, 0.7);
  }
  return s;
}

Real term(Statistic statistic, Real n, Real m) {
  const Real u = (m - n) / n;
  switch (statistic) {
    case Statistic::reference:
    case Statistic::neyman:
      return n * u * u;
    case Statistic::pearson:
      return n * u * u / (1 + u);
    case Statistic::combined:
      return n * u * u * (1 + 2 / (1 + u)) / 3;
    case Statistic::poisson:
      return 2 * n * (u - std::log1p(u));
  }
  return 0;
}

// The minimum over two pulls without derivatives: Brent's method within Brent's method.
Real search_minimum(const Spectra& s, Statistic statistic, Real t) {
  using boost::math::tools::brent_find_minima;
  const auto a = static_cast<Real>(s.sigmas[0]), b = static_cast<Real>(s.sigmas[1]);
  const auto chi_square = [&](Real x, Real y) {
    Real sum = x * x + y * y;
    for (Eigen::Index i = 0; i < s.reference.value.size(); ++i) {
      const auto background = static_cast<Real>(s.background.value[i]);
      const Real n = static_cast<Real>(s.reference.value[i]) + background;
      const Real m = n - static_cast<Real>(s.difference.value[i]) +
                     x * a * static_cast<Real>(s.tested.value[i]) + y * b * background;
      sum += t * term(statistic, n, m);
    }
    return sum;
  };
  constexpr int bits = 31;  // of the place; the value at a minimum has twice as many
  const auto over_y = [&](Real x) {
    return brent_find_minima([&](Real y) { return chi_square(x, y); }, Real(-9), Real(9), bits)
        .second;
  };
  return brent_find_minima(over_y, Real(-30), Real(30), bits).second;
}

Counts moved(const Counts& counts, std::mt19937_64& engine, bool to_the_edge) {
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  Counts result = counts;
  for (Eigen::Index i = 0; i < counts.value.size(); ++i) {
    const double x = unit(engine);
    result.value[i] += counts.error[i] * (to_the_edge ? std::copysign(1.0, x) : x);
  }
  return result;
}

}  // namespace

TEST_CASE("a chi2 that is not finite is reached at no exposure, rather than at zero") {
  using nuloop::nan;
  for (const ChiSquareCurve& curve :
       {ChiSquareCurve{infinity, {}}, ChiSquareCurve{nan, {}}, ChiSquareCurve{0.0, {{nan, 1.0}}},
        ChiSquareCurve{1.0, {{infinity, 1.0}}}, ChiSquareCurve{1.0, {{1.0, nan}}}})
    CHECK_THROWS_AS(curve.reach(25.0), NumericalError);
  CHECK(ChiSquareCurve{0.0, {}}.reach(25.0) == infinity);
  CHECK(ChiSquareCurve{5.0, {}}.reach(25.0) == 5.0);
}

TEST_CASE("for Asimov data the paper's statistic and Neyman's are the closed form") {
  std::mt19937_64 engine(3301);
  for (int trial = 0; trial < 60; ++trial) {
    Spectra s =
        random_spectra(engine, 1 + trial % 20, std::pow(10.0, -(trial % 7)), trial % 2 == 0);
    if (trial % 5 == 1)
      s.sigmas[1] = 0.0;
    if (trial % 5 == 2)
      s.background.value = 3.0 * s.tested.value;
    if (trial % 5 == 3)
      s.background.value.setZero();
    const ChiSquareCurve closed = s.closed();
    for (const Statistic statistic : {Statistic::reference, Statistic::neyman}) {
      const FittedCurve curve = s.curve(statistic);
      CHECK(curve.limit() == closed.limit());
      CHECK(curve(0.0) == 0.0);
      for (const double t : {1e-6, 1e-3, 1.0, 30.0, 1e4}) {
        CAPTURE(trial, t);
        CHECK(curve(t) == Approx(closed(t)).epsilon(1e-10).margin(0.0));
      }
      for (const double threshold : {1e-3, 9.0, 25.0}) {
        const double reach = closed.reach(threshold);
        CAPTURE(trial, threshold, reach);
        if (std::isinf(reach))
          CHECK(curve.reach(threshold) == infinity);
        else if (threshold < 0.999 * closed.limit())
          CHECK(curve.reach(threshold) == Approx(reach).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("searches find the minimum that the fit finds") {
  std::mt19937_64 engine(3302);
  for (int trial = 0; trial < 8; ++trial) {
    Spectra s = random_spectra(engine, 2 + trial, trial % 2 == 0 ? 0.1 : 0.25, false);
    s.sigmas << 0.02, 0.1;
    for (const auto& [name, statistic] : statistic_names)
      for (const double t : {1e-6, 1e-2, 1.0}) {
        CAPTURE(name, trial, t);
        CHECK(s.curve(statistic)(t) ==
              Approx(static_cast<double>(search_minimum(s, statistic, t))).epsilon(1e-11));
      }
  }
}

TEST_CASE("chi2 of every statistic never decreases with exposure, is concave and has its limit") {
  std::mt19937_64 engine(3303);
  for (int trial = 0; trial < 12; ++trial) {
    Spectra s = random_spectra(engine, 1 + trial, 0.2, true);
    if (trial % 2 == 0)
      s.sigmas *= 0.2;
    for (const auto& [name, statistic] : statistic_names) {
      const FittedCurve curve = s.curve(statistic);
      double last_t = 0.0, last = 0.0, last_slope = infinity;
      for (double t = 1e-6; t < 1e6; t *= 3.0) {
        CAPTURE(name, trial, t);
        const double value = curve(t);
        const double slope = (value - last) / (t - last_t);
        CHECK(value >= last);
        CHECK(slope <= last_slope * (1.0 + 1e-9));  // differences of chi2 lose digits
        CHECK(value <= curve.limit() * (1.0 + 1e-12));
        last_t = t;
        last = value;
        last_slope = slope;
      }
    }
  }
}

TEST_CASE("pulls that cover the difference leave the same limit to every statistic") {
  std::mt19937_64 engine(3304);
  for (const Eigen::Index bins : {1, 5, 18}) {
    // M = 0.97 LO and B = 3 M: limit = 0.03^2/((0.97 sigma_a)^2 + (2.91 sigma_b)^2).
    Spectra s = random_spectra(engine, bins, 0.1, false);
    s.sigmas << 0.005, 0.002;
    s.difference.value = 0.03 * s.reference.value;
    s.tested.value = 0.97 * s.reference.value;
    s.background.value = 3.0 * s.tested.value;
    const double limit = 0.03 * 0.03 / (std::pow(0.97 * 0.005, 2) + std::pow(2.91 * 0.002, 2));
    for (const auto& [name, statistic] : statistic_names) {
      CAPTURE(name, bins);
      const FittedCurve curve = s.curve(statistic);
      CHECK(curve.limit() == Approx(limit).epsilon(1e-9));
      CHECK(curve.reach(limit * (1.0 + 1e-9)) == infinity);
      // At that exposure statistics weigh 1e-10 of the priors.
      CHECK(curve(1e10) == Approx(limit).epsilon(1e-8));
      const double near_limit = limit * (1.0 - 1e-4);
      CHECK(curve(curve.reach(near_limit)) == Approx(near_limit).epsilon(1e-11));
    }
  }
}

TEST_CASE("fixed pulls leave the sum of the terms") {
  std::mt19937_64 engine(3305);
  Spectra s = random_spectra(engine, 9, 0.5, false);
  s.sigmas.setZero();
  for (const auto& [name, statistic] : statistic_names) {
    Real sum = 0;
    for (Eigen::Index i = 0; i < 9; ++i) {
      const Real n =
          static_cast<Real>(s.reference.value[i]) + static_cast<Real>(s.background.value[i]);
      sum += term(statistic, n, n - static_cast<Real>(s.difference.value[i]));
    }
    const auto slope = static_cast<double>(sum);
    CAPTURE(name);
    CHECK(s.curve(statistic)(0.3) == Approx(0.3 * slope).epsilon(1e-13));
    CHECK(s.curve(statistic).limit() == infinity);
    CHECK(s.curve(statistic).reach(25.0) == Approx(25.0 / slope).epsilon(2e-12));
  }
}

TEST_CASE("the reach of every statistic inverts its curve") {
  std::mt19937_64 engine(3306);
  int finite = 0;
  for (int trial = 0; trial < 20; ++trial) {
    const Spectra s = random_spectra(engine, 1 + trial, trial % 2 == 0 ? 0.1 : 0.9, true);
    for (const auto& [name, statistic] : statistic_names) {
      const FittedCurve curve = s.curve(statistic);
      for (const double threshold : {1e-6, 1.0, 25.0, 1e3}) {
        CAPTURE(name, trial, threshold);
        const double reach = curve.reach(threshold);
        if (curve.limit() <= threshold) {
          CHECK(reach == infinity);
          CHECK(curve.reach_error(reach) == infinity);
          continue;
        }
        ++finite;
        CHECK(curve(reach) == Approx(threshold).epsilon(1e-11));
        CHECK(curve.reach_error(reach) < 1e-9 * reach);
      }
    }
  }
  CHECK(finite > 200);
}

TEST_CASE("a small difference passed apart from the expectations is not lost in them") {
  // Relative differences of 1e-12 in 1e5 counts: reference - tested computed from the two would
  // keep four digits.
  std::mt19937_64 engine(3307);
  const Spectra s = random_spectra(engine, 12, 1e-12, false);
  const double expected = s.closed()(1e20);
  for (const auto& [name, statistic] : statistic_names) {
    CAPTURE(name);
    // Statistics differ by the relative difference.
    CHECK(s.curve(statistic)(1e20) == Approx(expected).epsilon(1e-10));
  }
}

TEST_CASE("small differences make the statistics agree, and part as the next order says") {
  // Without pulls and with one relative difference u = -0.01: neyman n u^2, pearson n u^2/(1 + u),
  // the others between them.
  const Counts lo = exact<Eigen::ArrayXd>(Eigen::ArrayXd::Constant(4, 1e5));
  const Spectra s{lo, 0.01 * lo, 0.99 * lo, 0.0 * lo, {}, Eigen::Vector2d::Zero()};
  const auto time = [&](Statistic statistic) { return s.curve(statistic).reach(25.0); };
  const double neyman = 25.0 / (4e5 * 1e-4);
  CHECK(time(Statistic::neyman) == Approx(neyman).epsilon(1e-11));
  CHECK(time(Statistic::pearson) == Approx(0.99 * neyman).epsilon(1e-11));
  CHECK(time(Statistic::combined) == Approx(3.0 / (1.0 + 2.0 / 0.99) * neyman).epsilon(1e-11));
  const double poisson = 2.0 * (-0.01 - std::log1p(-0.01)) / 1e-4;
  CHECK(time(Statistic::poisson) == Approx(neyman / poisson).epsilon(1e-11));
}

TEST_CASE("moved inputs change chi2 and the reach by no more than their bounds") {
  std::mt19937_64 engine(3308);
  std::vector<double> looseness, reach_looseness;
  for (int trial = 0; trial < 8; ++trial) {
    const double relative = trial % 2 == 0 ? 1e-6 : 1e-4;
    Spectra s = random_spectra(engine, 3 + 2 * trial, 0.2, true);
    s.reference.error = relative * s.reference.value;
    s.tested.error = relative * s.tested.value;
    s.background.error = relative * s.background.value;
    s.difference.error = relative * s.difference.value.abs();
    s.nuisances[0].error = relative * s.nuisances[0].value;
    for (const auto& [name, statistic] : statistic_names) {
      const FittedCurve curve = s.curve(statistic);
      const double threshold = std::min(0.5 * curve.limit(), 25.0);
      const double reach = curve.reach(threshold);
      for (const double t : {0.01 * reach, reach, 10.0 * reach}) {
        double largest = 0.0, largest_reach = 0.0;
        for (int draw = 0; draw < 60; ++draw) {
          Spectra other = s;
          for (Counts* counts : {&other.reference, &other.tested, &other.background,
                                 &other.difference, &other.nuisances[0]})
            *counts = moved(*counts, engine, draw % 2 == 0);
          const FittedCurve shifted = other.curve(statistic);
          largest = std::max(largest, std::abs(shifted(t) - curve(t)));
          if (t == reach)
            largest_reach = std::max(largest_reach, std::abs(shifted.reach(threshold) - reach));
        }
        CAPTURE(name, trial, t, relative);
        // Terms of second order in the errors other than those included: relative to the first.
        const double beyond = 1.0 + 100.0 * relative;
        CHECK(largest <= curve.error(t) * beyond);
        looseness.push_back(curve.error(t) / largest);
        if (t == reach) {
          CHECK(largest_reach <= curve.reach_error(reach) * beyond);
          reach_looseness.push_back(curve.reach_error(reach) / largest_reach);
        }
      }
    }
  }
  for (const auto* ratios : {&looseness, &reach_looseness}) {
    const auto [median, largest] = nuloop::statistics::spread_of(*ratios);
    CHECK(median < 10.0);
    CHECK(largest < 100.0);
  }
}

TEST_CASE("without errors of its inputs chi2 is known to rounding") {
  std::mt19937_64 engine(3309);
  const Spectra s = random_spectra(engine, 18, 0.1, true);
  for (const auto& [name, statistic] : statistic_names) {
    const FittedCurve curve = s.curve(statistic);
    CHECK(curve.error(0.0) == 0.0);
    CHECK(curve.error(1.0) > 0.0);
    CHECK(curve.error(1.0) < 1e-12 * curve(1.0));
  }
}

TEST_CASE("identical hypotheses are never told apart by any statistic") {
  std::mt19937_64 engine(3310);
  Spectra s = random_spectra(engine, 6, 0.0, true);
  for (const auto& [name, statistic] : statistic_names) {
    CHECK(s.curve(statistic)(1e6) == 0.0);
    CHECK(s.curve(statistic).reach(25.0) == infinity);
  }
}

TEST_CASE("widths far apart are fitted as the closed form has them") {
  std::mt19937_64 engine(77);
  for (int trial = 0; trial < 6; ++trial) {
    Spectra s = random_spectra(engine, 5 + trial, 0.02, true);
    for (const double wide : {1e6, 1e12, 1e20}) {
      s.sigmas[0] = wide;
      CAPTURE(trial, wide);
      for (const double t : {0.1, 1.0, 20.0})
        CHECK(s.curve(Statistic::neyman)(t) == Approx(s.closed()(t)).epsilon(1e-8));
    }
  }
}

TEST_CASE("a parameter in which the difference is linear is one more pull") {
  // chi2_x = t (a - b x)^2: with a prior of that width the minimum is a^2 t/(1 + b^2 width^2 t).
  const double a = 3.0, b = 40.0;
  for (const double width : {1e-6, 0.01, 0.1, 50.0}) {
    const ProfiledCurve curve(
        [&](double x) {
          return ChiSquareCurve{(a - b * x) * (a - b * x), {}};
        },
        width, -0.3, 0.7);
    const double stiffness = b * b * width * width;
    for (const double t : {1e-3, 1.0, 1e3}) {
      CAPTURE(width, t);
      const double expected = a * a * t / (1.0 + stiffness * t);
      CHECK(curve(t) == Approx(expected).epsilon(1e-9).margin(1e-12));
      CHECK(
          curve.best(t) ==
          Approx(a / b * stiffness * t / (1.0 + stiffness * t)).epsilon(1e-6).margin(1e-7 * width));
    }
    const double limit = a * a / stiffness, threshold = 2.0;
    if (threshold < limit)
      CHECK(curve.reach(threshold) ==
            Approx(threshold / (a * a - stiffness * threshold)).epsilon(1e-10));
    else
      CHECK(std::isinf(curve.reach(threshold)));
  }
}

TEST_CASE("of two valleys of a parameter the lower one counts") {
  // Zeros of the difference at -0.1 and 0.2; the prior prefers the near one.
  const ProfiledCurve curve(
      [](double x) {
        return ChiSquareCurve{1e4 * std::pow((x + 0.1) * (x - 0.2), 2), {}};
      },
      1.0, -0.3, 0.7);
  CHECK(curve.best(1e6) == Approx(-0.1).epsilon(1e-4));
  CHECK(curve(1e6) == Approx(0.01).epsilon(1e-4));
}

TEST_CASE(
    "bins that are empty in both hypotheses count for nothing, in one alone have a term or not") {
  std::mt19937_64 engine(3311);
  const Spectra s = random_spectra(engine, 6, 0.1, true);
  Spectra padded = s;
  for (Counts* counts : {&padded.reference, &padded.tested, &padded.background, &padded.difference,
                         &padded.nuisances[0]}) {
    counts->value.conservativeResize(7);
    counts->error.conservativeResize(7);
    counts->value[6] = counts->error[6] = 0.0;
  }
  for (const auto& [name, statistic] : statistic_names) {
    CHECK(padded.curve(statistic)(2.0) == Approx(s.curve(statistic)(2.0)).epsilon(1e-13));
    const bool counts_weigh = statistic == Statistic::reference || statistic == Statistic::neyman;
    Spectra without_counts = padded;
    without_counts.tested.value[6] = 1.0;
    without_counts.difference.value[6] = -1.0;
    Spectra impossible = s;
    impossible.tested.value[2] = 0.0;
    impossible.reference.value[2] += impossible.background.value[2];
    impossible.background.value[2] = 0.0;
    impossible.difference.value[2] = impossible.reference.value[2];
    if (counts_weigh) {
      CHECK_THROWS_AS(without_counts.curve(statistic), NumericalError);
      CHECK(impossible.curve(statistic)(2.0) > s.curve(statistic)(2.0));
    } else {
      CHECK(without_counts.curve(statistic)(2.0) > s.curve(statistic)(2.0));
      CHECK_THROWS_AS(impossible.curve(statistic), NumericalError);
    }
    Spectra wrong = s;
    wrong.difference.value[2] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(wrong.curve(statistic), NumericalError);
  }
}
