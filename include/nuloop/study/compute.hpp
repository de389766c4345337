// The work on a task: from scenarios to the values of the result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/earlier_result.hpp"
#include "nuloop/study/rates.hpp"
#include "nuloop/study/study.hpp"

#include <string>
#include <vector>

namespace nuloop::study {

/// A task's values before the computation: NaN, pending.
TaskResult blank_result(const Study& study, const Task& task);

/// Computes the points of a task that are not done in `result` yet, on all threads. A point that
/// fails has NaN and Status::failed, its reason goes to `problems`.
/// @param earlier a result whose rates are taken where it has them, or null.
void compute(const Study& study, const Task& task, RateCalculator& calculator,
             const EarlierResult* earlier, TaskResult& result, std::vector<std::string>& problems);

}  // namespace nuloop::study
