// The end of the process, once the work is done.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace nuloop::apps {

/// From now on a fault (SIGSEGV and the like) ends the process with this status and without a word:
/// what is left to do, taking libraries down, can neither harm a result nor say anything of it.
void hold_status(int status);

/// Ends the process with this status, after all that was written is flushed. Libraries are not
/// taken down, except where a debug build or a sanitizer is to look at what they leave.
[[noreturn]] void leave(int status);

}  // namespace nuloop::apps
