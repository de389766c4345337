#!/usr/bin/env bash
# tests/systems.sh SYSTEM [OPTION...]: the README's two commands on another system, from nothing: packages,
# build, figure, tests; the result compared with this machine's. Needs root and some 3 GB; prints a line of
# the README's table "Where it runs".
#   bookworm, trixie, sid   that release of Debian, in a root of its own
#   prefix                  an ordinary user of Debian 12, where some libraries are only in a folder
#                           of theirs: the first command, with CMAKE_PREFIX_PATH
#   aarch64                 the program of that processor, by tests/systems/aarch64.sh
#   --only jobs|tests       one of the two commands
#   --keep                  leave the root, and say where it is
#   --in FOLDER             take the root that an earlier --keep has left there, and leave it
#   --mirror URL            of Debian's packages; else that of this machine's apt
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../jobs/setup.sh"

usage() {
  sed -n '2,/^# SPDX/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '$d' >&2
  exit 2
}
refuse() {
  say "systems: $*"
  exit 2
}

system=${1:-}
(($# == 0)) || shift
[[ $system != aarch64 ]] || exec "$root/tests/systems/aarch64.sh" "$@"
[[ $system =~ ^[a-z]+$ ]] || usage
suite=$system
[[ $system != prefix ]] || suite=bookworm
only='' keep='' folder='' mirror=''
while (($#)); do
  case $1 in
    --keep) keep=yes ;;
    --only)
      only=${2:-}
      [[ $only == jobs || $only == tests ]] || usage
      shift
      ;;
    --in)
      folder=${2:-}
      [[ -d $folder/usr ]] || refuse "--in $folder: no root is there"
      folder=$(realpath -- "$folder")
      keep=yes
      shift
      ;;
    --mirror)
      mirror=${2:-}
      [[ -n $mirror ]] || usage
      shift
      ;;
    *) usage ;;
  esac
  shift
done
[[ $system != prefix || -z $only ]] || refuse "--only: prefix has one command"
((EUID == 0)) || refuse "needs root, to make a root and to enter it"

# --- Progress -------------------------------------------------------------------------------------

# Minutes on two cores, with nothing beside it.
declare -A minutes=([root]=2 [prefix]=1 [jobs]=3 [tests]=22 [compare]=1)
steps=()
# begin STEP TEXT...: says what begins, how long it takes, and when all will be done.
begin() {
  local step left=0
  for step in "${steps[@]}"; do
    left=$((left + minutes[$step]))
  done
  steps=("${steps[@]:1}")
  say "systems: $system, ${*:2}: about ${minutes[$1]} min; $((SECONDS / 60)) min gone, about $left to come"
}

# --- The root -------------------------------------------------------------------------------------

# debian_mirror: where this machine's apt has Debian from.
debian_mirror() {
  local uri
  # shellcheck disable=SC2016  # expanded by apt and dpkg, not here
  uri=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' \
    'Component: main' | sed -n 1p)
  [[ -n $uri ]] || refuse "apt knows of no mirror of Debian here: say --mirror URL"
  echo "$uri"
}

make_root() {
  say "systems: the root is $folder"
  contained --mount-proc debootstrap --variant=minbase "$suite" "$folder" "$mirror" \
    >"$folder.log" 2>&1 || {
    tail -n 20 "$folder.log" >&2
    refuse "debootstrap failed; $folder.log has what it did"
  }
  rm -f -- "$folder.log"
  cp -- /etc/hosts /etc/resolv.conf "$folder/etc/"
  # It is thrown away: nothing waits for the disk, no service is started, nothing is kept twice.
  echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/systems"
  # A mirror may be a copy of an earlier day, which apt takes for an attack after a week.
  echo 'Acquire::Check-Valid-Until "false";' >"$folder/etc/apt/apt.conf.d/systems"
  printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
  chmod 755 "$folder/usr/sbin/policy-rc.d"
}

# contained OPTION... COMMAND...: with processes and mounts of its own, which end with it and with this
# script, however that ends. Options go to unshare. In the background, so that signals are heard meanwhile.
inner=
contained() {
  local status=0
  env --default-signal=INT,QUIT setpriv --pdeathsig KILL \
    unshare --mount --pid --fork --kill-child "$@" &
  inner=$!
  wait "$inner" || status=$?
  inner=
  return "$status"
}

# inside COMMAND...: in the root.
inside() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  contained env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} \
    ${https_proxy:+"https_proxy=$https_proxy"} bash -euc '
      mount --bind "$0" "$0"  # where / is no mount point, nobody has mounts of his own
      mount -t proc proc "$0/proc"
      mount --rbind /sys "$0/sys"
      mount --rbind /dev "$0/dev"
      mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
      chroot "$0" "$@"' "$folder" "$@"
}

# install NAME...: packages, in the root.
install() { inside apt-get -qq install -y --no-install-recommends "$@" >&2; }

# Ends those contained, and waits until their first process is gone: it is the last of them.
# shellcheck disable=SC2317  # called by the trap
end_contained() {
  local first _
  first=$(cat "/proc/$inner/task/$inner/children" 2>/dev/null) || true
  kill -KILL "$inner" 2>/dev/null || true
  wait "$inner" 2>/dev/null || true
  for _ in {1..100}; do
    [[ -n $first && -d /proc/${first% } ]] || return 0
    sleep 0.1
  done
}

# shellcheck disable=SC2317  # called by the trap
finish() {
  [[ -z $inner ]] || end_contained
  if [[ -n $keep ]]; then
    say "systems: the root stays in $folder"
  else
    rm -rf --one-file-system -- "$folder"
  fi
}

# --- What is done in it ---------------------------------------------------------------------------

