// The Asimov chi2 against direct minimisation, its limits, and the exposure that reaches it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/whitened.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/statistics/whitened_pair.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include <Eigen/Dense>
#include <boost/math/tools/minima.hpp>

namespace {

using nuloop::infinity;
using nuloop::NumericalError;
using nuloop::statistics::ChiSquareCurve;
using nuloop::statistics::exact;
using nuloop::statistics::Whitened;
using nuloop::statistics::WhitenedPair;
using RealMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using RealVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;
using Real = long double;

Whitened compare(const Eigen::ArrayXd& difference, const Eigen::ArrayXd& variance,
                 const Eigen::MatrixXd& pulls) {
  return Whitened(exact(difference, variance, pulls, Eigen::VectorXd::Zero(pulls.cols())));
}

Whitened compare_with_reference(const Eigen::ArrayXd& reference, const Eigen::ArrayXd& tested,
                                const Eigen::ArrayXd& background) {
  Eigen::MatrixXd pulls(tested.size(), 2);
  pulls << tested, background;
  return compare(reference - tested, reference + background, pulls);
}

struct Spectra {
  Eigen::ArrayXd reference;
  Eigen::ArrayXd tested;
  Eigen::ArrayXd background;

  ChiSquareCurve curve(double flux_sigma, double background_sigma) const {
    return compare_with_reference(reference, tested, background)
        .curve(Eigen::Vector2d(flux_sigma, background_sigma));
  }
};

// The sum as the paper prints it, for counts after a time t.
Real chi_square(const Spectra& s, Real t, Real alpha, Real beta, Real flux_sigma,
                Real background_sigma) {
  Real sum = 0;
  for (Eigen::Index i = 0; i < s.reference.size(); ++i) {
    const Real lo = t * static_cast<Real>(s.reference[i]);
    const Real model = t * static_cast<Real>(s.tested[i]);
    const Real b = t * static_cast<Real>(s.background[i]);
    const Real difference = lo + b - (1 + alpha) * model - (1 + beta) * b;
    sum += difference * difference / (lo + b);
  }
  return sum + alpha * alpha / (flux_sigma * flux_sigma) +
         beta * beta / (background_sigma * background_sigma);
}

// Its minimum from the 2 x 2 normal equations.
Real minimum_by_normal_equations(const Spectra& s, Real t, Real flux_sigma, Real background_sigma) {
  Real mm = 1 / (flux_sigma * flux_sigma), bb = 1 / (background_sigma * background_sigma);
  Real mb = 0, dm = 0, db = 0;
  for (Eigen::Index i = 0; i < s.reference.size(); ++i) {
    const Real lo = s.reference[i], m = s.tested[i], b = s.background[i];
    const Real weight = t / (lo + b);
    mm += weight * m * m;
    bb += weight * b * b;
    mb += weight * m * b;
    dm += weight * (lo - m) * m;
    db += weight * (lo - m) * b;
  }
  const Real determinant = mm * bb - mb * mb;
  const Real alpha = (dm * bb - db * mb) / determinant;
  const Real beta = (db * mm - dm * mb) / determinant;
  return chi_square(s, t, alpha, beta, flux_sigma, background_sigma);
}

// The same without derivatives: Brent's method in alpha of Brent's method in beta.
Real minimum_by_search(const Spectra& s, Real t, Real flux_sigma, Real background_sigma) {
  using boost::math::tools::brent_find_minima;
  constexpr int bits = 30;  // of the place; the value at a minimum has twice as many
  const auto over_beta = [&](Real alpha) {
    return brent_find_minima(
               [&](Real beta) {
                 return chi_square(s, t, alpha, beta, flux_sigma, background_sigma);
               },
               Real(-1), Real(1), bits)
        .second;
  };
  return brent_find_minima(over_beta, Real(-1), Real(1), bits).second;
}

// Spectra like those of an experiment: a signal that falls, a model some per cent away, a
// background of any size.
Spectra random_spectra(std::mt19937_64& engine, Eigen::Index bins) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Spectra s{Eigen::ArrayXd(bins), Eigen::ArrayXd(bins), Eigen::ArrayXd(bins)};
  const double level = std::pow(10.0, 6.0 * unit(engine) - 2.0);
  for (Eigen::Index i = 0; i < bins; ++i) {
    s.reference[i] = 1e5 * (0.5 + unit(engine)) *
                     std::exp(-8.0 * static_cast<double>(i) / static_cast<double>(bins));
    s.tested[i] = s.reference[i] * (0.93 + 0.1 * unit(engine));
    s.background[i] = level * (0.2 + unit(engine));
  }
  return s;
}

const std::vector<std::pair<double, double>> uncertainties = {
    {0.005, 0.10}, {0.01, 0.10}, {0.02, 0.05}, {0.1, 0.001}};

}  // namespace

