// The work on a task: from scenarios to rates, chi2 and discovery times.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/plan.hpp"
#include "nuloop/study/rates.hpp"
#include "nuloop/study/result_file.hpp"

#include <string>
#include <vector>

namespace nuloop::study {

/// Computes the points of a task on all threads. A point that fails has NaN and Status::failed, its
/// reason goes to `problems`.
TaskResult compute(const Task& task, const Plan& plan, const Job& job, const World& world,
                   RateCalculator& calculator, std::vector<std::string>& problems);

}  // namespace nuloop::study
