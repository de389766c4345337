# Profile of Debian with MPICH: the program of `cmake --preset mpich`, started through PMI 2.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034  # used by slurm/common.sh

nuloop_preset=mpich
nuloop_launcher=auto
nuloop_mpi_plugin=pmi2
nuloop_python=/usr/bin/python3  # the one that Debian's h5py and matplotlib belong to
nuloop_environment() { :; }     # everything is on the PATH
