// Forecasts of a run: they add up, gain from ranks, and stay above what no schedule can beat.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/forecast.hpp"

#include "catch.hpp"
#include "nuloop/sweep/study.hpp"
#include "unit/sweep/tiny_work.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace nuloop;
using sweep::Calibration;
using sweep::Costs;
using sweep::Depth;
using sweep::Plan;
using test::counting_axis;

// A grid, and whether its groups share anything.
struct Grid {
  sweep::Axes axes;
  bool shares = true;
};

// Many groups of few points, one group of many points, groups of several tasks, and points that
// share nothing.
std::vector<Grid> grids() {
  return {{{counting_axis("low", 9, Depth::outer, true),
            counting_axis("bin_width", 7, Depth::outer, true)}},
          {{counting_axis("angle", 100'000)}},
          {{counting_axis("low", 3, Depth::outer, true), counting_axis("angle", 5000)}},
          {{counting_axis("energy", 3000)}, false}};
}

Plan plan_of(const Grid& grid) {
  return {grid.axes, sweep::Grain{}};
}

// Costs as random as they come, the same in every run.
Calibration random_costs(const Plan& plan, bool shares) {
  std::mt19937 generator(2410);
  std::uniform_real_distribution<double> seconds(0.01, 1.0);
  Calibration calibration{{{}, 1e-4}, 2e-5, 0.25, 30.0};
  for (std::size_t group = 0; group < plan.group_count(); ++group)
    calibration.costs.shared_s.push_back(shares ? seconds(generator) : 0.0);
  return calibration;
}

// Core-seconds of the longest task with what it shares, in which all ranks may take part.
double longest_task_s(const Plan& plan, const Costs& costs, int ranks) {
  double longest = 0.0;
  for (std::size_t task = 0; task < plan.task_count(); ++task)
    longest = std::max(longest, costs.shared_s[plan.group_of(task)] / ranks +
                                    costs.point_s * static_cast<double>(plan.task(task).points()));
  return longest;
}

}  // namespace

TEST_CASE("all work is what each group shares and each point") {
  const Plan plan = plan_of(grids()[2]);
  REQUIRE(plan.group_count() == 3);
  REQUIRE(plan.outer_points() == 15000);
  CHECK(sweep::core_seconds(plan, {{1.0, 2.0, 4.0}, 0.001}) == Approx(7.0 + 15.0));
}

TEST_CASE("one rank takes as long as all its work") {
  for (const Grid& grid : grids())
    for (const int threads : {1, 4}) {
      const Plan plan = plan_of(grid);
      const Calibration calibration = random_costs(plan, grid.shares);
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
  for (const Grid& grid : grids())
    for (const int threads : {1, 3}) {
      const Plan plan = plan_of(grid);
      const Calibration calibration = random_costs(plan, grid.shares);
      const double all_s = sweep::core_seconds(plan, calibration.costs);
      double before = std::numeric_limits<double>::infinity();
      for (int ranks = 1; ranks <= 64; ranks *= 2) {
        CAPTURE(plan.task_count(), plan.group_count(), threads, ranks);
        const parallel::DryRunOutcome run = sweep::forecast(plan, calibration, ranks, threads);
        const double wall_s = run.wall_s;
        CHECK(wall_s <= before + run.master_messages_s);
        CHECK(wall_s > all_s / (threads * ranks));
        CHECK(wall_s > longest_task_s(plan, calibration.costs, ranks) / threads);
        before = wall_s;
      }
    }
}

TEST_CASE("a master that only hands out tasks is not counted among the workers") {
  const Plan plan = plan_of(grids()[1]);
  const Calibration calibration = random_costs(plan, true);
  const int ranks = 2 * parallel::most_ranks_of_working_master;
  CHECK(sweep::forecast(plan, calibration, ranks, 1).wall_s >
        sweep::core_seconds(plan, calibration.costs) / (ranks - 1));
}

TEST_CASE("a calibration has costs for every group, and none where nothing is shared") {
  for (const Grid& grid : {grids()[0], grids()[3]}) {
    test::TinyOptions options;
    options.shared_s = grid.shares ? 1e-4 : 0.0;
    options.shared_takes = std::chrono::microseconds(100);
    const sweep::Study study = test::tiny_study(grid.axes, options);
    const sweep::Plan& plan = study.plan;
    const Calibration calibration = sweep::calibrate(study, 1);
    REQUIRE(calibration.costs.shared_s.size() == plan.group_count());
    for (const double seconds : calibration.costs.shared_s)
      CHECK((grid.shares ? seconds > 0.0 : seconds == 0.0));
    CHECK(calibration.costs.point_s > 0.0);
    CHECK(calibration.write_task_s > 0.0);
    CHECK(calibration.create_s > 0.0);
    CHECK(calibration.memory_MB > 1.0);
  }
}
