// Fits of every statistic against searches without derivatives, closed forms and limits.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/likelihood_fit.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/foundation/errors.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include <Eigen/Dense>

namespace {

using nuloop::NumericalError;
using nuloop::Registers;
using nuloop::statistics::FittedStatistic;
using nuloop::statistics::LinearModel;
using nuloop::statistics::Statistic;
using nuloop::statistics::statistic_names;
using Strength = FittedStatistic::Strength;
using Real = long double;

Real term(Statistic statistic, Real n, Real m, Real v) {
  switch (statistic) {
    case Statistic::reference:
      return (n - m) * (n - m) / v;
    case Statistic::neyman:
      return (n - m) * (n - m) / (n > 0 ? n : 1);
    case Statistic::pearson:
      return n > 0 ? (n - m) * (n - m) / m : m;
    case Statistic::combined:
      return n > 0 ? (n - m) * (n - m) * (1 / n + 2 / m) / 3 : 2 * m;
    case Statistic::poisson:
      return n > 0 ? 2 * n * ((m - n) / n - std::log1p((m - n) / n)) : 2 * m;
  }
  return 0;
}

bool needs_positive(Statistic statistic) {
  return statistic != Statistic::reference && statistic != Statistic::neyman;
}

struct Case {
  LinearModel model;
  Eigen::ArrayXd variance;
  Eigen::ArrayXd counts;
  Eigen::VectorXd centres;

  FittedStatistic fit(Statistic statistic) const { return {statistic, model.with(variance)}; }
};

// chi2 at a point; rises steeply outside m >= 0, where that matters, so that searches come back.
Real chi_square(const Case& c, Statistic statistic, const std::vector<Real>& mu_and_pulls) {
  Real sum = 0, outside = 0;
  for (Eigen::Index k = 0; k < c.centres.size(); ++k) {
    const Real y =
        (mu_and_pulls[static_cast<std::size_t>(k) + 1] - static_cast<Real>(c.centres[k])) /
        static_cast<Real>(c.model.sigmas[k]);
    sum += y * y;
  }
  for (Eigen::Index i = 0; i < c.counts.size(); ++i) {
    Real m = static_cast<Real>(c.model.expected[i]) +
             mu_and_pulls[0] * static_cast<Real>(c.model.direction[i]);
    for (Eigen::Index k = 0; k < c.centres.size(); ++k)
      m += mu_and_pulls[static_cast<std::size_t>(k) + 1] * static_cast<Real>(c.model.pulls(i, k));
    const bool inside = c.counts[i] > 0.0 ? m > 0 : m >= 0;
    if (needs_positive(statistic) && !inside)
      outside += 1 - m;
    else
      sum += term(statistic, static_cast<Real>(c.counts[i]), m, static_cast<Real>(c.variance[i]));
  }
  return outside > 0 ? 1e30L * outside : sum;
}

// Golden sections, in as many variables as there are intervals, one within the other.
Real search(const std::function<Real(const std::vector<Real>&)>& f,
            const std::vector<std::pair<Real, Real>>& intervals, std::vector<Real>& point,
            std::size_t variable) {
  if (variable == intervals.size())
    return f(point);
  const Real golden = (std::sqrt(Real(5)) - 1) / 2;
  auto [a, b] = intervals[variable];
  const auto at = [&](Real x) {
    point[variable] = x;
    return search(f, intervals, point, variable + 1);
  };
  const Real width = b - a;
  Real x1 = b - golden * (b - a), x2 = a + golden * (b - a);
  Real f1 = at(x1), f2 = at(x2);
  Real least = std::min(f1, f2);
  while (b - a > 1e-12L * width) {
    if (f1 < f2) {
      b = x2;
      x2 = x1;
      f2 = f1;
      x1 = b - golden * (b - a);
      f1 = at(x1);
    } else {
      a = x1;
      x1 = x2;
      f1 = f2;
      x2 = a + golden * (b - a);
      f2 = at(x2);
    }
    least = std::min({least, f1, f2});
  }
  return least;
}

Real search_minimum(const Case& c, Statistic statistic, std::pair<Real, Real> strengths) {
  std::vector<std::pair<Real, Real>> intervals = {strengths};
  for (Eigen::Index k = 0; k < c.centres.size(); ++k) {
    const auto centre = static_cast<Real>(c.centres[k]);
    const auto sigma = static_cast<Real>(c.model.sigmas[k]);
    intervals.emplace_back(centre - 12 * sigma, centre + 12 * sigma);
  }
  std::vector<Real> point(intervals.size());
  const auto f = [&](const std::vector<Real>& at) { return chi_square(c, statistic, at); };
  if (strengths.first == strengths.second) {
    point[0] = strengths.first;
    return search(f, intervals, point, 1);
  }
  return search(f, intervals, point, 0);
}

// A spectrum that falls, an alternative of some per cent with a shape, pulls on the normalisation
// and on a flatter background.
Case random_case(std::mt19937_64& engine, Eigen::Index bins, double largest, Eigen::Index pulls) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Case c{{Eigen::ArrayXd(bins), Eigen::ArrayXd(bins), Eigen::MatrixXd(bins, pulls),
          Eigen::VectorXd(pulls)},
         Eigen::ArrayXd(bins),
         Eigen::ArrayXd(bins),
         Eigen::VectorXd(pulls)};
  Eigen::ArrayXd background(bins);
  for (Eigen::Index i = 0; i < bins; ++i) {
    const double fall = std::exp(-4.0 * static_cast<double>(i) / static_cast<double>(bins));
    const double signal = largest * fall * (0.5 + unit(engine));
    background[i] = 0.1 * largest * unit(engine);
    c.model.expected[i] = signal + background[i];
    c.model.direction[i] = signal * 0.4 * (unit(engine) - 0.3);
    if (pulls > 0)
      c.model.pulls(i, 0) = signal;
    if (pulls > 1)
      c.model.pulls(i, 1) = background[i];
    for (Eigen::Index k = 2; k < pulls; ++k)
      c.model.pulls(i, k) = signal * (unit(engine) - 0.5);
  }
  for (Eigen::Index k = 0; k < pulls; ++k) {
    c.model.sigmas[k] = 0.02 + 0.1 * unit(engine);
    c.centres[k] = c.model.sigmas[k] * 2.0 * (unit(engine) - 0.5);
  }
  c.variance = c.model.expected * (1.0 + 0.2 * unit(engine));
  for (Eigen::Index i = 0; i < bins; ++i)
    c.counts[i] = static_cast<double>(std::poisson_distribution<long>(c.model.expected[i])(engine));
  return c;
}

