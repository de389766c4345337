// The cost of a job, from a short calibration on this machine.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/dry_run.hpp"
#include "nuloop/sweep/schedule.hpp"
#include "nuloop/sweep/study.hpp"

#include <string>

namespace nuloop::sweep {

struct Calibration {
  Costs costs;          ///< core-seconds, of the estimated shape and the measured size
  double write_task_s;  ///< to write an average task
  double create_s;      ///< to begin: the result file and other work that is done once
  double memory_MB;     ///< of this process at its peak, which did the work of a rank
  double request_s = expected_request_s;  ///< the master's time for a request
};

/// Computes a sample of what groups share and of points, for some seconds, and writes a scratch
/// file into the folder for temporary files. @param threads of a rank.
/// @throws NumericalError, InputError, MachineError
Calibration calibrate(const Study& study, int threads);

/// The same from the record of a run of this job, or of a job that differs in length. The costs
/// have the estimated shape and the measured mean. The best record is that of a run with one thread
/// per rank, because waiting threads would count as work.
/// @throws InputError
Calibration recorded(const std::string& record_path, const Study& study);

/// A simulation of the job on so many ranks of so many threads. It uses the run's own schedule, and
/// begins after the start of MPI.
parallel::DryRunOutcome forecast(const Plan& plan, const Calibration& calibration, int ranks,
                                 int threads);

/// Core-seconds of what groups share, each once, and of all points.
double core_seconds(const Plan& plan, const Costs& costs);

}  // namespace nuloop::sweep
