// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/schedule.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nuloop::sweep {
namespace {

// A portion smaller than this is not worth a message,
constexpr double least_portion_s = 2e-3;
// nor one that lets the ranks' requests together take more than this share of the master's time.
constexpr double most_busy = 0.25;

// Of what ranks share, each does about this part itself: 0.10 with many bins, 0.19 with few,
// counted in instructions by tests/benchmarks/one_set.py;
constexpr double done_by_each = 0.15;
// and giving each other the rest takes about this time.
constexpr double exchange_s = 1e-3;

}  // namespace

Costs estimate_costs(const Study& study) {
  const Plan& plan = study.plan;
  Costs costs{std::vector<double>(plan.group_count(), 0.0),
              study.work->point_s(plan.inner_points())};
  for (std::size_t group = 0; group < plan.group_count(); ++group)
    costs.shared_s[group] = study.work->shared_s(study.first_point(group));
  return costs;
}

void correct(std::vector<double>& estimates, std::vector<std::pair<double, double>> ratios) {
  std::sort(ratios.begin(), ratios.end());
  for (double& estimate : estimates) {
    if (ratios.empty() || estimate <= 0.0)
      continue;
    const auto above = std::find_if(ratios.begin(), ratios.end(),
                                    [&](const auto& r) { return r.first >= estimate; });
    if (above == ratios.begin() || above == ratios.end()) {
      estimate *= above == ratios.end() ? ratios.back().second : ratios.front().second;
      continue;
    }
    const auto below = above - 1;
    const double span = std::log(above->first / below->first);
    const double share = span > 0.0 ? std::log(estimate / below->first) / span : 0.0;
    estimate *= std::lerp(below->second, above->second, share);
  }
}

double shared_by_all_s(double seconds, int ranks) {
  return exchange_s + seconds * (done_by_each + (1.0 - done_by_each) / ranks);
}

Sharing choose_sharing(const Plan& plan, const std::vector<TaskState>& states, const Costs& costs,
                       int ranks, int threads) {
  double points_s = 0.0, left_s = 0.0;
  std::vector<std::pair<double, std::size_t>> groups;  // seconds of what they share, their number
  for (std::size_t task = 0; task < states.size(); ++task) {
    if (states[task] == TaskState::done)
      continue;
    points_s += static_cast<double>(plan.task(task).points()) * costs.point_s / threads;
    const std::size_t group = plan.group_of(task);
    if (!groups.empty() && groups.back().second == group)
      continue;
    groups.emplace_back(costs.shared_s[group] / threads, group);
    left_s += groups.back().first;
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  // The end if the first groups are shared and each of the others belongs to a rank: no rank has
  // less to do than the mean, than the first of these, or than two of them if they are more than
  // the ranks.
  const auto all = static_cast<std::size_t>(ranks);
  const auto at = [&](std::size_t i) { return i < groups.size() ? groups[i].first : 0.0; };
  const auto end_s = [&](std::size_t first) {
    if (groups.size() - first < all)
      return at(first) + points_s / ranks;
    const double two = at(first + all) > 0.0 ? at(first + all - 1) + at(first + all) : 0.0;
    return std::max({(points_s + left_s) / ranks, at(first), two});
  };
  Sharing sharing, best;
  double soonest_s = end_s(0);
  for (std::size_t i = 0; ranks > 1 && i < groups.size() && at(i) > 0.0; ++i) {
    sharing.groups.push_back(groups[i].second);
    sharing.seconds += shared_by_all_s(at(i), ranks);
    left_s -= at(i);
    if (sharing.seconds >= soonest_s)
      break;
    if (sharing.seconds + end_s(i + 1) < soonest_s) {
      soonest_s = sharing.seconds + end_s(i + 1);
      best = sharing;
    }
  }
  return best;
}

Schedule::Schedule(const Plan& plan, const std::vector<TaskState>& states, const Costs& costs,
                   int ranks, int threads)
    : estimates_(costs), threads_(threads), group_of_rank_(static_cast<std::size_t>(ranks)) {
  NULOOP_EXPECTS(states.size() == plan.task_count() && ranks > 0 && threads > 0);
  for (std::size_t task = 0; task < states.size(); ++task) {
    if (states[task] == TaskState::done)
      continue;
    const std::size_t group = plan.group_of(task);
    if (groups_.empty() || groups_.back().number != group)
      groups_.push_back({group, tasks_.size(), tasks_.size()});
    tasks_.push_back(task);
    points_.push_back(plan.task(task).points());
    group_of_.push_back(groups_.size() - 1);
    groups_.back().end = tasks_.size();
  }
  task_s_.resize(tasks_.size());
  set_costs(costs);
}

void Schedule::set_costs(const Costs& costs) {
  left_s_ = 0.0;
  double handed_out_s = 0.0;
  waiting_.clear();
  for (std::size_t i = 0; i < task_s_.size(); ++i)
    task_s_[i] = static_cast<double>(points_[i]) * costs.point_s / threads_;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    group.shared_s = costs.shared_s[group.number] / threads_;
    group.left_s = 0.0;
    for (std::size_t position = i == 0 ? 0 : groups_[i - 1].end; position < group.end; ++position)
      (position < group.next ? handed_out_s : group.left_s) += task_s_[position];
    left_s_ += group.left_s;
    (group.begun ? handed_out_s : left_s_) += group.shared_s;
    if (group.next < group.end)
      waiting_.emplace(rank_of(i), i);
  }
  total_s_ = left_s_ + handed_out_s;
}

