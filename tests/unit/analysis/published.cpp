// The discovery times of Fig. 7: the paper's, those of an independent chain, the role of s2.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/published.hpp"

#include "catch.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/setup/job.hpp"
#include "unit/study_fixture.hpp"
#include "unit/support.hpp"

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace nuloop;
using setup::Scenario;

const setup::Job& fig7() {
  static const setup::Job job = analysis::read_job(
      io::parse_toml(io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "jobs")),
      test::world());
  return job;
}

// A point of the figure, with what a test changes.
Scenario point(const std::map<std::string, setup::Value>& changes) {
  setup::Settings settings = fig7().settings;
  for (const auto& [key, value] : changes)
    settings.at(setup::find_parameter(key).value()) = value;
  return setup::make_scenario(settings, test::world());
}

double discovery_time_yr(const Scenario& scenario) {
  static prediction::RateCalculator calculator(test::world());
  calculator.prepare(scenario);
  return prediction::discovery_time_yr(
      prediction::chi_square_curve(calculator.rates(scenario), scenario), scenario);
}

}  // namespace

TEST_CASE("the job of Fig. 7 asks for what the paper shows") {
  const setup::Axis* experiments = fig7().axis("experiment");
  REQUIRE(experiments != nullptr);
  CHECK(experiments->size() == 5);
  const Scenario scenario = point({{"experiment", "tao-30m"}, {"model", "nlo"}});
  CHECK(scenario.theory.sin2_theta_w == 0.2334);
  CHECK(scenario.theory.observable == physics::Observable::electromagnetic);
  CHECK(scenario.flux.model == &test::world().fluxes.find("mueller")->model);
  CHECK(scenario.window.low_MeV == 1.0);
  CHECK(scenario.window.high_MeV == 10.0);
  CHECK(scenario.window.bin_width_MeV == 0.5);
  CHECK(scenario.site().response.resolution.perfect());
  CHECK(scenario.backgrounds.scale == 1.0);
  CHECK(scenario.criterion.significance == 5.0);
  CHECK(scenario.site().overburden.muon_flux_per_m2_s == 88.3);
  CHECK(scenario.site().reactor.energy_per_fission_MeV[0] == 202.36);
}

TEST_CASE("the published discovery times come out") {
  struct Published {
    std::string experiment, model;
    double flux_uncertainty, paper_yr, here_yr;
  };
  const std::vector<Published> published = {{"cloud-surface", "lo+cr", 0.005, 2.0, 1.94},
                                            {"cloud-surface", "lo+cr", 0.010, 5.0, 5.21},
                                            {"cloud-surface", "nlo", 0.005, 10.0, 10.07},
                                            {"tao-30m", "lo+cr", 0.005, 1.0, 0.98},
                                            {"tao-30m", "nlo", 0.005, 5.25, 5.12}};
  const auto quoted = analysis::read_published(
      io::read_text_file(std::string(NULOOP_SOURCE) + "/configs/published.toml", "published.toml"),
      test::world());
  REQUIRE(quoted.size() == published.size());
  for (std::size_t i = 0; i < published.size(); ++i) {
    const Published& p = published[i];
    INFO(p.experiment << " " << p.model << " " << p.flux_uncertainty);
    const double time = discovery_time_yr(point({{"experiment", p.experiment},
                                                 {"model", p.model},
                                                 {"flux_uncertainty", p.flux_uncertainty},
                                                 {"background_uncertainty", 0.10}}));
    CHECK(time == Approx(p.here_yr).epsilon(0.01));
    CHECK(time == Approx(p.paper_yr).epsilon(0.08));

    CHECK(quoted[i].discovery_time_yr == p.paper_yr);
    setup::Settings settings = fig7().settings;
    const auto set = [&](const char* key, const setup::Value& value) {
      settings[*setup::find_parameter(key)] = value;
    };
    set("experiment", p.experiment);
    set("model", p.model);
    set("flux_uncertainty", p.flux_uncertainty);
    set("background_uncertainty", 0.10);
    CHECK(quoted[i].belongs_to(settings));
    // A scenario that differs in anything that matters is not the paper's.
    set("lo.sin2_theta_w", 0.2386);
    CHECK_FALSE(quoted[i].belongs_to(settings));
    set("lo.sin2_theta_w", 0.2334);
    set("detector.mass", 5.0);
    CHECK_FALSE(quoted[i].belongs_to(settings));
  }
}

