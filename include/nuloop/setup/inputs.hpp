// The files that a run reads, as a job and a world.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/sweep/result_file.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

struct Inputs {
  World world;
  Job job;
  sweep::Provenance provenance;
  double read_s = 0.0;  ///< seconds of reading them on this rank
};

/// Reads job and configurations on the master, hands their texts to all ranks and parses them
/// there; collective. All arguments but the communicator are the same on every rank.
/// @param kinds of which the job may be. @param assignments those of --set.
/// @param own_configs folder of the user's own; empty for the one that the job names, or none.
/// @throws InputError, the same on every rank.
Inputs load_inputs(const parallel::Communicator& communicator, const Kinds& kinds,
                   const std::string& job_path, const std::vector<std::string>& assignments,
                   const std::string& own_configs);

}  // namespace nuloop::setup
