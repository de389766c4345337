// Derivatives of the minimal chi2 against finite differences of chi2, and their error bounds.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/chi_square_gradient.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/foundation/errors.hpp"

#include <cmath>
#include <functional>
#include <random>

#include <Eigen/Dense>

namespace {

using nuloop::Bounded;
using nuloop::NumericalError;
using nuloop::statistics::ChiSquareGradient;
using nuloop::statistics::Comparison;
using nuloop::statistics::exact;
using nuloop::statistics::for_each_part;
using nuloop::statistics::Whitened;
using Real = long double;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

// The minimum as d^T C^-1 d with C = diag(v)/t + sum_k sigma_k^2 p_k p_k^T, in 64 bits of mantissa.
Real chi_square(const Comparison& c, Real t) {
  const RealMatrix P = c.pulls.value.cast<Real>();
  const RealMatrix C = RealMatrix((c.reference.value.matrix().cast<Real>() / t).asDiagonal()) +
                       P * c.pull_variances.value.cast<Real>().asDiagonal() * P.transpose();
  const RealVector r = c.difference.value.matrix().cast<Real>();
  return r.dot(C.ldlt().solve(r));
}

// Central difference of fourth order.
Real slope(const std::function<Real(Real)>& f, Real h) {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

Comparison nothing(Eigen::Index bins, Eigen::Index pulls) {
  const Eigen::ArrayXd zero = Eigen::ArrayXd::Zero(bins);
  return exact(zero, zero, Eigen::MatrixXd::Zero(bins, pulls), Eigen::VectorXd::Zero(pulls));
}

Comparison random_comparison(std::mt19937_64& engine, Eigen::Index bins, Eigen::Index pulls) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Comparison c = nothing(bins, pulls);
  for (Eigen::Index i = 0; i < bins; ++i) {
    c.reference.value[i] = 1e4 * (0.1 + unit(engine));
    c.difference.value[i] = 100.0 * (unit(engine) - 0.3);
    for (Eigen::Index k = 0; k < pulls; ++k)
      c.pulls.value(i, k) = 1e3 * (unit(engine) - 0.2);
  }
  for (Eigen::Index k = 0; k < pulls; ++k)
    c.pull_variances.value[k] = std::pow(10.0, -5.0 + 4.0 * unit(engine));
  return c;
}

// dchi2 per unit of one number of the comparison.
double derivative(const ChiSquareGradient& gradient, const Comparison& c,
                  const std::function<double&(Comparison&)>& number) {
  Comparison change = 0.0 * c;
  number(change) = 1.0;
  return gradient.along(change).value;
}

// The same with errors of a part of each number, but for the widths.
Comparison with_errors(Comparison c, double relative) {
  for_each_part([&](auto& part) { part.error = relative * part.value.cwiseAbs(); }, c);
  c.pull_variances.error.setZero();
  return c;
}

// chi2 with one number of what is compared changed.
Real changed(const Comparison& c, Real t, const std::function<double&(Comparison&)>& number,
             Real by) {
  Comparison moved = c;
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
      const Comparison c = random_comparison(engine, bins, pulls);
      const ChiSquareGradient gradient(c, {t, 0.0});
      const Real chi2 = chi_square(c, t);
      CHECK(gradient.chi_square() == Approx(static_cast<double>(chi2)).epsilon(1e-12));
      const auto check = [&](const std::function<double&(Comparison&)>& number) {
        const double value = derivative(gradient, c, number);
        Comparison copy = c;
        const Real size = std::abs(static_cast<Real>(number(copy)));
        // A step of 2^-9 leaves 1e-11 of truncation for functions whose scale is the number itself;
        // steps are rounded to double precision, 2e-16/2e-3.
        const Real h = std::ldexp(size, -9);
        const Real expected = slope([&](Real by) { return changed(c, t, number, by); }, h);
        CHECK(static_cast<double>(std::abs(static_cast<Real>(value) - expected) * size) <=
              1e-9 * static_cast<double>(chi2));
      };
      for (Eigen::Index i = 0; i < bins; ++i) {
        check([i](Comparison& x) -> double& { return x.difference.value[i]; });
        check([i](Comparison& x) -> double& { return x.reference.value[i]; });
        for (Eigen::Index k = 0; k < pulls; ++k)
          check([i, k](Comparison& x) -> double& { return x.pulls.value(i, k); });
      }
      for (Eigen::Index k = 0; k < pulls; ++k)
        check([k](Comparison& x) -> double& { return x.pull_variances.value[k]; });
      const Real by_time =
          slope([&](Real by) { return chi_square(c, static_cast<Real>(t) + by); }, t / 512);
      CHECK(gradient.along_exposure().value == Approx(static_cast<double>(by_time)).epsilon(1e-9));
    }
}

