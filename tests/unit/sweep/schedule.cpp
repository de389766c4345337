// The order in which tasks go to ranks, for any order in which the ranks ask.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/schedule.hpp"

#include "catch.hpp"
#include "nuloop/parallel/dry_run.hpp"
#include "unit/sweep/tiny_work.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using nuloop::parallel::TaskRange;
using nuloop::sweep::Costs;
using nuloop::sweep::Depth;
using nuloop::sweep::Measured;
using nuloop::sweep::Plan;
using nuloop::sweep::Schedule;
using nuloop::sweep::Sharing;
using nuloop::sweep::TaskState;
using nuloop::test::counting_axis;
using nuloop::test::grouped_plan;

std::vector<TaskState> pending(const Plan& plan) {
  return std::vector<TaskState>(plan.task_count(), TaskState::pending);
}

/// What a schedule has given away, followed beside it.
class Ledger {
 public:
  Ledger(const Plan& plan, const Schedule& schedule, int ranks)
      : plan_(plan),
        schedule_(schedule),
        visits_(schedule.tasks().size(), 0),
        group_of_rank_(static_cast<std::size_t>(ranks)) {
    for (std::size_t i = 0; i < visits_.size(); ++i) {
      const std::size_t group = group_of(i);
      left_s_[group] += schedule.task_s(i);
      shared_s_[group] = schedule.shared_s(i);
      ++left_[group];
      whole_s_[group] = left_s_[group] + shared_s_[group];
    }
  }

  std::size_t group_of(std::size_t position) const {
    return plan_.group_of(schedule_.tasks()[position]);
  }

  /// Why the answer to a rank's request is wrong; empty if it is right.
  std::string fault(int rank, const std::optional<TaskRange>& range) {
    auto& own = group_of_rank_[static_cast<std::size_t>(rank)];
    if (!range)
      return own && left_[*own] > 0 ? "a rank is sent away from its own group" : left_behind();
    if (range->count == 0 || range->first + range->count > visits_.size())
      return "an empty range, or one beyond the tasks";
    const std::size_t group = group_of(range->first);
    if (own && left_[*own] > 0 && group != *own)
      return "a rank leaves its group while there is work";
    if ((!own || group != *own) && begun_.count(group) != 0 &&
        left_s_[group] <= shared_s_[group] * (1.0 - 1e-9))
      return "what is shared is done again and costs more than what is left";
    std::set<std::size_t> begun_now;
    for (std::size_t i = range->first; i < range->first + range->count; ++i) {
      if (visits_[i]++ != 0)
        return "a task is handed out twice";
      if (group_of(i) != group && begun_.count(group_of(i)) != 0)
        return "a range goes into a group that another rank has begun";
      if (begun_.count(group_of(i)) == 0)
        begun_now.insert(group_of(i));
      left_s_[group_of(i)] -= schedule_.task_s(i);
      --left_[group_of(i)];
    }
    if (!begun_now.empty() && begun_.count(group) == 0 && !has_most_expensive(begun_now))
      return "there is a more expensive group to begin";
    begun_.insert(begun_now.begin(), begun_now.end());
    own = group_of(range->first + range->count - 1);
    return "";
  }

  bool complete() const {
    return std::all_of(visits_.begin(), visits_.end(), [](int n) { return n == 1; });
  }

 private:
  // Nobody is sent away while there is something for him.
  std::string left_behind() const {
    for (const auto& [group, left] : left_)
      if (left > 0 && (begun_.count(group) == 0 ||
                       left_s_.at(group) > shared_s_.at(group) * (1.0 + 1e-9) + 1e-12))
        return "a rank is sent away though there is work for it";
    return "";
  }

  // Small groups go along with their neighbours; the most expensive one must be among them.
  bool has_most_expensive(const std::set<std::size_t>& chosen) const {
    double most = 0.0;
    for (const std::size_t group : chosen)
      most = std::max(most, whole_s_.at(group));
    return std::all_of(whole_s_.begin(), whole_s_.end(), [&](const auto& entry) {
      return begun_.count(entry.first) != 0 || entry.second <= most * (1.0 + 1e-9);
    });
  }

