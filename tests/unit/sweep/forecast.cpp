// Forecasts of a run: they add up, gain from ranks, and stay above what no schedule can beat.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/forecast.hpp"

#include "catch.hpp"
#include "nuloop/sweep/study.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace nuloop;
using sweep::Calibration;
using sweep::Costs;
using setup::Job;
using sweep::Plan;
using test::world;

Job read(const std::string& header, const std::string& axes, const std::string& settings) {
  return analysis::read_job(io::parse_toml({"job.toml", "job.toml",
                                         "[job]\nname = \"n\"\ntitle = \"t\"\n" + header +
                                             "[axes]\n" + axes + "\n[settings]\n" + settings}),
                         world());
}

const std::string reach_settings =
    "experiment = \"tao-30m\"\nmodel = \"nlo\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n";

// Many groups of few points, one group of many points, and groups of several tasks.
std::vector<Job> jobs() {
  return {
      read("",
           "\"window.low\" = { from = \"1 MeV\", to = \"3 MeV\", points = 9 }\n"
           "\"window.bin_width\" = { from = \"0.2 MeV\", to = \"1 MeV\", points = 7 }",
           reach_settings),
      read("", "\"lo.sin2_theta_w\" = { from = 0.22, to = 0.24, points = 100000 }", reach_settings),
      read("",
           "\"window.low\" = [\"1 MeV\", \"2 MeV\", \"3 MeV\"]\n"
           "\"lo.sin2_theta_w\" = { from = 0.22, to = 0.24, points = 5000 }",
           reach_settings),
      read("kind = \"cross-section\"\n",
           "energy = { from = \"2 MeV\", to = \"9 MeV\", points = 3000 }",
           "model = \"nlo\"\nrecoil = \"1 MeV\"")};
}

// Costs as random as they come, the same in every run.
Calibration random_costs(const Plan& plan, bool integrals) {
  std::mt19937 generator(2410);
  std::uniform_real_distribution<double> seconds(0.01, 1.0);
  Calibration calibration{{{}, 1e-4}, 2e-5, 0.25, 30.0};
  for (std::size_t group = 0; group < plan.group_count(); ++group)
    calibration.costs.integrals_s.push_back(integrals ? seconds(generator) : 0.0);
  return calibration;
}

// Core-seconds of the longest task with its integrals, which a rank does alone.
double longest_task_s(const Plan& plan, const Costs& costs) {
  double longest = 0.0;
  for (std::size_t task = 0; task < plan.task_count(); ++task)
    longest = std::max(longest, costs.integrals_s[plan.group_of(task)] +
                                    costs.point_s * static_cast<double>(plan.task(task).points()));
  return longest;
}

}  // namespace

TEST_CASE("all work is each group's integrals and each point") {
  const Plan plan(jobs()[2]);
  REQUIRE(plan.group_count() == 3);
  REQUIRE(plan.outer_points() == 15000);
  CHECK(sweep::core_seconds(plan, {{1.0, 2.0, 4.0}, 0.001}) == Approx(7.0 + 15.0));
}

TEST_CASE("one rank takes as long as all its work") {
  for (const Job& job : jobs())
    for (const int threads : {1, 4}) {
      const Plan plan(job);
      const Calibration calibration = random_costs(plan, job.kind != setup::Kind::cross_section);
      const double writing_s =
          calibration.create_s + calibration.write_task_s * static_cast<double>(plan.task_count());
      // Sums of as many terms as tasks and groups.
      const double terms = static_cast<double>(plan.task_count() + plan.group_count() + 4);
      CHECK(sweep::forecast(plan, calibration, 1, threads).wall_s ==
            Approx(writing_s + sweep::core_seconds(plan, calibration.costs) / threads)
                .epsilon(terms * std::numeric_limits<double>::epsilon()));
    }
}

TEST_CASE("twice the ranks are slower by no more than their messages, nor faster than can be") {
  for (const Job& job : jobs())
    for (const int threads : {1, 3}) {
      const Plan plan(job);
      const Calibration calibration = random_costs(plan, job.kind != setup::Kind::cross_section);
      const double all_s = sweep::core_seconds(plan, calibration.costs);
      double before = std::numeric_limits<double>::infinity();
      for (int ranks = 1; ranks <= 64; ranks *= 2) {
        CAPTURE(plan.task_count(), plan.group_count(), threads, ranks);
        const parallel::DryRunOutcome run = sweep::forecast(plan, calibration, ranks, threads);
        const double wall_s = run.wall_s;
        CHECK(wall_s <= before + run.master_messages_s);
        CHECK(wall_s > all_s / (threads * ranks));
        CHECK(wall_s > longest_task_s(plan, calibration.costs) / threads);
        before = wall_s;
      }
    }
}

TEST_CASE("a master that only hands out tasks is not counted among the workers") {
  const Plan plan(jobs()[1]);
  const Calibration calibration = random_costs(plan, true);
  const int ranks = 2 * parallel::most_ranks_of_working_master;
  CHECK(sweep::forecast(plan, calibration, ranks, 1).wall_s >
        sweep::core_seconds(plan, calibration.costs) / (ranks - 1));
}

TEST_CASE("a calibration has costs for every group, and none where nothing is integrated") {
  for (const Job& job : {jobs()[0], jobs()[3]}) {
    const sweep::Study study = analysis::make_study(job, world());
    const sweep::Plan& plan = study.plan;
    const Calibration calibration = sweep::calibrate(study, 1);
    REQUIRE(calibration.costs.integrals_s.size() == plan.group_count());
    const bool integrates = job.kind != setup::Kind::cross_section;
    for (const double seconds : calibration.costs.integrals_s)
      CHECK((integrates ? seconds > 0.0 : seconds == 0.0));
    CHECK(calibration.costs.point_s > 0.0);
    CHECK(calibration.write_task_s > 0.0);
    CHECK(calibration.create_s > 0.0);
    CHECK(calibration.memory_MB > 1.0);
  }
}
