// Derivatives of the minimal chi2 against finite differences of chi2, and their error bounds.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/chi_square_gradient.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/asimov.hpp"

#include <cmath>
#include <functional>
#include <random>

#include <Eigen/Dense>

namespace {

using nuloop::Bounded;
using nuloop::NumericalError;
using nuloop::statistics::AsimovComparison;
using nuloop::statistics::ChiSquareGradient;
using nuloop::statistics::Compared;
using Real = long double;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

// The minimum as d^T C^-1 d with C = diag(v)/t + sum_k sigma_k^2 p_k p_k^T, in 64 bits of mantissa.
Real chi_square(const Compared& c, Real t) {
  const RealMatrix P = c.pulls.cast<Real>();
  const RealMatrix C = RealMatrix((c.variance.matrix().cast<Real>() / t).asDiagonal()) +
                       P * c.pull_variances.cast<Real>().asDiagonal() * P.transpose();
  const RealVector r = c.difference.matrix().cast<Real>();
  return r.dot(C.ldlt().solve(r));
}

// Central difference of fourth order.
Real slope(const std::function<Real(Real)>& f, Real h) {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

Compared random_comparison(std::mt19937_64& engine, Eigen::Index bins, Eigen::Index pulls) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Compared c = Compared::zero(bins, pulls);
  for (Eigen::Index i = 0; i < bins; ++i) {
    c.variance[i] = 1e4 * (0.1 + unit(engine));
    c.difference[i] = 100.0 * (unit(engine) - 0.3);
    for (Eigen::Index k = 0; k < pulls; ++k)
      c.pulls(i, k) = 1e3 * (unit(engine) - 0.2);
  }
  for (Eigen::Index k = 0; k < pulls; ++k)
    c.pull_variances[k] = std::pow(10.0, -5.0 + 4.0 * unit(engine));
  return c;
}

Bounded<Compared> exact(const Compared& c) {
  return {c, Compared::zero(c.difference.size(), c.pulls.cols())};
}

// chi2 with one number of what is compared changed.
Real changed(const Compared& c, Real t, const std::function<double&(Compared&)>& number, Real by) {
  Compared moved = c;
  double& value = number(moved);
  value = static_cast<double>(static_cast<Real>(value) + by);
  return chi_square(moved, t);
}

}  // namespace

TEST_CASE("The gradient is the finite difference of chi2 in every number that is compared") {
  std::mt19937_64 engine(4711);
  for (const double t : {0.01, 1.0, 300.0})
    for (const Eigen::Index pulls : {1, 2, 4}) {
      const Eigen::Index bins = 6;
      const Compared c = random_comparison(engine, bins, pulls);
      const ChiSquareGradient gradient(exact(c), {t, 0.0});
      const Compared found = gradient.entries();
      const Real chi2 = chi_square(c, t);
      CHECK(gradient.chi_square() == Approx(static_cast<double>(chi2)).epsilon(1e-12));
      const auto check = [&](double value, const std::function<double&(Compared&)>& number) {
        Compared copy = c;
        const Real size = std::abs(static_cast<Real>(number(copy)));
        // A step of 2^-9 leaves 1e-11 of truncation for functions whose scale is the number itself;
        // steps are rounded to double precision, 2e-16/2e-3.
        const Real h = std::ldexp(size, -9);
        const Real expected = slope([&](Real by) { return changed(c, t, number, by); }, h);
        CHECK(static_cast<double>(std::abs(static_cast<Real>(value) - expected) * size) <=
              1e-9 * static_cast<double>(chi2));
      };
      for (Eigen::Index i = 0; i < bins; ++i) {
        check(found.difference[i], [i](Compared& x) -> double& { return x.difference[i]; });
        check(found.variance[i], [i](Compared& x) -> double& { return x.variance[i]; });
        for (Eigen::Index k = 0; k < pulls; ++k)
          check(found.pulls(i, k), [i, k](Compared& x) -> double& { return x.pulls(i, k); });
      }
      for (Eigen::Index k = 0; k < pulls; ++k)
        check(found.pull_variances[k], [k](Compared& x) -> double& { return x.pull_variances[k]; });
      const Real by_time =
          slope([&](Real by) { return chi_square(c, static_cast<Real>(t) + by); }, t / 512);
      CHECK(gradient.along_exposure().value == Approx(static_cast<double>(by_time)).epsilon(1e-9));
    }
}

TEST_CASE("A gradient belongs to the chi2 of the curve") {
  std::mt19937_64 engine(12);
  for (int trial = 0; trial < 20; ++trial) {
    const Compared c = random_comparison(engine, 9, 3);
    const auto curve =
        AsimovComparison(c.difference, c.variance, c.pulls).curve(c.pull_variances.cwiseSqrt());
    for (const double t : {0.1, 10.0}) {
      const ChiSquareGradient gradient(exact(c), {t, 0.0});
      CHECK(gradient.chi_square() == Approx(curve(t)).epsilon(1e-12));
      double rise = curve.slope;
      for (const auto& term : curve.saturating)
        rise += term.amplitude / std::pow(1.0 + term.stiffness * t, 2);
      CHECK(gradient.along_exposure().value == Approx(rise).epsilon(1e-11));
    }
  }
}

