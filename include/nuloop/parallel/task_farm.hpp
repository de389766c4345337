// Numbered tasks, handed by the master to the ranks as they become free.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace nuloop::parallel {

/// Tasks first, first + 1, ... handed out together.
struct TaskRange {
  std::size_t first;
  std::size_t count;
};

/// What is to be done and by whom. Nothing here may throw.
struct Farm {
  /// On the master: more tasks for a rank, or none when nothing is left for it.
  std::function<std::optional<TaskRange>(int rank)> next;
  /// Does one task.
  std::function<void(std::size_t task)> execute;
  /// Whether this rank wants everyone to stop after the tasks in hand; asked between tasks.
  std::function<bool()> stop;
  /// On the master, now and then: the number of tasks known to be done.
  std::function<void(std::size_t done)> report;
};

/// With more ranks than this the master hands out tasks and computes none.
inline constexpr int most_ranks_of_working_master = 64;

/// What became of the tasks, and what handing them out took.
struct FarmOutcome {
  std::size_t done = 0;           ///< tasks, the same on every rank
  std::vector<float> requests_s;  ///< the master's time for each request; on the master
};

/// Runs the tasks; collective. Every rank is given a first portion and asks for more before it
/// starts what it has, so that it need not wait; the master answers between its own tasks, one at a
/// time. Nobody spins while waiting. With one rank the master does all.
FarmOutcome run_tasks(const Communicator& communicator, const Farm& farm);

}  // namespace nuloop::parallel
