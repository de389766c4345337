// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/verify.hpp"

#include "nuloop/sweep/coordinates.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nuloop::sweep {

Verification verify(const ResultReader& file, const Study& study) {
  check_coordinates(file, study);
  const TaskReader tasks(file, study);
  const Plan& plan = study.plan;
  Verification result;
  result.tasks = plan.task_count();
  result.points = plan.outer_points();
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    if (tasks.checksum_of(index) == 0)
      continue;
    const TaskResult task = tasks(index);
    if (checksum(task) != tasks.checksum_of(index)) {
      if (result.tasks_damaged++ == 0)
        result.first_damage = fmt::format("task {}, which begins at {}", index,
                                          study.describe(study.point(plan.task(index), 0)));
      continue;
    }
    const auto done =
        static_cast<std::size_t>(std::count(task.status.begin(), task.status.end(), Status::done));
    result.points_done += done;
    ++(done == task.status.size() ? result.tasks_done : result.tasks_failed);
  }
  return result;
}

}  // namespace nuloop::sweep