// chi2 of mu with fixed variances: residuals' covariance v + sum_k sigma_k^2 p_k p_k^T.
double closed_root(const Case& c) {
  Eigen::MatrixXd covariance = c.variance.matrix().asDiagonal();
  for (Eigen::Index k = 0; k < c.centres.size(); ++k)
    covariance +=
        std::pow(c.model.sigmas[k], 2) * c.model.pulls.col(k) * c.model.pulls.col(k).transpose();
  const Eigen::VectorXd d = c.model.direction.matrix();
  const Eigen::VectorXd residual =
      (c.counts - c.model.expected).matrix() - c.model.pulls * c.centres;
  const Eigen::VectorXd weighted = covariance.llt().solve(d);
  return weighted.dot(residual) / std::sqrt(weighted.dot(d));
}

}  // namespace

TEST_CASE("no search finds less than the fit, and it finds as much") {
  std::mt19937_64 engine(3201);
  int without_counts = 0;
  for (int trial = 0; trial < 12; ++trial) {
    const double largest =
        std::vector<double>{0.7, 3.0, 20.0, 1e3, 1e6, 1e10}[static_cast<std::size_t>(trial % 6)];
    const Case c = random_case(engine, 3 + trial % 5, largest, trial % 3);
    without_counts += static_cast<int>((c.counts == 0.0).count());
    for (const auto& [name, statistic] : statistic_names) {
      CAPTURE(name, trial, largest, c.counts.transpose());
      const FittedStatistic fit = c.fit(statistic);
      const auto tested = fit.minimum(c.counts, c.centres, Strength::tested);
      CHECK(tested.value ==
            Approx(static_cast<double>(search_minimum(c, statistic, {0, 0}))).epsilon(1e-11));
      const auto free = fit.minimum(c.counts, c.centres, Strength::free);
      const Real found = search_minimum(
          c, statistic,
          {static_cast<Real>(free.strength) - 3, static_cast<Real>(free.strength) + 2});
      // The fit's barrier at m = 0 leaves at most 1e-10 for each bin.
      CHECK(free.value == Approx(static_cast<double>(found)).epsilon(1e-11).margin(1e-9));
      CHECK(free.value - free.error <= static_cast<double>(found));
      const double q = std::max(tested.value - free.value, 0.0);
      CHECK(fit(c.counts, c.centres) == Approx(std::copysign(std::sqrt(q), free.strength)));
    }
  }
  CHECK(without_counts > 5);
}

