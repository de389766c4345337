// Numbered tasks, handed by the master to the ranks as they become free.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"

#include <array>
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

/// What a rank tells the master of the tasks that it has done. The farm only carries it.
using Note = std::array<double, 5>;

/// The work of a farm, as functions that the ranks call. None of them may throw.
struct Farm {
  /// On the master: more tasks for a rank, or none when nothing is left for it.
  std::function<std::optional<TaskRange>(int rank)> next;
  /// Does one task.
  std::function<void(std::size_t task)> execute;
  /// Whether this rank wants everyone to stop after the tasks in hand; asked between tasks.
  std::function<bool()> stop;
  /// On the master, now and then: the number of tasks known to be done.
  std::function<void(std::size_t done)> report;
  /// What there is to tell since the last call; asked with every request and at the end.
  std::function<Note()> note = [] { return Note{}; };
  /// On the master: takes a rank's note, its own included.
  std::function<void(const Note&)> learn = [](const Note&) {};
};

/// With more ranks than this the master hands out tasks and computes none.
inline constexpr int most_ranks_of_working_master = 64;

/// The outcome of a farm: tasks done, and the time of handing them out.
struct FarmOutcome {
  std::size_t done = 0;           ///< tasks, the same on every rank
  std::vector<float> requests_s;  ///< the master's time for each request; on the master
};

/// Runs the tasks; collective. Every rank gets a first portion, and asks for the next one before it
/// starts the one it has, so that it need not wait. The master answers between its own tasks, one
/// request at a time. No rank spins while waiting. With one rank the master does all tasks.
FarmOutcome run_tasks(const Communicator& communicator, const Farm& farm);

}  // namespace nuloop::parallel
