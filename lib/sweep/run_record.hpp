// How a run went: what differs from run to run and so stands beside the result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/binding.hpp"
#include "nuloop/parallel/communicator.hpp"
#include "nuloop/sweep/pieces.hpp"
#include "nuloop/sweep/run.hpp"
#include "nuloop/sweep/study.hpp"

#include <array>
#include <cstddef>
#include <ctime>
#include <string>
#include <vector>

namespace nuloop::sweep {

/// What one rank knows of its run.
struct RunRecord {
  enum Phase { plan_phase, start_phase, compute_phase, write_phase, wait_phase, total_phase };

  std::time_t started = std::time(nullptr);
  std::array<double, 6> seconds{};  ///< by Phase
  Pieces points;
  Pieces shared;                  ///< of what the points of groups share
  std::vector<float> requests_s;  ///< the master's time for each request; on the master

  /// Gathers the records of all ranks and writes them to a JSON file; collective.
  /// @throws MachineError, the same on every rank, if it cannot be written; InputError if something
  /// is in the way.
  void save(const std::string& path, const Study& study, const parallel::Communicator& communicator,
            const RunOutcome& outcome, const std::vector<parallel::RankPlace>& places) const;
};

}  // namespace nuloop::sweep
