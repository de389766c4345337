// The closed-form test statistic against least squares, direct search and the Asimov chi2.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/linear_statistic.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <cmath>
#include <random>
#include <string>

#include <Eigen/Dense>
#include <boost/math/tools/minima.hpp>

namespace {

using nuloop::NumericalError;
using nuloop::statistics::exact;
using nuloop::statistics::LinearModel;
using nuloop::statistics::LinearStatistic;
using nuloop::statistics::Whitened;
using Real = long double;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

struct Case {
  LinearModel model;
  Eigen::ArrayXd variance;
  Eigen::ArrayXd counts;
  Eigen::VectorXd centres;
};

// A falling spectrum, an alternative some per cent away, pulls of any shape and data scattered
// around the tested hypothesis.
Case random_case(std::mt19937_64& engine, Eigen::Index bins, Eigen::Index pulls, double level) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::normal_distribution<double> normal;
  Case c{{Eigen::ArrayXd(bins), Eigen::ArrayXd(bins), Eigen::MatrixXd(bins, pulls),
          Eigen::VectorXd(pulls)},
         Eigen::ArrayXd(bins),
         Eigen::ArrayXd(bins),
         Eigen::VectorXd(pulls)};
  for (Eigen::Index i = 0; i < bins; ++i) {
    const double m = level * (0.5 + unit(engine)) *
                     std::exp(-6.0 * static_cast<double>(i) / static_cast<double>(bins));
    c.model.expected[i] = m;
    c.model.direction[i] = m * (0.02 + 0.01 * unit(engine));
    for (Eigen::Index k = 0; k < pulls; ++k)
      c.model.pulls(i, k) = k == 0 ? m : m * (unit(engine) - 0.3);
    c.variance[i] = m * (1.0 + 0.1 * unit(engine));
    c.counts[i] = std::round(m + std::sqrt(m) * normal(engine));
  }
  for (Eigen::Index k = 0; k < pulls; ++k) {
    c.model.sigmas[k] = std::pow(10.0, -3.0 + 2.0 * unit(engine));
    c.centres[k] = c.model.sigmas[k] * normal(engine);
  }
  return c;
}

// chi2_min over the first columns of (pulls, direction), as stacked least squares in long double.
Real least_squares(const Case& c, bool with_direction, Real* strength = nullptr) {
  const Eigen::Index bins = c.variance.size(), pulls = c.centres.size();
  const Eigen::Index unknowns = pulls + (with_direction ? 1 : 0);
  RealMatrix a = RealMatrix::Zero(bins + pulls, unknowns);
  RealVector b = RealVector::Zero(bins + pulls);
  for (Eigen::Index i = 0; i < bins; ++i) {
    const Real weight = 1 / std::sqrt(static_cast<Real>(c.variance[i]));
    for (Eigen::Index k = 0; k < pulls; ++k)
      a(i, k) = weight * static_cast<Real>(c.model.pulls(i, k));
    if (with_direction)
      a(i, pulls) = weight * static_cast<Real>(c.model.direction[i]);
    b[i] = weight * (static_cast<Real>(c.counts[i]) - static_cast<Real>(c.model.expected[i]));
  }
  for (Eigen::Index k = 0; k < pulls; ++k) {
    a(bins + k, k) = 1 / static_cast<Real>(c.model.sigmas[k]);
    b[bins + k] = static_cast<Real>(c.centres[k]) / static_cast<Real>(c.model.sigmas[k]);
  }
  const RealVector solution = a.colPivHouseholderQr().solve(b);
  if (strength != nullptr)
    *strength = solution[pulls];
  return (a * solution - b).squaredNorm();
}

}  // namespace

TEST_CASE("z is the signed root of the difference of two least-squares minima") {
  std::mt19937_64 engine(7301);
  for (const Eigen::Index pulls : {1, 2, 5, 50})
    for (const Eigen::Index bins : {3, 18, 60})
      for (const double level : {1e2, 1e6, 1e9}) {
        const Case c = random_case(engine, bins, pulls, level);
        INFO(pulls << " pulls, " << bins << " bins, level " << level);
        Real strength = 0;
        const Real with = least_squares(c, true, &strength);
        const Real expected = std::copysign(std::sqrt(least_squares(c, false) - with), strength);
        const double z = LinearStatistic(c.model.with(c.variance))(c.counts, c.centres);
        // z is a sum of terms as large as sqrt(n) x (relative size of a pull): 1e4 at most here.
        CHECK(z == Approx(static_cast<double>(expected)).epsilon(1e-10).margin(1e-11));
      }
}

TEST_CASE("z^2 is what a search without derivatives finds") {
  std::mt19937_64 engine(7302);
  using boost::math::tools::brent_find_minima;
  constexpr int bits = 30;
  for (int trial = 0; trial < 5; ++trial) {
    const Case c = random_case(engine, 6, 1, 1e4);
    const auto chi2 = [&](Real mu, Real x) {
      Real sum = std::pow(
          (x - static_cast<Real>(c.centres[0])) / static_cast<Real>(c.model.sigmas[0]), Real(2));
      for (Eigen::Index i = 0; i < 6; ++i)
        sum += std::pow(static_cast<Real>(c.counts[i]) - static_cast<Real>(c.model.expected[i]) -
                            mu * static_cast<Real>(c.model.direction[i]) -
                            x * static_cast<Real>(c.model.pulls(i, 0)),
                        Real(2)) /
               static_cast<Real>(c.variance[i]);
      return sum;
    };
    const auto over_pull = [&](Real mu) {
      return brent_find_minima([&](Real x) { return chi2(mu, x); }, Real(-1), Real(1), bits).second;
    };
    const Real best = brent_find_minima(over_pull, Real(-50), Real(50), bits).second;
    const double z = LinearStatistic(c.model.with(c.variance))(c.counts, c.centres);
    CHECK(z * z == Approx(static_cast<double>(over_pull(0) - best)).epsilon(1e-9));
  }
}

