// What a job would cost, from a short calibration on this machine.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/dry_run.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/schedule.hpp"

#include <cstddef>

namespace nuloop::study {

struct Calibration {
  Costs costs;          ///< core-seconds, measured where the estimate of their shape allows
  double write_task_s;  ///< to write an average task
  double create_s;      ///< to create the result file
  double memory_MB;     ///< of this process at its peak, which did what a rank does
};

/// Does a sample of the job's integrals and points, for some seconds, and writes a scratch file in
/// the folder for temporary files. @param threads of a rank.
/// @throws NumericalError, InputError
Calibration calibrate(const Job& job, const Plan& plan, const Layout& layout, const World& world,
                      int threads);

/// How the job would run on that many ranks of that many threads; a simulation of the run's own
/// schedule, beginning after the start of MPI.
parallel::DryRunOutcome forecast(const Plan& plan, const Calibration& calibration, int ranks,
                                 int threads);

/// Core-seconds of all integrals, each once, and all points.
double core_seconds(const Plan& plan, const Costs& costs);

}  // namespace nuloop::study
