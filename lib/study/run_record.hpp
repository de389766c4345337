// How a run went: what differs from run to run and so stands beside the result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/binding.hpp"
#include "nuloop/parallel/communicator.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/rates.hpp"
#include "nuloop/study/run.hpp"

#include <array>
#include <cstddef>
#include <ctime>
#include <string>
#include <vector>

namespace nuloop::study {

/// Pieces of work done on one rank and the seconds of each.
struct Pieces {
  void add(double pieces, double seconds) {
    add(pieces, seconds, seconds / pieces, seconds / pieces);
  }
  void add(double pieces, double seconds, double shortest_s, double longest_s);

  double count = 0.0, sum_s = 0.0, low_s = 0.0, high_s = 0.0;
};

/// What one rank knows of its run.
struct RunRecord {
  enum Phase { plan_phase, start_phase, compute_phase, write_phase, wait_phase, total_phase };

  std::time_t started = std::time(nullptr);
  std::array<double, 6> seconds{};  ///< by Phase
  Pieces points;
  RateCalculator::Effort integrals;
  std::vector<float> requests_s;  ///< the master's time for each request; on the master

  /// Gathers the records of all ranks and writes them to a JSON file; collective.
  /// @throws InputError, the same on every rank, if it cannot be written.
  void save(const std::string& path, const Job& job, const Plan& grid,
            const parallel::Communicator& communicator, const RunOutcome& outcome,
            const std::vector<parallel::RankPlace>& places) const;
};

}  // namespace nuloop::study
