// What a job would cost, from a short calibration on this machine.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/dry_run.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/schedule.hpp"

#include <string>

namespace nuloop::study {

struct Calibration {
  Costs costs;          ///< core-seconds, measured where the estimate of their shape allows
  double write_task_s;  ///< to write an average task
  double create_s;      ///< to begin: the result file and what else is there only once
  double memory_MB;     ///< of this process at its peak, which did what a rank does
  double request_s = expected_request_s;  ///< the master's time for a request
};

/// Does a sample of the job's integrals and points, for some seconds, and writes a scratch file in
/// the folder for temporary files. @param threads of a rank.
/// @throws NumericalError, InputError
Calibration calibrate(const Job& job, const Plan& plan, const Layout& layout, const World& world,
                      int threads);

/// The same from the record of a run of this job or of one that differs in length: the costs have
/// the estimated shape and the measured mean. A record of a run of one thread per rank is best,
/// since what threads wasted would count as work.
/// @throws InputError
Calibration recorded(const std::string& record_path, const Job& job, const Plan& plan,
                     const World& world);

/// How the job would run on that many ranks of that many threads; a simulation of the run's own
/// schedule, beginning after the start of MPI.
parallel::DryRunOutcome forecast(const Plan& plan, const Calibration& calibration, int ranks,
                                 int threads);

/// Core-seconds of all integrals, each once, and all points.
double core_seconds(const Plan& plan, const Costs& costs);

}  // namespace nuloop::study
