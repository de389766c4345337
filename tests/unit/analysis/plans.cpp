// Jobs on the engine: how their grids are divided, what their points stand for, what they cost.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/io/document.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/sweep/forecast.hpp"
#include "nuloop/sweep/schedule.hpp"
#include "unit/study_fixture.hpp"
#include "unit/sweep/plan_fault.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace nuloop;
using setup::Job;
using sweep::Costs;
using sweep::Depth;
using sweep::Plan;
using sweep::Task;
using test::plan_of;
using test::read_job;
using test::scenario_of;

/// An axis of one value, as a job of that kind has it.
sweep::Axis axis_of(const char* key, const char* kind) {
  return setup::axis_of({setup::column_of(*setup::find_parameter(key), {1.0})},
                        analysis::kind_named(kind));
}

Job job_of(const std::string& header, const std::string& axes, const std::string& settings) {
  return read_job("[job]\nname = \"n\"\ntitle = \"t\"\n" + header + "[axes]\n" + axes +
                  "\n[settings]\n" + settings);
}

const std::string reach_settings =
    "experiment = \"tao-30m\"\nmodel = \"nlo\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n";

// Many groups of few points, one group of many points, and groups of several tasks.
std::vector<Job> jobs() {
  return {job_of("",
                 "\"window.low\" = { from = \"1 MeV\", to = \"3 MeV\", points = 9 }\n"
                 "\"window.bin_width\" = { from = \"0.2 MeV\", to = \"1 MeV\", points = 7 }",
                 reach_settings),
          job_of("", "\"lo.sin2_theta_w\" = { from = 0.22, to = 0.24, points = 100000 }",
                 reach_settings),
          job_of("",
                 "\"window.low\" = [\"1 MeV\", \"2 MeV\", \"3 MeV\"]\n"
                 "\"lo.sin2_theta_w\" = { from = 0.22, to = 0.24, points = 5000 }",
                 reach_settings),
          job_of("kind = \"cross-section\"\n",
                 "energy = { from = \"2 MeV\", to = \"9 MeV\", points = 3000 }",
                 "model = \"nlo\"\nrecoil = \"1 MeV\"")};
}

}  // namespace

TEST_CASE("Axes that change the integrals of a rate divide groups, the others do not") {
  for (const char* key : {"window.low", "window.high", "window.bin_width", "resolution.constant"}) {
    CAPTURE(key);
    CHECK(axis_of(key, "reach").divides_groups);
    CHECK(axis_of(key, "reach").depth == Depth::outer);
    CHECK_FALSE(axis_of(key, "cross-section").divides_groups);
  }
  for (const char* key :
       {"detector.mass", "lo.sin2_theta_w", "background.scale", "detector.baseline"}) {
    CAPTURE(key);
    CHECK_FALSE(axis_of(key, "reach").divides_groups);
    CHECK(axis_of(key, "reach").depth == Depth::outer);
  }
}

TEST_CASE("Uncertainties and exposures are inner axes of a reach") {
  CHECK(axis_of("flux_uncertainty", "reach").depth == Depth::inner);
  CHECK(axis_of("background_uncertainty", "reach").depth == Depth::inner);
  CHECK(axis_of("exposure", "reach").depth == Depth::innermost);
}

