// Numbered tasks, handed by the master to the ranks as they become free.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"

#include <cstddef>
#include <functional>

namespace nuloop::parallel {

/// Calls execute(i) exactly once for every i in [0, task_count), each on some rank; collective.
/// The master works too: it answers requests between its own tasks, and every other rank asks for
/// its next task before it starts the present one, so that it need not wait for that. With one rank
/// the master does all. `execute` must not throw.
///
/// @param report called on the master with the number of tasks known to be done; cheap.
void run_tasks(const Communicator& communicator, std::size_t task_count,
               const std::function<void(std::size_t)>& execute,
               const std::function<void(std::size_t)>& report);

}  // namespace nuloop::parallel
