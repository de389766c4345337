// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/plan.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::study {
namespace {

// A task should be worth its messages and writes, and there should be enough of them to balance
// thousands of ranks.
constexpr double worth_s = 5e-3;
constexpr std::size_t fewest_tasks = 64;
constexpr std::size_t most_tasks = 65536;

// What a point takes once its integrals are there; rough, from measurements on one core.
constexpr double outer_point_s = 1e-5;
constexpr double inner_point_s = 1e-7;
constexpr double toys_s = 5e-3;  // of however many, so that more of them make the same tasks
constexpr double measured_s = 1e-3;

std::size_t product(const std::vector<std::size_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::size_t{1}, std::multiplies<>());
}

}  // namespace

std::size_t Task::points() const {
  return product(count);
}

std::vector<std::size_t> Task::offset(std::size_t n) const {
  std::vector<std::size_t> offset(count.size());
  for (std::size_t axis = count.size(); axis-- > 0;) {
    offset[axis] = n % count[axis];
    n /= count[axis];
  }
  return offset;
}

Plan::Plan(const Job& job) {
  for (std::size_t i = 0; i < job.axes.size(); ++i) {
    const Axis& axis = job.axes[i];
    const std::size_t size = axis.values.size();
    if (axis.definition().is_inner(job.kind)) {
      inner_points_ *= size;
      continue;
    }
    const bool groups = job.kind != Kind::cross_section &&
                        axis.any([](const Parameter& p) { return p.changes_integrals(); });
    (groups ? group_axes_ : rest_).push_back(outer_.size());
    outer_.push_back(i);
    extents_.push_back(size);
    if (groups)
      groups_ *= size;
  }

  const std::size_t in_group = outer_points() / groups_;
  const double point_s = job.kind == Kind::toys      ? toys_s
                         : job.kind == Kind::impacts ? impacts_point_s
                         : job.kind == Kind::measurement
                             ? measured_s
                             : outer_point_s + inner_point_s * static_cast<double>(inner_points_);
  const auto worthwhile = static_cast<std::size_t>(std::ceil(worth_s / point_s));
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
  return product(extents_);
}

Task Plan::task(std::size_t index) const {
  NULOOP_EXPECTS(index < task_count());
  Task task{std::vector<std::size_t>(extents_.size(), 0), extents_};
  std::size_t group = group_of(index);
  for (std::size_t i = group_axes_.size(); i-- > 0;) {
    const std::size_t axis = group_axes_[i];
    task.start[axis] = group % extents_[axis];
    task.count[axis] = 1;
    group /= extents_[axis];
  }
  if (tasks_per_group_ == 1)
    return task;
  const std::size_t in_group = index % tasks_per_group_;
  const std::size_t cut = rest_[split_];
  task.start[cut] = in_group % chunks_ * chunk_;
  task.count[cut] = std::min(chunk_, extents_[cut] - task.start[cut]);
  std::size_t leading = in_group / chunks_;
  for (std::size_t i = split_; i-- > 0;) {
    const std::size_t axis = rest_[i];
    task.start[axis] = leading % extents_[axis];
    task.count[axis] = 1;
    leading /= extents_[axis];
  }
  return task;
}

std::size_t Plan::point(const Task& task, std::size_t n) const {
  const auto offset = task.offset(n);
  std::size_t position = 0;
  for (std::size_t axis = 0; axis < extents_.size(); ++axis)
    position = position * extents_[axis] + task.start[axis] + offset[axis];
  return position;
}

Scenario scenario_at(const Job& job, const Plan& plan, const Task& task, std::size_t n,
                     const World& world) {
  Settings settings = job.settings;
  const auto offset = task.offset(n);
  for (std::size_t i = 0; i < offset.size(); ++i)
    job.axes[plan.outer_axes()[i]].visit(
        task.start[i] + offset[i],
        [&](std::size_t parameter, const Value& value) { settings[parameter] = value; });
  for (const Axis& axis : job.axes)
    if (axis.definition().is_inner(job.kind))
      for (std::size_t n_inner = 0; n_inner < axis.values.size(); ++n_inner)
        axis.visit(n_inner, [&](std::size_t parameter, const Value& value) {
          auto& largest = settings[parameter];
          largest = std::max(largest.value_or(value), value);
        });
  return make_scenario(settings, world);
}

std::string describe_point(const Job& job, const Plan& plan, const Task& task, std::size_t n) {
  std::vector<std::string> parts;
  const auto offset = task.offset(n);
  for (std::size_t i = 0; i < offset.size(); ++i)
    job.axes[plan.outer_axes()[i]].visit(
        task.start[i] + offset[i], [&](std::size_t index, const Value& value) {
          const Parameter& parameter = parameters()[index];
          const auto* name = std::get_if<std::string>(&value);
          parts.push_back(fmt::format(
              "{} = {}", parameter.key,
              name != nullptr
                  ? *name
                  : io::format_quantity(std::get<double>(value), parameter.quantity()->dimension)));
        });
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace nuloop::study
