// Stopping a run from outside, from whatever machine sees its output.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace nuloop::sweep {

/// Whether a run is writing a result; file systems without locks do not tell.
enum class Writing { no, yes, unknown };

/// @param path of the result; the run holds a lock on PATH.part, which this does not touch.
Writing is_being_written(const std::string& path);

/// Asks the run that is writing `path` to stop as SIGUSR1 does, with an empty file PATH.stop. The
/// run removes it.
/// @throws InputError if no run is writing there, or if PATH.stop is something else; MachineError
/// if it cannot be created.
void request_stop(const std::string& path);

/// Waits until no run is writing `path`, and keeps the request up until then. Afterwards none is
/// left. Returns at once where locks do not tell.
void wait_for_stop(const std::string& path);

}  // namespace nuloop::sweep
