// The run of a study: its tasks on all ranks, its results in one file.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/binding.hpp"
#include "nuloop/parallel/communicator.hpp"
#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace nuloop::sweep {

struct RunOptions {
  bool resume = false;  ///< continue an unfinished result; start one if there is none
  bool force = false;   ///< replace an earlier result, finished or not
  std::string extend;   ///< an earlier result to go on from (Work::earlier); empty for none
  double read_s = 0.0;  ///< seconds of reading the inputs on this rank, for the record
  /// Says whether this rank has been asked to stop. All ranks then end after the tasks in hand.
  std::function<bool()> stop = [] { return false; };
  /// Called on the master before the first task, with the places of the ranks. Not called if there
  /// is nothing to compute.
  std::function<void(const std::vector<parallel::RankPlace>&)> begin = [](const auto&) {};
  /// Called on the master with a warning for the user. The run goes on.
  std::function<void(const std::string&)> warn = [](const auto&) {};
};

/// How a run ended. All ranks have the same outcome.
struct RunOutcome {
  enum class End {
    complete,  ///< the result is at PATH
    failed,    ///< some points could not be computed; the rest is at PATH.part
    stopped    ///< on request; finished tasks are at PATH.part, and --resume goes on from there
  };
  End end;
  std::vector<std::string> problems;  ///< reasons of failed points
  std::size_t tasks_before;           ///< that were done before this run
  std::size_t tasks_done;             ///< that are done now, earlier ones included
  std::size_t tasks;
};

/// Runs a study; collective over the communicator. The result is written to PATH.part, which can be
/// read and resumed at any moment. It gets its name, PATH, when it is complete.
/// @throws InputError, the same on every rank, if a file is in the way, or if the result to be
/// resumed came from another job, other inputs or another program.
/// @throws MachineError, likewise, if the output cannot be written.
/// @throws LocalFailure on a rank that fails alone.
RunOutcome run(Study study, const Provenance& provenance,
               const parallel::Communicator& communicator, const std::string& path,
               const RunOptions& options);

}  // namespace nuloop::sweep
