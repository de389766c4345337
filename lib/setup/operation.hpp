// When reactors run and detectors take data, as configs/ has it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "flux_file.hpp"
#include "nuloop/setup/world.hpp"

#include <optional>

namespace nuloop::setup {

// All throw InputError with file, line and key.

/// When a reactor runs; nothing if its entry does not say it.
/// @param files in which its calendar may be.
std::optional<experiment::Operation> read_operation(io::TableReader& entry,
                                                    const FileWithOthers& files);

/// What follows for the cores of an experiment: their load factors, and how much of the time any of
/// them runs. @param experiment with its cores.
void read_running_time(io::TableReader& entry, ExperimentEntry& experiment);

}  // namespace nuloop::setup
