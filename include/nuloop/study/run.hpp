// The run of a job: its tasks on all ranks, its results in one file.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"
#include "nuloop/study/inputs.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace nuloop::study {

/// What the master has to say while portions of the work are being done.
class Progress {
 public:
  explicit Progress(std::size_t portions);
  /// Prints a line to standard error, at most one per second and one at the end.
  void operator()(std::size_t done);

 private:
  std::size_t portions_;
  double start_s_;
  double last_s_;
  bool finished_ = false;
};

/// A failure of one rank while the others went on: the caller must end them with it.
struct LocalFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs a job; collective over a communicator that is MPI's. The result appears under its name when
/// it is complete; until then it grows in PATH.part, and an earlier result at PATH stays.
/// @returns reasons of failed points (empty if all went well; the result then stays at PATH.part),
/// the same on every rank.
/// @throws InputError, the same on every rank, if the output cannot be written.
/// @throws LocalFailure
std::vector<std::string> run(const Inputs& inputs, const parallel::Communicator& communicator,
                             const std::string& path);

}  // namespace nuloop::study
