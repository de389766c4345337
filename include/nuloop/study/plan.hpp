// The grid of a job and its division into tasks.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/job.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace nuloop::study {

/// A block of outer points: per outer axis, where it starts and how many values it covers. It is
/// one slab of every dataset of the result.
struct Task {
  std::vector<std::size_t> start;
  std::vector<std::size_t> count;

  std::size_t points() const;
  /// Position of the n-th point (row-major) relative to start, per outer axis.
  std::vector<std::size_t> offset(std::size_t n) const;
};

/// Outer axes change the expected rates; inner axes (uncertainties, exposure) change chi2 alone and
/// are covered whole by every task. The division depends on the job only, never on the ranks.
class Plan {
 public:
  explicit Plan(const Job& job);

  /// Positions in job.axes, in order.
  const std::vector<std::size_t>& outer_axes() const { return outer_; }

  std::size_t outer_points() const;
  std::size_t task_count() const { return leading_points_ * chunks_; }
  Task task(std::size_t index) const;

 private:
  std::vector<std::size_t> outer_;
  std::vector<std::size_t> extents_;  // of the outer axes
  std::size_t split_ = 0;             // the outer axis that tasks divide
  std::size_t chunk_ = 1;             // values of that axis per task
  std::size_t chunks_ = 1;            // tasks along that axis
  std::size_t leading_points_ = 1;    // points of the axes before it
};

/// The scenario at the n-th point of a task.
Scenario scenario_at(const Job& job, const Plan& plan, const Task& task, std::size_t n,
                     const World& world);

/// The same point in words: "experiment = tao-30m, model = nlo".
std::string describe_point(const Job& job, const Plan& plan, const Task& task, std::size_t n);

}  // namespace nuloop::study
