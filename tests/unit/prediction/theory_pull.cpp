// The theory's uncertainty as a pull: from a job's settings to chi2 and the discovery time.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/statistics/whitened.hpp"
#include "nuloop/sweep/study.hpp"
#include "unit/statistics/exact.hpp"
#include "unit/study_fixture.hpp"

#include <cmath>
#include <cstddef>
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

const std::vector<std::string> experiments = {"cloud-surface", "cloud-25mwe", "cloud-300mwe",
                                              "tao-30m", "tao-44m"};
const std::vector<std::string> theory_keys = {"theory.hadronic_3_gamma_uncertainty",
                                              "theory.hadronic_gamma_gamma_uncertainty"};

setup::Job fig7(const std::vector<std::string>& assignments) {
  io::Node root = io::parse_toml(
      io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "fig7.toml"));
  for (const std::string& assignment : assignments)
    io::set_value(root, assignment);
  return analysis::read_job(root, test::world());
}

// A point of Fig. 7 with flux 0.5 % and background 10 %, and what a test changes.
Scenario point(const std::string& experiment, const std::string& model,
               const std::map<std::string, double>& changes = {}) {
  setup::Settings settings = fig7({}).settings;
  const auto set = [&](const std::string& key, const setup::Value& value) {
    settings.at(setup::find_parameter(key).value()) = value;
  };
  set("experiment", experiment);
  set("model", model);
  set("flux_uncertainty", 0.005);
  set("background_uncertainty", 0.10);
  for (const auto& [key, value] : changes)
    set(key, value);
  return setup::make_scenario(settings, test::world());
}

prediction::Rates rates(const Scenario& scenario) {
  static prediction::RateCalculator calculator(test::world());
  calculator.prepare(scenario);
  return calculator.rates(scenario);
}

statistics::ChiSquareCurve curve(const Scenario& scenario) {
  return prediction::chi_square_curve(rates(scenario), scenario);
}

double time_yr(const Scenario& scenario) {
  return prediction::discovery_time_yr(curve(scenario), scenario);
}

RealVector per_year(const experiment::Spectrum& spectrum) {
  return 365.25L * spectrum.value.matrix().cast<Real>();
}

// d^T C^-1 d with C = diag(v)/t + sum_k sigma_k^2 p_k p_k^T, in counts per year.
Real by_covariance(const prediction::Rates& r,
                   const std::vector<std::pair<RealVector, Real>>& pulls, Real t) {
  RealMatrix covariance = ((per_year(r.reference) + per_year(r.background)) / t).asDiagonal();
  for (const auto& [pull, sigma] : pulls)
    covariance += sigma * sigma * pull * pull.transpose();
  const RealVector d = per_year(r.reference) - per_year(r.tested);
  return d.dot(covariance.ldlt().solve(d));
}

}  // namespace

TEST_CASE("there is no theory pull unless a scenario asks for one") {
  CHECK(prediction::pulls_of(point("tao-30m", "nlo")).size() == 2);
  for (const std::string& key : theory_keys) {
    const auto pulls = prediction::pulls_of(point("tao-30m", "nlo", {{key, 1e-3}}));
    REQUIRE(pulls.size() == 3);
    CHECK(pulls[2].source == prediction::Pull::Source::hadronic_loops);
  }
}

TEST_CASE("without it chi2 is the paper's to the last bit") {
  for (const std::string& experiment : experiments)
    for (const std::string model : {"lo+cr", "nlo"}) {
      const Scenario scenario = point(experiment, model);
      const prediction::Rates r = rates(scenario);
      Eigen::MatrixXd pulls(r.tested.value.size(), 2);
      pulls << 365.25 * r.tested.value, 365.25 * r.background.value;
      const statistics::ChiSquareCurve two_pulls =
          statistics::Whitened(
              statistics::exact(365.25 * r.difference.value,
                                365.25 * r.reference.value + 365.25 * r.background.value, pulls,
                                Eigen::Vector2d(0.005, 0.10)))
              .curve(Eigen::Vector2d(0.005, 0.10));
      std::vector<prediction::Pull> three = prediction::pulls_of(scenario);
      three.push_back({prediction::Pull::Source::hadronic_loops, 0.0});
      for (const double t : {0.1, 1.0, 5.12, 100.0}) {
        CHECK(curve(scenario)(t) == two_pulls(t));
        // A column that nothing may pull changes rounding alone.
        CHECK(statistics::Whitened(prediction::expectation(r, three))
                  .curve(prediction::widths(three))(t) == Approx(two_pulls(t)).epsilon(1e-12));
      }
    }
}

TEST_CASE("pulls and covariance are two forms of one chi2") {
  for (const std::string& experiment : experiments)
    for (const double own : {0.05, 0.2})
      for (const double common : {0.0, 0.0058}) {
        const Scenario scenario =
            point(experiment, "nlo", {{theory_keys[0], own}, {theory_keys[1], common}});
        const prediction::Rates r = rates(scenario);
        // The light quarks enter as Pi_3gamma - 2 s2 Pi_gammagamma, both 3.597.
        const Real common_size = static_cast<Real>(common) * (1 - 2 * 0.23122L);
        const Real sigma =
            3.597L * std::sqrt(static_cast<Real>(own) * own + common_size * common_size);
        for (const double t : {0.1, 1.0, 30.0}) {
          CAPTURE(experiment, own, common, t);
          const Real expected = by_covariance(r,
                                              {{per_year(r.tested), 0.005L},
                                               {per_year(r.background), 0.10L},
                                               {per_year(r.hadronic), sigma}},
                                              t);
          CHECK(curve(scenario)(t) == Approx(static_cast<double>(expected)).epsilon(1e-10));
        }
      }
}