  const Plan& plan_;
  const Schedule& schedule_;
  std::vector<int> visits_;
  std::vector<std::optional<std::size_t>> group_of_rank_;
  std::map<std::size_t, double> left_s_, shared_s_, whole_s_;
  std::map<std::size_t, std::size_t> left_;
  std::set<std::size_t> begun_;
};

/// Lets the ranks ask in any order until all are sent away; the first fault.
std::string fault_of(const Plan& plan, Schedule& schedule, int ranks, std::mt19937_64& random) {
  Ledger ledger(plan, schedule, ranks);
  std::vector<int> asking(static_cast<std::size_t>(ranks));
  std::iota(asking.begin(), asking.end(), 0);
  while (!asking.empty()) {
    // Some ranks are much faster than others.
    const std::size_t n = std::min(random() % asking.size(), random() % asking.size());
    const auto range = schedule.next(asking[n]);
    const std::string fault = ledger.fault(asking[n], range);
    if (!fault.empty())
      return fault;
    if (!range)
      asking.erase(asking.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return ledger.complete() ? "" : "a task is never handed out";
}

/// The end of a run whose tasks take what `truth` says and whose schedule expects something else.
/// A rank tells of a portion when it asks for the next but one, as in a run.
double simulated_s(const Plan& plan, const Costs& expected, const Costs& truth, int ranks,
                   bool learns) {
  Schedule schedule(plan, pending(plan), expected, ranks, 1);
  const auto all = static_cast<std::size_t>(ranks);
  std::vector<std::optional<std::size_t>> group_of_rank(all);
  std::vector<Measured> finished(all), in_hand(all);
  const auto next = [&](int rank) {
    const auto r = static_cast<std::size_t>(rank);
    if (learns)
      schedule.learn(finished[r]);
    finished[r] = in_hand[r];
    in_hand[r] = {};
    return schedule.next(rank);
  };
  const auto seconds = [&](int rank, std::size_t position) {
    const std::size_t task = schedule.tasks()[position], group = plan.group_of(task);
    const auto points = static_cast<double>(plan.task(task).points());
    auto& own = group_of_rank[static_cast<std::size_t>(rank)];
    Measured& measured = in_hand[static_cast<std::size_t>(rank)];
    const double shared_s = own == group ? 0.0 : truth.shared_s[group];
    if (own != group) {
      measured.shared_s += shared_s;
      measured.expected_shared_s += expected.shared_s[group];
      measured.groups += 1.0;
    }
    own = group;
    measured.points_s += points * truth.point_s;
    measured.expected_points_s += points * expected.point_s;
    return shared_s + points * truth.point_s;
  };
  return nuloop::parallel::simulate({ranks, next, seconds, 1e-6}).wall_s;
}

}  // namespace

TEST_CASE("Every pending task is handed out once in whatever order the ranks ask") {
  std::mt19937_64 random(5);
  const auto up_to = [&](std::size_t most) { return 1 + random() % most; };
  for (int i = 0; i < 600; ++i) {
    const std::size_t groups = up_to(i % 3 == 0 ? 1 : 30);
    const Plan plan = grouped_plan(groups, up_to(i % 2 == 0 ? 5 : 3000));
    std::vector<TaskState> states = pending(plan);
    std::vector<std::size_t> wanted;
    const std::size_t share_done = random() % 4;
    for (std::size_t task = 0; task < states.size(); ++task) {
      if (random() % 4 < share_done)
        states[task] = TaskState::done;
      else if (random() % 5 == 0)
        states[task] = TaskState::incomplete;
      if (states[task] != TaskState::done)
        wanted.push_back(task);
    }
    Costs costs{{}, std::exp(-static_cast<double>(random() % 12))};
    for (std::size_t group = 0; group < groups; ++group)
      costs.shared_s.push_back(i % 7 == 0 ? 0.0
                                          : std::exp(-0.5 * static_cast<double>(random() % 16)));
    const int ranks = static_cast<int>(up_to(i % 5 == 0 ? 300 : 6));
    Schedule schedule(plan, states, costs, ranks, static_cast<int>(up_to(4)));
    CHECK(schedule.tasks() == wanted);
    const std::string fault = fault_of(plan, schedule, ranks, random);
    if (!fault.empty())
      FAIL(fault << ", case " << i);
  }
}

TEST_CASE("A schedule of nothing sends everyone away") {
  const Plan plan = grouped_plan(3, 10);
  Schedule schedule(plan, std::vector<TaskState>(plan.task_count(), TaskState::done),
                    {{1.0, 1.0, 1.0}, 1.0}, 4, 1);
  CHECK(schedule.tasks().empty());
  CHECK(schedule.total_s() == 0.0);
  CHECK(schedule.share_done(0) == 0.0);
  for (int rank = 0; rank < 4; ++rank)
    CHECK_FALSE(schedule.next(rank));
}

TEST_CASE("Groups are begun from the most expensive to the cheapest") {
  const Plan plan = grouped_plan(5, 3);
  const std::vector<double> shared_s = {3.0, 100.0, 0.5, 40.0, 7.0};
  const std::vector<std::size_t> wanted = {1, 3, 4, 0, 2};
  const auto group_at = [&](const Schedule& schedule, const std::optional<TaskRange>& range) {
    return plan.group_of(schedule.tasks().at(range.value().first));
  };
  Schedule many(plan, pending(plan), {shared_s, 1e-3}, 5, 1);
  for (int rank = 0; rank < 5; ++rank)
    CHECK(group_at(many, many.next(rank)) == wanted[static_cast<std::size_t>(rank)]);

  Schedule one(plan, pending(plan), {shared_s, 1e-3}, 1, 1);
  std::vector<std::size_t> order;
  while (const auto range = one.next(0))
    if (order.empty() || order.back() != group_at(one, range))
      order.push_back(group_at(one, range));
  CHECK(order == wanted);
}

TEST_CASE("A rank joins a group if its points cost more than what they share") {
  const Plan plan = grouped_plan(1, 1000);
  const auto joins = [&](double shared_s) {
    Schedule schedule(plan, pending(plan), {{shared_s}, 1e-3}, 2, 1);
    REQUIRE(schedule.next(0));
    return schedule.next(1).has_value();
  };
  CHECK(joins(0.0));
  CHECK(joins(0.1));
  CHECK_FALSE(joins(1.0));  // the points take a second in all
  CHECK_FALSE(joins(100.0));
}

TEST_CASE("The total is the points and what each pending group shares once, shared by threads") {
  const Plan plan = grouped_plan(4, 30);
  std::vector<TaskState> states = pending(plan);
  for (std::size_t task = 0; task < states.size(); ++task)
    if (plan.group_of(task) == 2)
      states[task] = TaskState::done;
  const Costs costs{{1.0, 2.0, 4.0, 8.0}, 0.125};
  for (const int threads : {1, 2, 8}) {
    const Schedule schedule(plan, states, costs, 3, threads);
    CHECK(schedule.total_s() == Approx((11.0 + 90 * 0.125) / threads).epsilon(1e-12));
  }
}

TEST_CASE("The share of the work grows with what is done, to the whole") {
  const Plan plan = grouped_plan(6, 500);
  Schedule schedule(plan, pending(plan), {{5.0, 4.0, 3.0, 2.0, 1.0, 0.0}, 1e-3}, 1, 1);
  std::size_t done = 0;
  double before = 0.0;
  while (const auto range = schedule.next(0)) {
    done += range->count;
    const double share = schedule.share_done(done);
    CHECK(share > before);
    CHECK(share <= 1.0 + 1e-12);
    CHECK(schedule.share_done(done - 1) < share);
    before = share;
  }
  CHECK(done == plan.task_count());
  CHECK(before == Approx(1.0).epsilon(1e-9));
}

TEST_CASE("The expected cost follows what there is to compute") {
  nuloop::test::TinyOptions options;
  options.shared_s = 0.5;
  const auto costs_of = [&](std::size_t groups, std::size_t inner_points) {
    return estimate_costs(nuloop::test::tiny_study(
        {counting_axis("low", groups, Depth::outer, true), counting_axis("angle", 300),
         counting_axis("time", inner_points, Depth::innermost)},
        options));
  };
  const Costs one = costs_of(1, 1);
  CHECK(one.shared_s == std::vector<double>{0.5});
  CHECK(one.point_s == options.grain.outer_point_s + options.grain.inner_point_s);
  const Costs many = costs_of(1, 1000);
  CHECK(many.point_s == options.grain.outer_point_s + 1000 * options.grain.inner_point_s);
  CHECK(many.shared_s == one.shared_s);
  // Each by its own first point.
  CHECK(costs_of(3, 1).shared_s == std::vector<double>{0.5, 1.0, 1.5});
}

TEST_CASE("A simulated run of thousands of ranks on a schedule does all its work once") {
  // What a rank remembers is what its last group shares.
  const auto simulate = [](const Plan& plan, const Costs& costs, int ranks) {
    Schedule schedule(plan, pending(plan), costs, ranks, 1);
    std::vector<std::optional<std::size_t>> group_of_rank(static_cast<std::size_t>(ranks));
    std::size_t done = 0;
    const auto outcome = nuloop::parallel::simulate(
        {ranks, [&](int rank) { return schedule.next(rank); },
         [&](int rank, std::size_t position) {
           ++done;
           auto& own = group_of_rank[static_cast<std::size_t>(rank)];
           const std::size_t group = plan.group_of(schedule.tasks()[position]);
           const bool anew = own != group;
           own = group;
           return schedule.task_s(position) + (anew ? schedule.shared_s(position) : 0.0);
         },
         1e-6});
    CHECK(done == plan.task_count());
    CHECK(outcome.work_s >= schedule.total_s() * (1.0 - 1e-9));
    CHECK(outcome.wall_s >= outcome.work_s / ranks);
    return outcome;
  };
  const Plan plan = grouped_plan(40, 20'000);
  const Costs costs{std::vector<double>(40, 0.5), 1e-3};
  const double alone_s = simulate(plan, costs, 1).wall_s;
  CHECK(alone_s == Approx(40 * 0.5 + 800.0).epsilon(1e-9));
  double before_s = alone_s;
  for (const int ranks : {4, 16, 64}) {
    const double wall_s = simulate(plan, costs, ranks).wall_s;
    CHECK(wall_s < before_s);
    before_s = wall_s;
  }
  // More ranks than anything can keep busy: not before the last group's share, and not slower for
  // it.
  const double most_s = simulate(plan, costs, 16384).wall_s;
  CHECK(most_s >= 0.5);
  CHECK(most_s <= before_s);
}

TEST_CASE("What one group shares is shared by all ranks, and so are few groups") {
  const auto of = [](const std::vector<double>& shared_s, double point_s, int ranks) {
    const Plan plan = grouped_plan(shared_s.size(), 4);
    return choose_sharing(plan, pending(plan), {shared_s, point_s}, ranks, 1);
  };
  using Groups = std::vector<std::size_t>;
  const Sharing one = of({10.0}, 1e-3, 4);
  CHECK(one.groups == Groups{0});
  CHECK(one.seconds >= 10.0 / 4);
  CHECK(one.seconds <= 10.0 / 2.5);
  CHECK(of({10.0}, 1e-3, 1).groups.empty());
  CHECK(of({0.0}, 1.0, 4).groups.empty());
  CHECK(of({1e-4}, 1e-6, 4).groups.empty());  // not worth the messages
  // Each rank has one.
  CHECK(of({10.0, 10.0, 10.0, 10.0}, 1e-3, 4).groups.empty());
  // Three for four ranks: one would have nothing to do.
  CHECK(of({10.0, 9.0, 11.0}, 1e-3, 4).groups == Groups{2, 0, 1});
  // Five: one by all, then one each.
  CHECK(of({10.0, 11.0, 10.0, 10.0, 10.0}, 1e-3, 4).groups == Groups{1});
  // One on which all others would wait.
  std::vector<double> many(41, 1.0);
  many[2] = 30.0;
  CHECK(of(many, 1e-3, 4).groups == Groups{2});
  // Many groups keep all ranks busy.
  CHECK(of(std::vector<double>(64, 1.0), 1e-3, 4).groups.empty());
}

TEST_CASE("Only what is left to do is shared") {
  const Plan plan = grouped_plan(2, 300);
  std::vector<TaskState> states = pending(plan);
  const auto sharing = [&] {
    return choose_sharing(plan, states, {{20.0, 10.0}, 1e-3}, 4, 1).groups;
  };
  CHECK(sharing() == std::vector<std::size_t>{0, 1});
  for (std::size_t task = 0; task < plan.tasks_per_group(); ++task)
    states[task] = TaskState::done;
  CHECK(sharing() == std::vector<std::size_t>{1});
  std::fill(states.begin(), states.end(), TaskState::done);
  CHECK(sharing().empty());
}

TEST_CASE("Sharing ends a run sooner than every rank by itself, or hardly later") {
  std::mt19937_64 random(18);
  double before_s = 0.0, after_s = 0.0;
  for (int i = 0; i < 300; ++i) {
    const Plan plan = grouped_plan(1 + random() % 12, 1 + random() % 200);
    Costs costs{{}, std::exp(-3.0 - static_cast<double>(random() % 8))};
    for (std::size_t group = 0; group < plan.group_count(); ++group)
      costs.shared_s.push_back(std::exp(-0.5 * static_cast<double>(random() % 8)));
    const int ranks = 2 + static_cast<int>(random() % 15);
    const double alone_s = simulated_s(plan, costs, costs, ranks, false);
    const Sharing sharing = choose_sharing(plan, pending(plan), costs, ranks, 1);
    for (const std::size_t group : sharing.groups)
      costs.shared_s[group] = 0.0;
    const double shared_s = sharing.seconds + simulated_s(plan, costs, costs, ranks, false);
    CAPTURE(i, plan.group_count(), plan.task_count(), ranks, costs.point_s);
    // Sharing has the lower bound on the end, and handing out what is next ends before twice the
    // bound (R. L. Graham, Bell Syst. Tech. J. 45 (1966) 1563).
    CHECK(shared_s <= 2.0 * alone_s);
    before_s += alone_s;
    after_s += shared_s;
  }
  CHECK(after_s < before_s);
}

TEST_CASE("Costs become those that were measured") {
  const Plan plan = grouped_plan(3, 10);
  Schedule schedule(plan, pending(plan), {{2.0, 2.0, 16.0}, 1e-3}, 2, 1);
  const double points_s = 10 * 1e-3;
  CHECK(schedule.total_s() == Approx(20.0 + 3 * points_s));
  schedule.learn({});  // nothing was measured
  CHECK(schedule.total_s() == Approx(20.0 + 3 * points_s));
  // Points take thrice as long, and so does what groups of two seconds share; for others the
  // nearest is taken.
  schedule.learn({3.0 * points_s, points_s, 6.0, 2.0, 1.0});
  CHECK(schedule.total_s() == Approx(60.0 + 9 * points_s));
  CHECK(schedule.task_s(0) == Approx(3e-3 * static_cast<double>(plan.task(0).points())));
  // Those of 16 seconds take a quarter of that.
  schedule.learn({0.0, 0.0, 4.0, 16.0, 1.0});
  CHECK(schedule.shared_s(0) == Approx(6.0));
  CHECK(schedule.shared_s(schedule.tasks().size() - 1) == Approx(4.0));
}

TEST_CASE("Every task is handed out once whatever is learnt on the way") {
  std::mt19937_64 random(7);
  const auto factor = [&] { return std::exp(1.0 - static_cast<double>(random() % 100) / 50.0); };
  for (int i = 0; i < 200; ++i) {
    const std::size_t groups = 1 + random() % 20;
    const Plan plan = grouped_plan(groups, 1 + random() % 2000);
    Costs costs{{}, 1e-3};
    for (std::size_t group = 0; group < groups; ++group)
      costs.shared_s.push_back(factor());
    const int ranks = 1 + static_cast<int>(random() % 8);
    Schedule schedule(plan, pending(plan), costs, ranks, 1);
    std::vector<int> visits(schedule.tasks().size(), 0);
    std::size_t done = 0;
    for (int asking = ranks; asking > 0;) {
      schedule.learn({factor(), factor(), factor(), factor(), 1.0});
      const auto range = schedule.next(static_cast<int>(random() % static_cast<unsigned>(ranks)));
      if (!range) {
        --asking;
        continue;
      }
      for (std::size_t n = 0; n < range->count; ++n)
        ++visits.at(range->first + n);
      done += range->count;
      const double share = schedule.share_done(done);
      CHECK(share > 0.0);
      CHECK(share <= 1.0 + 1e-9);
    }
    // A rank that is sent away may leave a begun group to the one that has it.
    for (int rank = 0; rank < ranks; ++rank)
      while (const auto range = schedule.next(rank))
        for (std::size_t n = 0; n < range->count; ++n)
          ++visits.at(range->first + n);
    CHECK(std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }));
  }
}

