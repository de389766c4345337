# Makes a Debian machine ready and builds the program; sourced by jobs/run.sh, tests/run.sh and others.
# NULOOP_INSTALL=no only names the packages that are missing.
# NULOOP_MPI=mpich builds with MPICH, in build-mpich/; unset or openmpi, with Open MPI in build/.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034  # used by those who source this

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cores=$(env -u OMP_NUM_THREADS nproc)  # nproc would obey it
# shellcheck source=jobs/launch.sh
source "$root/jobs/launch.sh"

say() { printf '%s\n' "$*" >&2; }

# obey_no_install WORD...: the words of a script but --no-install, which it obeys, as `words`.
obey_no_install() {
  words=()
  local word
  for word in "$@"; do
    if [[ $word == --no-install ]]; then
      export NULOOP_INSTALL=no
    else
      words+=("$word")
    fi
  done
}

mpi=${NULOOP_MPI:-openmpi}
case $mpi in
  openmpi)
    preset=release build_folder=$root/build
    mpi_packages=(libopenmpi-dev openmpi-bin libhdf5-openmpi-dev)
    ;;
  mpich)
    preset=mpich build_folder=$root/build-mpich
    mpi_packages=(libmpich-dev mpich libhdf5-mpich-dev)
    ;;
  *)
    say "NULOOP_MPI=$mpi: is neither openmpi nor mpich"
    exit 2
    ;;
esac

# need WHY NAME...: Debian packages that install_needed is to see to. Their names are the same in
# Debian 12, 13 and unstable.
needs=()
need() { needs+=("$1|${*:2}"); }

# What the program and its figures need.
need_program() {
  need "to compile, and to name the revision in results" g++ cmake ninja-build pkg-config git
  need "the ranks of a run, and results that all of them write" "${mpi_packages[@]}"
  need "mathematics: linear algebra, special functions, random numbers" \
    libeigen3-dev libboost-dev librandom123-dev
  need "job files, options, texts, checksums" libtomlplusplus-dev nlohmann-json3-dev \
    libboost-program-options-dev libfmt-dev libssl-dev zlib1g-dev
  need "figures" python3 python3-h5py python3-matplotlib python3-jinja2
}

# What the tests need beside it.
need_tests() {
  need "the tests' framework, and a dilogarithm to compare with" catch2 libgsl-dev
  need "readers of results that are to understand them" hdf5-tools netcdf-bin nco python3-xarray \
    python3-h5netcdf python3-netcdf4
}

# install_needed: installs what is missing of the needs, with the rights there are, and says so before.
# Where that is not wanted or not possible it names them; whether it goes without, the build finds out.
# Fails only if installing does.
install_needed() {
  local names=() lines=() missing=() need name installed system reason='' as_root=()
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null) || true
  for need in "${needs[@]}"; do
    names=()
    for name in ${need#*|}; do
      grep -qx "installed $name" <<<"$installed" || names+=("$name")
    done
    ((!${#names[@]})) || lines+=("  ${names[*]}: ${need%%|*}")
    missing+=("${names[@]}")
  done
  needs=()
  ((${#missing[@]})) || return 0

  # shellcheck source=/dev/null
  system=$(source /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-}") || true
  if ! command -v apt-get >/dev/null || [[ -z $installed ]]; then
    [[ ! -f $build_folder/build.ninja ]] || return 0
    reason="${system:-This system} is not Debian"
  elif [[ ${NULOOP_INSTALL:-} == no ]]; then
    reason="as asked"
  elif ((EUID != 0)); then
    as_root=(sudo)
    command -v sudo >/dev/null || reason="there is neither root nor sudo"
  fi
  if [[ -n $reason ]]; then
    say "Nothing is installed: $reason. Going on without these packages of Debian:"
    say "$(printf '%s\n' "${lines[@]}")"
    say "slurm/README.md says under \"Without root, without Debian\" what they hold and where else to get it."
    return 0
  fi
  say "Packages that are missing on ${system:-this system} and are installed now${as_root:+ with sudo}:"
  say "$(printf '%s\n' "${lines[@]}")"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=300)
  if ! "${apt[@]}" update >&2 ||
    ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2; then
    say "Installing failed. --no-install goes on without these packages: ${missing[*]}"
    return 1
  fi
}

# build TARGET...: configures once, without tests unless with_tests=yes, and builds Release.
cmake_options=()
with_tests=
build() {
  local log cache=$build_folder/CMakeCache.txt options=("${cmake_options[@]}")
  if [[ -n $with_tests ]]; then
    grep -qs '^NULOOP_TESTS:BOOL=ON' "$cache" || options+=(-DNULOOP_TESTS=ON)
  elif [[ ! -f $build_folder/build.ninja ]]; then
    options+=(-DNULOOP_TESTS=OFF)
  fi
  if [[ ! -f $build_folder/build.ninja ]] || ((${#options[@]})); then
    log=$(cd -- "$root" && cmake --preset "$preset" "${options[@]}" 2>&1) || {
      say "$log"
      return 1
    }
  fi
  cmake --build "$build_folder" --parallel "$cores" --target "$@" >&2
}