TEST_CASE("the closed form is the minimum of the paper's sum") {
  std::mt19937_64 engine(20241);
  for (int trial = 0; trial < 40; ++trial) {
    const Spectra s = random_spectra(engine, 2 + trial % 20);
    for (const auto& [flux_sigma, background_sigma] : uncertainties) {
      const ChiSquareCurve curve = s.curve(flux_sigma, background_sigma);
      for (const double t : {1e-3, 0.1, 1.0, 30.0}) {
        INFO("trial " << trial << ", sigmas " << flux_sigma << " " << background_sigma << ", t "
                      << t);
        const Real expected = minimum_by_normal_equations(s, t, flux_sigma, background_sigma);
        CHECK(curve(t) == Approx(static_cast<double>(expected)).epsilon(1e-11));
      }
    }
  }
}

TEST_CASE("the pair of pulls has the same minimum, and the same error bounds") {
  using nuloop::statistics::Comparison;
  using nuloop::statistics::Counts;
  constexpr double unit = 365.25;
  std::mt19937_64 engine(20253);
  WhitenedPair pair;  // used again and again
  ChiSquareCurve curve{};
  for (int trial = 0; trial < 40; ++trial) {
    const Spectra s = random_spectra(engine, 3 + trial % 20);
    const auto bounded = [](const Eigen::ArrayXd& values, double relative) {
      return Counts{values, relative * values.abs()};
    };
    const Counts reference = bounded(s.reference, 1e-9), tested = bounded(s.tested, 2e-9),
                 difference = bounded(s.reference - s.tested, 3e-9),
                 background = bounded(s.background, 4e-9);
    REQUIRE(pair.compute(reference, tested, difference, background, unit));
    Comparison comparison{reference + background, tested + background, difference, {}, {}};
    comparison.pulls.value.resize(s.reference.size(), 2);
    comparison.pulls.value << s.tested, s.background;
    comparison.pulls.error.resize(s.reference.size(), 2);
    comparison.pulls.error << tested.error, background.error;
    comparison.pull_variances = {Eigen::VectorXd::Ones(2), Eigen::VectorXd::Zero(2)};
    const Whitened whitened(comparison.after(unit));
    for (const auto& [flux_sigma, background_sigma] : uncertainties) {
      REQUIRE(pair.curve({flux_sigma, background_sigma}, curve));
      const ChiSquareCurve other = whitened.curve(Eigen::Vector2d(flux_sigma, background_sigma));
      for (const double t : {1e-3, 0.1, 1.0, 30.0}) {
        INFO("trial " << trial << ", sigmas " << flux_sigma << " " << background_sigma << ", t "
                      << t);
        const Real expected =
            minimum_by_normal_equations(s, unit * t, flux_sigma, background_sigma);
        CHECK(curve(t) == Approx(static_cast<double>(expected)).epsilon(1e-11));
        CHECK(curve.error(t) == Approx(other.error(t)).epsilon(1e-6));
      }
    }
    CHECK(pair.curve({0.0, 0.0}, curve));
    CHECK(curve(1.0) ==
          Approx(unit * ((s.reference - s.tested).square() / (s.reference + s.background)).sum())
              .epsilon(1e-12));
    CHECK_FALSE(pair.curve({1e9, 1e9}, curve));
  }
}

TEST_CASE("the pair of pulls leaves to others what is no case for it") {
  std::mt19937_64 engine(20254);
  WhitenedPair pair;
  const auto takes = [&](const Spectra& s) {
    const Eigen::ArrayXd none = Eigen::ArrayXd::Zero(s.reference.size());
    return pair.compute({s.reference, none}, {s.tested, none}, {s.reference - s.tested, none},
                        {s.background, none}, 1.0);
  };
  const Spectra s = random_spectra(engine, 18);
  CHECK(takes(s));
  CHECK_FALSE(takes(random_spectra(engine, 2)));
  CHECK_FALSE(takes({s.reference, s.tested, 3.0 * s.tested}));
  CHECK_FALSE(takes({s.reference, s.tested, 0.0 * s.background}));
  CHECK_FALSE(takes({s.reference, 0.0 * s.tested, s.background}));
  for (const double bad : {0.0, infinity, std::numeric_limits<double>::quiet_NaN()}) {
    Spectra other = s;
    other.reference[7] = bad;
    other.tested[7] = bad;
    other.background[7] = bad;
    INFO(bad);
    CHECK_FALSE(takes(other));
  }
}

TEST_CASE("no pulls give a smaller sum than the closed form") {
  std::mt19937_64 engine(20242);
  for (int trial = 0; trial < 6; ++trial) {
    const Spectra s = random_spectra(engine, 3 + 3 * trial);
    for (const auto& [flux_sigma, background_sigma] : uncertainties) {
      const double closed = s.curve(flux_sigma, background_sigma)(0.7);
      const Real found = minimum_by_search(s, 0.7L, flux_sigma, background_sigma);
      CHECK(closed == Approx(static_cast<double>(found)).epsilon(1e-10));
    }
  }
}