TEST_CASE("The groups of a job are the combinations of what changes its integrals") {
  const auto plan = [&](std::size_t n) { return plan_of(jobs()[n]); };
  CHECK(plan(0).group_count() == 63);
  CHECK(plan(1).group_count() == 1);
  CHECK(plan(1).outer_points() == 100'000);
  CHECK(plan(2).group_count() == 3);
  CHECK(plan(2).outer_points() == 15'000);
  CHECK(plan(3).group_count() == 1);
  CHECK(plan(3).outer_points() == 3000);
}

TEST_CASE("The division of a job follows from the extents of its outer axes alone") {
  const auto tasks_of = [](const char* name, const char* masses, const char* exposure) {
    const Plan plan =
        plan_of(read_job(std::string("[job]\nname = \"") + name +
                         "\"\ntitle = \"t\"\n[axes]\n\"detector.mass\" = " + masses +
                         "\n\"lo.sin2_theta_w\" = { from = 0.22, to = 0.24, points = 900 }\n"
                         "[settings]\nexperiment = \"tao-30m\"\nmodel = \"nlo\"\n"
                         "flux_uncertainty = 0.005\nexposure = \"" +
                         exposure + "\"\n"));
    std::vector<std::pair<Indices, Indices>> tasks;
    for (std::size_t i = 0; i < plan.task_count(); ++i)
      tasks.emplace_back(plan.task(i).start, plan.task(i).count);
    return tasks;
  };
  CHECK(tasks_of("n", "[\"1 t\", \"2 t\", \"3 t\"]", "1 yr") ==
        tasks_of("another", "[\"3 t\", \"2 t\", \"1 t\"]", "3 yr"));
}

TEST_CASE("Cross sections have no integrals, and nothing divides them") {
  const Plan plan = plan_of(job_of("kind = \"cross-section\"\n",
                                   "energy = { from = \"2 MeV\", to = \"9 MeV\", points = 7 }\n"
                                   "\"lo.sin2_theta_w\" = { from = 0.22, to = 0.24, points = 300 }",
                                   "model = \"nlo\"\nrecoil = \"1 MeV\""));
  CHECK(plan.group_count() == 1);
  CHECK(plan.outer_points() == 2100);
}

TEST_CASE("All scenarios of a task share their integrals, those of other groups do not") {
  const std::vector<std::string> axes = {
      "experiment = [\"tao-30m\", \"cloud-surface\", \"cloud-25mwe\"]",
      "flux = [\"mueller\", \"huber\"]",
      "model = [\"lo+cr\", \"nlo\"]",
      "\"window.bin_width\" = [\"0.5 MeV\", \"1 MeV\"]",
      "\"lo.sin2_theta_w\" = { from = 0.23, to = 0.24, points = 19 }",
      "observable = [\"electron\", \"electromagnetic\"]"};
  std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5};
  std::mt19937 random(3);
  for (int i = 0; i < 8; ++i) {
    std::shuffle(order.begin(), order.end(), random);
    std::string text = "[job]\nname = \"j\"\ntitle = \"t\"\n[axes]\n";
    for (const std::size_t n : order)
      text += axes[n] + "\n";
    text += "[settings]\nflux_uncertainty = 0.01\nexposure = \"1 yr\"\n";
    CAPTURE(text);
    const Job job = read_job(text);
    const Plan plan = plan_of(job);
    REQUIRE(plan.group_count() == 8);
    const auto before = [](const auto& a, const auto& b) {
      return prediction::RateCalculator::before(a, b);
    };
    std::set<setup::Scenario, decltype(before)> sets(before);
    std::size_t foreign = 0;
    for (std::size_t index = 0; index < plan.task_count(); ++index) {
      const Task task = plan.task(index);
      const auto first =
          scenario_of(job, plan.task(plan.group_of(index) * plan.tasks_per_group()), 0);
      sets.insert(first);
      for (std::size_t n = 0; n < task.points(); ++n) {
        const auto scenario = scenario_of(job, task, n);
        foreign += before(first, scenario) || before(scenario, first) ? 1 : 0;
      }
    }
    CHECK(foreign == 0);
    CHECK(sets.size() == plan.group_count());
  }
}

TEST_CASE("The outer axes of figure 7 are experiment and model") {
  const auto file = io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "fig7");
  const Plan plan = plan_of(analysis::read_job(io::parse_toml(file), test::world()));
  CHECK(plan.outer_axes() == Indices{0, 1});
  CHECK(plan.outer_points() == 10);
  CHECK(plan.task_count() == 10);
  CHECK(test::plan_fault(plan, {5, 2}, {false, false}).empty());
}

TEST_CASE("Every point has the scenario of its place in the grid") {
  const std::string text =
      "[job]\nname = \"j\"\ntitle = \"t\"\n[axes]\n"
      "\"detector.mass\" = { from = \"1 t\", to = \"90 t\", points = 90 }\n"
      "exposure = [\"1 yr\", \"2 yr\"]\n"
      "experiment = [\"tao-30m\", \"tao-44m\"]\n"
      "\"window.low\" = { from = \"1 MeV\", to = \"2 MeV\", points = 51 }\n"
      "[settings]\nmodel = \"nlo\"\nflux_uncertainty = 0.01\n\"window.high\" = \"8 MeV\"\n";
  const Job job = read_job(text);
  const Plan plan = plan_of(job);
  REQUIRE(plan.outer_points() == 90 * 2 * 51);
  REQUIRE(plan.task_count() < plan.outer_points());  // tasks of several points

  const auto value = [&](const char* key, std::size_t i) {
    return std::get<double>(job.axis(key)->values().at(i));
  };
  std::set<std::tuple<double, double, double>> seen;
  std::size_t wrong = 0;
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const Task task = plan.task(index);
    for (std::size_t n = 0; n < task.points(); ++n) {
      const auto scenario = scenario_of(job, task, n);
      const auto offset = task.offset(n);
      // The experiment brings a mass of its own, which the axis replaces.
      const bool right =
          scenario.site().detector.mass_t == value("detector.mass", task.start[0] + offset[0]) &&
          scenario.site().detector.baseline_m == (task.start[1] + offset[1] == 0 ? 30.0 : 44.0) &&
          scenario.window.low_MeV == value("window.low", task.start[2] + offset[2]) &&
          scenario.window.high_MeV == 8.0 && scenario.uncertainties.flux == 0.01;
      wrong += right ? 0 : 1;
      seen.emplace(scenario.site().detector.mass_t, scenario.site().detector.baseline_m,
                   scenario.window.low_MeV);
    }
  }
  CHECK(wrong == 0);
  CHECK(seen.size() == plan.outer_points());
}