TEST_CASE("at the minimum the gradient by each variable vanishes") {
  std::mt19937_64 engine(3202);
  for (int trial = 0; trial < 60; ++trial) {
    const Case c = random_case(engine, 18, std::pow(10.0, 1.5 + trial % 11), 3);
    for (const auto& [name, statistic] : statistic_names) {
      CAPTURE(name, trial);
      const auto at = c.fit(statistic).minimum(c.counts, c.centres, Strength::free);
      const Eigen::VectorXd slopes = at.slope_in_expected.matrix();
      // Gradients are compared with the sum of the magnitudes of what cancels in them. A decrement
      // of 1e-14 chi2 allows 1e-7 of the typical gradient; Newton's last step leaves far less.
      const Eigen::VectorXd d = c.model.direction.matrix();
      const bool bounded = needs_positive(statistic) && (c.counts == 0.0).any();
      if (!bounded)
        CHECK(std::abs(slopes.dot(d)) <= 1e-11 * slopes.cwiseAbs().dot(d.cwiseAbs()));
      for (Eigen::Index k = 0; k < 3; ++k) {
        const double prior = 2.0 * (at.pulls[k] - c.centres[k]) / std::pow(c.model.sigmas[k], 2);
        const Eigen::VectorXd p = c.model.pulls.col(k);
        if (!bounded)
          CHECK(std::abs(slopes.dot(p) + prior) <= 1e-11 * slopes.cwiseAbs().dot(p.cwiseAbs()));
      }
    }
  }
}

TEST_CASE("with fixed variances the root is that of the normal equations") {
  std::mt19937_64 engine(3203);
  for (int trial = 0; trial < 40; ++trial) {
    const Case c = random_case(engine, 2 + trial % 17, std::pow(10.0, trial % 8), trial % 4);
    // The square root of a difference of minima of about the number of bins.
    CHECK(c.fit(Statistic::reference)(c.counts, c.centres) ==
          Approx(closed_root(c)).epsilon(1e-10).margin(1e-6));
  }
}

TEST_CASE("one bin and no pulls are solved by hand") {
  // The best mu makes m = n, so that q is the term itself.
  const auto bin = [](double x) { return Eigen::ArrayXd::Constant(1, x).eval(); };
  const LinearModel model{bin(10.0), bin(2.0), Eigen::MatrixXd(1, 0), Eigen::VectorXd(0)};
  const Eigen::VectorXd none(0);
  for (const double n : {0.0, 1.0, 4.0, 10.0, 25.0})
    for (const auto& [name, statistic] : statistic_names) {
      CAPTURE(name, n);
      const FittedStatistic fit(statistic, model.with(bin(12.0)));
      const auto q = static_cast<double>(term(statistic, n, 10, 12));
      const double sign = n < 10.0 ? -1.0 : 1.0;
      // A bin without counts leaves 1e-10 of bias at m = 0.
      CHECK(fit(bin(n), none) == Approx(sign * std::sqrt(q)).epsilon(1e-10).margin(1e-12));
      const auto at = fit.minimum(bin(n), none, Strength::free);
      CHECK(at.strength == Approx((n - 10.0) / 2.0).margin(1e-9));
      CHECK(at.value <= at.error);
      const auto tested = fit.minimum(bin(n), none, Strength::tested);
      CHECK(tested.value == Approx(q).epsilon(1e-14));
    }
}

