# Profile of Debian 12 as packaged: Open MPI without Slurm's own interface, started through PMIx.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034  # used by slurm/common.sh

nuloop_launcher=auto
nuloop_mpi_plugin=pmix
nuloop_python=/usr/bin/python3  # the one that Debian's h5py and matplotlib belong to
nuloop_environment() { :; }     # everything is on the PATH