TEST_CASE("A scenario made of the one before is the one made afresh") {
  const Job job = job_of("",
                         "\"detector.mass\" = [\"1 t\", \"2 t\", \"5 t\"]\n"
                         "experiment = [\"tao-30m\", \"cloud-surface\"]\n"
                         "\"lo.sin2_theta_w\" = [0.22, 0.23, 0.24]\n"
                         "\"window.low\" = [\"1 MeV\", \"2 MeV\"]\n"
                         "background_uncertainty = [0.05, 0.1]\n",
                         "model = \"nlo\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n");
  const Plan plan = plan_of(job);
  analysis::ScenarioSeries series(job, test::world());
  std::mt19937 engine(5);
  Indices last;
  std::size_t wrong = 0, same_integrals = 0;
  for (int trial = 0; trial < 300; ++trial) {
    Indices at;
    for (const std::size_t axis : plan.outer_axes())
      at.push_back(engine() % job.axes[axis].size());
    REQUIRE(at.size() == 4);
    setup::Scenario made = series.at(at);
    setup::Scenario fresh = analysis::scenario_at(job, test::world(), at);
    for (const setup::Parameter& parameter : setup::parameters())
      if (const auto* quantity = parameter.quantity()) {
        const double a = quantity->member(made), b = quantity->member(fresh);
        wrong += a == b || (std::isnan(a) && std::isnan(b)) ? 0 : 1;
      }
    wrong += made.theory.model == fresh.theory.model && made.flux.model == fresh.flux.model &&
                     made.site().overburden.mean_muon_energy_GeV ==
                         fresh.site().overburden.mean_muon_energy_GeV
                 ? 0
                 : 1;
    const bool same = trial > 0 && at[1] == last[1] && at[3] == last[3];
    wrong += series.same_integrals() == same ? 0 : 1;
    same_integrals += same ? 1 : 0;
    last = at;
  }
  CHECK(wrong == 0);
  CHECK(same_integrals > 30);
}

TEST_CASE("The expected cost follows what there is to compute") {
  const auto costs_of = [](const std::string& more, const std::string& settings) {
    return sweep::estimate_costs(
        test::study_of(job_of("", "model = [\"lo+cr\", \"nlo\"]\n" + more,
                              "experiment = \"tao-30m\"\nflux_uncertainty = 0.01\n" + settings)));
  };
  const Costs one = costs_of("", "exposure = \"1 yr\"\n");
  REQUIRE(one.shared_s.size() == 1);
  CHECK(one.shared_s[0] > one.point_s);
  CHECK(one.point_s > 0.0);
  const Costs many =
      costs_of("exposure = { from = \"1 yr\", to = \"10 yr\", points = 1000 }\n", "");
  CHECK(many.point_s > one.point_s);
  CHECK(many.shared_s == one.shared_s);
  const Costs bins =
      costs_of("\"window.bin_width\" = [\"2 MeV\", \"0.05 MeV\"]\n", "exposure = \"1 yr\"\n");
  REQUIRE(bins.shared_s.size() == 2);
  CHECK(bins.shared_s[1] > bins.shared_s[0]);
}

TEST_CASE("A calibration has costs for every group, and none where nothing is integrated") {
  for (const Job& job : {jobs()[0], jobs()[3]}) {
    const sweep::Study study = test::study_of(job);
    const sweep::Calibration calibration = sweep::calibrate(study, 1);
    REQUIRE(calibration.costs.shared_s.size() == study.plan.group_count());
    const bool integrates = job.kind->integrates;
    for (const double seconds : calibration.costs.shared_s)
      CHECK((integrates ? seconds > 0.0 : seconds == 0.0));
    CHECK(integrates == (job.kind != &analysis::kind_named("cross-section")));
    CHECK(calibration.costs.point_s > 0.0);
    CHECK(calibration.write_task_s > 0.0);
    CHECK(calibration.create_s > 0.0);
    CHECK(calibration.memory_MB > 1.0);
  }
}

TEST_CASE("A point of a job is described by its outer values with units") {
  const sweep::Study study =
      test::study_of(job_of("",
                            "\"detector.mass\" = [\"1 t\", \"2 t\"]\n"
                            "\"detector.baseline\" = [\"1 m\", \"2 m\", \"3 m\"]\n"
                            "exposure = [\"1 yr\", \"2 yr\", \"3 yr\", \"4 yr\"]\n"
                            "experiment = [\"tao-30m\", \"tao-44m\"]",
                            "model = \"nlo\"\nflux_uncertainty = 0.005\n"));
  const Plan& plan = study.plan;
  REQUIRE(plan.task_count() == 12);
  const auto first_of = [&](std::size_t task) {
    return study.describe(study.point(plan.task(task), 0));
  };
  CHECK(first_of(0) == "detector.mass = 1 t, detector.baseline = 1 m, experiment = tao-30m");
  CHECK(first_of(3) == "detector.mass = 1 t, detector.baseline = 2 m, experiment = tao-44m");
  CHECK(first_of(11) == "detector.mass = 2 t, detector.baseline = 3 m, experiment = tao-44m");
}