clone() {
  rm -rf --one-file-system -- "$folder/home/nuloop"
  git clone --quiet --no-hardlinks -- "$root" "$folder/home/nuloop"
  [[ -z $(git -C "$root" status --porcelain) ]] || say "systems: what is not committed is not tested"
}

# unpack_prefix: libraries in a folder of the user's, those that are mostly headers and that a cluster
# is likely to lack; and a system that has the rest and not them.
unpack_prefix() {
  local libraries=(libeigen3-dev libboost-dev libboost-program-options-dev libfmt-dev
    libtomlplusplus-dev nlohmann-json3-dev librandom123-dev)
  inside apt-get -qq update
  install ca-certificates git g++ cmake ninja-build pkg-config libopenmpi-dev openmpi-bin \
    libhdf5-openmpi-dev libssl-dev zlib1g-dev  # and no matplotlib, which brings Boost with it
  inside apt-get clean
  inside apt-get -qq install -y --no-install-recommends --download-only "${libraries[@]}" >&2
  inside id -u physicist &>/dev/null || inside useradd --create-home physicist
  # shellcheck disable=SC2016  # expanded by the inner shell
  inside bash -euc 'for package in /var/cache/apt/archives/*.deb; do
      dpkg-deb --extract "$package" /home/physicist/prefix
    done
    chown -R physicist: /home/physicist /home/nuloop'
  for name in "${libraries[@]}"; do
    ! inside dpkg-query -W "$name" &>/dev/null || refuse "$name is installed: this would show nothing"
  done
}

# run_job: the first command; what it leaves is results/fig7.h5 and .png, this where there is matplotlib.
run_job() {
  local as=(env) path=''
  if [[ $system == prefix ]]; then
    as=(runuser -u physicist -- env HOME=/home/physicist)
    path=CMAKE_PREFIX_PATH=/home/physicist/prefix/usr
  fi
  inside "${as[@]}" ${path:+"$path"} bash -c 'cd /home/nuloop && exec jobs/run.sh fig7'
  local last=fig7.png
  [[ $system != prefix ]] || last=fig7.txt
  [[ -s $folder/home/nuloop/results/$last ]] || {
    say "systems: there is no results/$last"
    return 1
  }
}

# run_tests: the second command; sets tested, what ctest counts.
run_tests() {
  local status=0 log=$folder/tmp/tests.log
  inside bash -o pipefail -c 'cd /home/nuloop && tests/run.sh 2>&1 | tee /tmp/tests.log' >&2 || status=$?
  tested=$(sed -n 's/^\([0-9]*% tests passed.*\)/\1/p' "$log" | tail -n 1)
  tested=${tested:-did not run}
  local skipped
  skipped=$(grep -c '\*\*\*Skipped' "$log") || true
  ((skipped == 0)) || tested+=", $skipped skipped"
  return "$status"
}

# compare: with the result of this machine; sets compared, what verify says of it.
compare() {
  local status=0 theirs=$folder/home/nuloop/results/fig7.h5
  contained --mount-proc env NULOOP_RESULTS="$folder/tmp/host" "$root/jobs/run.sh" fig7 >/dev/null
  compared=$("$build_folder/bin/nuloop" verify "$folder/tmp/host/fig7.h5" "$theirs" 2>&1) || status=$?
  say "$compared"
  compared=$(grep -m 1 ': the same results' <<<"$compared" || tail -n 1 <<<"$compared")
  compared=${compared#"$theirs: "}
  return "$status"
}

# version PACKAGE: of the one installed in the root, without what Debian adds.
version() {
  local text
  # shellcheck disable=SC2016
  text=$(inside dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || text=
  text=${text#*:} text=${text%-*} text=${text%%+*}
  echo "${text/\~/}"
}

table() {
  local name cells=() distribution
  # shellcheck source=/dev/null
  distribution=$(source "$folder/etc/os-release" && echo "$PRETTY_NAME")
  cells+=("$(inside g++ -dumpfullversion)")  # the package may be behind
  for name in cmake libopenmpi-dev libhdf5-openmpi-dev libeigen3-dev libboost-dev libfmt-dev catch2 \
    slurm-wlm; do
    cells+=("$(version "$name")")
  done
  say "| system | date | GCC | CMake | Open MPI | HDF5 | Eigen | Boost | fmt | Catch2 | Slurm | fig7 | tests |"
  printf '| %s ' "$distribution" "$(date +%F)" "${cells[@]}" "$compared" "$tested"
  echo '|'
}

# --- All of it ------------------------------------------------------------------------------------

# A function, so that the file may change while it runs.
main() {
  local status=0 todo step
  need "to make a root, and to enter it" debootstrap util-linux git
  install_needed
  mirror=${mirror:-$(debian_mirror)}
  [[ -n $folder ]] || steps=(root)
  [[ $system != prefix ]] || steps+=(prefix)
  [[ $only == tests ]] || steps+=(jobs)
  [[ $only == jobs || $system == prefix ]] || steps+=(tests)
  [[ $only == tests ]] || steps+=(compare)
  trap finish EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [[ -z $folder ]]; then
    folder=$(mktemp -d "${TMPDIR:-/tmp}/nuloop-$system-XXXXXX")
    chmod 755 "$folder"  # it is / for those in it
    begin root "a root of $suite"
    make_root
  fi
  clone
  compared=- tested=-
  todo=("${steps[@]}")
  for step in "${todo[@]}"; do
    case $step in
      prefix)
        begin prefix "libraries in a folder"
        unpack_prefix
        ;;
      jobs)
        begin jobs "jobs/run.sh fig7"
        run_job || status=1
        ((status == 0)) || break
        ;;
      tests)
        begin tests "tests/run.sh"
        run_tests || status=1
        ;;
      compare)
        begin compare "the result beside this machine's"
        compare || status=1
        ;;
    esac
  done
  table
  exit "$status"
}
main
