// The pull on the angle of LO: its column, chi2 with it, and the exact minimum beside it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/analysis/measurement.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/prediction/curves.hpp"
#include "nuloop/setup/job.hpp"
#include "unit/study_fixture.hpp"

#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <Eigen/Dense>

namespace {

using namespace nuloop;
using Catch::Contains;
using setup::Scenario;
using Real = long double;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using test::Changes;

const std::string width = "lo.sin2_theta_w_uncertainty";

setup::Job job(const std::vector<std::string>& assignments) {
  io::Node root = io::parse_toml(
      io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "fig7.toml"));
  for (const std::string& assignment : assignments)
    io::set_value(root, assignment);
  return analysis::read_job(root, test::world());
}

// LO fitted to five years of NLO counts at a flux uncertainty of 0.5 %.
Scenario point(const Changes& changes = {}) {
  return test::fig7_point(
      {{"experiment", "tao-30m"}, {"model", "lo"}, {"reference", "nlo"}, {"exposure", 5.0}},
      changes);
}

prediction::RateCalculator& calculator_for(const Scenario& scenario) {
  static prediction::RateCalculator calculator(test::world());
  calculator.prepare(scenario);
  return calculator;
}

prediction::Rates rates(const Scenario& scenario) {
  return calculator_for(scenario).rates(scenario);
}

double chi2(const Scenario& scenario) {
  return prediction::chi_square_curve(rates(scenario), scenario)(scenario.time.exposure_yr);
}

statistics::ParameterFit measured(double prior) {
  const Scenario s = prior > 0.0 ? point({{"model", "free-sin2-theta-w"}, {width, prior}})
                                 : point({{"model", "free-sin2-theta-w"}});
  return analysis::measure(s, calculator_for(s));
}

RealVector per_year(const experiment::Spectrum& spectrum) {
  return 365.25L * spectrum.value.matrix().cast<Real>();
}

}  // namespace

TEST_CASE("there is no pull on the angle unless a scenario asks for one") {
  CHECK(prediction::pulls_of(point()).size() == 2);
  CHECK(prediction::pulls_of(point({{width, 0.0}})).size() == 2);
  CHECK(chi2(point({{width, 0.0}})) == chi2(point()));
  const auto pulls = prediction::pulls_of(point({{width, 1e-3}}));
  REQUIRE(pulls.size() == 3);
  CHECK(pulls[2].source == prediction::Pull::Source::angle);
}

TEST_CASE(
    "the pull's column is the slope of the counts in the angle, for every model that has it") {
  // Counts are quadratic in the angle, and a central difference is exact at any step.
  const double h = 0.05;
  for (const auto& [model, more] : std::vector<std::pair<std::string, Changes>>{
           {"lo", {}},
           {"lo+cr", {}},
           {"lo+cr", {{"charge_radius.alpha", "running"}}},
           {"lo+cr-shift", {}},
           {"free-charge-radius", {{"free.charge_radius", 5e-32}}}}) {
    const auto at = [&, m = model, changes = more](double angle) {
      Changes all = changes;
      all.insert({{"model", m}, {width, 1e-3}, {"lo.sin2_theta_w", angle}});
      return rates(point(all));
    };
    const Eigen::ArrayXd slope =
        (at(0.2334 + h).tested.value - at(0.2334 - h).tested.value) / (2.0 * h);
    const prediction::Rates here = at(0.2334);
    REQUIRE(here.systematic.angle.has_value());
    CAPTURE(model);
    CHECK(((here.systematic.angle->value - slope).abs() <= 1e-12 * slope.abs()).all());
    CHECK((slope > 2.0 * here.tested.value).all());  // d ln rate/ds2 is more than 2
  }
  for (const char* model : {"nlo", "free-couplings"})
    CHECK((rates(point({{"model", model}, {width, 1e-3}, {"free.c_l", 0.7}, {"free.c_r", 0.2}}))
               .systematic.angle->value == 0.0)
              .all());
}

TEST_CASE("with the pull chi2 is that of a covariance matrix") {
  for (const double sigma : {1e-4, 1e-3, 0.1}) {
    const Scenario s = point({{width, sigma}});
    const prediction::Rates r = rates(s);
    RealMatrix covariance = ((per_year(r.reference) + per_year(r.background)) / 5.0L).asDiagonal();
    for (const auto& [column, size] : std::vector<std::pair<RealVector, Real>>{
             {per_year(r.tested), 0.005L},
             {per_year(r.background), 0.10L},
             {per_year(*r.systematic.angle), static_cast<Real>(sigma)}})
      covariance += size * size * column * column.transpose();
    const RealVector d = per_year(r.reference) - per_year(r.tested);
    CHECK(chi2(s) == Approx(static_cast<double>(d.dot(covariance.ldlt().solve(d)))).epsilon(1e-10));
  }
}

TEST_CASE("a joint fit has one angle for all members") {
  const std::string joint = "tao-30m+cloud-25mwe";
  const auto of = [](const std::string& experiment) {
    return chi2(point({{"experiment", experiment}, {width, 1e-3}}));
  };
  const double both = of(joint), tao = of("tao-30m"), cloud = of("cloud-25mwe");
  CHECK(both > std::max(tao, cloud));
  CHECK(prediction::pulls_of(point({{"experiment", joint}, {width, 1e-3}})).size() == 5);
}

