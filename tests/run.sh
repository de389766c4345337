#!/usr/bin/env bash
# tests/run.sh [--no-install] [OPTION...]: sets up what is missing, builds everything, runs the tests.
# Options go to ctest: `tests/run.sh -L unit`, `tests/run.sh -R photonic`. --no-install, or
# NULOOP_INSTALL=no, only names missing packages; NULOOP_MPI=mpich takes MPICH.
# NULOOP_CMAKE_OPTIONS are given to CMake: `NULOOP_CMAKE_OPTIONS=-DNULOOP_WERROR=ON tests/run.sh`.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../jobs/setup.sh"

obey_no_install "$@"

# Slurm's packages would start services, on the default ports, with nothing to serve, unless a policy
# forbids it while they are installed.
install_slurm() {
  dpkg-query -W -f '${Status}\n' slurm-wlm munge 2>/dev/null | grep -c 'ok installed' | grep -qx 2 && return
  local policy=/usr/sbin/policy-rc.d as_root=() made='' status=0
  ((EUID == 0)) || as_root=(sudo)
  if [[ ! -e $policy && ${NULOOP_INSTALL:-} != no ]] && command -v apt-get >/dev/null &&
    { ((EUID == 0)) || command -v sudo >/dev/null; }; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy" && made=yes
  fi
  need "the tests of slurm/" slurm-wlm munge
  install_needed || status=$?
  [[ -z $made ]] || "${as_root[@]}" rm -f "$policy"
  return "$status"
}

need_program
need_tests
install_needed
need "to count instructions" valgrind
install_needed || say "Without valgrind no instructions are counted."
need "to see a page as its reader does" chromium
install_needed || say "Without Chromium no page is opened."
install_slurm || say "Without Slurm its tests are skipped."
read -ra cmake_options <<<"${NULOOP_CMAKE_OPTIONS:-}"
with_tests=yes
build all
status=0
ctest --test-dir "$build_folder" --output-on-failure --parallel "$cores" "${words[@]}" || status=$?
# ctest says that tests were skipped, not why.
grep -h '^skipped: ' "$build_folder/Testing/Temporary/LastTest.log" | sort | uniq -c >&2 || true
exit "$status"
