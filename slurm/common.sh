# What the job scripts share: the site's profile, the launcher, runs that can be interrupted; sourced by them.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034,SC2317  # used by those who source this
export LC_ALL=C

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=jobs/launch.sh
source "$root/jobs/launch.sh"
results=${NULOOP_RESULTS:-results}
tasks=${SLURM_NTASKS:-1}
threads=${SLURM_CPUS_PER_TASK:-1}
restarts=${SLURM_RESTART_COUNT:-0}
most_restarts=${NULOOP_MAX_RESTARTS:-20}

say() { printf '[%(%F %T)T job %s] %s\n' -1 "${SLURM_JOB_ID:-?}" "$*" >&2; }

# fail STATUS TEXT...
fail() {
  local status=$1
  shift
  say "$@"
  exit "$status"
}

# What a profile may change: see slurm/README.md.
nuloop_preset=release
nuloop_launcher=auto
nuloop_mpi_plugin=pmix
nuloop_binding=auto
nuloop_srun_options=()
nuloop_mpirun_options=()
nuloop_python=/usr/bin/python3
nuloop_environment() { :; }

site=${NULOOP_SITE:-debian}
profile=$root/slurm/profiles/$site.sh
[[ $site != */* ]] || profile=$site
[[ -f $profile ]] || fail 2 "NULOOP_SITE=$site: there is no $profile"
# shellcheck source=slurm/profiles/debian.sh
source "$profile"
build_folder=build-$nuloop_preset
[[ $nuloop_preset != release ]] || build_folder=build
program=${NULOOP_PROGRAM:-$root/$build_folder/bin/nuloop}
set +eu  # what sites load is written for interactive shells
nuloop_environment
set -eu

require_job() {
  [[ -n ${SLURM_JOB_ID:-} ]] || fail 2 "$0 is for Slurm: sbatch $0"
}

# A job never builds: nodes may lack compilers, and many jobs would do it at once.
require_program() {
  if [[ ! -x $program ]]; then
    say "$program is not there. Build it once, where the site wants it done, in $root:"
    say "  source $profile && nuloop_environment"
    fail 2 "  cmake --preset $nuloop_preset && cmake --build $build_folder --target nuloop"
  fi
  "$program" --version >/dev/null ||
    fail 2 "$program does not start on $(hostname); was it built with profile $site and on such a CPU?"
}

# launcher: srun or mpirun. Slurm's srun starts MPI programs only through a plugin that the MPI library
# was built for; which one, the profile says, and whether Slurm has it, srun.
launcher() {
  local plugins
  case $nuloop_launcher in
    auto)
      plugins=$(srun --mpi=list 2>&1) || true
      if grep -qw -- "$nuloop_mpi_plugin" <<<"$plugins"; then
        echo srun
      elif mpirun_of "$program" >/dev/null; then
        say "srun has no MPI plugin $nuloop_mpi_plugin here: mpirun starts the ranks"
        echo mpirun
      else
        fail 2 "srun has no MPI plugin $nuloop_mpi_plugin and there is no mpirun; see $profile"
      fi
      ;;
    srun | mpirun) echo "$nuloop_launcher" ;;
    *) fail 2 "$profile: nuloop_launcher=$nuloop_launcher is none of auto, srun, mpirun" ;;
  esac
}

# require_cpus: where --cpus-per-task does not divide the CPUs of a node, Slurm 22.05 allocates fewer than
# the tasks need; srun refuses them then, and mpirun puts two on the same CPU.
require_cpus() {
  local given=${SLURM_JOB_CPUS_PER_NODE:-} part ranks room=0  # such as 6(x2),2
  [[ -n $given && -z ${SLURM_OVERCOMMIT:-} ]] || return 0
  for part in ${given//,/ }; do
    [[ $part =~ ^([0-9]+)(\(x([0-9]+)\))?$ ]] || return 0
    ranks=$((BASH_REMATCH[1] / threads))  # of a node
    room=$((room + ranks * ${BASH_REMATCH[3]:-1}))
  done
  ((tasks <= room)) ||
    fail 2 "Slurm has given this job $given CPUs on $SLURM_JOB_NODELIST, room for $room ranks of" \
      "$threads threads, not for $tasks; say how many are to be on a node, for instance" \
      "sbatch --ntasks=$tasks --cpus-per-task=$threads --ntasks-per-node=N"
}

# has_real_cores: this node has as many cores as Slurm counts CPUs: they are neither made up nor
# hardware threads, of which MPI does not bind two ranks to one core.
has_real_cores() {
  local range cpu allowed cores
  allowed=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
  cores=$(for range in ${allowed//,/ }; do
    for ((cpu = ${range%-*}; cpu <= ${range#*-}; ++cpu)); do
      cat "/sys/devices/system/cpu/cpu$cpu/topology/thread_siblings_list"
    done
  done | sort -u | wc -l)
  ((cores >= ${SLURM_CPUS_ON_NODE:-1}))
}

# choose_binding srun|mpirun: cores or none.
choose_binding() {
  case $nuloop_binding in
    cores | none) echo "$nuloop_binding" ;;
    auto)
      # Without its plugin Slurm does not bind, and OpenMP alone would tie the threads of all ranks to
      # the same cores.
      if [[ $1 == srun && ! $(scontrol show config) =~ TaskPlugin\ [^$'\n']*(affinity|cgroup) ]]; then
        echo none
      elif [[ $1 == mpirun ]] && ! has_real_cores; then
        echo none
      else
        echo cores
      fi
      ;;
    *) fail 2 "$profile: nuloop_binding=$nuloop_binding is none of auto, cores, none" ;;
  esac
}

# prepare_launch: sets launch, the words in front of the program, and what OpenMP needs.
prepare_launch() {
  require_job
  require_program
  require_cpus
  local with binding
  with=$(launcher)
  binding=$(choose_binding "$with")
  export OMP_NUM_THREADS=$threads
  case $binding in
    cores) export OMP_PLACES=cores OMP_PROC_BIND=close ;;
    none) export OMP_PROC_BIND=false ;;
  esac
  if [[ $with == srun ]]; then
    # Said again here: from 22.05 to 23.02 Slurm does not hand --cpus-per-task on to srun, and later srun
    # ends where a site has set it by other variables too. Without --kill-on-bad-exit the ranks of
    # other nodes would wait for a dead one until the time limit.
    launch=(srun --mpi="$nuloop_mpi_plugin" --ntasks="$tasks" --cpus-per-task="$threads"
      --cpu-bind="$binding" --kill-on-bad-exit=1 "${nuloop_srun_options[@]}")
  else
    launch_with "$(mpirun_of "$program")" "$tasks" "$threads" "$binding"
    launch+=("${nuloop_mpirun_options[@]}")
  fi
  say "$tasks ranks x $threads threads by $with on ${SLURM_JOB_NODELIST:-?}, profile $site"
}

# refuse OPTION... : which of the options the scripts decide themselves, and why.
refuse() {
  local option
  for option in "$@"; do
    case $option in
      --force | --resume) fail 2 "$option: decided here; to begin anew, delete the result first" ;;
      -o | -o?* | --output | --output=*)
        fail 2 "$option: decided here; NULOOP_RESULT=NAME and NULOOP_RESULTS=FOLDER choose the file"
        ;;
    esac
  done
}

# is_ended: the job is over for Slurm, which then tells this shell and the ranks.
is_ended() {
  [[ -n $terminated ]] || [[ $(squeue --noheader --jobs "$SLURM_JOB_ID" --format %T) == COMPLETING ]]
}

# wait_for_steps: a step that is killed by the requeue while a node still clears it away leaves
# sockets there that its successor trips over.
wait_for_steps() {
  local steps i
  for ((i = 0; i < 30; ++i)); do
    sleep 1
    steps=$(squeue --noheader --steps --jobs "$SLURM_JOB_ID" --format %i)
    grep -qE '\.[0-9]+$' <<<"$steps" || break
  done
}

# compute RESULT JOB.toml [OPTION...]: begins the run or continues it. If it is asked to stop in time
# (--signal=B:USR1@SECONDS, or `scancel --batch --signal=USR1 JOB`) it does, and the job is queued again.
# A result that is complete stays, unless `replace` is set.
compute() {
  local output=$1 job=$2 earlier=--resume status=0 pid='' warned='' terminated='' interrupted=''
  shift 2
  [[ -f $job ]] || fail 2 "$job: there is no such job file in $PWD"
  refuse "$@"
  mkdir -p -- "$(dirname -- "$output")"
  if [[ -f $output.part ]]; then
    say "$job: continuing $output.part, restart $restarts of at most $most_restarts"
  else
    [[ -z ${replace:-} ]] || earlier=--force
    say "$job: computing $output"
  fi

  # The signals come to this shell, which is free to hear them while it waits; srun and mpirun hand
  # USR1 on to the ranks.
  trap 'interrupted=yes warned=yes
    say "asked to make room: the ranks finish the tasks in hand"
    [[ -z $pid ]] || kill -USR1 "$pid" 2>/dev/null || true' USR1
  trap 'interrupted=yes terminated=yes' TERM
  # Where no task starts, srun may report success. What an earlier run of this job left on a node can
  # be in the way of a step of the same number: the next one has another.
  local attempt
  for attempt in 1 2 3; do
    "${launch[@]}" "$program" run "$job" -o "$output" "$earlier" "$@" &
    pid=$!
    while :; do
      interrupted=
      status=0
      wait "$pid" || status=$?
      [[ -n $interrupted ]] || break
    done
    if ((status != 0)) || [[ -f $output || -n $warned || -n $terminated ]]; then
      break
    fi
    say "attempt $attempt: the ranks did not start"
  done
  trap '' USR1

  if ((status == 0)) && [[ -f $output ]]; then
    say "complete: $output"
    return
  fi
  if is_ended; then
    fail 75 "ended by Slurm: cancelled, out of time, pre-empted, or a node was lost; what is done is in" \
      "$output.part; unless Slurm queues this job again, the same sbatch continues it"
  fi
  if ((status >= 2 && status <= 4)); then
    fail "$status" "failed with status $status, as said above; doing it again would not help"
  fi
  if ((status != 75)) && [[ -z $warned ]]; then
    fail $((status > 0 ? status : 1)) "ended with status $status; what is done is in $output.part, the same sbatch continues it"
  fi
  if ((restarts >= most_restarts)); then
    fail 75 "stopped after $restarts restarts (NULOOP_MAX_RESTARTS); the same sbatch continues $output.part"
  fi
  wait_for_steps
  say "queued again for restart $((restarts + 1)) of at most $most_restarts"
  scontrol requeue "$SLURM_JOB_ID" ||
    fail 75 "could not be queued again; the same sbatch continues $output.part"
  exit 75  # Slurm ends the job meanwhile
}

# report RESULT: the table beside it.
report() {
  "$program" report "$1" >"${1%.h5}.txt"
  say "table: ${1%.h5}.txt"
}

# draw NAME RESULT: with apps/plots/NAME.py, if there is one and Python has what it needs.
draw() {
  local script=$root/apps/plots/$1.py
  [[ -f $script ]] || return 0
  if "$nuloop_python" -c 'import h5py, matplotlib' 2>/dev/null; then
    "$nuloop_python" "$script" "$2"
  else
    say "no figure: $nuloop_python lacks h5py or matplotlib; elsewhere: python3 $script $2"
  fi
}