TEST_CASE("Poisson counts with a normalisation to fit have a closed form") {
  // m = (1 + mu) e: the best 1 + mu is sum n/sum e; q depends on the sums alone.
  std::mt19937_64 engine(3204);
  for (const double largest : {2.0, 100.0, 1e7}) {
    Case c = random_case(engine, 18, largest, 0);
    c.model.direction = c.model.expected;
    const double n = c.counts.sum(), e = c.model.expected.sum();
    const auto q = static_cast<double>(term(Statistic::poisson, n, e, 1));
    const double sign = n < e ? -1.0 : 1.0;
    // chi2 of some 18 is known to 1e-14, its difference q too.
    const double z = c.fit(Statistic::poisson)(c.counts, c.centres);
    CHECK(z * z == Approx(q).epsilon(1e-12).margin(2e-12));
    CHECK(z * sign >= 0.0);
    CHECK(c.fit(Statistic::poisson).minimum(c.counts, c.centres, Strength::free).strength ==
          Approx(n / e - 1.0).epsilon(1e-8));
  }
}

TEST_CASE("one Poisson bin with one pull solves a quadratic equation") {
  // 2 p (1 - n/m) + 2 x/s^2 = 0 with m = e + x p.
  for (const double e : {3.0, 1e4, 1e11})
    for (const double deviation : {-1.5, 0.01, 2.0}) {
      const double n = std::ceil(e + deviation * std::sqrt(e)), s = 0.5 / std::sqrt(e), p = e;
      const LinearModel model{Eigen::ArrayXd::Constant(1, e), Eigen::ArrayXd::Constant(1, 1.0),
                              Eigen::MatrixXd::Constant(1, 1, p), Eigen::VectorXd::Constant(1, s)};
      const auto at =
          FittedStatistic(Statistic::poisson, model.with(model.expected))
              .minimum(Eigen::ArrayXd::Constant(1, n), Eigen::VectorXd::Zero(1), Strength::tested);
      const Real le = e, ln = n, lp = p, w = 1 / (static_cast<Real>(s) * static_cast<Real>(s));
      // w p x^2 + (p^2 + w e) x - (n - e) p = 0 after multiplication by m; p^2 x from p m.
      const Real b = lp * lp + w * le, root = std::sqrt(b * b + 4 * w * lp * (ln - le) * lp);
      const Real x = 2 * (ln - le) * lp / (b + root);
      CHECK(at.pulls[0] == Approx(static_cast<double>(x)).epsilon(1e-7));
      const Real m = le + x * lp, u = (m - ln) / ln;
      const Real value = 2 * ln * (u - std::log1p(u)) + x * x * w;
      // The reference loses digits in u - log1p(u): 1e-19/u with u of 1e-6 and more.
      CHECK(at.value == Approx(static_cast<double>(value)).epsilon(1e-11));
    }
}

// Rows of data drawn from the case: with none, one, few and many counts, and centres of their own.
struct Data {
  Eigen::ArrayXXd counts;
  Eigen::MatrixXd centres;
};

Data many_data(std::mt19937_64& engine, const Case& c, Eigen::Index number) {
  std::normal_distribution<double> normal;
  Data data{Eigen::ArrayXXd(number, c.counts.size()), Eigen::MatrixXd(number, c.centres.size())};
  for (Eigen::Index j = 0; j < number; ++j) {
    for (Eigen::Index i = 0; i < c.counts.size(); ++i)
      data.counts(j, i) =
          static_cast<double>(std::poisson_distribution<long>(c.model.expected[i])(engine));
    for (Eigen::Index k = 0; k < c.centres.size(); ++k)
      data.centres(j, k) = j % 3 == 0 ? 0.0 : c.model.sigmas[k] * normal(engine);
  }
  return data;
}

