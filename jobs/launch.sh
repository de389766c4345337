#!/usr/bin/env bash
# jobs/launch.sh RANKS THREADS PROGRAM [ARGUMENT...]: starts an MPI program on this machine, with the
# launcher of the MPI that it was built with; its status. The process becomes that launcher: SIGUSR1 to
# it reaches the ranks. With --print in front it prints the words before PROGRAM, a line each.
# Scripts source it for its functions. More ranks than cores are allowed, and as root.
# NULOOP_MPIRUN names another launcher, NULOOP_SHARED_MEMORY another folder than /dev/shm for what
# the ranks of Open MPI share.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2034  # used by those who source this

# mpirun_of PROGRAM: the launcher that the program's build has found; of one that is installed
# elsewhere, the mpirun of the PATH. Fails if there is none.
mpirun_of() {
  if [[ -n ${NULOOP_MPIRUN:-} ]]; then
    echo "$NULOOP_MPIRUN"
    return
  fi
  local folder found=''
  folder=$(realpath -- "$1") || return
  until [[ $folder == / || -f $folder/CMakeCache.txt ]]; do
    folder=$(dirname -- "$folder")
  done
  [[ ! -f $folder/CMakeCache.txt ]] ||
    found=$(sed -n 's/^MPIEXEC_EXECUTABLE:[A-Z]*=//p' "$folder/CMakeCache.txt")
  [[ -x $found ]] || found=$(command -v mpirun) || {
    printf '%s\n' "There is no mpirun to start $1 with: install MPI, or load its module" >&2
    return 1
  }
  echo "$found"
}

# is_openmpi MPIRUN: it understands Open MPI's options. MPICH and its relatives need none of them.
is_openmpi() { "$1" --version 2>&1 | grep -q 'Open MPI\|OpenRTE'; }

# launch_with MPIRUN RANKS THREADS BINDING: sets launch, the words in front of the program, for all nodes
# that MPIRUN knows of. BINDING cores gives each rank THREADS cores of its own, none leaves them free.
# Options and not variables: Open MPI 4, 5 and 6 read other variables and the same options.
launch_with() {
  local mpirun=$1 ranks=$2 threads=$3 binding=$4 name
  launch=("$mpirun" -n "$ranks")
  if is_openmpi "$mpirun"; then
    ((EUID != 0)) || launch+=(--allow-run-as-root)
    if [[ $binding == cores ]]; then
      launch+=(--map-by "slot:PE=$threads:OVERSUBSCRIBE" --bind-to core)
    else
      launch+=(--oversubscribe --bind-to none)
    fi
    for name in OMP_NUM_THREADS OMP_PLACES OMP_PROC_BIND; do  # MPICH hands on all there are
      [[ -z ${!name+set} ]] || launch+=(-x "$name")
    done
  elif [[ $binding == cores ]]; then
    launch+=(-bind-to "core:$threads")
  fi
}

# launch_here RANKS THREADS PROGRAM: sets launch for this machine, and OMP_NUM_THREADS. The threads of
# a rank may use all cores. Open MPI does not look for networks: where it would find none, tcp complains,
# and ofi, which nothing uses here, sleeps for a second when it is closed (4.1.4).
launch_here() {
  local mpirun
  mpirun=$(mpirun_of "$3") || return
  export OMP_NUM_THREADS=$2
  launch_with "$mpirun" "$1" "$2" none
  is_openmpi "$mpirun" || return 0
  [[ -n ${OMPI_MCA_pml:-} ]] || launch+=(--mca pml ob1)
  # An allocation of a batch system may have several nodes.
  [[ -n ${OMPI_MCA_btl:-}${SLURM_JOB_ID:-}${PBS_JOBID:-}${LSB_JOBID:-} ]] || launch+=(--mca btl "^tcp,ofi")
  [[ -z ${NULOOP_SHARED_MEMORY:-} ]] ||
    launch+=(--mca btl_vader_backing_directory "$NULOOP_SHARED_MEMORY"
      --mca btl_sm_backing_directory "$NULOOP_SHARED_MEMORY")
}

# own_lines: copies its input, less the two blocks in which Open MPI's mpirun says that a rank's status was
# not 0, if nuloop has said why. Whatever else mpirun says is left: signals, programs and slots that it lacks.
own_lines() {
  local line block='' told=''
  local -r rule=--------------------------------------------------------------------------
  trap '' INT TERM HUP USR1
  while IFS= read -r line || [[ -n $line ]]; do
    if [[ -n $block || $line == "$rule" ]]; then
      block+=$line$'\n'
      [[ $block == "$rule"$'\n'*"$rule"$'\n' ]] || continue
      [[ -n $told && ($block == *'returned'$'\n''a non-zero exit code.'* || $block == *'exited with non-zero status'*) ]] ||
        printf '%s' "$block"
      block=''
    else
      [[ $line != 'nuloop: '* ]] || told=yes
      printf '%s\n' "$line"
    fi
  done
  printf '%s' "$block"
}

# stoppable WORD...: runs a launcher, out of reach of the terminal's Ctrl-C. The first Ctrl-C or SIGTERM
# to this shell asks the ranks to stop in good order, by SIGUSR1; the second ends them at once, by the
# SIGINT that no MPI forgives. Its status; stop_asked is set if it was asked.
stop_asked=''
stoppable() {
  local pid='' status interrupted errors filter
  trap 'interrupted=yes; ask_to_stop' INT TERM HUP
  exec {errors}> >(own_lines >&2)
  filter=$!
  setsid "$@" </dev/null 2>&"$errors" {errors}>&- &
  pid=$!
  exec {errors}>&-
  [[ -z $stop_asked ]] || kill -USR1 "$pid"
  while :; do
    interrupted='' status=0
    wait "$pid" || status=$?
    [[ -n $interrupted ]] || break
  done
  wait "$filter" || true
  trap - INT TERM HUP
  return "$status"
}

# ask_to_stop: for the trap of stoppable, whose pid it uses.
ask_to_stop() {
  local signal=USR1
  if [[ -z $stop_asked ]]; then
    echo "Stopping: the ranks finish the tasks in hand. Once more ends them at once." >&2 || true
  else
    signal=INT
  fi
  stop_asked=yes
  [[ -z $pid ]] || kill -"$signal" "$pid" 2>/dev/null || true
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  print=''
  if [[ ${1:-} == --print ]]; then
    print=yes
    shift
  fi
  if (($# < 3)) || ! [[ $1 =~ ^[1-9][0-9]*$ && $2 =~ ^[1-9][0-9]*$ ]]; then
    echo "usage: jobs/launch.sh [--print] RANKS THREADS PROGRAM [ARGUMENT...]" >&2
    exit 2
  fi
  launch_here "$1" "$2" "$3"
  if [[ -n $print ]]; then
    printf '%s\n' "${launch[@]}"
    exit
  fi
  shift 2
  exec "${launch[@]}" "$@"
fi
