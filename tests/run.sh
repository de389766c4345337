#!/usr/bin/env bash
# tests/run.sh [OPTION...]: sets up what is missing, builds everything, runs the tests.
# Options go to ctest: `tests/run.sh -L unit`, `tests/run.sh -R photonic`.
# NULOOP_CMAKE_OPTIONS are given to CMake: `NULOOP_CMAKE_OPTIONS=-DNULOOP_WERROR=ON tests/run.sh`.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../jobs/setup.sh"

install_packages "${packages[@]}" python3-xarray python3-h5netcdf netcdf-bin
read -ra cmake_options <<<"${NULOOP_CMAKE_OPTIONS:-}"
build all
ctest --test-dir "$root/build" --output-on-failure --parallel "$cores" "$@"
