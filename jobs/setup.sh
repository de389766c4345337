# Makes a Debian 12 machine ready and builds the program; sourced by jobs/run.sh and tests/run.sh.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cores=$(env -u OMP_NUM_THREADS nproc)  # nproc would obey it

# What the program and its figures need.
# shellcheck disable=SC2034  # used by those who source this
packages=(
  ca-certificates git g++ cmake ninja-build pkg-config
  libopenmpi-dev openmpi-bin libhdf5-openmpi-dev
  libeigen3-dev libgsl-dev libboost-dev libboost-program-options-dev libfmt-dev
  libtomlplusplus-dev nlohmann-json3-dev libssl-dev zlib1g-dev
  librandom123-dev catch2
  python3 python3-h5py python3-matplotlib
)

say() { printf '%s\n' "$*" >&2; }

# install_packages NAME...: what is missing of it, with the rights there are.
install_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "These Debian packages are missing, and there is neither root nor sudo to install them:"
      say "  ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  say "Installing ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=300)
  if ! "${apt[@]}" update >&2 ||
    ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2; then
    say "Installing failed. These Debian packages are missing: ${missing[*]}"
    return 1
  fi
}

# build TARGET...: configures once, builds Release into build/.
build() {
  local log
  if [[ ! -f $root/build/build.ninja ]] || ((${#cmake_options[@]})); then
    log=$(cd -- "$root" && cmake --preset release "${cmake_options[@]}" 2>&1) || {
      say "$log"
      return 1
    }
  fi
  cmake --build "$root/build" --parallel "$cores" --target "$@" >&2
}
cmake_options=()

# Open MPI on one machine: also as root, more ranks than cores allowed, threads free to use all
# cores of their rank's machine, and none of the probing for networks that one machine lacks.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_pml=${OMPI_MCA_pml:-ob1}