TEST_CASE("fits side by side are those of each alone, in registers of every width") {
  using nuloop::available_registers;
  std::mt19937_64 engine(3220);
  int near_zero = 0;
  for (Eigen::Index pulls = 0; pulls <= 6; ++pulls)
    for (const double largest : {0.7, 20.0, 1e3, 1e7, 1e12}) {
      CAPTURE(pulls, largest);
      const Case c = random_case(engine, 11, largest, pulls);
      const auto statistic = Statistic::poisson;
      const auto comparison = c.model.with(c.variance);
      const Data data = many_data(engine, c, 37);
      Eigen::ArrayXd z;
      FittedStatistic(statistic, comparison, Registers::baseline)
          .of_each(data.counts, data.centres, z);
      for (const Registers registers : available_registers()) {
        const FittedStatistic fit(statistic, comparison, registers);
        Eigen::ArrayXd other;
        fit.of_each(data.counts, data.centres, other);
        REQUIRE((other == z).all());
        fit.of_each(data.counts.middleRows(5, 13), data.centres.middleRows(5, 13), other);
        REQUIRE((other == z.segment(5, 13)).all());
      }
      const FittedStatistic fit(statistic, comparison);
      for (Eigen::Index j = 0; j < z.size(); ++j) {
        CAPTURE(j, data.counts.row(j));
        const Eigen::ArrayXd counts = data.counts.row(j).transpose();
        const Eigen::VectorXd centres = data.centres.row(j).transpose();
        REQUIRE(fit(counts, centres) == z[j]);
        // Another algorithm, with a barrier and with minima of their own.
        const auto tested = fit.minimum(counts, centres, Strength::tested);
        const auto free = fit.minimum(counts, centres, Strength::free);
        REQUIRE(std::abs(z[j] * z[j] - (tested.value - free.value)) <=
                tested.error + free.error + 1e-14);
        near_zero += z[j] * z[j] < 1e-3 ? 1 : 0;
        if (z[j] * z[j] > tested.error + free.error)
          REQUIRE(std::signbit(z[j]) == std::signbit(free.strength));
      }
    }
  CHECK(near_zero > 10);
}

TEST_CASE("the Poisson root keeps its digits where the alternative explains next to nothing") {
  // m = (1 + mu) e, as above, with n = (1 + mu) e in every bin but for whole numbers that add up
  // to nothing.
  const Eigen::ArrayXd expected = (Eigen::ArrayXd(4) << 1e6, 3e5, 2e4, 500).finished();
  Eigen::ArrayXd scatter = (Eigen::ArrayXd(4) << 900, -1100, 180, 20).finished();
  const LinearModel model{expected, 0.3 * expected, Eigen::MatrixXd(4, 0), Eigen::VectorXd(0)};
  const FittedStatistic fit(Statistic::poisson, model.with(expected));
  for (const double more : {-1000.0, -30.0, -1.0, 1.0, 5.0, 700.0}) {
    Eigen::ArrayXd counts = expected + scatter;
    counts[0] += more;
    const auto q = static_cast<double>(term(Statistic::poisson, static_cast<Real>(counts.sum()),
                                            static_cast<Real>(expected.sum()), 1));
    const double root = std::copysign(std::sqrt(q), more);
    CAPTURE(more, root);
    CHECK(fit(counts, Eigen::VectorXd(0)) == Approx(root).epsilon(1e-11));
  }
}

TEST_CASE("ten million counts in every bin leave small differences of chi2 intact") {
  std::mt19937_64 engine(3205);
  for (int trial = 0; trial < 10; ++trial) {
    Case c = random_case(engine, 18, 1e7, 2);
    c.model.direction *= 1e-3;
    for (const auto& [name, statistic] : statistic_names) {
      CAPTURE(name, trial);
      const FittedStatistic fit = c.fit(statistic);
      const auto tested = fit.minimum(c.counts, c.centres, Strength::tested);
      const auto free = fit.minimum(c.counts, c.centres, Strength::free);
      CHECK(tested.error + free.error < 1e-11);
      // The best mu put into the tested model leaves nothing to gain: q of rounding, 1e-14, alone.
      LinearModel moved = c.model;
      moved.expected += free.strength * moved.direction;
      const FittedStatistic at_best(statistic, moved.with(c.variance));
      const auto best = at_best.minimum(c.counts, c.centres, Strength::tested);
      CHECK(best.value == Approx(free.value).epsilon(1e-13));
      CHECK(std::abs(at_best(c.counts, c.centres)) < 1e-6);
      if (statistic == Statistic::reference)
        CHECK(tested.value - free.value == Approx(std::pow(closed_root(c), 2)).margin(1e-11));
    }
  }
}