TEST_CASE("A change of everything is the sum over its parts") {
  std::mt19937_64 engine(99);
  const Compared c = random_comparison(engine, 7, 3);
  Compared change = random_comparison(engine, 7, 3);
  const ChiSquareGradient gradient(exact(c), {2.5, 0.0});
  const Compared g = gradient.entries();
  const double sum =
      (g.difference * change.difference).sum() + (g.variance * change.variance).sum() +
      g.pulls.cwiseProduct(change.pulls).sum() + g.pull_variances.dot(change.pull_variances);
  const Bounded<double> along = gradient.along(exact(change));
  CHECK(std::abs(along.value - sum) <= 2.0 * along.error);
  CHECK(along.error < 1e-9 * std::abs(along.value));
}

TEST_CASE("All counts scale like the exposure") {
  std::mt19937_64 engine(5);
  const Compared c = random_comparison(engine, 18, 2);
  const double t = 7.0;
  const ChiSquareGradient gradient(exact(c), {t, 0.0});
  Compared counts = c;
  counts.pull_variances.setZero();
  const Bounded<double> along = gradient.along(exact(counts));
  CHECK(std::abs(along.value - t * gradient.along_exposure().value) <= along.error);
}

TEST_CASE("A pull of no width has no pull, but a derivative") {
  std::mt19937_64 engine(31);
  Compared c = random_comparison(engine, 5, 2);
  c.pull_variances[1] = 0.0;
  const ChiSquareGradient gradient(exact(c), {1.0, 0.0});
  CHECK(gradient.pulls()[1] == 0.0);
  // One-sided, of second order: the width squared cannot be negative.
  const Real h = 1e-10L;
  const auto at = [&](Real by) {
    return changed(
        c, 1.0L, [](Compared& x) -> double& { return x.pull_variances[1]; }, by);
  };
  const Real expected = (-3 * at(0) + 4 * at(h) - at(2 * h)) / (2 * h);
  CHECK(
      gradient.entries().pull_variances[1] ==
      Approx(static_cast<double>(expected)).epsilon(1e-6));  // the step squared, and rounding/step
}

TEST_CASE("Errors of what is compared move derivatives by no more than the bound") {
  std::mt19937_64 engine(77);
  std::uniform_real_distribution<double> sign(-1.0, 1.0);
  constexpr double size = 1e-7;  // first order: what is left is of size^2
  for (int trial = 0; trial < 60; ++trial) {
    const Compared c = random_comparison(engine, 8, 3);
    const Compared change = random_comparison(engine, 8, 3);
    Compared errors = c.abs(), change_errors = change.abs();
    errors *= size;
    errors.pull_variances.setZero();
    change_errors *= size;
    const auto within = [&](Compared x, const Compared& bound) {
      x.difference += bound.difference.unaryExpr([&](double e) { return e * sign(engine); });
      x.variance += bound.variance.unaryExpr([&](double e) { return e * sign(engine); });
      x.pulls += bound.pulls.unaryExpr([&](double e) { return e * sign(engine); });
      x.pull_variances +=
          bound.pull_variances.unaryExpr([&](double e) { return e * sign(engine); });
      return x;
    };
    const double t = std::pow(10.0, 3.0 * sign(engine));
    const ChiSquareGradient given({c, errors}, {t, size * t});
    const Bounded<double> expected = given.along({change, change_errors});
    const ChiSquareGradient moved(exact(within(c, errors)), {t * (1.0 + size * sign(engine)), 0.0});
    const Bounded<double> found = moved.along(exact(within(change, change_errors)));
    CHECK(std::abs(found.value - expected.value) <= expected.error);
    CHECK(std::abs(moved.along_exposure().value - given.along_exposure().value) <=
          given.along_exposure().error);
  }
}

TEST_CASE("Further data with a share of the exposure add what they contribute") {
  std::mt19937_64 engine(123);
  const Compared c = random_comparison(engine, 6, 3), rows = random_comparison(engine, 4, 3);
  const auto joined = [&](double share) {
    Compared all = Compared::zero(10, 3);
    all.difference << c.difference, share * rows.difference;
    all.variance << c.variance, share * rows.variance;
    all.pulls << c.pulls, share * rows.pulls;
    all.pull_variances = c.pull_variances;
    return all;
  };
  const double t = 20.0;
  const auto at = [&](double share) { return chi_square(joined(share), t); };
  // Steps h leave some 1e4 h^2 of truncation, and 1e-19/h of rounding.
  const double first = ChiSquareGradient(exact(c), {t, 0.0}).along_share(exact(rows)).value;
  constexpr double h = 0x1p-20;
  const Real from_above = (4 * at(h) - 3 * chi_square(c, t) - at(2.0 * h)) / (2 * h);
  CHECK(first == Approx(static_cast<double>(from_above)).epsilon(1e-7));
  const Compared there = joined(0.3);
  const double later = ChiSquareGradient(exact(there), {t, 0.0}).along_share(exact(rows)).value;
  const Real central = (at(0.3 + h) - at(0.3 - h)) / (2 * h);
  CHECK(later == Approx(static_cast<double>(central)).epsilon(1e-7));
}

