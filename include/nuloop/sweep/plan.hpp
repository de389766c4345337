// The division of a grid into tasks.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/row_major.hpp"
#include "nuloop/sweep/grid.hpp"

#include <cstddef>

namespace nuloop::sweep {

/// A block of outer points: per outer axis, where it starts and how many values it covers. It is
/// one slab of every dataset of the result.
struct Task {
  Indices start;
  Indices count;

  std::size_t points() const { return size_of(count); }
  /// Position of the n-th point (row-major) relative to start, per outer axis.
  Indices offset(std::size_t n) const { return indices_of(n, count); }
  /// Its index on each outer axis.
  Indices at(std::size_t n) const {
    Indices indices = offset(n);
    for (std::size_t i = 0; i < indices.size(); ++i)
      indices[i] += start[i];
    return indices;
  }
};

/// What points cost, as far as the division into tasks needs it. A result that was begun can be
/// gone on with only as long as this stays the same.
struct Grain {
  double outer_point_s = 1e-5;  ///< roughly, on one core: the part of an outer point that it does
                                ///< not share with its group,
  double inner_point_s = 1e-7;  ///< and that of each of its inner ones
  bool fills_all_threads = false;  ///< whether a point does; each is a task then
};

/// Every task covers inner axes whole. The points of a task share what is expensive. Tasks that
/// share it are a group, and groups follow each other. The division depends on the grid and its
/// grain, never on the ranks.
class Plan {
 public:
  Plan(const Axes& axes, const Grain& grain);

  /// Positions among the axes, in order.
  const Indices& outer_axes() const { return outer_; }

  std::size_t outer_points() const;
  std::size_t inner_points() const { return inner_points_; }
  std::size_t group_count() const { return groups_; }
  std::size_t tasks_per_group() const { return tasks_per_group_; }
  std::size_t task_count() const { return groups_ * tasks_per_group_; }
  std::size_t group_of(std::size_t task) const { return task / tasks_per_group_; }
  Task task(std::size_t index) const;

  /// Position in the grid (row-major over the outer axes) of the n-th point of a task.
  std::size_t point(const Task& task, std::size_t n) const { return point(task.at(n)); }
  /// The same of a point by its index on each outer axis.
  std::size_t point(const Indices& at) const { return position_of(at, strides_); }

 private:
  Indices outer_;
  Indices extents_;  // of the outer axes
  Indices strides_;
  Indices group_axes_;  // positions in outer_ of those that divide groups
  Indices rest_;        // positions in outer_ of the others
  std::size_t inner_points_ = 1;
  std::size_t groups_ = 1;
  std::size_t tasks_per_group_ = 1;
  std::size_t split_ = 0;   // the position in rest_ of the axis that tasks divide
  std::size_t chunk_ = 1;   // values of that axis per task
  std::size_t chunks_ = 1;  // tasks along that axis
};

}  // namespace nuloop::sweep
