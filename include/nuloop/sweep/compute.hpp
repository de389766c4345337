// The work on a task: from its points to the values of the result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/study.hpp"

#include <string>
#include <vector>

namespace nuloop::sweep {

/// A task's values before the computation: NaN, pending.
TaskResult blank_result(const Study& study, const Task& task);

/// Computes the points of a task that are not done in `result` yet, on all threads. A point that
/// fails has NaN and Status::failed, its reason goes to `problems`.
/// @throws InputError if an earlier result that is gone on from cannot be read.
void compute(const Study& study, const Task& task, Worker& worker, TaskResult& result,
             std::vector<std::string>& problems);

}  // namespace nuloop::sweep