TEST_CASE("chi2 starts at zero, never decreases with exposure and is concave") {
  std::mt19937_64 engine(20243);
  for (int trial = 0; trial < 20; ++trial) {
    const ChiSquareCurve curve = random_spectra(engine, 1 + trial % 18).curve(0.005, 0.1);
    CHECK(curve(0.0) == 0.0);
    double last_t = 0.0, last = 0.0, last_slope = infinity;
    for (double t = 1e-4; t < 1e6; t *= 1.5) {
      const double value = curve(t);
      const double slope = (value - last) / (t - last_t);
      CHECK(value >= last);
      CHECK(slope <= last_slope * (1.0 + 1e-9));  // differences of chi2 lose digits
      CHECK(value <= curve.limit());
      last_t = t;
      last = value;
      last_slope = slope;
    }
  }
}

TEST_CASE("fixed pulls leave the plain sum") {
  std::mt19937_64 engine(20244);
  const Spectra s = random_spectra(engine, 18);
  const double plain = ((s.reference - s.tested).square() / (s.reference + s.background)).sum();
  const ChiSquareCurve curve = s.curve(0.0, 0.0);
  for (const double t : {0.01, 1.0, 100.0})
    CHECK(curve(t) == Approx(t * plain).epsilon(1e-13));
  CHECK(curve.limit() == infinity);
  CHECK(curve.reach(25.0) == Approx(25.0 / plain).epsilon(1e-12));
}

TEST_CASE("one fixed pull leaves the other alone to be minimised") {
  std::mt19937_64 engine(20245);
  const Spectra s = random_spectra(engine, 12);
  const double tiny = 1e-12;  // a prior that the data do not move
  CHECK(s.curve(0.01, 0.0)(2.0) ==
        Approx(static_cast<double>(minimum_by_normal_equations(s, 2.0, 0.01, tiny))).epsilon(1e-9));
  CHECK(s.curve(0.0, 0.1)(2.0) ==
        Approx(static_cast<double>(minimum_by_normal_equations(s, 2.0, tiny, 0.1))).epsilon(1e-9));
}

TEST_CASE("free pulls leave the distance from their span") {
  std::mt19937_64 engine(20246);
  for (int trial = 0; trial < 10; ++trial) {
    const Spectra s = random_spectra(engine, 3 + trial);
    // At sigma = 1e7 the priors weigh 1e-14, against 1e2 and more in the data.
    const ChiSquareCurve curve = s.curve(1e7, 1e7);
    const Real expected = minimum_by_normal_equations(s, 1.0L, 1e12L, 1e12L);
    CHECK(curve.slope == Approx(static_cast<double>(expected)).epsilon(1e-9));
    CHECK(curve(1.0) == Approx(static_cast<double>(expected)).epsilon(1e-8));
  }
}

TEST_CASE("the normalisations of two spectra that differ by a factor are told apart in part") {
  // M = 0.95 LO, no background: chi2 = t d^2/v reduced by the one pull, by hand.
  const Eigen::ArrayXd lo = (Eigen::ArrayXd(3) << 1000.0, 500.0, 100.0).finished();
  const Spectra s{lo, 0.95 * lo, Eigen::ArrayXd::Zero(3)};
  const double sigma = 0.01;
  const double mm = 0.95 * 0.95 * 1600.0, dd = 0.05 * 0.05 * 1600.0;
  const ChiSquareCurve curve = s.curve(sigma, 0.1);
  for (const double t : {0.1, 1.0, 10.0})
    CHECK(curve(t) == Approx(t * dd / (1.0 + t * mm * sigma * sigma)).epsilon(1e-12));
  // (0.05/0.95/0.01)^2 = 27.7: five standard deviations are in reach, six never.
  CHECK(curve.limit() == Approx(std::pow(0.05 / 0.95 / 0.01, 2)).epsilon(1e-12));
  CHECK(curve.reach(25.0) == Approx(25.0 / (dd - 25.0 * mm * sigma * sigma)).epsilon(1e-11));
  CHECK(curve.reach(36.0) == infinity);
}

TEST_CASE("uncertainties that cover the difference make a discovery impossible") {
  // One bin: limit = d^2/((M sigma_a)^2 + (B sigma_b)^2).
  const auto bin = [](double x) { return Eigen::ArrayXd::Constant(1, x).eval(); };
  const Spectra s{bin(1000.0), bin(940.0), bin(200.0)};
  const double variance = std::pow(940.0 * 0.01, 2) + std::pow(200.0 * 0.1, 2);
  const ChiSquareCurve curve = s.curve(0.01, 0.1);
  const double limit = 60.0 * 60.0 / variance;
  CHECK(curve.limit() == Approx(limit).epsilon(1e-13));
  CHECK(curve(1e15) == Approx(limit).epsilon(1e-10));

  CHECK(curve.reach(25.0) == infinity);
  CHECK(curve.reach(limit * (1.0 + 1e-10)) == infinity);
  // Just below the limit: t = c v/(d^2 (1 - c/limit)) with v = 1200.
  for (const double below : {1e-2, 1e-4, 1e-6}) {
    const double threshold = limit * (1.0 - below);
    const double expected = threshold * 1200.0 / (3600.0 * below);
    // The distance from the limit carries its rounding error: 1e-15/below.
    CHECK(curve.reach(threshold) == Approx(expected).epsilon(1e-11 + 1e-14 / below));
  }
}

