// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/verify.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/seal.hpp"
#include "nuloop/sweep/coordinates.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nuloop::sweep {
namespace {

constexpr int first_sealed_format = 4;

}  // namespace

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

void check_seal(const std::string& path) {
  if (io::has_seal(path) && !io::has_right_seal(path))
    throw InputError(path +
                     ": is damaged: it is not what the run wrote; `nuloop verify` may say where; "
                     "run its job again");
}

void check_tasks(const ResultReader& file, const Study& study) {
  if (file.format_version() < 2 || io::has_seal(file.path()))
    return;
  const Verification found = verify(file, study);
  if (!found.intact())
    throw InputError(fmt::format("{}: {} tasks are damaged; the first is {}", file.path(),
                                 found.tasks_damaged, found.first_damage));
  if (found.complete() && file.format_version() >= first_sealed_format)
    throw InputError(file.path() +
                     ": has no seal: it was cut short, or another program has written into it; run "
                     "its job again");
}

}  // namespace nuloop::sweep
