// The end of the process, once the work is done.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace nuloop::apps {

/// From now on a fault (SIGSEGV and the like) ends the process with this status and without a word:
/// what is left to do, taking libraries down, can neither harm a result nor say anything of it.
void hold_status(int status);

/// Returns when somebody has read what was written to standard error, if that is a pipe, and at
/// once if it is none; after five seconds in any case. For a rank that is about to end all ranks:
/// MPICH's mpirun may then end without having read what its ranks wrote.
void wait_for_reader();

/// Ends the process with this status, after all that was written is flushed. Libraries are not
/// taken down, except where a debug build or a sanitizer is to look at what they leave.
[[noreturn]] void leave(int status);

}  // namespace nuloop::apps
