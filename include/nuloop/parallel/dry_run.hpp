// A simulation of a farm of many ranks, without MPI.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/task_farm.hpp"

#include <cstddef>
#include <functional>
#include <optional>

namespace nuloop::parallel {

/// A farm of `run_tasks` whose tasks take known times.
struct DryRun {
  int ranks = 1;
  std::function<std::optional<TaskRange>(int rank)> next;  ///< as in Farm
  /// Seconds that a task takes on that rank, which may remember what it did before.
  std::function<double(int rank, std::size_t task)> seconds;
  double message_s = 0.0;  ///< time the master spends on a request
};

struct DryRunOutcome {
  double wall_s = 0.0;          ///< until the last task is done
  double work_s = 0.0;          ///< sum over all tasks
  double longest_wait_s = 0.0;  ///< of a rank for an answer, the first one apart
  double master_messages_s = 0.0;
  std::size_t requests = 0;  ///< answers of the master, the first ranges among them

  /// Share of the ranks' time spent on tasks.
  double efficiency(int ranks) const { return wall_s > 0.0 ? work_s / (wall_s * ranks) : 1.0; }
};

/// Follows the policy of `run_tasks` event by event.
DryRunOutcome simulate(const DryRun& farm);

}  // namespace nuloop::parallel
