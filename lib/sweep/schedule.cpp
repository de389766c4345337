// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/schedule.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>

namespace nuloop::sweep {
namespace {

// A portion smaller than this is not worth a message,
constexpr double least_portion_s = 2e-3;
// nor one that lets the ranks' requests together take more than this share of the master's time.
constexpr double most_busy = 0.25;

}  // namespace

Costs estimate_costs(const Study& study) {
  const Plan& plan = study.plan;
  Costs costs{std::vector<double>(plan.group_count(), 0.0),
              study.work->point_s(plan.inner_points())};
  for (std::size_t group = 0; group < plan.group_count(); ++group)
    costs.shared_s[group] = study.work->shared_s(study.first_point(group));
  return costs;
}

Schedule::Schedule(const Plan& plan, const std::vector<TaskState>& states, const Costs& costs,
                   int ranks, int threads)
    : group_of_rank_(static_cast<std::size_t>(ranks)) {
  NULOOP_EXPECTS(states.size() == plan.task_count() && ranks > 0 && threads > 0);
  std::optional<std::size_t> last;
  for (std::size_t task = 0; task < states.size(); ++task) {
    if (states[task] == TaskState::done)
      continue;
    const std::size_t group = plan.group_of(task);
    if (last != group)
      groups_.push_back({tasks_.size(), tasks_.size(), costs.shared_s[group] / threads, 0.0});
    last = group;
    const double seconds = static_cast<double>(plan.task(task).points()) * costs.point_s / threads;
    tasks_.push_back(task);
    task_s_.push_back(seconds);
    group_of_.push_back(groups_.size() - 1);
    groups_.back().end = tasks_.size();
    groups_.back().left_s += seconds;
  }
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    left_s_ += groups_[group].left_s + groups_[group].shared_s;
    waiting_.emplace(rank_of(group), group);
  }
  total_s_ = left_s_;
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