TEST_CASE("the reach inverts the curve") {
  std::mt19937_64 engine(20247);
  int finite = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const ChiSquareCurve curve = random_spectra(engine, 1 + trial % 20).curve(0.005, 0.1);
    for (const double threshold : {1e-6, 1.0, 9.0, 25.0, 1e4}) {
      const double reach = curve.reach(threshold);
      INFO("trial " << trial << ", threshold " << threshold);
      if (curve.limit() <= threshold) {
        CHECK(reach == infinity);
        continue;
      }
      ++finite;
      CHECK(curve(reach) == Approx(threshold).epsilon(1e-12));
    }
  }
  CHECK(finite > 200);
}

TEST_CASE("identical hypotheses are never told apart") {
  std::mt19937_64 engine(20248);
  Spectra s = random_spectra(engine, 18);
  s.tested = s.reference;
  const ChiSquareCurve curve = s.curve(0.005, 0.1);
  CHECK(curve(1e6) == 0.0);
  CHECK(curve.limit() == 0.0);
  CHECK(curve.reach(25.0) == infinity);
  CHECK(s.curve(0.0, 0.0).reach(25.0) == infinity);
}

TEST_CASE("without background its pull does nothing") {
  std::mt19937_64 engine(20249);
  Spectra s = random_spectra(engine, 9);
  s.background.setZero();
  const double expected = static_cast<double>(minimum_by_normal_equations(s, 3.0L, 0.005L, 0.1L));
  for (const double background_sigma : {0.0, 0.1, 1e6})
    CHECK(s.curve(0.005, background_sigma)(3.0) == Approx(expected).epsilon(1e-12));
}

TEST_CASE("a background in proportion to the signal is handled as well as any other") {
  std::mt19937_64 engine(20250);
  for (const Eigen::Index bins : {1, 2, 18}) {
    Spectra s = random_spectra(engine, bins);
    s.background = 3.0 * s.tested;
    const ChiSquareCurve curve = s.curve(0.005, 0.1);
    for (const double t : {0.01, 1.0, 50.0}) {
      INFO(bins << " bins, t " << t);
      CHECK(curve(t) == Approx(static_cast<double>(minimum_by_normal_equations(s, t, 0.005L, 0.1L)))
                            .epsilon(1e-11));
    }
  }
}

TEST_CASE("pulls in proportion that cover the difference leave a finite limit") {
  // M = 0.97 LO and B = 3 M: limit = 0.03^2/((0.97 sigma_a)^2 + (2.91 sigma_b)^2).
  std::mt19937_64 engine(20251);
  for (const Eigen::Index bins : {2, 5, 18, 90}) {
    Spectra s = random_spectra(engine, bins);
    s.tested = 0.97 * s.reference;
    s.background = 3.0 * s.tested;
    const ChiSquareCurve curve = s.curve(0.005, 0.1);
    const double limit = 0.03 * 0.03 / (std::pow(0.97 * 0.005, 2) + std::pow(2.91 * 0.1, 2));
    INFO(bins << " bins");
    CHECK(curve.limit() == Approx(limit).epsilon(1e-9));
    CHECK(curve.reach(25.0) == infinity);
    CHECK(curve.reach(2.0 * limit) == infinity);
  }
}

TEST_CASE("empty bins count for nothing") {
  std::mt19937_64 engine(20252);
  const Spectra s = random_spectra(engine, 6);
  Spectra padded{Eigen::ArrayXd::Zero(8), Eigen::ArrayXd::Zero(8), Eigen::ArrayXd::Zero(8)};
  for (Eigen::Index i = 0; i < 6; ++i) {
    const Eigen::Index at = i < 3 ? i : i + 1;  // empty: 3 and 7
    padded.reference[at] = s.reference[i];
    padded.tested[at] = s.tested[i];
    padded.background[at] = s.background[i];
  }
  CHECK(padded.curve(0.01, 0.1)(2.0) == Approx(s.curve(0.01, 0.1)(2.0)).epsilon(1e-13));

  const Eigen::ArrayXd nothing = Eigen::ArrayXd::Zero(4);
  CHECK(Spectra{nothing, nothing, nothing}.curve(0.01, 0.1).reach(25.0) == infinity);
}