TEST_CASE("with many counts all statistics agree to the inverse root of their number") {
  // What pearson exceeds neyman by is sum d^3/n^2 to leading order, and the others are at 2/3 of
  // it.
  std::mt19937_64 engine(3206);
  for (const double largest : {1e6, 1e8, 1e10}) {
    Case c = random_case(engine, 18, largest, 0);
    c.model.expected *=
        1.0 + 3.0 / std::sqrt(largest);  // so that the odd power does not average out
    const auto value = [&](Statistic statistic) {
      return c.fit(statistic).minimum(c.counts, c.centres, Strength::tested).value;
    };
    const double neyman = value(Statistic::neyman);
    const double step = ((c.counts - c.model.expected).cube() / c.counts.square()).sum();
    const double smallness = 100.0 / std::sqrt(largest);
    CHECK(value(Statistic::pearson) - neyman == Approx(step).epsilon(smallness).margin(1e-12));
    CHECK(value(Statistic::combined) - neyman ==
          Approx(2.0 / 3.0 * step).epsilon(smallness).margin(1e-12));
    CHECK(value(Statistic::poisson) - neyman ==
          Approx(2.0 / 3.0 * step).epsilon(smallness).margin(1e-12));
  }
  // With pulls and a strength: the roots approach each other in the same way.
  for (int trial = 0; trial < 10; ++trial)
    for (const double largest : {1e6, 1e10}) {
      const Case c = random_case(engine, 18, largest, 3);
      const double z = c.fit(Statistic::poisson)(c.counts, c.centres);
      for (const Statistic other : {Statistic::neyman, Statistic::pearson, Statistic::combined})
        CHECK(c.fit(other)(c.counts, c.centres) ==
              Approx(z).epsilon(0.0).margin(300.0 / std::sqrt(largest)));
    }
}

TEST_CASE("derivatives of the minimum are those of finite differences") {
  std::mt19937_64 engine(3207);
  for (const double largest : {10.0, 1e5}) {
    const Case c = random_case(engine, 6, largest, 2);
    for (const auto& [name, statistic] : statistic_names)
      for (const Strength strength : {Strength::tested, Strength::free}) {
        CAPTURE(name, largest);
        const auto at = c.fit(statistic).minimum(c.counts, c.centres, strength);
        for (Eigen::Index i = 0; i < 6; ++i) {
          if (c.counts[i] < 2.0)
            continue;                                      // boundaries, kinks
          const double h = 1e-4 * std::sqrt(c.counts[i]);  // errors h^2 and 1e-14/h, relative
          const auto shifted = [&](double counts, double expected) {
            Case other = c;
            other.counts[i] += counts;
            other.model.expected[i] += expected;
            return other.fit(statistic).minimum(other.counts, c.centres, strength).value;
          };
          CHECK(at.slope_in_counts[i] == Approx((shifted(h, 0) - shifted(-h, 0)) / (2.0 * h))
                                             .epsilon(1e-6)
                                             .margin(1e-6 / std::sqrt(largest)));
          CHECK(at.slope_in_expected[i] == Approx((shifted(0, h) - shifted(0, -h)) / (2.0 * h))
                                               .epsilon(1e-6)
                                               .margin(1e-6 / std::sqrt(largest)));
        }
      }
  }
}

