#!/usr/bin/env bash
# tests/run.sh [OPTION...]: sets up what is missing, builds everything, runs the tests.
# Options go to ctest: `tests/run.sh -L unit`, `tests/run.sh -R photonic`.
# NULOOP_CMAKE_OPTIONS are given to CMake: `NULOOP_CMAKE_OPTIONS=-DNULOOP_WERROR=ON tests/run.sh`.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../jobs/setup.sh"

# Slurm, for the tests of slurm/; without it they are skipped. Its packages would start services, on the
# default ports, with nothing to serve, unless a policy forbids it while they are installed.
install_slurm() {
  dpkg-query -W -f '${Status}\n' slurm-wlm munge 2>/dev/null | grep -c 'ok installed' | grep -qx 2 && return
  local policy=/usr/sbin/policy-rc.d as_root=() made='' status=0
  ((EUID == 0)) || as_root=(sudo)
  if [[ ! -e $policy ]] && { ((EUID == 0)) || command -v sudo >/dev/null; }; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy" && made=yes
  fi
  install_packages slurm-wlm munge || status=$?
  [[ -z $made ]] || "${as_root[@]}" rm -f "$policy"
  return "$status"
}

install_packages "${packages[@]}" python3-xarray python3-h5netcdf netcdf-bin
install_packages valgrind || say "Without valgrind no instructions are counted."
install_slurm || say "Without Slurm its tests are skipped."
read -ra cmake_options <<<"${NULOOP_CMAKE_OPTIONS:-}"
build all
status=0
ctest --test-dir "$root/build" --output-on-failure --parallel "$cores" "$@" || status=$?
# ctest says that tests were skipped, not why.
grep -h '^skipped: ' "$root/build/Testing/Temporary/LastTest.log" | sort | uniq -c >&2 || true
exit "$status"
