// The run of a job: its tasks on all ranks, its results in one file.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/binding.hpp"
#include "nuloop/parallel/communicator.hpp"
#include "nuloop/study/inputs.hpp"

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace nuloop::study {

struct RunOptions {
  bool resume = false;  ///< continue an unfinished result, start anew if there is none
  bool force = false;   ///< replace an earlier result, finished or not
  std::string extend;   ///< an earlier result whose rates to use; empty for none
  /// Whether this rank has been asked to stop; all ranks then end after the tasks in hand.
  std::function<bool()> stop = [] { return false; };
  /// On the master, when there is something to compute: where the ranks are.
  std::function<void(const std::vector<parallel::RankPlace>&)> begin = [](const auto&) {};
  /// On the master: what the user should know and what does not keep the run from its work.
  std::function<void(const std::string&)> warn = [](const auto&) {};
};

/// How a run ended; the same on every rank.
struct RunOutcome {
  enum class End {
    complete,  ///< the result is at PATH
    failed,    ///< some points could not be computed; the rest is at PATH.part
    stopped    ///< on request; what is done is at PATH.part and can be resumed
  };
  End end;
  std::vector<std::string> problems;  ///< reasons of failed points
  std::size_t tasks_before;           ///< done before this run
  std::size_t tasks_done;             ///< by now
  std::size_t tasks;
};

/// A failure of one rank while the others went on: the caller must end them with it.
struct LocalFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs a job; collective over a communicator that is MPI's. The result appears under its name when
/// it is complete; until then it grows in PATH.part, readable and resumable at any moment.
/// @throws InputError, the same on every rank, if the output cannot be written, if something is in
/// the way, or if what is to be resumed came from another job, other inputs or another program.
/// @throws LocalFailure
RunOutcome run(const Inputs& inputs, const parallel::Communicator& communicator,
               const std::string& path, const RunOptions& options);

}  // namespace nuloop::study