TEST_CASE("for Asimov counts of the alternative z^2 is the chi2 of the paper") {
  std::mt19937_64 engine(7303);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (int trial = 0; trial < 20; ++trial) {
    const Eigen::Index bins = 1 + trial;
    Eigen::ArrayXd lo(bins), m(bins), b(bins);
    for (Eigen::Index i = 0; i < bins; ++i) {
      lo[i] = 1e6 * (0.5 + unit(engine)) * std::exp(-0.3 * static_cast<double>(i));
      m[i] = lo[i] * (0.97 + 0.02 * unit(engine));
      b[i] = 1e5 * unit(engine);
    }
    Eigen::MatrixXd pulls(bins, 2);
    pulls << m, b;
    for (const auto& sigmas : {Eigen::Vector2d(0.005, 0.1), Eigen::Vector2d(0.0, 0.1),
                               Eigen::Vector2d(0.0, 0.0), Eigen::Vector2d(1e4, 1e-6)}) {
      const auto comparison = exact(lo - m, lo + b, pulls, sigmas);
      const double chi2 = Whitened(comparison).curve(sigmas)(1.0);
      const double z = LinearStatistic(comparison)(lo + b, Eigen::VectorXd::Zero(2));
      INFO(bins << " bins, sigmas " << sigmas.transpose());
      // Two bins or fewer are covered by free pulls, and chi2 by the digits of the difference.
      CHECK(z * z == Approx(chi2).epsilon(1e-10).margin(1e-12));
    }
  }
}

TEST_CASE("one bin and no pulls: the excess over its standard deviation") {
  const auto bin = [](double x) { return Eigen::ArrayXd::Constant(1, x).eval(); };
  const Eigen::VectorXd none(0);
  const Eigen::MatrixXd no_pulls(1, 0);
  const LinearModel above{bin(100.0), bin(3.0), no_pulls, none};
  CHECK(LinearStatistic(above.with(bin(100.0)))(bin(120.0), none) == Approx(2.0).epsilon(1e-14));
  // The alternative is below: an excess speaks for mu < 0.
  const LinearModel below{bin(100.0), bin(-3.0), no_pulls, none};
  CHECK(LinearStatistic(below.with(bin(25.0)))(bin(120.0), none) == Approx(-4.0).epsilon(1e-14));
}

TEST_CASE("a fixed pull only moves the expectation") {
  std::mt19937_64 engine(7304);
  Case c = random_case(engine, 10, 2, 1e5);
  c.model.sigmas[1] = 0.0;
  LinearModel moved = c.model;
  moved.expected += c.centres[1] * c.model.pulls.col(1).array();
  moved.pulls.conservativeResize(Eigen::NoChange, 1);
  moved.sigmas.conservativeResize(1);
  CHECK(
      LinearStatistic(c.model.with(c.variance))(c.counts, c.centres) ==
      Approx(LinearStatistic(moved.with(c.variance))(c.counts, c.centres.head(1))).epsilon(1e-11));
}

TEST_CASE("z has unit variance for data of the model's covariance") {
  std::mt19937_64 engine(7305);
  for (const Eigen::Index pulls : {1, 3, 40}) {
    const Case c = random_case(engine, 18, pulls, 1e6);
    const LinearStatistic statistic(c.model.with(c.variance));
    // The auxiliary measurements scatter by sigma around zero, counts by v.
    const double variance = (statistic.weights().array().square() * c.variance).sum() +
                            statistic.response().cwiseProduct(c.model.sigmas).squaredNorm();
    CHECK(variance == Approx(1.0).epsilon(1e-11));
    const Eigen::VectorXd response = c.model.pulls.transpose() * statistic.weights();
    // The sum over bins cancels from |w||p|.
    const double rounding =
        1e-14 * statistic.weights().norm() * c.model.pulls.colwise().norm().maxCoeff();
    CHECK((response - statistic.response()).cwiseAbs().maxCoeff() < rounding);
  }
}

TEST_CASE("bins without variance have to be empty") {
  std::mt19937_64 engine(7306);
  const Case c = random_case(engine, 5, 2, 1e3);
  Case wide = random_case(engine, 6, 2, 1e3);
  wide.model.expected << c.model.expected, 0.0;
  wide.model.direction << c.model.direction, 0.0;
  wide.model.pulls.topRows(5) = c.model.pulls;
  wide.model.pulls.row(5).setZero();
  wide.model.sigmas = c.model.sigmas;
  wide.variance << c.variance, 0.0;
  wide.counts << c.counts, 17.0;
  CHECK(LinearStatistic(wide.model.with(wide.variance))(wide.counts, c.centres) ==
        Approx(LinearStatistic(c.model.with(c.variance))(c.counts, c.centres)).epsilon(1e-12));
  wide.model.pulls(5, 1) = 1e-3;
  CHECK_THROWS_AS(LinearStatistic(wide.model.with(wide.variance)), NumericalError);
}

TEST_CASE("an alternative that is the tested hypothesis is refused") {
  std::mt19937_64 engine(7307);
  Case c = random_case(engine, 5, 2, 1e3);
  c.model.direction.setZero();
  const std::string same = "tested hypothesis and alternative are the same";
  CHECK_THROWS_WITH(LinearStatistic(c.model.with(c.variance)), same);
  c.model.pulls.resize(5, 0);
  c.model.sigmas.resize(0);
  CHECK_THROWS_WITH(LinearStatistic(c.model.with(c.variance)), same);
  c.model.direction[2] = std::nan("");
  CHECK_THROWS_AS(LinearStatistic(c.model.with(c.variance)), NumericalError);
}
