// Simulated farms: small ones against times worked out by hand, all of them against bounds.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/dry_run.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace {

using nuloop::parallel::DryRun;
using nuloop::parallel::DryRunOutcome;
using nuloop::parallel::most_ranks_of_working_master;
using nuloop::parallel::simulate;
using nuloop::parallel::TaskRange;

/// A farm of these tasks, handed out in their order.
DryRun farm(int ranks, const std::vector<double>& seconds, double message_s = 0.0,
            std::size_t portion = 1) {
  DryRun run;
  run.ranks = ranks;
  run.next = [next = std::size_t{0}, portion,
              tasks = seconds.size()](int) mutable -> std::optional<TaskRange> {
    if (next == tasks)
      return std::nullopt;
    const TaskRange range{next, std::min(portion, tasks - next)};
    next += range.count;
    return range;
  };
  run.seconds = [seconds](int, std::size_t task) { return seconds.at(task); };
  run.message_s = message_s;
  return run;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

TEST_CASE("One rank takes the sum of its tasks and sends nothing") {
  const std::vector<double> seconds = {3.0, 0.5, 2.25, 8.0};
  const DryRunOutcome outcome = simulate(farm(1, seconds, 10.0));
  CHECK(outcome.wall_s == 13.75);
  CHECK(outcome.work_s == 13.75);
  CHECK(outcome.requests == 0);
  CHECK(outcome.master_messages_s == 0.0);
  CHECK(outcome.efficiency(1) == 1.0);
}

TEST_CASE("Without tasks every other rank asks once and nothing takes time") {
  for (const int ranks : {1, 2, 5, 100}) {
    const DryRunOutcome outcome = simulate(farm(ranks, {}));
    CHECK(outcome.wall_s == 0.0);
    CHECK(outcome.work_s == 0.0);
    CHECK(outcome.requests == static_cast<std::size_t>(ranks - 1));
    CHECK(outcome.efficiency(ranks) == 1.0);
  }
}

TEST_CASE("Two ranks and four equal tasks: the worker asks for its second at once") {
  // The worker gets 0, and asks when the master has begun 1. It is answered at 1 s, after the
  // master has taken 2, and does 3.
  const DryRunOutcome outcome = simulate(farm(2, {1.0, 1.0, 1.0, 1.0}));
  CHECK(outcome.wall_s == 2.0);
  CHECK(outcome.work_s == 4.0);
  CHECK(outcome.requests == 3);
  CHECK(outcome.longest_wait_s == 0.0);
  CHECK(outcome.efficiency(2) == 1.0);
}

TEST_CASE("Messages cost the master time before its own tasks") {
  // As above: the first range until 0.25 s, both work until 1.25 s, an answer until 1.5 s, for
  // which the worker waits, both work until 2.5 s, and the worker is sent away.
  const DryRunOutcome outcome = simulate(farm(2, {1.0, 1.0, 1.0, 1.0}, 0.25));
  CHECK(outcome.wall_s == 2.5);
  CHECK(outcome.requests == 3);
  CHECK(outcome.master_messages_s == 0.75);
  CHECK(outcome.longest_wait_s == 0.25);
  CHECK(outcome.efficiency(2) == Approx(4.0 / 5.0).margin(1e-15));
}

TEST_CASE("A worker waits for a master in a long task") {
  // Task 0 keeps the worker until 1 s, and the master is in task 1 until 10 s. Then the master
  // takes 2, and the worker 3. It asks again when the master is in 2, which takes 4 before it
  // answers.
  const DryRunOutcome outcome = simulate(farm(2, {1.0, 10.0, 1.0, 1.0, 1.0}));
  CHECK(outcome.longest_wait_s == 9.0);
  CHECK(outcome.wall_s == 12.0);
  CHECK(outcome.work_s == 14.0);
}

TEST_CASE("A worker that has waited gets one task after each of the master's") {
  // The master takes 1 s for a task, the worker next to nothing: 0, then one at 1, 2, ... s.
  DryRun run = farm(2, std::vector<double>(8, 0.0));
  std::map<int, int> tasks_of_rank;
  run.seconds = [&](int rank, std::size_t) {
    ++tasks_of_rank[rank];
    return rank == 0 ? 1.0 : 0.001;
  };
  const DryRunOutcome outcome = simulate(run);
  CHECK(tasks_of_rank[0] == 4);
  CHECK(tasks_of_rank[1] == 4);
  CHECK(outcome.wall_s == 4.0);
}

TEST_CASE("The first round goes to all ranks before anyone has a second task") {
  // Two workers hold two tasks each, the master does the first and the last.
  CHECK(simulate(farm(3, std::vector<double>(6, 1.0))).wall_s == 2.0);
  CHECK(simulate(farm(3, std::vector<double>(2, 1.0))).wall_s == 1.0);
}

TEST_CASE("Beyond so many ranks the master computes nothing") {
  const int ranks = most_ranks_of_working_master + 1;
  const auto tasks = static_cast<std::size_t>(2 * (ranks - 1));
  DryRun run = farm(ranks, std::vector<double>(tasks, 1.0));
  std::map<int, int> tasks_of_rank;
  run.seconds = [&](int rank, std::size_t) {
    ++tasks_of_rank[rank];
    return 1.0;
  };
  CHECK(simulate(run).wall_s == 2.0);
  CHECK(tasks_of_rank.count(0) == 0);
  CHECK(tasks_of_rank.size() == static_cast<std::size_t>(ranks - 1));
  for (const auto& [rank, count] : tasks_of_rank)
    CHECK(count == 2);

  tasks_of_rank.clear();
  run = farm(ranks - 1, std::vector<double>(tasks, 1.0));
  run.seconds = [&](int rank, std::size_t) {
    ++tasks_of_rank[rank];
    return 1.0;
  };
  simulate(run);
  CHECK(tasks_of_rank[0] == 2);
}

TEST_CASE("A rank that gets nothing leaves, and what it remembers costs once") {
  // The second task on a rank is cheaper than its first.
  DryRun run = farm(2, std::vector<double>(3, 0.0));
  std::map<int, bool> begun;
  run.seconds = [&](int rank, std::size_t) { return std::exchange(begun[rank], true) ? 1.0 : 5.0; };
  const DryRunOutcome outcome = simulate(run);
  CHECK(outcome.work_s == 5.0 + 1.0 + 5.0);
  CHECK(outcome.wall_s == 6.0);
}

TEST_CASE("Every task is done once and no farm beats its bounds") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 400; ++i) {
    const int ranks = 1 + static_cast<int>(random() % (i % 4 == 0 ? 200 : 9));
    const std::size_t tasks = random() % 300;
    std::vector<double> seconds(tasks);
    std::exponential_distribution<double> cost(1.0);
    for (double& value : seconds)
      value = cost(random);
    const double message_s = i % 2 == 0 ? 0.0 : 0.01;
    DryRun run = farm(ranks, seconds, message_s, 1 + random() % 5);
    std::vector<int> done(tasks, 0);
    run.seconds = [&](int rank, std::size_t task) {
      CHECK((rank >= 0 && rank < ranks));
      ++done.at(task);
      return seconds.at(task);
    };
    const DryRunOutcome outcome = simulate(run);
    CAPTURE(ranks, tasks, message_s);
    CHECK(std::all_of(done.begin(), done.end(), [](int n) { return n == 1; }));
    CHECK(outcome.work_s == Approx(sum(seconds)).epsilon(1e-12));
    const double longest = tasks == 0 ? 0.0 : *std::max_element(seconds.begin(), seconds.end());
    const double rounding = 1e-12 * sum(seconds);
    CHECK(outcome.wall_s >= std::max(outcome.work_s / ranks, longest) - rounding);
    CHECK(outcome.wall_s <= outcome.work_s + outcome.master_messages_s + rounding);
    CHECK(outcome.master_messages_s ==
          Approx(message_s * static_cast<double>(outcome.requests)).epsilon(1e-12));
    CHECK(outcome.efficiency(ranks) <= 1.0 + 1e-12);
    CHECK(outcome.longest_wait_s <= outcome.wall_s);
  }
}

TEST_CASE("Many small tasks on many ranks keep all of them busy") {
  // 16384 ranks, a million tasks that double in cost: the last portion is what can be lost.
  constexpr int ranks = 16384;
  std::vector<double> seconds(1'000'000);
  for (std::size_t i = 0; i < seconds.size(); ++i)
    seconds[i] = 2.0 - static_cast<double>(i) / static_cast<double>(seconds.size());
  const DryRunOutcome outcome = simulate(farm(ranks, seconds));
  const double workers = ranks - 1;
  CHECK(outcome.wall_s >= outcome.work_s / workers - 1e-9);
  // A worker ends at most two tasks, the one it does and the one it holds, after the average.
  CHECK(outcome.wall_s <= outcome.work_s / workers + 2.0 * 2.0);

  // If an answer takes as long as a task on so many ranks, the master is what limits the farm.
  const DryRunOutcome limited = simulate(farm(ranks, seconds, 1e-3));
  CHECK(limited.wall_s >= 1e-3 * 1'000'000);
  CHECK(limited.wall_s <= 1e-3 * 1'000'000 + 1e-3 * ranks + 4.0);
}