TEST_CASE("data without any counts are fitted where nothing is expected, or as near as can be") {
  const Eigen::ArrayXd expected = (Eigen::ArrayXd(3) << 2.0, 1.0, 0.5).finished();
  const Eigen::ArrayXd direction = (Eigen::ArrayXd(3) << 0.4, 0.1, -0.1).finished();
  const LinearModel model{expected, direction, Eigen::MatrixXd(3, 0), Eigen::VectorXd(0)};
  const Eigen::ArrayXd nothing = Eigen::ArrayXd::Zero(3);
  const Eigen::VectorXd none(0);
  // m_1 vanishes at mu = -5, before m_2 does at -10; the sum of all falls with mu.
  const double left = expected.sum() - 5.0 * direction.sum();
  for (const auto& [statistic, rise] : {std::pair{Statistic::pearson, 1.0},
                                        {Statistic::combined, 2.0},
                                        {Statistic::poisson, 2.0}}) {
    const FittedStatistic fit(statistic, model.with(model.expected));
    const auto at = fit.minimum(nothing, none, Strength::free);
    CHECK(at.strength == Approx(-5.0).epsilon(1e-9));
    CHECK(at.value == Approx(rise * left).epsilon(1e-9));
    CHECK(at.value - rise * left <= at.error);
    CHECK(at.error <= 3.1e-10);
    const double q = rise * (expected.sum() - left);
    CHECK(fit(nothing, none) == Approx(-std::sqrt(q)).epsilon(1e-9));
  }
}

TEST_CASE("a pull of no width stays at its centre, and pulls that do nothing too") {
  std::mt19937_64 engine(3208);
  Case c = random_case(engine, 8, 50.0, 3);
  c.model.sigmas[1] = 0.0;
  c.model.pulls.col(2).setZero();
  Case without = c;  // the same, by hand
  without.model.expected += c.centres[1] * c.model.pulls.col(1).array();
  without.model.pulls = c.model.pulls.leftCols(1).eval();
  without.model.sigmas = c.model.sigmas.head(1).eval();
  without.centres = c.centres.head(1).eval();
  for (const auto& [name, statistic] : statistic_names) {
    CAPTURE(name);
    const auto at = c.fit(statistic).minimum(c.counts, c.centres, Strength::free);
    CHECK(at.pulls[1] == c.centres[1]);
    CHECK(at.pulls[2] == c.centres[2]);
    CHECK(c.fit(statistic)(c.counts, c.centres) ==
          Approx(without.fit(statistic)(c.counts, without.centres)).epsilon(1e-10).margin(1e-6));
  }
}

TEST_CASE("wide priors and pulls in proportion are fitted too") {
  std::mt19937_64 engine(3209);
  Case c = random_case(engine, 8, 1e5, 2);
  c.model.pulls.col(1) = 3.0 * c.model.pulls.col(0);
  c.model.sigmas << 1e6, 1e6;
  c.centres.setZero();
  Case one = c;  // both together are one pull of 1e6 sqrt(10), free in effect
  one.model.pulls = c.model.pulls.leftCols(1).eval();
  one.model.sigmas = Eigen::VectorXd::Constant(1, 1e6 * std::sqrt(10.0));
  one.centres = Eigen::VectorXd::Zero(1);
  for (const auto& [name, statistic] : statistic_names) {
    CAPTURE(name);
    CHECK(c.fit(statistic)(c.counts, c.centres) ==
          Approx(one.fit(statistic)(c.counts, one.centres)).epsilon(1e-9).margin(1e-6));
  }
}

TEST_CASE("centres of pulls far away do not stop a fit") {
  std::mt19937_64 engine(3210);
  Case c = random_case(engine, 5, 30.0, 1);
  c.centres << -1.5;  // a normalisation of -0.5
  c.model.sigmas << 0.4;
  for (const auto& [name, statistic] : statistic_names) {
    CAPTURE(name);
    const auto at = c.fit(statistic).minimum(c.counts, c.centres, Strength::tested);
    CHECK(at.value ==
          Approx(static_cast<double>(search_minimum(c, statistic, {0, 0}))).epsilon(1e-11));
  }
}

TEST_CASE("an alternative that changes nothing is never preferred") {
  std::mt19937_64 engine(3211);
  Case c = random_case(engine, 5, 30.0, 2);
  c.model.direction.setZero();
  for (const auto& [name, statistic] : statistic_names) {
    CHECK(c.fit(statistic)(c.counts, c.centres) == 0.0);
    CHECK_THROWS_AS(c.fit(statistic).minimum(c.counts, c.centres, Strength::free), NumericalError);
  }
}