TEST_CASE("a bin without variance but with events is a numerical error") {
  const Eigen::ArrayXd counts = (Eigen::ArrayXd(3) << 100.0, 0.0, 50.0).finished();
  Eigen::ArrayXd tested = counts;
  tested[1] = 1.0;
  CHECK_THROWS_AS(compare_with_reference(counts, tested, Eigen::ArrayXd::Zero(3)), NumericalError);
  CHECK_NOTHROW(compare_with_reference(counts, counts, Eigen::ArrayXd::Zero(3)));

  Eigen::ArrayXd variance = counts;
  variance[0] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(compare(counts, variance, counts.matrix()), NumericalError);
}

TEST_CASE("pulls that decouple saturate one by one") {
  const Eigen::ArrayXd difference = (Eigen::ArrayXd(3) << 3.0, -2.0, 1.0).finished();
  const Eigen::ArrayXd variance = (Eigen::ArrayXd(3) << 9.0, 4.0, 1.0).finished();
  // Weighted: r = (1, -1, 1); pulls along the axes decouple.
  const Eigen::MatrixXd pulls = variance.sqrt().matrix().asDiagonal();
  const Eigen::Vector3d sigmas(0.5, 2.0, 0.0);
  const ChiSquareCurve curve = compare(difference, variance, pulls).curve(sigmas);
  for (const double t : {0.1, 1.0, 7.0})
    CHECK(curve(t) == Approx(t / (1.0 + 0.25 * t) + t / (1.0 + 4.0 * t) + t).epsilon(1e-13));
}

namespace {

// What a comparison takes, with any number of pulls.
struct Comparison {
  Eigen::ArrayXd difference;
  Eigen::ArrayXd variance;
  Eigen::MatrixXd pulls;
  Eigen::VectorXd sigmas;

  ChiSquareCurve curve() const { return compare(difference, variance, pulls).curve(sigmas); }

  // d^T C^-1 d, C = diag(v)/t + sum_k sigma_k^2 p_k p_k^T.
  Real by_covariance(Real t) const {
    RealMatrix covariance = (variance.cast<Real>() / t).matrix().asDiagonal();
    const RealMatrix scaled = pulls.cast<Real>() * sigmas.cast<Real>().asDiagonal();
    covariance += scaled * scaled.transpose();
    const RealVector d = difference.cast<Real>();
    return d.dot(covariance.ldlt().solve(d));
  }
};

// Spectra with a signal, a background and a theory column, the last a smooth share of the signal.
Comparison with_theory(std::mt19937_64& engine, Eigen::Index bins, double theory_sigma) {
  const Spectra s = random_spectra(engine, bins);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Comparison c{s.reference - s.tested, s.reference + s.background, Eigen::MatrixXd(bins, 3),
               Eigen::Vector3d(0.005, 0.1, theory_sigma)};
  c.pulls << s.tested.matrix(), s.background.matrix(), Eigen::VectorXd::Zero(bins);
  const double rise = unit(engine);
  for (Eigen::Index i = 0; i < bins; ++i)
    c.pulls(i, 2) =
        0.004 * s.tested[i] * (1.0 + rise * static_cast<double>(i) / static_cast<double>(bins));
  return c;
}

}  // namespace

TEST_CASE("three pulls minimised are the inverse of their covariance") {
  std::mt19937_64 engine(20253);
  for (int trial = 0; trial < 40; ++trial)
    for (const double theory_sigma : {0.05, 0.7, 5.0}) {
      const Comparison c = with_theory(engine, 2 + trial % 20, theory_sigma);
      for (const double t : {1e-3, 0.1, 1.0, 30.0}) {
        CAPTURE(trial, theory_sigma, t);
        CHECK(c.curve()(t) == Approx(static_cast<double>(c.by_covariance(t))).epsilon(1e-10));
      }
    }
}

namespace {

// chi2 of the pulls that solve the normal equations, which are as well conditioned in the pulls
// themselves, however far apart their widths are. Pulls of no width are left out.
Real by_normal_equations(const Comparison& c, Real t) {
  std::vector<Eigen::Index> free;
  for (Eigen::Index k = 0; k < c.sigmas.size(); ++k)
    if (c.sigmas[k] > 0.0)
      free.push_back(k);
  const RealMatrix pulls = c.pulls(Eigen::seqN(0, c.pulls.rows()), free).cast<Real>();
  const RealVector sigmas = c.sigmas(free).cast<Real>();
  const RealVector weight = t / c.variance.cast<Real>();
  const RealVector difference = c.difference.cast<Real>();
  RealMatrix matrix = pulls.transpose() * weight.asDiagonal() * pulls;
  matrix.diagonal() += sigmas.cwiseAbs2().cwiseInverse();
  const RealVector x = matrix.ldlt().solve(pulls.transpose() * weight.cwiseProduct(difference));
  const RealVector residual = difference - pulls * x;
  return residual.cwiseAbs2().dot(weight) + x.cwiseQuotient(sigmas).squaredNorm();
}

}  // namespace

