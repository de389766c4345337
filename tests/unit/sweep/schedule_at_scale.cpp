// Schedules: every task goes to one rank once, in portions that do not flood the master.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/parallel/dry_run.hpp"
#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/sweep/schedule.hpp"
#include "unit/sweep/tiny_work.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

namespace {

using nuloop::parallel::DryRunOutcome;
using nuloop::parallel::TaskRange;
using nuloop::sweep::Costs;
using nuloop::sweep::Plan;
using nuloop::sweep::Schedule;
using nuloop::sweep::TaskState;
using nuloop::test::grouped_plan;

std::vector<TaskState> all_pending(const Plan& plan) {
  return std::vector<TaskState>(plan.task_count(), TaskState::pending);
}

/// How often each position was handed out while ranks asked in random order until told to leave.
std::vector<int> hand_out(Schedule& schedule, int ranks, std::mt19937& random) {
  std::vector<int> times(schedule.tasks().size());
  std::vector<int> asking(static_cast<std::size_t>(ranks));
  std::iota(asking.begin(), asking.end(), 0);
  while (!asking.empty()) {
    const auto who = asking.begin() + static_cast<std::ptrdiff_t>(random() % asking.size());
    const std::optional<TaskRange> range = schedule.next(*who);
    if (!range) {
      asking.erase(who);
      continue;
    }
    for (std::size_t i = 0; i < range->count; ++i)
      ++times.at(range->first + i);
  }
  return times;
}

TEST_CASE("every pending task is handed out once") {
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t groups = 1 + random() % 40;
    const Plan plan = grouped_plan(groups, 1 + random() % 3000);
    Costs costs{{}, 1e-7 * static_cast<double>(1 + random() % 10000)};
    for (std::size_t group = 0; group < plan.group_count(); ++group)
      costs.shared_s.push_back(1e-5 * static_cast<double>(random() % 10000));
    std::vector<TaskState> states = all_pending(plan);
    for (TaskState& state : states)
      state = random() % 3 == 0 ? TaskState::done : TaskState::pending;
    const int ranks = 1 + static_cast<int>(random() % 300);
    Schedule schedule(plan, states, costs, ranks, 1);
    INFO("trial " << trial << ": " << plan.group_count() << " groups, " << ranks << " ranks");
    CHECK(schedule.tasks().size() ==
          static_cast<std::size_t>(std::count(states.begin(), states.end(), TaskState::pending)));
    const auto times = hand_out(schedule, ranks, random);
    CHECK(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
  }
}

// The run's schedule on many ranks; whoever lacks what a group shares does it again.
DryRunOutcome simulate(const Plan& plan, const Costs& costs, int ranks) {
  Schedule schedule(plan, all_pending(plan), costs, ranks, 1);
  std::vector<std::optional<std::size_t>> held(static_cast<std::size_t>(ranks));
  const auto seconds = [&](int rank, std::size_t position) {
    auto& group = held[static_cast<std::size_t>(rank)];
    const std::size_t wanted = plan.group_of(schedule.tasks()[position]);
    const double shared_s = group == wanted ? 0.0 : schedule.shared_s(position);
    group = wanted;
    return shared_s + schedule.task_s(position);
  };
  return nuloop::parallel::simulate({ranks, [&](int rank) { return schedule.next(rank); }, seconds,
                                     nuloop::sweep::expected_request_s});
}

TEST_CASE("the master keeps up with thousands of ranks that have a second's work each") {
  // 50 groups a rank, of 20 ms: asked for one by one, they would take half of the master's time at
  // 2000 ranks and more than all of it at 5000.
  for (const int ranks : {500, 2000, 5000}) {
    const auto groups = 50 * static_cast<std::size_t>(ranks);
    const Plan plan = grouped_plan(groups, 100);
    const Costs costs{std::vector<double>(groups, 0.018), 2e-5};
    const DryRunOutcome outcome = simulate(plan, costs, ranks);
    INFO(ranks << " ranks: " << outcome.wall_s << " s, " << outcome.requests << " requests");
    CHECK(outcome.work_s == Approx(1.0 * ranks));  // nothing that is shared is done twice
    // A quarter, and as much again for the two portions that every rank asks for at once.
    CHECK(outcome.master_messages_s < 0.5 * outcome.wall_s);
    // The master of so many ranks computes nothing; the others end within some portions.
    CHECK(outcome.efficiency(ranks) > 0.75);
  }
}

}  // namespace