TEST_CASE("empty bins count for nothing and must stay empty") {
  std::mt19937_64 engine(3212);
  const Case c = random_case(engine, 5, 30.0, 2);
  Case padded = c;
  const auto pad = [](Eigen::ArrayXd& a) {
    a.conservativeResize(6);
    a[5] = 0.0;
  };
  for (Eigen::ArrayXd* a :
       {&padded.model.expected, &padded.model.direction, &padded.variance, &padded.counts})
    pad(*a);
  padded.model.pulls.conservativeResize(6, 2);
  padded.model.pulls.row(5).setZero();
  for (const auto& [name, statistic] : statistic_names) {
    CHECK(padded.fit(statistic)(padded.counts, c.centres) == c.fit(statistic)(c.counts, c.centres));
    Case wrong = padded;
    wrong.counts[5] = 1.0;
    CHECK_THROWS_AS(wrong.fit(statistic)(wrong.counts, c.centres), NumericalError);
    wrong.model.direction[5] = 1.0;
    CHECK_THROWS_AS(wrong.fit(statistic), NumericalError);
  }
}

TEST_CASE("counts that are no integers may be summed in any order") {
  std::mt19937_64 engine(3213);
  const Case c = random_case(engine, 41, 30.0, 2);
  Case padded = c;
  const auto pad = [](Eigen::ArrayXd& a) {
    a.conservativeResize(42);
    a.tail(40) = a.segment(1, 40).eval();
    a[1] = 0.0;
  };
  padded.counts = c.model.expected + 0.1 * c.model.direction;  // Asimov data
  for (Eigen::ArrayXd* a :
       {&padded.model.expected, &padded.model.direction, &padded.variance, &padded.counts})
    pad(*a);
  padded.model.pulls.resize(42, 2);
  padded.model.pulls << c.model.pulls.row(0), Eigen::RowVectorXd::Zero(2),
      c.model.pulls.bottomRows(40);
  for (const auto& [name, statistic] : statistic_names)
    CHECK(padded.fit(statistic)(padded.counts, c.centres) ==
          c.fit(statistic)(c.model.expected + 0.1 * c.model.direction, c.centres));
}

TEST_CASE("a fit that does not converge is reported") {
  // From m = 1 a step multiplies m by 2 at most, so that 1e200 is beyond any number of steps.
  const auto bin = [](double x) { return Eigen::ArrayXd::Constant(1, x).eval(); };
  const LinearModel model{bin(1.0), bin(1.0), Eigen::MatrixXd(1, 0), Eigen::VectorXd(0)};
  const Eigen::VectorXd none(0);
  for (const Statistic statistic : {Statistic::pearson, Statistic::combined, Statistic::poisson}) {
    const FittedStatistic fit(statistic, model.with(model.expected));
    CHECK_NOTHROW(fit.minimum(bin(1e10), none, Strength::free));
    CHECK_THROWS_AS(fit.minimum(bin(1e200), none, Strength::free), NumericalError);
    CHECK_THROWS_AS(fit(bin(1e200), none), NumericalError);
  }
}

TEST_CASE("what cannot be fitted is reported") {
  std::mt19937_64 engine(3213);
  const Case c = random_case(engine, 5, 30.0, 2);
  for (const auto& [name, statistic] : statistic_names) {
    CAPTURE(name);
    Case wrong = c;
    wrong.counts[2] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(wrong.fit(statistic)(wrong.counts, c.centres), NumericalError);
    wrong.counts[2] = -1.0;
    CHECK_THROWS_AS(wrong.fit(statistic)(wrong.counts, c.centres), NumericalError);
    wrong = c;
    wrong.model.expected[1] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(wrong.fit(statistic), NumericalError);
    // A fixed pull that takes away more than there is.
    wrong = c;
    wrong.model.sigmas[0] = 0.0;
    wrong.centres[0] = -3.0;
    if (needs_positive(statistic))
      CHECK_THROWS_AS(wrong.fit(statistic)(c.counts, wrong.centres), NumericalError);
    else
      CHECK_NOTHROW(wrong.fit(statistic)(c.counts, wrong.centres));
  }
}