TEST_CASE("The share of the work is right once costs are measured") {
  const Plan plan = grouped_plan(1, 1000);
  const Costs expected{{1.0}, 1e-3};
  const double true_shared_s = 0.1, true_point_s = 0.01;
  for (const bool learns : {false, true}) {
    Schedule schedule(plan, pending(plan), expected, 1, 1);
    std::size_t done = 0;
    double points = 0.0;
    while (points < 500.0) {
      const TaskRange range = schedule.next(0).value();
      double more = 0.0;
      for (std::size_t n = 0; n < range.count; ++n)
        more += static_cast<double>(plan.task(schedule.tasks()[range.first + n]).points());
      Measured measured{more * true_point_s, more * expected.point_s};
      if (done == 0) {
        measured.shared_s = true_shared_s;
        measured.expected_shared_s = expected.shared_s[0];
        measured.groups = 1.0;
      }
      done += range.count;
      points += more;
      if (learns)
        schedule.learn(measured);
    }
    CAPTURE(learns, points);
    REQUIRE(points < 900.0);
    const double share = (true_shared_s + points * true_point_s) / (true_shared_s + 10.0);
    if (learns)
      CHECK(schedule.share_done(done) == Approx(share));
    else
      CHECK(schedule.share_done(done) > share + 0.05);
  }
}