TEST_CASE("Errors move what further data add by no more than the bound") {
  std::mt19937_64 engine(321);
  std::uniform_real_distribution<double> sign(-1.0, 1.0);
  constexpr double size = 1e-7;
  const auto within = [&](Compared x) {
    const auto shaken = [&](double e) { return e * (1.0 + size * sign(engine)); };
    x.difference = x.difference.unaryExpr(shaken).eval();
    x.variance = x.variance.unaryExpr(shaken).eval();
    x.pulls = x.pulls.unaryExpr(shaken).eval();
    return x;
  };
  const auto with_errors = [&](const Compared& x) {
    Bounded<Compared> bounded{x, x.abs()};
    bounded.error *= size;
    bounded.error.pull_variances.setZero();
    return bounded;
  };
  for (int trial = 0; trial < 60; ++trial) {
    const Compared c = random_comparison(engine, 8, 3), rows = random_comparison(engine, 5, 3);
    const double t = std::pow(10.0, 3.0 * sign(engine));
    const Bounded<double> expected =
        ChiSquareGradient(with_errors(c), {t, size * t}).along_share(with_errors(rows));
    const ChiSquareGradient moved(exact(within(c)), {t * (1.0 + size * sign(engine)), 0.0});
    const Bounded<double> found = moved.along_share(exact(within(rows)));
    CHECK(std::abs(found.value - expected.value) <= expected.error);
  }
}

TEST_CASE("The error of a single number moves derivatives by no more than its bound") {
  std::mt19937_64 engine(2024);
  constexpr double size = 1e-7;
  const auto check = [](const Bounded<double>& expected, const Bounded<double>& moved) {
    CHECK(std::abs(moved.value - expected.value) <= expected.error);
  };
  for (int trial = 0; trial < 20; ++trial) {
    const double t = std::pow(10.0, trial % 7 - 3);
    const Compared c = random_comparison(engine, 6, 3), change = random_comparison(engine, 6, 3);
    const Bounded<Compared> exact_change = exact(change);
    const Bounded<Compared> rows = exact(random_comparison(engine, 4, 3));
    const auto with_error_of = [&](const std::function<double&(Compared&)>& number) {
      auto [moved, errors] = exact(c);
      number(errors) = size * std::abs(number(moved));
      number(moved) *= 1.0 + size;
      const ChiSquareGradient given({c, errors}, {t, 0.0}), there(exact(moved), {t, 0.0});
      check(given.along(exact_change), there.along(exact_change));
      check(given.along_exposure(), there.along_exposure());
      check(given.along_share(rows), there.along_share(rows));
    };
    for (Eigen::Index i = 0; i < 6; ++i) {
      with_error_of([i](Compared& x) -> double& { return x.difference[i]; });
      with_error_of([i](Compared& x) -> double& { return x.variance[i]; });
      for (Eigen::Index k = 0; k < 3; ++k)
        with_error_of([i, k](Compared& x) -> double& { return x.pulls(i, k); });
    }
    const ChiSquareGradient given(exact(c), {t, size * t}),
        later(exact(c), {t * (1.0 + size), 0.0});
    check(given.along(exact_change), later.along(exact_change));
    check(given.along_exposure(), later.along_exposure());
    check(given.along_share(rows), later.along_share(rows));
  }
}

TEST_CASE("An empty bin counts for nothing, one without variance is refused") {
  std::mt19937_64 engine(8);
  const Compared c = random_comparison(engine, 4, 2);
  Compared longer = Compared::zero(5, 2);
  longer.difference.head(4) = c.difference;
  longer.variance.head(4) = c.variance;
  longer.pulls.topRows(4) = c.pulls;
  longer.pull_variances = c.pull_variances;
  const ChiSquareGradient gradient(exact(longer), {1.0, 0.0});
  CHECK(gradient.chi_square() ==
        Approx(ChiSquareGradient(exact(c), {1.0, 0.0}).chi_square()).epsilon(1e-13));
  CHECK(gradient.entries().difference[4] == 0.0);
  longer.difference[4] = 1.0;
  CHECK_THROWS_AS(ChiSquareGradient(exact(longer), {1.0, 0.0}), NumericalError);
}
