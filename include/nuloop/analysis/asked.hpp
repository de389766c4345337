// What a job asks for, with all that it refers to.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/sweep/result_file.hpp"

namespace nuloop::analysis {

/// References, for the time of a call; the world must outlive whatever is made of it.
struct Asked {
  const setup::Job& job;
  const setup::World& world;
  const sweep::Provenance& provenance;
};

}  // namespace nuloop::analysis
