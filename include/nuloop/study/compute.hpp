// The work on a task: from scenarios to the values of the result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/earlier_result.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/rates.hpp"

#include <string>
#include <vector>

namespace nuloop::study {

/// A task's values before the computation: NaN, pending.
TaskResult blank_result(const Task& task, const Plan& plan, const Job& job, const Layout& layout);

/// Computes all integrals that a job of that kind needs at a point. Not for concurrent use.
/// @throws NumericalError
void prepare_integrals(RateCalculator& calculator, const Scenario& scenario, const World& world,
                       Kind kind);

/// How many sets of a signal's integrals these are.
std::size_t sets_of_integrals(const Scenario& scenario, const World& world, Kind kind);

/// Computes the points of a task that are not done in `result` yet, on all threads. A point that
/// fails has NaN and Status::failed, its reason goes to `problems`.
/// @param earlier a result whose rates are taken where it has them, or null.
void compute(const Task& task, const Plan& plan, const Job& job, const Layout& layout,
             const World& world, RateCalculator& calculator, const EarlierResult* earlier,
             TaskResult& result, std::vector<std::string>& problems);

}  // namespace nuloop::study
