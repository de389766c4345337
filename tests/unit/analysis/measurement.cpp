// Expected measurements against closed forms, covariance matrices and direct scans of chi2.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/measurement.hpp"

#include "catch.hpp"
#include "nuloop/physics/couplings.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/setup/job.hpp"
#include "unit/study_fixture.hpp"

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>

namespace {

using namespace nuloop;
using setup::Scenario;
using Real = long double;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

const std::string radius = "free-charge-radius", mixing = "free-sin2-theta-w";

// A point of Fig. 7 at one year, and what a test changes.
Scenario point(const std::string& experiment, const std::string& model,
               const std::map<std::string, setup::Value>& changes = {}) {
  return test::fig7_point({{"experiment", experiment}, {"model", model}, {"exposure", 1.0}},
                          changes);
}

prediction::RateCalculator& calculator_for(const Scenario& scenario) {
  static prediction::RateCalculator calculator(test::world());
  calculator.prepare(scenario);
  return calculator;
}

statistics::ParameterFit measured(const Scenario& scenario) {
  return analysis::measure(scenario, calculator_for(scenario));
}

prediction::Rates rates_at(Scenario scenario, double value) {
  scenario.theory.free.charge_radius_cm2 = value;
  scenario.theory.free.sin2_theta_w = value;
  return calculator_for(scenario).rates(scenario);
}

RealVector per_year(const experiment::Spectrum& spectrum) {
  return 365.25L * spectrum.value.matrix().cast<Real>();
}

// C = diag(v)/t + sum_k sigma_k^2 p_k p_k^T, in counts per year: its inverse profiles the pulls.
RealMatrix covariance(const prediction::Rates& r, const Scenario& s) {
  const Real t = s.time.exposure_yr;
  RealMatrix c = ((per_year(r.reference) + per_year(r.background)) / t).asDiagonal();
  const auto pull = [&](const RealVector& p, Real sigma) {
    c += sigma * sigma * p * p.transpose();
  };
  pull(per_year(r.tested), s.uncertainties.flux);
  pull(per_year(r.background), s.uncertainties.background);
  return c;
}

Real chi2_by_covariance(const Scenario& s, double value) {
  const prediction::Rates r = rates_at(s, value);
  const RealVector d = per_year(r.reference) - per_year(r.tested);
  return d.dot(covariance(r, s).ldlt().solve(d));
}

double sm_radius_cm2() {
  return physics::charge_radius_cm2(physics::Flavour::electron);
}

}  // namespace

TEST_CASE("data of the fitted family give back their own parameter") {
  for (const std::string experiment : {"tao-30m", "cloud-300mwe"}) {
    // Each expectation to some 1e-15, of which a thousandth of the signal is a width or more.
    const auto no_radius = measured(point(experiment, radius));
    CHECK(std::abs(no_radius.best_fit.value) < 1e-11 * std::abs(sm_radius_cm2()));
    const auto with_radius = measured(point(experiment, radius, {{"reference", "lo+cr"}}));
    CHECK(with_radius.best_fit.value == Approx(sm_radius_cm2()).epsilon(1e-11));
    const auto s2 = measured(point(experiment, mixing, {{"lo.sin2_theta_w", 0.2386}}));
    CHECK(s2.best_fit.value == Approx(0.2386).epsilon(1e-11));
    for (const auto* fit : {&no_radius, &with_radius, &s2}) {
      CHECK(fit->chi2.value >= 0.0);
      CHECK(fit->chi2.value < 1e-18);
      CHECK(fit->best_fit.error > 0.0);
      for (std::size_t i = 0; i < fit->intervals.size(); ++i) {
        CHECK(fit->intervals[i].low.value < fit->best_fit.value);
        CHECK(fit->intervals[i].high.value > fit->best_fit.value);
        // The integrals are good to 1e-10 of the signal, a percent of which is a width.
        CHECK(fit->intervals[i].low.error <
              1e-7 * (fit->intervals[i].high.value - fit->intervals[i].low.value));
      }
    }
    CHECK(s2.other_minimum == std::numeric_limits<double>::infinity());
  }
}

TEST_CASE("a charge radius in a linear Gaussian fit has the width of its Fisher information") {
  // Without an uncertainty of the signal's rate the counts are linear in radius and pulls.
  const double q = statistics::delta_chi2(0.90);
  for (const std::string experiment : {"cloud-surface", "tao-30m"})
    for (const double background : {0.0, 0.001, 0.10})
      for (const double exposure : {0.01, 1.0, 50.0}) {
        CAPTURE(experiment, background, exposure);
        const Scenario s = point(experiment, radius,
                                 {{"flux_uncertainty", 0.0},
                                  {"background_uncertainty", background},
                                  {"exposure", exposure}});
        const double unit = 1e-32;
        const RealVector slope =
            (per_year(rates_at(s, unit).tested) - per_year(rates_at(s, -unit).tested)) / 2.0L;
        const Real information = slope.dot(covariance(rates_at(s, 0.0), s).ldlt().solve(slope));
        const double half = unit * std::sqrt(q / static_cast<double>(information));
        const auto fit = measured(s);
        // Differences of rates lose two digits, the covariance some more.
        CHECK(fit.intervals[1].high.value == Approx(half).epsilon(1e-9));
        CHECK(fit.intervals[1].low.value == Approx(-half).epsilon(1e-9));
      }
}

