// When MPI is started: what launchers leave in the environment, and what is no launcher.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/launcher.hpp"

#include "catch.hpp"
#include "message_of.hpp"

#include <map>
#include <string>

namespace {

using Variables = std::map<std::string, std::string>;

bool starts_mpi(const Variables& variables) {
  return nuloop::parallel::starts_mpi([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

}  // namespace

TEST_CASE("Every launcher starts MPI, with one rank as with many") {
  const std::map<std::string, Variables> launchers = {
      {"mpirun of Open MPI 4",
       {{"OMPI_COMM_WORLD_SIZE", "1"}, {"OMPI_COMM_WORLD_RANK", "0"}, {"PMIX_RANK", "0"}}},
      {"mpirun of Open MPI 5", {{"PMIX_NAMESPACE", "prterun-vm-7@1"}, {"PMIX_RANK", "0"}}},
      {"mpiexec of MPICH", {{"PMI_RANK", "0"}, {"PMI_FD", "9"}, {"PMI_SIZE", "2"}}},
      {"mpiexec of MPICH by ports", {{"PMI_PORT", "n1:40000"}, {"PMI_ID", "0"}}},
      {"srun --mpi=pmix", {{"SLURM_STEP_ID", "0"}, {"PMIX_RANK", "1"}}},
      {"srun --mpi=pmi2", {{"SLURM_JOB_ID", "7"}, {"SLURM_STEP_ID", "0"}, {"PMI_FD", "9"}}},
      {"srun --mpi=cray_shasta", {{"SLURM_STEP_ID", "0"}, {"PMI_CONTROL_PORT", "20000"}}},
      {"srun without a plugin", {{"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}}},
      {"mpiexec of PALS", {{"PALS_RANKID", "0"}}},
      {"flux run", {{"FLUX_TASK_RANK", "0"}}},
  };
  for (const auto& [name, variables] : launchers) {
    CAPTURE(name);
    CHECK(starts_mpi(variables));
  }
}

TEST_CASE("A user's shell, an allocation and settings of an MPI start none") {
  CHECK_FALSE(starts_mpi({}));
  CHECK_FALSE(starts_mpi({{"HOME", "/root"}, {"OMPI_MCA_pml", "ob1"}, {"PMIX_MCA_gds", "hash"}}));
  CHECK_FALSE(starts_mpi({{"I_MPI_ROOT", "/opt/intel"}, {"PMI_NO_FORK", "1"}}));
  // The script of sbatch, the shell of salloc.
  CHECK_FALSE(starts_mpi({{"SLURM_JOB_ID", "7"},
                          {"SLURM_PROCID", "0"},
                          {"SLURM_LOCALID", "0"},
                          {"SLURM_NTASKS", "64"},
                          {"SLURM_MPI_TYPE", "pmix"}}));
}

TEST_CASE("NULOOP_START_MPI decides where it is set") {
  CHECK(starts_mpi({{"NULOOP_START_MPI", "yes"}}));
  CHECK_FALSE(starts_mpi({{"NULOOP_START_MPI", "no"}, {"PMI_RANK", "0"}}));
  CHECK(starts_mpi({{"NULOOP_START_MPI", ""}, {"PMI_RANK", "0"}}));
  CHECK(nuloop::test::message_of([] {
          starts_mpi({{"NULOOP_START_MPI", "1"}});
        }) == "NULOOP_START_MPI: is \"1\"; yes or no is possible");
}
