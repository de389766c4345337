// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/launcher.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace nuloop::parallel {
namespace {

// What a launcher leaves to each of its ranks. Where a variable may also be a user's setting, as
// PMIX_MCA_gds, it is not among them: what is missing here costs an MPI that is not started, which
// the lock on the result notices; what is too much costs an MPI that is not needed.
constexpr const char* of_a_launcher[] = {
    "OMPI_COMM_WORLD_SIZE",  // Open MPI's mpirun
    "PMIX_RANK",             // PMIx: mpirun of Open MPI 5 and later, srun --mpi=pmix, jsrun
    "PMIX_NAMESPACE",
    "PMI_RANK",  // PMI 1 and 2: MPICH's and Intel's mpiexec, srun --mpi=pmi2, flux, Cray
    "PMI_SIZE",
    "PMI_FD",
    "PMI_PORT",
    "PMI_ID",
    "PMI_CONTROL_PORT",
    "MPI_LOCALRANKID",  // MPICH's and Intel's mpiexec
    "SLURM_STEP_ID",    // srun with any plugin; the shell of an allocation has none
    "SLURM_STEPID",
    "PALS_RANKID",  // Cray: mpiexec of PALS, aprun
    "ALPS_APP_PE",
    "FLUX_TASK_RANK",       // flux run
    "JSM_NAMESPACE_RANK",   // jsrun
    "MV2_COMM_WORLD_RANK",  // MVAPICH
    "MPIRUN_RANK",
};

}  // namespace

bool starts_mpi(const Environment& environment) {
  if (const char* choice = environment("NULOOP_START_MPI"); choice != nullptr && *choice != '\0') {
    const std::string_view word = choice;
    if (word != "yes" && word != "no")
      throw InputError(fmt::format("NULOOP_START_MPI: is \"{}\"; yes or no is possible", word));
    return word == "yes";
  }
  return std::any_of(std::begin(of_a_launcher), std::end(of_a_launcher),
                     [&](const char* name) { return environment(name) != nullptr; });
}

bool starts_mpi() {
  return starts_mpi([](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace nuloop::parallel