TEST_CASE("A gradient belongs to the chi2 of the curve") {
  std::mt19937_64 engine(12);
  for (int trial = 0; trial < 20; ++trial) {
    const Comparison c = random_comparison(engine, 9, 3);
    const auto curve = Whitened(c).curve(c.widths());
    for (const double t : {0.1, 10.0}) {
      const ChiSquareGradient gradient(c, {t, 0.0});
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
  const Comparison c = random_comparison(engine, 7, 3);
  Comparison change = random_comparison(engine, 7, 3);
  const ChiSquareGradient gradient(c, {2.5, 0.0});
  double sum = 0.0;
  const auto add = [&](const std::function<double&(Comparison&)>& number) {
    sum += derivative(gradient, c, number) * number(change);
  };
  for (Eigen::Index i = 0; i < 7; ++i) {
    add([i](Comparison& x) -> double& { return x.difference.value[i]; });
    add([i](Comparison& x) -> double& { return x.reference.value[i]; });
    for (Eigen::Index k = 0; k < 3; ++k)
      add([i, k](Comparison& x) -> double& { return x.pulls.value(i, k); });
  }
  for (Eigen::Index k = 0; k < 3; ++k)
    add([k](Comparison& x) -> double& { return x.pull_variances.value[k]; });
  const Bounded<double> along = gradient.along(change);
  CHECK(std::abs(along.value - sum) <= 2.0 * along.error);
  CHECK(along.error < 1e-9 * std::abs(along.value));
}

TEST_CASE("All counts scale like the exposure") {
  std::mt19937_64 engine(5);
  const Comparison c = random_comparison(engine, 18, 2);
  const double t = 7.0;
  const ChiSquareGradient gradient(c, {t, 0.0});
  Comparison counts = c;
  counts.pull_variances.value.setZero();
  const Bounded<double> along = gradient.along(counts);
  CHECK(std::abs(along.value - t * gradient.along_exposure().value) <= along.error);
}

TEST_CASE("A pull of no width has no pull, but a derivative") {
  std::mt19937_64 engine(31);
  Comparison c = random_comparison(engine, 5, 2);
  c.pull_variances.value[1] = 0.0;
  const ChiSquareGradient gradient(c, {1.0, 0.0});
  CHECK(gradient.pulls()[1] == 0.0);
  // One-sided, of second order: the width squared cannot be negative.
  const Real h = 1e-10L;
  const auto at = [&](Real by) {
    return changed(
        c, 1.0L, [](Comparison& x) -> double& { return x.pull_variances.value[1]; }, by);
  };
  const Real expected = (-3 * at(0) + 4 * at(h) - at(2 * h)) / (2 * h);
  CHECK(
      derivative(gradient, c, [](Comparison& x) -> double& { return x.pull_variances.value[1]; }) ==
      Approx(static_cast<double>(expected)).epsilon(1e-6));  // the step squared, and rounding/step
}

TEST_CASE("Errors of what is compared move derivatives by no more than the bound") {
  std::mt19937_64 engine(77);
  std::uniform_real_distribution<double> sign(-1.0, 1.0);
  constexpr double size = 1e-7;  // first order: what is left is of size^2
  for (int trial = 0; trial < 60; ++trial) {
    const Comparison c = with_errors(random_comparison(engine, 8, 3), size);
    const Comparison change = with_errors(random_comparison(engine, 8, 3), size);
    const auto within = [&](Comparison x) {
      for_each_part(
          [&](auto& part) {
            part.value += part.error.unaryExpr([&](double e) { return e * sign(engine); });
            part.error.setZero();
          },
          x);
      return x;
    };
    const double t = std::pow(10.0, 3.0 * sign(engine));
    const ChiSquareGradient given(c, {t, size * t});
    const Bounded<double> expected = given.along(change);
    const ChiSquareGradient moved(within(c), {t * (1.0 + size * sign(engine)), 0.0});
    const Bounded<double> found = moved.along(within(change));
    CHECK(std::abs(found.value - expected.value) <= expected.error);
    CHECK(std::abs(moved.along_exposure().value - given.along_exposure().value) <=
          given.along_exposure().error);
  }
}

TEST_CASE("Further data with a share of the exposure add what they contribute") {
  std::mt19937_64 engine(123);
  const Comparison c = random_comparison(engine, 6, 3), rows = random_comparison(engine, 4, 3);
  const auto joined = [&](double share) {
    Comparison all = nothing(10, 3);
    all.difference.value << c.difference.value, share * rows.difference.value;
    all.reference.value << c.reference.value, share * rows.reference.value;
    all.pulls.value << c.pulls.value, share * rows.pulls.value;
    all.pull_variances.value = c.pull_variances.value;
    return all;
  };
  const double t = 20.0;
  const auto at = [&](double share) { return chi_square(joined(share), t); };
  // Steps h leave some 1e4 h^2 of truncation, and 1e-19/h of rounding.
  const double first = ChiSquareGradient(c, {t, 0.0}).along_share(rows).value;
  constexpr double h = 0x1p-20;
  const Real from_above = (4 * at(h) - 3 * chi_square(c, t) - at(2.0 * h)) / (2 * h);
  CHECK(first == Approx(static_cast<double>(from_above)).epsilon(1e-7));
  const Comparison there = joined(0.3);
  const double later = ChiSquareGradient(there, {t, 0.0}).along_share(rows).value;
  const Real central = (at(0.3 + h) - at(0.3 - h)) / (2 * h);
  CHECK(later == Approx(static_cast<double>(central)).epsilon(1e-7));
}

TEST_CASE("Errors move what further data add by no more than the bound") {
  std::mt19937_64 engine(321);
  std::uniform_real_distribution<double> sign(-1.0, 1.0);
  constexpr double size = 1e-7;
  const auto within = [&](Comparison x) {
    const auto shaken = [&](double e) { return e * (1.0 + size * sign(engine)); };
    x.difference.value = x.difference.value.unaryExpr(shaken).eval();
    x.reference.value = x.reference.value.unaryExpr(shaken).eval();
    x.pulls.value = x.pulls.value.unaryExpr(shaken).eval();
    return x;
  };
  for (int trial = 0; trial < 60; ++trial) {
    const Comparison c = random_comparison(engine, 8, 3), rows = random_comparison(engine, 5, 3);
    const double t = std::pow(10.0, 3.0 * sign(engine));
    const Bounded<double> expected =
        ChiSquareGradient(with_errors(c, size), {t, size * t}).along_share(with_errors(rows, size));
    const ChiSquareGradient moved(within(c), {t * (1.0 + size * sign(engine)), 0.0});
    const Bounded<double> found = moved.along_share(within(rows));
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
    const Comparison c = random_comparison(engine, 6, 3), change = random_comparison(engine, 6, 3);
    const Comparison rows = random_comparison(engine, 4, 3);
    const auto with_error_of = [&](const std::function<double&(Comparison&)>& number) {
      Comparison given_c = c, moved_c = c, error = 0.0 * c;
      number(error) = size * std::abs(number(moved_c));
      number(moved_c) *= 1.0 + size;
      for_each_part([](auto& part, auto& bound) { part.error = bound.value; }, given_c, error);
      const ChiSquareGradient given(given_c, {t, 0.0}), there(moved_c, {t, 0.0});
      check(given.along(change), there.along(change));
      check(given.along_exposure(), there.along_exposure());
      check(given.along_share(rows), there.along_share(rows));
    };
    for (Eigen::Index i = 0; i < 6; ++i) {
      with_error_of([i](Comparison& x) -> double& { return x.difference.value[i]; });
      with_error_of([i](Comparison& x) -> double& { return x.reference.value[i]; });
      for (Eigen::Index k = 0; k < 3; ++k)
        with_error_of([i, k](Comparison& x) -> double& { return x.pulls.value(i, k); });
    }
    const ChiSquareGradient given(c, {t, size * t}), later(c, {t * (1.0 + size), 0.0});
    check(given.along(change), later.along(change));
    check(given.along_exposure(), later.along_exposure());
    check(given.along_share(rows), later.along_share(rows));
  }
}

TEST_CASE("An empty bin counts for nothing, one without variance is refused") {
  std::mt19937_64 engine(8);
  const Comparison c = random_comparison(engine, 4, 2);
  Comparison longer = nothing(5, 2);
  longer.difference.value.head(4) = c.difference.value;
  longer.reference.value.head(4) = c.reference.value;
  longer.pulls.value.topRows(4) = c.pulls.value;
  longer.pull_variances.value = c.pull_variances.value;
  const ChiSquareGradient gradient(longer, {1.0, 0.0});
  CHECK(gradient.chi_square() ==
        Approx(ChiSquareGradient(c, {1.0, 0.0}).chi_square()).epsilon(1e-13));
  CHECK(derivative(gradient, longer,
                   [](Comparison& x) -> double& { return x.difference.value[4]; }) == 0.0);
  longer.difference.value[4] = 1.0;
  CHECK_THROWS_AS(ChiSquareGradient(longer, {1.0, 0.0}), NumericalError);
}
