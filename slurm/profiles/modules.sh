# Template of a profile for sites with environment modules: copy it, fill in what is in capitals.
# In the shell that builds and submits:  source slurm/profiles/COPY.sh && nuloop_environment
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034  # used by slurm/common.sh

# Which profile the jobs are to take: the name of the copy.
export NULOOP_SITE=COPY

# What sbatch asks for where neither the command line nor the script says it.
# export SBATCH_ACCOUNT=PROJECT
# export SBATCH_PARTITION=PARTITION
# export SBATCH_QOS=QOS

# What to load, to build as to run: a C++20 compiler, CMake 3.25, MPI, HDF5 built with that MPI, Eigen,
# GSL, Boost, OpenSSL, zlib, fmt, nlohmann_json, tomlplusplus. `module spider NAME` finds the names.
nuloop_environment() {
  module purge
  module load COMPILER MPI PARALLEL-HDF5 CMAKE EIGEN GSL BOOST
  # export HDF5_ROOT=FOLDER        # if CMake finds a serial HDF5
}

# auto: srun if Slurm has the plugin below (srun --mpi=list), else mpirun. Where srun has the plugin and the
# MPI library was built for another, as many separate runs start as there are ranks: say mpirun, or name
# the right plugin (Open MPI 4 and 5: pmix; MPICH, Intel MPI, Cray: pmi2 or cray_shasta).
nuloop_launcher=auto
nuloop_mpi_plugin=pmix

# What CMake builds: release, in build/; with mpich the MPICH of a Debian that has Open MPI beside it.
nuloop_preset=release

# cores: each rank and thread on cores of its own. none: no binding. auto: cores, unless Slurm cannot.
nuloop_binding=auto

nuloop_srun_options=()    # for instance --hint=nomultithread
nuloop_mpirun_options=()  # for instance --mca btl ^openib
nuloop_python=python3     # with h5py and matplotlib, for figures
