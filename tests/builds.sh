#!/usr/bin/env bash
# tests/builds.sh mpich|native: another build beside the one of tests/run.sh, which must be there, and what
# could be different in it. mpich: the MPI library. native: the instructions of this machine's processor.
# NULOOP_CMAKE_OPTIONS are given to CMake.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
case ${1:-} in
  mpich) export NULOOP_MPI=mpich ;;
  native) ;;
  *)
    echo "usage: tests/builds.sh mpich|native" >&2
    exit 2
    ;;
esac
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../jobs/setup.sh"

# fig7 PROGRAM NAME: the result of jobs/fig7.toml on two ranks.
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$root"
fig7() { jobs/launch.sh 2 1 "$1" run jobs/fig7.toml -o "$folder/$2.h5"; }

need_program
need_tests
install_needed
read -ra cmake_options <<<"${NULOOP_CMAKE_OPTIONS:-}"
with_tests=yes
if [[ $1 == mpich ]]; then
  targets=(mpi_tests)
  tests='^(mpi/|apps/(same_bytes|stop)$)'
else
  build_folder=$root/build-native
  cmake_options+=(-B "$build_folder" -DNULOOP_NATIVE=ON)
  targets=(test_physics_cross_section test_statistics_whitened test_statistics_toys test_prediction_theory_pull)
  tests='^(physics/cross_section|statistics/(whitened|toys)|prediction/theory_pull|apps/verify)'
fi
build nuloop "${targets[@]}"
ctest --test-dir "$build_folder" --output-on-failure --parallel "$cores" --no-tests=error -R "$tests"

here=$root/build/bin/nuloop there=$build_folder/bin/nuloop
fig7 "$here" plain
fig7 "$there" "$1"
if [[ $1 == mpich ]]; then
  cmp -- "$folder/plain.h5" "$folder/mpich.h5"
else
  for program in "$here" "$there"; do
    for name in plain native; do
      "$program" verify "$folder/$name.h5"
    done
  done
  "$here" verify "$folder/plain.h5" "$folder/native.h5"
fi