TEST_CASE("widths however far apart leave chi2 as exact as others") {
  std::mt19937_64 engine(20256);
  const std::vector<Eigen::Vector3d> all = {
      {0.005, 0.1, 0.2}, {1e12, 0.1, 0.2},   {1e15, 10.0, 0.0},  {0.005, 1e14, 1e-3},
      {1e12, 1e12, 0.2}, {1e30, 1e-3, 1e12}, {1e-6, 1e40, 1e20}, {1e60, 1e60, 1e60},
  };
  for (int trial = 0; trial < 12; ++trial)
    for (const Eigen::Vector3d& sigmas : all) {
      Comparison c = with_theory(engine, 4 + trial, 0.0);
      c.sigmas = sigmas;
      for (const double t : {1e-2, 1.0, 30.0}) {
        CAPTURE(trial, sigmas.transpose(), t);
        CHECK(c.curve()(t) == Approx(static_cast<double>(by_normal_equations(c, t))).epsilon(1e-9));
      }
      // Two pulls that do the same are one of the root of the sum of squared widths.
      Comparison twice = c;
      twice.pulls.conservativeResize(Eigen::NoChange, 4);
      twice.pulls.col(3) = c.pulls.col(1);
      twice.sigmas = Eigen::Vector4d(sigmas[0], 3.0 * sigmas[1], sigmas[2], 4.0 * sigmas[1]);
      c.sigmas[1] *= 5.0;
      CHECK(twice.curve()(1.0) == Approx(c.curve()(1.0)).epsilon(1e-9));
    }
}

TEST_CASE("widths of which nothing is known after the fact are refused") {
  std::mt19937_64 engine(20257);
  Comparison c = with_theory(engine, 6, 0.2);
  for (const double sigma : {1e150, 1e306, infinity}) {
    c.sigmas[0] = sigma;
    CHECK_THROWS_AS(c.curve(), NumericalError);
  }
}

TEST_CASE("a further pull never makes chi2 larger, and one that is fixed changes nothing") {
  std::mt19937_64 engine(20254);
  for (int trial = 0; trial < 20; ++trial) {
    Comparison c = with_theory(engine, 3 + trial, 0.0);
    const ChiSquareCurve two =
        compare(c.difference, c.variance, c.pulls.leftCols(2)).curve(c.sigmas.head(2));
    for (const double t : {1e-3, 1.0, 1e3}) {
      double last = two(t);
      CHECK(c.curve()(t) == Approx(last).epsilon(1e-12));
      for (const double sigma : {0.01, 0.1, 1.0, 10.0}) {
        c.sigmas[2] = sigma;
        CHECK(c.curve()(t) <= last * (1.0 + 1e-12));
        last = c.curve()(t);
      }
      c.sigmas[2] = 0.0;
    }
  }
}

TEST_CASE("a pull without prior projects its column out") {
  std::mt19937_64 engine(20255);
  for (int trial = 0; trial < 10; ++trial) {
    Comparison c = with_theory(engine, 4 + trial, 1e7);
    for (const double t : {0.01, 1.0, 30.0}) {
      Comparison without = c;
      without.sigmas[2] = 0.0;
      // chi2 with the column's best coefficient x, from d chi2/dx = 0 at fixed covariance.
      RealMatrix covariance = (c.variance.cast<Real>() / Real(t)).matrix().asDiagonal();
      const RealMatrix scaled = (c.pulls * without.sigmas.asDiagonal()).cast<Real>();
      covariance += scaled * scaled.transpose();
      const RealVector column = c.pulls.col(2).cast<Real>();
      const RealVector solved = covariance.ldlt().solve(column);
      const Real x = solved.dot(c.difference.matrix().cast<Real>()) / solved.dot(column);
      without.difference -= static_cast<double>(x) * c.pulls.col(2).array();
      CHECK(c.curve()(t) == Approx(static_cast<double>(without.by_covariance(t))).epsilon(1e-8));
    }
  }
}

TEST_CASE("the theory is one pull for all bins, not one for each") {
  // d = c p: one pull covers it, up to c^2/sigma^2 for long times, whatever the number of bins.
  std::mt19937_64 engine(20256);
  for (const Eigen::Index bins : {1, 4, 18}) {
    Comparison c = with_theory(engine, bins, 0.7);
    c.sigmas.head(2).setZero();
    c.difference = 2.1 * c.pulls.col(2).array();
    CHECK(c.curve().limit() == Approx(9.0).epsilon(1e-9));
    // Another shape of the same size is covered only in part.
    if (bins > 1) {
      c.difference[0] *= -1.0;
      CHECK(c.curve().limit() == infinity);
    }
  }
}

namespace {

Eigen::ArrayXd moved(const Eigen::ArrayXd& value, const Eigen::ArrayXd& error,
                     std::mt19937_64& engine, bool to_the_end) {
  std::uniform_real_distribution<double> share(-1.0, 1.0);
  Eigen::ArrayXd result = value;
  for (Eigen::Index i = 0; i < value.size(); ++i) {
    const double x = share(engine);
    result[i] += error[i] * (to_the_end ? std::copysign(1.0, x) : x);
  }
  return result;
}

// `c` with bounds on the errors of what is compared.
Whitened with_errors(const Comparison& c, const Comparison& errors) {
  auto comparison = exact(c.difference, c.variance, c.pulls, c.sigmas);
  comparison.difference.error = errors.difference;
  comparison.reference.error = errors.variance;
  comparison.pulls.error = errors.pulls;
  return Whitened(comparison);
}

}  // namespace

