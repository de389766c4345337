# Profile of Debian with MPICH: the program of `cmake --preset mpich`, started through PMI 2. With the
# plugins pmix or none as many separate runs would start as there are ranks (measured: MPICH 4.0.2 of
# Debian 12 under its Slurm 22.05).
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034  # used by slurm/common.sh

nuloop_preset=mpich
nuloop_launcher=auto
nuloop_mpi_plugin=pmi2
nuloop_python=/usr/bin/python3  # the one that Debian's h5py and matplotlib belong to
nuloop_environment() { :; }     # everything is on the PATH
