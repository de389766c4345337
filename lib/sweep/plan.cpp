// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/plan.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::sweep {
namespace {

// A task should be worth its messages and writes, and there should be enough of them to balance
// thousands of ranks.
constexpr double worth_s = 5e-3;
constexpr std::size_t fewest_tasks = 64;
constexpr std::size_t most_tasks = 65536;

}  // namespace

Plan::Plan(const Axes& axes, const Grain& grain) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Axis& axis = axes[i];
    if (axis.depth != Depth::outer) {
      inner_points_ *= axis.size();
      continue;
    }
    (axis.divides_groups ? group_axes_ : rest_).push_back(outer_.size());
    outer_.push_back(i);
    extents_.push_back(axis.size());
    if (axis.divides_groups)
      groups_ *= axis.size();
  }

  strides_ = strides_of(extents_);

  const std::size_t in_group = outer_points() / groups_;
  const double point_s =
      grain.outer_point_s + grain.inner_point_s * static_cast<double>(inner_points_);
  const auto worthwhile =
      grain.fills_all_threads ? 1 : static_cast<std::size_t>(std::ceil(worth_s / point_s));
  const std::size_t for_balance = std::max<std::size_t>(1, outer_points() / fewest_tasks);
  const std::size_t per_task =
      std::max({std::size_t{1}, std::min(worthwhile, for_balance), outer_points() / most_tasks});

  // The last axes whose points together fit into a task are covered whole; the one before is cut.
  std::size_t trailing = 1;
  split_ = rest_.size();
  while (split_ > 0 && trailing * extents_[rest_[split_ - 1]] <= per_task)
    trailing *= extents_[rest_[--split_]];
  if (split_ == 0)
    return;  // a task for each group
  --split_;
  const std::size_t extent = extents_[rest_[split_]];
  chunk_ = std::max<std::size_t>(1, per_task / trailing);
  chunks_ = (extent + chunk_ - 1) / chunk_;
  tasks_per_group_ = in_group / (trailing * extent) * chunks_;
}

std::size_t Plan::outer_points() const {
  return size_of(extents_);
}

Task Plan::task(std::size_t index) const {
  NULOOP_EXPECTS(index < task_count());
  Task task{Indices(extents_.size(), 0), extents_};
  // Sets these axes to single values, of which the n-th combination is taken.
  const auto fix = [&](const Indices& axes, std::size_t n) {
    Indices extents;
    for (const std::size_t axis : axes)
      extents.push_back(extents_[axis]);
    const Indices at = indices_of(n, extents);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      task.start[axes[i]] = at[i];
      task.count[axes[i]] = 1;
    }
  };
  fix(group_axes_, group_of(index));
  if (tasks_per_group_ == 1)
    return task;
  const std::size_t in_group = index % tasks_per_group_;
  const std::size_t cut = rest_[split_];
  task.start[cut] = in_group % chunks_ * chunk_;
  task.count[cut] = std::min(chunk_, extents_[cut] - task.start[cut]);
  fix({rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(split_)}, in_group / chunks_);
  return task;
}

}  // namespace nuloop::sweep
