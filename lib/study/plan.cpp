// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/plan.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::study {
namespace {

// Enough tasks to balance a thousand ranks, few enough to keep the master idle.
constexpr std::size_t wanted_tasks = 4096;
// A point of a cross section takes microseconds.
constexpr std::size_t fewest_cross_sections = 1024;

std::size_t product(std::vector<std::size_t>::const_iterator begin,
                    std::vector<std::size_t>::const_iterator end) {
  return std::accumulate(begin, end, std::size_t{1}, std::multiplies<>());
}

}  // namespace

std::size_t Task::points() const {
  return product(count.begin(), count.end());
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
  for (std::size_t i = 0; i < job.axes.size(); ++i)
    if (!job.axes[i].definition().is_inner()) {
      outer_.push_back(i);
      extents_.push_back(job.axes[i].values.size());
    }
  const std::size_t per_task = std::max<std::size_t>(
      job.kind == Kind::cross_section ? fewest_cross_sections : 1, outer_points() / wanted_tasks);

  // The last axes whose points together fit into a task are covered whole; the one before is cut.
  std::size_t trailing = 1;
  split_ = extents_.size();
  while (split_ > 0 && trailing * extents_[split_ - 1] <= per_task)
    trailing *= extents_[--split_];
  if (split_ == 0)
    return;  // a single task
  --split_;
  chunk_ = std::max<std::size_t>(1, per_task / trailing);
  chunks_ = (extents_[split_] + chunk_ - 1) / chunk_;
  leading_points_ =
      product(extents_.begin(), extents_.begin() + static_cast<std::ptrdiff_t>(split_));
}

std::size_t Plan::outer_points() const {
  return product(extents_.begin(), extents_.end());
}

Task Plan::task(std::size_t index) const {
  NULOOP_EXPECTS(index < task_count());
  Task task{std::vector<std::size_t>(extents_.size(), 0), extents_};
  if (task_count() == 1)
    return task;
  task.start[split_] = index % chunks_ * chunk_;
  task.count[split_] = std::min(chunk_, extents_[split_] - task.start[split_]);
  std::size_t leading = index / chunks_;
  for (std::size_t axis = split_; axis-- > 0;) {
    task.start[axis] = leading % extents_[axis];
    task.count[axis] = 1;
    leading /= extents_[axis];
  }
  return task;
}

Scenario scenario_at(const Job& job, const Plan& plan, const Task& task, std::size_t n,
                     const World& world) {
  Settings settings = job.settings;
  const auto offset = task.offset(n);
  for (std::size_t i = 0; i < offset.size(); ++i) {
    const Axis& axis = job.axes[plan.outer_axes()[i]];
    settings[axis.parameter] = axis.values[task.start[i] + offset[i]];
  }
  return make_scenario(settings, world);
}

std::string describe_point(const Job& job, const Plan& plan, const Task& task, std::size_t n) {
  std::vector<std::string> parts;
  const auto offset = task.offset(n);
  for (std::size_t i = 0; i < offset.size(); ++i) {
    const Axis& axis = job.axes[plan.outer_axes()[i]];
    const Value& value = axis.values[task.start[i] + offset[i]];
    const auto* name = std::get_if<std::string>(&value);
    parts.push_back(fmt::format(
        "{} = {}", axis.definition().key,
        name != nullptr ? *name
                        : io::format_quantity(std::get<double>(value),
                                              axis.definition().quantity()->dimension)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace nuloop::study
