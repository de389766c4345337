// The work on a task: from scenarios to the values of the result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/rates.hpp"

#include <string>
#include <vector>

namespace nuloop::study {

/// Computes the points of a task on all threads. A point that fails has NaN and Status::failed, its
/// reason goes to `problems`.
TaskResult compute(const Task& task, const Plan& plan, const Job& job, const Layout& layout,
                   const World& world, RateCalculator& calculator,
                   std::vector<std::string>& problems);

}  // namespace nuloop::study