TEST_CASE("a prior on the measured angle pulls the best fit, and a wide one does nothing") {
  const statistics::ParameterFit free = measured(0.0), wide = measured(1e4);
  CHECK(wide.chi2.value == Approx(free.chi2.value).epsilon(1e-10));
  CHECK(free.best_fit.value == Approx(0.22766).margin(5e-6));
  double last = 0.0;
  for (const double sigma : {1e-2, 1e-3, 5e-4, 2e-4, 1e-4, 1e-5}) {
    const statistics::ParameterFit fit = measured(sigma);
    CHECK(fit.chi2.value > last);
    last = fit.chi2.value;
    // chi2 falls as steeply there as the prior rises.
    const double h = 1e-5, from = fit.best_fit.value;
    const auto without = [&](double angle) { return chi2(point({{"lo.sin2_theta_w", angle}})); };
    const double slope = (without(from + h) - without(from - h)) / (2.0 * h);
    CHECK(-slope == Approx(2.0 * (from - 0.2334) / (sigma * sigma)).epsilon(1e-4));
    CHECK(fit.chi2.value ==
          Approx(without(from) + std::pow((from - 0.2334) / sigma, 2)).epsilon(1e-10));
  }
  CHECK(last == Approx(chi2(point())).epsilon(1e-4));
}

TEST_CASE("reach minimises over the angle exactly, as a measurement with that prior does") {
  for (const double sigma : {1e-5, 1e-4, 1e-3, 1e-2, 1e4}) {
    const Scenario s = point({{width, sigma}});
    const statistics::ProfiledCurve curve = prediction::angle_curve(calculator_for(s), s);
    const statistics::ParameterFit fit = measured(sigma);
    CAPTURE(sigma);
    CHECK(curve(s.time.exposure_yr) == Approx(fit.chi2.value).epsilon(1e-10));
    CHECK(s.theory.sin2_theta_w + curve.best(s.time.exposure_yr) ==
          Approx(fit.best_fit.value).margin(2.0 * fit.best_fit.error + 1e-7));
    const double time_yr = prediction::discovery_time_yr(calculator_for(s), s);
    if (sigma < 1e-2) {
      CHECK(curve(time_yr) == Approx(25.0).epsilon(1e-10));
      CHECK(time_yr > prediction::discovery_time_yr(rates(point()), point()));
    }
  }
  // The reference keeps its angle where it is a tree level too.
  const Scenario both = point({{"reference", "lo"}, {"model", "lo+cr"}, {width, 1e-3}});
  const statistics::ProfiledCurve curve = prediction::angle_curve(calculator_for(both), both);
  Scenario moved = point({{"reference", "lo"}, {"model", "lo+cr"}});
  moved.theory.angle_shift = curve.best(both.time.exposure_yr);
  CHECK(moved.theory.angle_shift != 0.0);
  CHECK(rates(moved).reference.value.isApprox(rates(both).reference.value, 1e-15));
  CHECK(curve(both.time.exposure_yr) ==
        Approx(chi2(moved) + std::pow(moved.theory.angle_shift / 1e-3, 2)).epsilon(1e-12));
}

TEST_CASE("with a free angle LO fits NLO counts as well as in another program") {
  // Printed with two digits by the program of tests/data/reach_of_another_program.csv.
  for (const auto& [years, chi2, last_digit] :
       {std::tuple{1.0, 0.12, 0.01}, {5.0, 0.60, 0.01}, {20.0, 2.3, 0.1}, {100.0, 9.4, 0.1}}) {
    CAPTURE(years);
    const Scenario s = point({{"model", "free-sin2-theta-w"}, {"exposure", years}});
    const double found = analysis::measure(s, calculator_for(s)).chi2.value;
    CHECK(std::abs(found - chi2) < 0.01 * chi2 + 0.5 * last_digit);
  }
}

TEST_CASE("the linear pull is off the exact minimum by less than 1.5 % of chi2") {
  for (const double sigma : {1e-5, 1e-4, 1e-3, 1e-2, 1e4}) {
    const double exact = measured(sigma).chi2.value, linear = chi2(point({{width, sigma}}));
    CAPTURE(sigma, exact, linear);
    CHECK(std::abs(linear - exact) < 0.015 * exact);
    if (sigma <= 1e-4)
      CHECK(std::abs(linear - exact) < 3e-4 * exact);
  }
}

TEST_CASE("what has no angle of LO refuses the pull") {
  const auto problem = [](const std::vector<std::string>& changes) {
    std::vector<std::string> all = {"settings.lo.sin2_theta_w_uncertainty=0.001"};
    all.insert(all.end(), changes.begin(), changes.end());
    try {
      job(all);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(problem({}), Contains("lo.sin2_theta_w_uncertainty") && Contains("\"nlo\" has none"));
  CHECK(problem({"axes.model=[\"lo+cr\"]"}).empty());
  CHECK_THAT(problem({"axes.model=[\"free-sin2-theta-w\"]", "settings.free.sin2_theta_w=0.24"}),
             Contains("has its own, free.sin2_theta_w"));
  // The tested one counts.
  CHECK_THAT(problem({"axes.model=[\"nlo\"]", "job.kind=\"toys\"", "settings.toys.count=5000"}),
             Contains("\"nlo\" has none"));
  CHECK(problem({"axes.model=[\"nlo\"]", "job.kind=\"toys\"", "settings.toys.count=5000",
                 "settings.toys.tested=\"reference\""})
            .empty());
}