TEST_CASE("errors within their bounds move chi2 and the reach by no more than theirs") {
  std::mt19937_64 engine(20257);
  std::vector<double> looseness, reach_looseness;
  for (int trial = 0; trial < 30; ++trial) {
    const Comparison c = with_theory(engine, 2 + trial % 18, trial % 3 == 0 ? 0.0 : 0.7);
    const double relative = trial % 2 == 0 ? 1e-6 : 1e-8;
    const Comparison errors{relative * c.difference.abs(), relative * c.variance,
                            relative * c.pulls.cwiseAbs(), c.sigmas};
    const ChiSquareCurve curve = with_errors(c, errors).curve(c.sigmas);
    // Second order: relative errors, times the stretch of the pulls, squared.
    const double beyond = 1.0 + 1e3 * relative;
    const double threshold = std::min(0.5 * curve.limit(), 25.0);
    const double reach = curve.reach(threshold);
    for (const double t : {0.01 * reach, reach, 10.0 * reach}) {
      double largest = 0.0, largest_reach = 0.0;
      for (int draw = 0; draw < 200; ++draw) {
        Comparison other{moved(c.difference, errors.difference, engine, draw % 2 == 0),
                         moved(c.variance, errors.variance, engine, draw % 2 == 0), c.pulls,
                         c.sigmas};
        for (Eigen::Index k = 0; k < c.pulls.cols(); ++k)
          other.pulls.col(k) =
              moved(c.pulls.col(k), errors.pulls.col(k), engine, draw % 4 < 2).matrix();
        const ChiSquareCurve shifted = other.curve();
        largest = std::max(largest, std::abs(shifted(t) - curve(t)));
        if (t == reach)
          largest_reach = std::max(largest_reach, std::abs(shifted.reach(threshold) - reach));
      }
      CAPTURE(trial, t, relative);
      CHECK(largest <= curve.error(t) * beyond + 1e-13 * curve(t));
      looseness.push_back(curve.error(t) / largest);
      if (t == reach) {
        CHECK(largest_reach <= curve.reach_error(reach) * beyond);
        reach_looseness.push_back(curve.reach_error(reach) / largest_reach);
      }
    }
  }
  for (const auto* ratios : {&looseness, &reach_looseness}) {
    const auto [median, largest] = nuloop::statistics::spread_of(*ratios);
    CHECK(median < 10.0);
    CHECK(largest < 100.0);
  }
}

TEST_CASE("each kind of error alone is bounded by its own term") {
  std::mt19937_64 engine(20258);
  for (int trial = 0; trial < 10; ++trial) {
    const Comparison c = with_theory(engine, 6, 0.7);
    const double relative = 1e-6, t = 0.5;
    const Comparison none{Eigen::ArrayXd::Zero(6), Eigen::ArrayXd::Zero(6),
                          Eigen::MatrixXd::Zero(6, 3), c.sigmas};
    // The variance: chi2 is homogeneous in difference^2/v when nothing pulls.
    Comparison fixed = c;
    fixed.sigmas.setZero();
    Comparison errors = none;
    errors.variance = relative * c.variance;
    const ChiSquareCurve plain = with_errors(c, errors).curve(fixed.sigmas);
    CHECK(plain.error(t) == Approx(relative * plain(t)).epsilon(1e-6));
    // The difference, by a common factor: chi2 changes by twice the factor and the bound is equal.
    errors = none;
    errors.difference = relative * c.difference.abs();
    const ChiSquareCurve scaled = with_errors(c, errors).curve(fixed.sigmas);
    CHECK(scaled.error(t) == Approx(2.0 * relative * scaled(t)).epsilon(1e-6));
    // Each pull's column alone, in the direction that helps or hurts most: against finite
    // differences.
    for (Eigen::Index k = 0; k < 3; ++k) {
      errors = none;
      errors.pulls.col(k) = relative * c.pulls.col(k).cwiseAbs();
      const ChiSquareCurve curve = with_errors(c, errors).curve(c.sigmas);
      for (Eigen::Index i = 0; i < 6; ++i)
        for (const double sign : {-1.0, 1.0}) {
          Comparison other = c;
          other.pulls(i, k) += sign * errors.pulls(i, k);
          CHECK(std::abs(other.curve()(t) - curve(t)) <= curve.error(t) * (1.0 + 1e-3));
        }
    }
  }
}

