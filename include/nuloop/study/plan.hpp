// The grid of a job and its division into tasks.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/job.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace nuloop::study {

/// Seconds of one core for a point of a job of kind `impacts`; roughly, from measurements.
inline constexpr double impacts_point_s = 3e-3;

/// A block of outer points: per outer axis, where it starts and how many values it covers. It is
/// one slab of every dataset of the result.
struct Task {
  std::vector<std::size_t> start;
  std::vector<std::size_t> count;

  std::size_t points() const;
  /// Position of the n-th point (row-major) relative to start, per outer axis.
  std::vector<std::size_t> offset(std::size_t n) const;
};

/// Outer axes change the expected rates. Inner axes (uncertainties, exposure) change chi2 alone,
/// and every task covers them whole. All points of a task share the integrals over energy. Tasks
/// that share them are a group, and groups follow each other. The division depends on the job only,
/// never on the ranks.
class Plan {
 public:
  explicit Plan(const Job& job);

  /// Positions in job.axes, in order.
  const std::vector<std::size_t>& outer_axes() const { return outer_; }

  std::size_t outer_points() const;
  std::size_t inner_points() const { return inner_points_; }
  std::size_t group_count() const { return groups_; }
  std::size_t tasks_per_group() const { return tasks_per_group_; }
  std::size_t task_count() const { return groups_ * tasks_per_group_; }
  std::size_t group_of(std::size_t task) const { return task / tasks_per_group_; }
  Task task(std::size_t index) const;

  /// Position in the grid (row-major over the outer axes) of the n-th point of a task.
  std::size_t point(const Task& task, std::size_t n) const;

 private:
  std::vector<std::size_t> outer_;
  std::vector<std::size_t> extents_;     // of the outer axes
  std::vector<std::size_t> group_axes_;  // positions in outer_ of those that change the integrals
  std::vector<std::size_t> rest_;        // positions in outer_ of the others
  std::size_t inner_points_ = 1;
  std::size_t groups_ = 1;
  std::size_t tasks_per_group_ = 1;
  std::size_t split_ = 0;   // the position in rest_ of the axis that tasks divide
  std::size_t chunk_ = 1;   // values of that axis per task
  std::size_t chunks_ = 1;  // tasks along that axis
};

/// The scenario at the n-th point of a task. Inner axes stand at their largest values, so that the
/// scenario has all pulls that any of their points has.
Scenario scenario_at(const Job& job, const Plan& plan, const Task& task, std::size_t n,
                     const World& world);

/// The same point in words: "experiment = tao-30m, model = nlo".
std::string describe_point(const Job& job, const Plan& plan, const Task& task, std::size_t n);

}  // namespace nuloop::study
