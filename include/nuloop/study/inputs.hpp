// The files that a run reads, as a job and a world.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/result_file.hpp"
#include "nuloop/study/world.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nuloop::study {

struct Inputs {
  World world;
  Job job;
  Provenance provenance;
  double read_s = 0.0;  ///< seconds of reading them on this rank
};

/// Reads job and configurations on the master, hands their texts to all ranks and parses them
/// there; collective. @param assignments those of --set, the same on every rank.
/// @throws InputError, the same on every rank.
Inputs load_inputs(const parallel::Communicator& communicator, const std::string& job_path,
                   const std::vector<std::string>& assignments);

/// Calls `action` on the master; an InputError it throws is thrown on every rank.
void agree(const parallel::Communicator& communicator, const std::function<void()>& action);

}  // namespace nuloop::study