TEST_CASE("without errors what is left is rounding") {
  std::mt19937_64 engine(20259);
  const Comparison c = with_theory(engine, 18, 0.7);
  const ChiSquareCurve curve = c.curve();
  CHECK(curve.error(1.0) > 0.0);
  CHECK(curve.error(1.0) < 1e-11 * curve(1.0));
  CHECK(curve.error(0.0) == 0.0);
  CHECK(curve.reach_error(infinity) == infinity);
}

TEST_CASE("residual, response and pulls at the minimum are those of the normal equations") {
  std::mt19937_64 engine(20260);
  for (int trial = 0; trial < 20; ++trial) {
    const Comparison c = with_theory(engine, 3 + trial, 0.7);
    const Whitened whitened = compare(c.difference, c.variance, c.pulls);
    const RealMatrix p = c.pulls.cast<Real>();
    const RealVector d = c.difference.matrix().cast<Real>();
    const RealVector weight = c.variance.matrix().cast<Real>().cwiseInverse();
    for (const double t : {1e-3, 1.0, 30.0}) {
      CAPTURE(trial, t);
      const auto at = whitened.minimum(whitened.modes(c.sigmas), t);
      RealMatrix normal = Real(t) * p.transpose() * weight.asDiagonal() * p;
      normal.diagonal() += c.sigmas.cast<Real>().cwiseAbs2().cwiseInverse();
      const RealVector x =
          normal.ldlt().solve(Real(t) * (p.transpose() * weight.cwiseProduct(d)).eval());
      const RealVector left = d - p * x;
      const auto close = [](const Eigen::VectorXd& found, const RealVector& expected, Real scale) {
        CHECK((found.cast<Real>() - expected).norm() <= 1e-10L * scale);
      };
      CHECK(at.chi2 == Approx(static_cast<double>(c.by_covariance(t))).epsilon(1e-10));
      close(c.sigmas.cwiseProduct(at.shifts), x, x.norm());
      close(at.residual, left.cwiseProduct(weight.cwiseSqrt()),
            d.cwiseProduct(weight.cwiseSqrt()).norm());
      // What is left is the less the more the data know: sums over bins cancel.
      close(at.response, p.transpose() * weight.cwiseProduct(left),
            (p.cwiseAbs().transpose() * weight.cwiseProduct(d.cwiseAbs())).norm());
    }
  }
}

TEST_CASE("turned pulls are independent of each other and do what the given ones do") {
  std::mt19937_64 engine(20261);
  for (int trial = 0; trial < 20; ++trial) {
    Comparison c = with_theory(engine, 4 + trial, 0.7);
    if (trial % 2 == 1)
      c.pulls.col(2) = 3.0 * c.pulls.col(0);  // two of the three are one
    const auto turned = compare(c.difference, c.variance, c.pulls).turned(c.pulls, c.sigmas);
    REQUIRE(turned.columns.cols() == (trial % 2 == 1 ? 2 : 3));
    REQUIRE(turned.to_pulls.cols() == turned.columns.cols());
    CHECK(turned.columns.isApprox(c.pulls * turned.to_pulls, 1e-12));
    const Eigen::MatrixXd priors =
        c.sigmas.cwiseInverse().asDiagonal() * turned.to_pulls;  // one of width 1 for each
    CHECK((priors.transpose() * priors).isIdentity(1e-12));
    const Eigen::MatrixXd weighted = c.variance.rsqrt().matrix().asDiagonal() * turned.columns;
    const Eigen::MatrixXd overlaps = weighted.transpose() * weighted;
    const Eigen::MatrixXd diagonal = overlaps.diagonal().asDiagonal();
    CHECK((overlaps - diagonal).norm() <= 1e-12 * overlaps.norm());
  }
}

TEST_CASE("a comparison after a time has its counts, and its errors, in proportion") {
  std::mt19937_64 engine(20262);
  const Comparison c = with_theory(engine, 6, 0.7);
  auto comparison = exact(c.difference, c.variance, c.pulls, c.sigmas);
  comparison.difference.error = 1e-6 * c.difference.abs();
  comparison.reference.error = 1e-6 * c.variance;
  comparison.pulls.error = 1e-6 * c.pulls.cwiseAbs();
  const ChiSquareCurve curve = Whitened(comparison).curve(c.sigmas);
  const ChiSquareCurve after = Whitened(comparison.after(4.0)).curve(comparison.widths());
  for (const double t : {0.1, 1.0, 25.0}) {
    CHECK(after(t) == Approx(curve(4.0 * t)).epsilon(1e-12));
    CHECK(after.error(t) == Approx(curve.error(4.0 * t)).epsilon(1e-9));
  }
  // The sum of two equal ones is one of twice the counts; its widths are of twice the variance.
  const auto sum = comparison + comparison;
  CHECK((sum.pulls.value.array() == 2.0 * c.pulls.array()).all());
  CHECK((sum.reference.error == 2.0 * comparison.reference.error).all());
  CHECK(((sum - 2.0 * comparison).difference.value == 0.0).all());
  CHECK(((sum - 2.0 * comparison).difference.error == 4.0 * comparison.difference.error).all());
}
