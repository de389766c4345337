// Whether this process is one rank of several, before MPI is there to be asked.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace nuloop::parallel {

/// The value of an environment variable, null if it is not set.
using Environment = std::function<const char*(const char* name)>;

/// Whether MPI is to be started. Yes if a launcher (mpirun, mpiexec, srun, aprun, flux, jsrun) has
/// left one of its variables; a batch system's allocation alone is no launcher. NULOOP_START_MPI
/// decides where it is set: "yes" or "no".
/// @throws InputError if NULOOP_START_MPI is something else.
bool starts_mpi(const Environment& environment);

/// The same of this process.
bool starts_mpi();

}  // namespace nuloop::parallel