TEST_CASE("the discovery times agree with those of an independent chain") {
  const auto rows = test::read_csv("reach_independent.csv");
  REQUIRE(rows.size() == 120);
  for (const auto& row : rows) {
    const auto number = [&](const std::string& key) { return std::stod(row.at(key)); };
    INFO(row.at("experiment") << " " << row.at("model") << " " << row.at("observable") << " "
                              << row.at("flux_uncertainty") << " "
                              << row.at("background_uncertainty") << " " << row.at("sin2_theta_w"));
    const double time =
        discovery_time_yr(point({{"experiment", row.at("experiment")},
                                 {"model", row.at("model")},
                                 {"observable", row.at("observable")},
                                 {"flux_uncertainty", number("flux_uncertainty")},
                                 {"background_uncertainty", number("background_uncertainty")},
                                 {"lo.sin2_theta_w", number("sin2_theta_w")}}));
    // The difference of two hypotheses some per cent apart multiplies the rates' 2e-12.
    CHECK(time == Approx(number("discovery_time_yr")).epsilon(1e-9));
  }
}

TEST_CASE("the discovery times of many angles, and of two cores, are those of another program") {
  const auto rows = test::read_csv("reach_of_another_program.csv");
  REQUIRE(rows.size() == 114);
  for (const auto& row : rows) {
    const std::string& text = row.at("discovery_time_yr");
    const std::string& alpha = row.at("alpha");
    INFO(row.at("experiment") << " " << row.at("model") << " " << row.at("observable") << " "
                              << row.at("flux_uncertainty") << " " << row.at("sin2_theta_w") << " "
                              << alpha);
    const double time =
        discovery_time_yr(point({{"experiment", row.at("experiment")},
                                 {"model", row.at("model")},
                                 {"observable", row.at("observable")},
                                 {"flux_uncertainty", std::stod(row.at("flux_uncertainty"))},
                                 {"background_uncertainty", 0.10},
                                 {"lo.sin2_theta_w", std::stod(row.at("sin2_theta_w"))},
                                 {"one_loop.alpha", alpha},
                                 {"charge_radius.alpha", alpha}}));
    const std::size_t dot = text.find('.');
    const double last_digit = dot == std::string::npos
                                  ? 1.0
                                  : std::pow(10.0, -static_cast<double>(text.size() - dot - 1));
    CHECK(std::abs(time - std::stod(text)) < 0.01 * std::stod(text) + 0.5 * last_digit);
  }
}

TEST_CASE("the discovery time depends violently on s2") {
  const auto time = [](double s2) {
    return discovery_time_yr(point({{"experiment", "tao-30m"},
                                    {"model", "nlo"},
                                    {"flux_uncertainty", 0.005},
                                    {"background_uncertainty", 0.10},
                                    {"lo.sin2_theta_w", s2}}));
  };
  CHECK(time(0.23122) == Approx(446.0).epsilon(0.01));
  CHECK(time(0.2386) == Approx(0.76).epsilon(0.01));
}

TEST_CASE("a larger uncertainty never shortens the time") {
  for (const char* experiment : {"cloud-300mwe", "tao-44m"}) {
    double last = 0.0;
    for (const double sigma : {0.0, 0.001, 0.005, 0.01, 0.02}) {
      const double time = discovery_time_yr(point({{"experiment", experiment},
                                                   {"model", "nlo"},
                                                   {"flux_uncertainty", sigma},
                                                   {"background_uncertainty", 0.10}}));
      INFO(experiment << " " << sigma);
      CHECK(time > last);
      last = time;
    }
  }
}

TEST_CASE("LO is never told from itself") {
  CHECK(std::isinf(discovery_time_yr(point({{"experiment", "tao-30m"},
                                            {"model", "lo"},
                                            {"flux_uncertainty", 0.005},
                                            {"background_uncertainty", 0.10}}))));
}

TEST_CASE("mass and time are interchangeable") {
  const auto time = [](double mass_t) {
    return discovery_time_yr(point({{"experiment", "tao-30m"},
                                    {"model", "nlo"},
                                    {"flux_uncertainty", 0.005},
                                    {"background_uncertainty", 0.10},
                                    {"detector.mass", mass_t}}));
  };
  CHECK(4.0 * time(4.0) == Approx(time(1.0)).epsilon(1e-11));
}