TEST_CASE("the pull's column is what a larger Pi_3gamma does to the rates, in all bins alike") {
  const double x = 0.7194;
  for (const std::string experiment : {"cloud-surface", "tao-30m"}) {
    const prediction::Rates before = rates(point(experiment, "nlo"));
    const prediction::Rates after =
        rates(point(experiment, "nlo", {{"one_loop.hadronic_3_gamma", 3.597 + x}}));
    const Eigen::ArrayXd change = after.tested.value - before.tested.value;
    CHECK(((change - x * before.hadronic.value).abs() <= 1e-14 * before.tested.value).all());
    CHECK((before.hadronic.value > 0.0).all());
    // A mean of what it does to the cross section, 0.28 % at small T/T_max and 0.85 % at the limit.
    const Eigen::ArrayXd relative = change / before.tested.value;
    CHECK(relative.minCoeff() > 0.0028);
    CHECK(relative.maxCoeff() < 0.0085);
  }
  CHECK((rates(point("tao-30m", "lo+cr")).hadronic.value == 0.0).all());
}

TEST_CASE("an uncertain theory never makes chi2 larger nor a discovery earlier") {
  for (const std::string& experiment : experiments)
    for (const std::string& key : theory_keys) {
      const statistics::ChiSquareCurve sure = curve(point(experiment, "nlo"));
      std::vector<double> last;
      for (const double t : {0.1, 1.0, 10.0, 100.0})
        last.push_back(sure(t));
      double last_time = time_yr(point(experiment, "nlo"));
      for (const double uncertainty : {1e-3, 0.01, 0.05, 0.2, 1.0, 10.0}) {
        const Scenario scenario = point(experiment, "nlo", {{key, uncertainty}});
        const statistics::ChiSquareCurve unsure = curve(scenario);
        std::size_t i = 0;
        for (const double t : {0.1, 1.0, 10.0, 100.0}) {
          CAPTURE(experiment, key, uncertainty, t);
          CHECK(unsure(t) < last[i]);
          last[i++] = unsure(t);
        }
        const double time = time_yr(scenario);
        CHECK((time > last_time || (std::isinf(time) && std::isinf(last_time))));
        last_time = time;
      }
    }
}

TEST_CASE("tree level and charge radius have no such uncertainty") {
  for (const std::string& experiment : experiments)
    CHECK(time_yr(point(experiment, "lo+cr", {{theory_keys[0], 0.2}})) ==
          Approx(time_yr(point(experiment, "lo+cr"))).epsilon(1e-12));
}

TEST_CASE("a theory that knows nothing leaves what its column cannot absorb") {
  const Scenario scenario = point("tao-30m", "nlo", {{theory_keys[0], 1e6}});
  const prediction::Rates r = rates(scenario);
  for (const double t : {0.1, 1.0, 30.0}) {
    // d^T M d with M = C^-1 - C^-1 p (p^T C^-1 p)^-1 p^T C^-1 and C the covariance without theory.
    RealMatrix covariance =
        ((per_year(r.reference) + per_year(r.background)) / Real(t)).asDiagonal();
    covariance += 0.005L * 0.005L * per_year(r.tested) * per_year(r.tested).transpose();
    covariance += 0.10L * 0.10L * per_year(r.background) * per_year(r.background).transpose();
    const auto solver = covariance.ldlt();
    const RealVector d = per_year(r.reference) - per_year(r.tested), p = per_year(r.hadronic);
    const RealVector solved = solver.solve(p);
    const Real overlap = d.dot(solved);
    const Real expected = d.dot(solver.solve(d)) - overlap * overlap / p.dot(solved);
    CHECK(curve(scenario)(t) == Approx(static_cast<double>(expected)).epsilon(1e-8));
  }
}

TEST_CASE("at a job's discovery times the covariance form gives chi2 = 25") {
  const setup::Job job =
      fig7({"axes.model=[\"nlo\"]", "axes.flux_uncertainty=[0.005]", "axes.exposure.points=2",
            "axes.\"theory.hadronic_3_gamma_uncertainty\"=[0, 0.05, 0.2]"});
  const sweep::Study study = test::study_of(job);
  const sweep::Layout& layout = study.layout;
  std::size_t seen = 0;
  const auto problems =
      test::for_each_result(study, [&](const sweep::Task& task, const sweep::TaskResult& result) {
        const std::vector<double>& times = result.values[layout.index("/discovery_time")];
        REQUIRE(times.size() == 3 * task.points());
        for (std::size_t n = 0; n < task.points(); ++n) {
          const std::string& experiment = experiments.at(task.start[0] + n);
          for (std::size_t k = 0; k < 3; ++k) {
            const double uncertainty = std::vector<double>{0.0, 0.05, 0.2}[k];
            const double time = times[3 * n + k];
            CAPTURE(experiment, uncertainty, time);
            const prediction::Rates r = rates(point(experiment, "nlo"));
            const auto chi2 = [&](Real t) {
              return by_covariance(r,
                                   {{per_year(r.tested), 0.005L},
                                    {per_year(r.background), 0.10L},
                                    {per_year(r.hadronic), 3.597L * uncertainty}},
                                   t);
            };
            REQUIRE(std::isfinite(time));
            CHECK(static_cast<double>(chi2(time)) == Approx(25.0).epsilon(1e-10));
            ++seen;
          }
        }
      });
  CHECK(seen == 15);
  CHECK(problems.empty());
}
