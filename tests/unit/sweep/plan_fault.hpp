// What can be wrong with the division of a grid into tasks.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/row_major.hpp"
#include "nuloop/sweep/plan.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace nuloop::test {

/// Why the tasks are not blocks that cover the grid once, or not one place each on the axes that
/// divide groups, with one group for each place; empty if they are.
inline std::string plan_fault(const sweep::Plan& plan, const Indices& extents,
                              const std::vector<bool>& divides_groups) {
  const std::size_t points = size_of(extents);
  if (plan.outer_points() != points)
    return "wrong number of outer points";
  if (plan.task_count() == 0 || plan.task_count() > points)
    return "no tasks, or more than points";
  std::size_t groups = 1;
  for (std::size_t i = 0; i < extents.size(); ++i)
    groups *= divides_groups[i] ? extents[i] : 1;
  if (plan.group_count() != groups || plan.task_count() != groups * plan.tasks_per_group())
    return "wrong number of groups";
  std::set<Indices> places;  // of the groups on the axes that divide them
  std::vector<unsigned char> visits(points, 0);
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const sweep::Task task = plan.task(index);
    if (task.start.size() != extents.size() || task.count.size() != extents.size())
      return "a task has another rank than the grid";
    for (std::size_t i = 0; i < extents.size(); ++i)
      if (task.count[i] == 0 || task.start[i] + task.count[i] > extents[i])
        return "a task is empty or leaves the grid";
    if (task.points() != size_of(task.count))
      return "a task miscounts its points";
    Indices place;
    for (std::size_t i = 0; i < extents.size(); ++i)
      if (divides_groups[i]) {
        place.push_back(task.start[i]);
        if (task.count[i] != 1)
          return "a task lies in more than one group";
      }
    if (index % plan.tasks_per_group() == 0 ? !places.insert(place).second
                                            : places.count(place) == 0)
      return "tasks of a group do not follow each other";
    if (plan.group_of(index) != places.size() - 1)
      return "a task does not know its group";
    for (std::size_t n = 0; n < task.points(); ++n) {
      const auto offset = task.offset(n);
      std::size_t position = 0;
      for (std::size_t i = 0; i < extents.size(); ++i) {
        if (offset[i] >= task.count[i])
          return "a point leaves its task";
        position = position * extents[i] + task.start[i] + offset[i];
      }
      if (visits[position]++ != 0)
        return "a point is visited twice";
    }
  }
  return std::count(visits.begin(), visits.end(), 1) == static_cast<std::ptrdiff_t>(points)
             ? ""
             : "a point is not visited";
}

}  // namespace nuloop::test
