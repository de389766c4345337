#!/usr/bin/env bash
# tests/systems/aarch64.sh [--keep] [--in FOLDER]: the program for AArch64, cross-compiled here and run by
# qemu's emulation of that processor, the plain build and one for this machine's own instructions
# (NULOOP_NATIVE): each verifies, resumes and extends the others' results of every kind. No root is needed,
# but 1 GB of disk; three builds take their time.
#   --keep        leave root and builds, and say where they are
#   --in FOLDER   take those that an earlier --keep has left there, build what has changed, leave them
# Needs Debian's g++-aarch64-linux-gnu, qemu-user-static, python3-h5py beside what builds the program.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../jobs/setup.sh"

work='' keep=''
while (($#)); do
  case $1 in
    --keep) keep=yes ;;
    --in)
      [[ -d ${2:-} ]] || {
        say "aarch64: --in wants the folder that --keep has left"
        exit 2
      }
      work=$(realpath -- "$2")
      keep=yes
      shift
      ;;
    *)
      sed -n '2,/^# SPDX/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '$d' >&2
      exit 2
      ;;
  esac
  shift
done
for tool in aarch64-linux-gnu-g++:g++-aarch64-linux-gnu qemu-aarch64-static:qemu-user-static; do
  command -v "${tool%%:*}" >/dev/null || {
    say "aarch64: ${tool%%:*} is missing; Debian's package is ${tool#*:}"
    exit 1
  }
done
[[ -n $work ]] || work=$(mktemp -d -t nuloop-aarch64-XXXXXX)
group=  # of what is done, for signals
# shellcheck disable=SC2317  # called by the trap
finish() {
  if [[ -n $group ]]; then
    kill -TERM -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true
  fi
  if [[ -n $keep ]]; then say "aarch64: root and builds are in $work"; else rm -rf -- "$work"; fi
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- A root with the libraries of the other processor ---------------------------------------------
# Packages are unpacked, not installed: nothing of that processor runs while it is made.

arm=$work/root
make_root() {
  local state=$work/apt mirror suite deb link library
  library=libstdc++-$(aarch64-linux-gnu-g++ -dumpversion | cut -d. -f1)-dev
  # shellcheck source=/dev/null
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016  # expanded by apt
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' \
    'Component: main' | sed -n 1p)
  mkdir -p -- "$state"/{lists/partial,cache/archives/partial} "$arm"/usr/{bin,lib,sbin}
  : >"$state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
    >"$state/sources.list"
  local get=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64
    -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache"
    -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o APT::Sandbox::User= -o Debug::NoLocking=1 -o APT::Install-Recommends=0)
  say "aarch64: fetching libraries into $arm"
  "${get[@]}" update
  "${get[@]}" install -y --download-only libc6-dev "$library" libopenmpi-dev openmpi-bin \
    libhdf5-openmpi-dev libeigen3-dev libboost-dev libboost-program-options-dev libfmt-dev \
    libtomlplusplus-dev nlohmann-json3-dev libssl-dev zlib1g-dev librandom123-dev >/dev/null
  for link in bin lib sbin; do ln -sfn "usr/$link" "$arm/$link"; done
  for deb in "$state"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$arm"
  done
  # Links from the top of the file system stay in the root.
  find "$arm/usr" "$arm/etc" -type l -lname '/*' -printf '%p\t%l\n' |
    while IFS=$'\t' read -r link target; do ln -sfn "$arm$target" "$link"; done
  rm -rf -- "$state"
  touch "$work/root.made"
}

# --- Three builds ---------------------------------------------------------------------------------

compile() { # compile FOLDER OPTION...
  local folder=$work/$1 log
  shift
  log=$(cmake -S "$root" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DNULOOP_TESTS=OFF \
    -DCMAKE_UNITY_BUILD=ON "$@" 2>&1) || {
    say "$log"
    exit 1
  }
  cmake --build "$folder" --parallel "$cores" --target nuloop >&2
}

make_builds() {
  cat >"$work/aarch64.cmake" <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)
set(CMAKE_SYSROOT $arm)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
END
  local libraries=$arm/usr/lib/aarch64-linux-gnu
  # CMake asks MPI's compiler wrapper where things are, and that of the other processor cannot run.
  compile aarch64 -DCMAKE_TOOLCHAIN_FILE="$work/aarch64.cmake" -DHDF5_ROOT="$libraries/hdf5/openmpi" \
    -DMPI_CXX_HEADER_DIR="$libraries/openmpi/include" -DMPI_CXX_LIB_NAMES=mpi \
    -DMPI_mpi_LIBRARY="$libraries/libmpi.so.40" -DMPI_CXX_SKIP_MPICXX=ON
  compile plain
  compile native -DNULOOP_NATIVE=ON
}

# --- Each with the others' files ------------------------------------------------------------------

exchange() {
  export OMPI_MCA_ess_singleton_isolated=1  # a run alone starts no daemon of the other processor
  TMPDIR=$work /usr/bin/python3 "$root/tests/systems/exchange.py" "$root" "plain=$work/plain/bin/nuloop" \
    "native=$work/native/bin/nuloop" "aarch64=qemu-aarch64-static -L $arm $work/aarch64/bin/nuloop"
}

# --- All of it ------------------------------------------------------------------------------------

everything() {
  [[ -f $work/root.made ]] || make_root
  make_builds
  exchange
}
set -m  # in a group of its own
everything </dev/null &
group=$!
set +m
status=0
wait "$group" || status=$?
group=
exit "$status"
