// A sweep with all that follows from it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/grid.hpp"
#include "nuloop/sweep/layout.hpp"
#include "nuloop/sweep/plan.hpp"
#include "nuloop/sweep/work.hpp"

#include <memory>
#include <string>
#include <utility>

namespace nuloop::sweep {

/// What a result says of the job that asked for it.
struct Description {
  std::string name;   ///< also that of the result file
  std::string title;  ///< for people
  std::string kind;   ///< of the work
  std::string job;    ///< all of it, as TOML
};

/// A grid, the work at its points, its division into tasks and the layout of its result: built
/// once, for all that is done with it.
struct Study {
  Study(Description of, Axes along, std::shared_ptr<const Work> what)
      : description(std::move(of)),
        axes(std::move(along)),
        work(std::move(what)),
        plan(axes, work->grain()),
        layout(*work) {}

  Description description;
  Axes axes;
  std::shared_ptr<const Work> work;
  Plan plan;
  Layout layout;

  /// The shape of a task in a field.
  BlockShape block(const Task& task, const Field& field) const {
    return {axes, task, field.along, layout.further_lengths(field)};
  }

  /// The n-th point of a task.
  Point point(const Task& task, std::size_t n) const;
  /// The first point of a group, which stands for all of them in what they share.
  Point first_point(std::size_t group) const {
    return point(plan.task(group * plan.tasks_per_group()), 0);
  }

  /// The same in words: "experiment = tao-30m, model = nlo".
  std::string describe(const Point& point) const;
};

}  // namespace nuloop::sweep