TEST_CASE("A rank joins a group once its points are known to take longer than what they share") {
  const Plan plan = grouped_plan(1, 1000);
  const auto joins = [&](double ratio) {
    Schedule schedule(plan, pending(plan), {{2.0}, 1e-3}, 2, 1);
    REQUIRE(schedule.next(0));
    schedule.learn({ratio * 0.01, 0.01, 2.0, 2.0, 1.0});
    return schedule.next(1).has_value();
  };
  CHECK_FALSE(joins(1.0));
  CHECK(joins(5.0));
}

TEST_CASE("A run does not end later for what its schedule has learnt") {
  std::mt19937_64 random(3);
  double before_s = 0.0, after_s = 0.0;
  for (int i = 0; i < 100; ++i) {
    const Plan plan = grouped_plan(1 + random() % 30, 1 + random() % 3000);
    Costs expected{{}, 1e-4}, truth{{}, 1e-4 * std::exp(2.0 - static_cast<double>(random() % 5))};
    const double of_dear = std::exp(2.0 - static_cast<double>(random() % 5));
    for (std::size_t group = 0; group < plan.group_count(); ++group) {
      expected.shared_s.push_back(0.01 * static_cast<double>(1 + random() % 20));
      truth.shared_s.push_back(expected.shared_s.back() *
                               (expected.shared_s.back() > 0.1 ? of_dear : 1.0));
    }
    const int ranks = 2 + static_cast<int>(random() % 15);
    before_s += simulated_s(plan, expected, truth, ranks, false);
    after_s += simulated_s(plan, expected, truth, ranks, true);
  }
  CAPTURE(before_s, after_s);
  CHECK(after_s <= before_s);
}