void Schedule::learn(const Measured& measured) {
  if (measured.expected_points_s <= 0.0 && measured.expected_shared_s <= 0.0)
    return;
  const auto add = [](Ratio& ratio, double measured_s, double expected_s, double groups) {
    ratio.measured_s += measured_s;
    ratio.expected_s += expected_s;
    ratio.groups += groups;
  };
  add(points_ratio_, measured.points_s, measured.expected_points_s, 0.0);
  if (measured.expected_shared_s > 0.0)
    add(shared_ratios_[std::ilogb(measured.expected_shared_s / measured.groups)], measured.shared_s,
        measured.expected_shared_s, measured.groups);
  // Seldom enough to cost nothing, and at first at once.
  if (!std::has_single_bit(++heard_))
    return;
  Costs costs = estimates_;
  if (points_ratio_.expected_s > 0.0)
    costs.point_s *= points_ratio_.measured_s / points_ratio_.expected_s;
  std::vector<std::pair<double, double>> ratios;
  for (const auto& [size, ratio] : shared_ratios_)
    ratios.emplace_back(ratio.expected_s / ratio.groups * threads_,
                        ratio.measured_s / ratio.expected_s);
  correct(costs.shared_s, ratios);
  set_costs(costs);
}

double Schedule::task_s(std::size_t position) const {
  return task_s_[position];
}

double Schedule::shared_s(std::size_t position) const {
  return groups_[group_of_[position]].shared_s;
}

double Schedule::share_done(std::size_t done) const {
  if (handed_out_ == 0)
    return 0.0;
  const double handed_out_s = total_s_ - left_s_;
  return handed_out_s / total_s_ * static_cast<double>(done) / static_cast<double>(handed_out_);
}

// What there is to gain by taking a group up: all of it, or what is left beyond doing once more
// what it shares.
double Schedule::rank_of(std::size_t index) const {
  const Group& group = groups_[index];
  return group.begun ? group.left_s - group.shared_s : group.left_s + group.shared_s;
}

std::optional<parallel::TaskRange> Schedule::next(int rank) {
  const auto own = group_of_rank_[static_cast<std::size_t>(rank)];
  if (own && groups_[*own].next < groups_[*own].end)
    return take(rank, *own);
  if (waiting_.empty())
    return std::nullopt;
  const auto [gain, group] = *waiting_.rbegin();
  if (groups_[group].begun && gain <= 0.0)
    return std::nullopt;  // whoever has what it shares is done sooner
  return take(rank, group);
}

std::optional<parallel::TaskRange> Schedule::take(int rank, std::size_t index) {
  // Portions shrink as the work does, so that all ranks end together.
  const auto ranks = static_cast<double>(group_of_rank_.size());
  const double wanted_s =
      std::max({least_portion_s, ranks * expected_request_s / most_busy, left_s_ / (4.0 * ranks)});
  index = begin_of_portion(index, wanted_s);
  const double own_shared_s = groups_[index].begun ? 0.0 : groups_[index].shared_s;
  parallel::TaskRange range{groups_[index].next, 0};
  double seconds = 0.0;
  for (;; ++index) {
    const bool whole = take_from(index, wanted_s, seconds, range.count);
    group_of_rank_[static_cast<std::size_t>(rank)] = index;
    if (!whole || index + 1 == groups_.size())
      break;
    // What follows goes along if nobody has begun it and the portion stays within what is wanted.
    const Group& following = groups_[index + 1];
    if (following.begun ||
        own_shared_s + seconds + following.shared_s + task_s_[following.next] > wanted_s)
      break;
    seconds += following.shared_s;
  }
  handed_out_ += range.count;
  return range;
}

// Groups whose predecessors nobody has begun take them along, as many as fit, so that portions of
// small groups are as long as others in whatever order the costs put them.
std::size_t Schedule::begin_of_portion(std::size_t index, double wanted_s) const {
  const auto whole_s = [&](std::size_t group) {
    return groups_[group].shared_s + groups_[group].left_s;
  };
  if (groups_[index].begun)
    return index;
  for (double seconds = whole_s(index); index > 0 && !groups_[index - 1].begun; --index) {
    seconds += whole_s(index - 1);
    if (seconds > wanted_s)
      break;
  }
  return index;
}

// Adds tasks of a group to a portion of that many seconds so far; returns whether none are left.
bool Schedule::take_from(std::size_t index, double wanted_s, double& seconds, std::size_t& count) {
  Group& group = groups_[index];
  waiting_.erase({rank_of(index), index});
  if (!group.begun) {
    group.begun = true;
    left_s_ -= group.shared_s;
  }
  const double before_s = seconds;
  while (group.next < group.end && (count == 0 || seconds + task_s_[group.next] <= wanted_s)) {
    seconds += task_s_[group.next++];
    ++count;
  }
  group.left_s -= seconds - before_s;
  left_s_ -= seconds - before_s;
  if (group.next == group.end)
    return true;
  waiting_.emplace(rank_of(index), index);
  return false;
}

}  // namespace nuloop::sweep