TEST_CASE("widths fall as the root of the exposure where statistics alone count") {
  const auto half = [](const std::string& model, double exposure) {
    const auto fit = measured(point(
        "tao-30m", model,
        {{"flux_uncertainty", 0.0}, {"background_uncertainty", 0.0}, {"exposure", exposure}}));
    return 0.5 * (fit.intervals[0].high.value - fit.intervals[0].low.value);
  };
  CHECK(half(radius, 0.5) / half(radius, 2.0) == Approx(2.0).epsilon(1e-9));
  // The rate is quadratic in s2: a parabola is what is left for small widths.
  CHECK(half(mixing, 1e3) / half(mixing, 4e3) == Approx(2.0).epsilon(1e-4));
}

TEST_CASE("in one bin the uncertainty of the flux bounds what any exposure can do") {
  const Scenario s = point("tao-30m", radius,
                           {{"window.bin_width", 9.0},
                            {"flux_uncertainty", 0.01},
                            {"background_uncertainty", 0.0},
                            {"exposure", 1e10}});
  // chi2 -> ((S0 - S)/(sigma S))^2 with S = S0 (1 + theta/theta0): S0/S = 1 -+ sigma sqrt(q).
  const Real none = per_year(rates_at(s, 0.0).tested)[0];
  const Real some = per_year(rates_at(s, 1e-32).tested)[0];
  const double theta0 = static_cast<double>(1e-32L * none / (some - none));
  const auto fit = measured(s);
  for (std::size_t i = 0; i < analysis::confidence_levels.size(); ++i) {
    const double pull = 0.01 * std::sqrt(statistics::delta_chi2(analysis::confidence_levels[i]));
    // At 1e10 years statistics still add 1e-8 of this.
    CHECK(fit.intervals[i].high.value == Approx(theta0 * (1.0 / (1.0 - pull) - 1.0)).epsilon(1e-6));
    CHECK(fit.intervals[i].low.value == Approx(theta0 * (1.0 / (1.0 + pull) - 1.0)).epsilon(1e-6));
  }
}

TEST_CASE(
    "intervals are where chi2 by covariance matrices passes the quantiles, and inside below") {
  for (const std::string reference : {"lo", "lo+cr", "nlo"})
    for (const auto& [experiment, exposure] :
         {std::pair<std::string, double>{"tao-30m", 0.05}, {"cloud-300mwe", 10.0}})
      for (const std::string& model : {radius, mixing}) {
        CAPTURE(reference, experiment, model);
        const Scenario s =
            point(experiment, model, {{"reference", reference}, {"exposure", exposure}});
        const auto fit = measured(s);
        const Real lowest = chi2_by_covariance(s, fit.best_fit.value);
        CHECK(std::abs(static_cast<double>(lowest) - fit.chi2.value) <
              1e-8 * (1.0 + fit.chi2.value));
        for (std::size_t i = 0; i < analysis::confidence_levels.size(); ++i) {
          const double low = fit.intervals[i].low.value, high = fit.intervals[i].high.value;
          const double q = statistics::delta_chi2(analysis::confidence_levels[i]);
          // The covariance matrix loses what the background is above the difference: 1e-8 is left.
          for (const double end : {low, high})
            CHECK(static_cast<double>(chi2_by_covariance(s, end) - lowest) ==
                  Approx(q).epsilon(1e-7));
          for (int n = 1; n < 50; ++n) {
            const Real inside = chi2_by_covariance(s, std::lerp(low, high, n / 50.0)) - lowest;
            CHECK(inside > -1e-9L);
            CHECK(inside < static_cast<Real>(q));
          }
        }
      }
}

TEST_CASE(
    "the complete one-loop data look like a smaller charge radius than the Standard Model's") {
  // NLO lies between LO and LO + CR, as in Fig. 4 of arXiv:2410.00107.
  for (const std::string experiment :
       {"cloud-surface", "cloud-25mwe", "cloud-300mwe", "tao-30m", "tao-44m"}) {
    CAPTURE(experiment);
    const auto fit = measured(point(experiment, radius, {{"reference", "nlo"}}));
    CHECK(fit.best_fit.value < 0.0);
    CHECK(fit.best_fit.value > sm_radius_cm2());
    CHECK(fit.chi2.value > 0.0);
  }
}

TEST_CASE("a flux that is hardly known leaves the charge radius open at the upper side") {
  // With any rate from minus itself to infinity chi2 tends to 1/sigma^2 = 1.56 for large radii,
  // between the quantiles of 68 and 90 %.
  const auto fit =
      measured(point("tao-30m", radius, {{"flux_uncertainty", 0.8}, {"window.bin_width", 9.0}}));
  CHECK(std::isfinite(fit.intervals[0].high.value));
  CHECK(fit.intervals[1].high.value == std::numeric_limits<double>::infinity());
  CHECK(fit.intervals[2].high.value == std::numeric_limits<double>::infinity());
}
