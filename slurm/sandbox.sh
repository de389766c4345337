#!/usr/bin/env bash
# slurm/sandbox.sh: a Slurm of one's own on this machine, to try job scripts; needs slurm-wlm and munge.
#   up [--nodes N] [--cpus M]                start it: N nodes (1) of M CPUs (those there are, at least 4)
#   run [--nodes N] [--cpus M] COMMAND...    start it, run a command in it, stop it; the command's status.
#                                            One that is up already is used and left up.
#   down                                     stop it, jobs and all, and remove its folder
# All it writes is in one folder: NULOOP_SANDBOX, else nuloop-slurm-UID in XDG_RUNTIME_DIR or TMPDIR.
# Daemons listen on free ports from NULOOP_SANDBOX_PORT upwards (somewhere from 22000). Root is not needed.
# Exit status 3: Slurm is not installed, or its daemons cannot run here.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
umask 022
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

say() { printf 'sandbox: %s\n' "$*" >&2; }
usage() {
  sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
unable() {
  say "$*"
  exit 3
}

folder=${NULOOP_SANDBOX:-${XDG_RUNTIME_DIR:-${TMPDIR:-/tmp}}/nuloop-slurm-$UID}
nodes=1
present_cpus=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)  # nproc would obey them
cpus=$((present_cpus > 4 ? present_cpus : 4))

# --- Processes, known by number and start time, since numbers are used again ----------------------

# start_time PID: in clock ticks since boot; nothing if there is no such process, or a zombie.
# The name in /proc/PID/stat may contain blanks; what follows its last parenthesis does not.
start_time() {
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} == Z ]] || printf '%s' "${fields[19]}"
}

is_alive() { [[ -n $2 && $(start_time "$1") == "$2" ]]; }

# within SECONDS COMMAND...: tries it until it succeeds.
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" &>/dev/null; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# launch NAME COMMAND...: a daemon, which stays in the foreground of a session of its own.
launch() {
  local name=$1
  shift
  setsid "$@" >"$folder/log/$name.out" 2>&1 </dev/null &
  local pid=$!
  echo "$name $pid $(start_time "$pid")" >>"$folder/processes"
}

end_process() {
  local pid=$1 started=$2
  is_alive "$pid" "$started" || return 0
  kill -TERM "$pid" 2>/dev/null || true
  gone() { ! is_alive "$pid" "$started"; }
  within 20 gone || kill -KILL "$pid" 2>/dev/null || true
  within 2 gone || true
}

# --- State ----------------------------------------------------------------------------------------

has_all_nodes() {
  local usable
  usable=$(timeout 30 sinfo --noheader --Node --format %T | grep -cE '^(idle|mixed|allocated|completing)$')
  ((usable == nodes))
}

is_up() {
  [[ -s $folder/processes && $(cat "$folder/shape" 2>/dev/null) == "$nodes $cpus" ]] || return 1
  local pid started
  while read -r _ pid started; do
    is_alive "$pid" "$started" || return 1
  done <"$folder/processes"
  SLURM_CONF=$folder/slurm.conf has_all_nodes
}

# A running one with other nodes is someone's; a broken one is not.
has_other_shape() {
  [[ -f $folder/shape && $(cat "$folder/shape") != "$nodes $cpus" ]] || return 1
  read -r nodes cpus <"$folder/shape"
  is_up
}

down() {
  if [[ ! -f $folder/shape ]]; then
    say "nothing to stop in $folder"
    return
  fi
  export SLURM_CONF=$folder/slurm.conf
  if timeout 30 scontrol ping 2>/dev/null | grep -q ' UP'; then
    timeout 30 scancel --user="$(id -un)" 2>/dev/null || true
    is_empty() {
      local jobs
      jobs=$(timeout 30 squeue --noheader --states=running,completing) && [[ -z $jobs ]]
    }
    within 60 is_empty || say "jobs do not end; their processes are killed"
  fi
  # Slurm's step daemons are not children of the recorded ones.
  local process name pid
  for process in /proc/[0-9]*; do
    { read -r name <"$process/comm"; } 2>/dev/null || continue  # without a process for each of them
    pid=${process##*/}
    if [[ $name == slurmstepd ]] &&
      grep -qzxF "SLURM_CONF=$folder/slurm.conf" "$process/environ" 2>/dev/null; then
      end_process "$pid" "$(start_time "$pid")"
    fi
  done
  local started
  if [[ -f $folder/processes ]]; then
    while read -r _ pid started; do
      end_process "$pid" "$started"
    done < <(tac "$folder/processes")
  fi
  rm -rf -- "$folder"
  say "stopped"
}

# fail TEXT...: while it starts; the trap of up brings down what is there of it.
fail() {
  say "$*"
  tail --quiet --lines 5 "$folder"/log/* >&2 || true
  exit 3
}

# free_ports N: the first of N consecutive free ports.
free_ports() {
  local first=${NULOOP_SANDBOX_PORT:-$((22000 + $$ % 1000 * 10))} last_port=32767 port
  for ((port = first; port < first + $1; ++port)); do
    if (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      first=$((port + 1))
      ((first + $1 <= last_port)) || return 1
    fi
  done
  echo "$first"
}

# --- Start ----------------------------------------------------------------------------------------

# The nodes' names: the host's for one; their own when there are several.
node_name() { if ((nodes == 1)); then hostname -s; else echo "n$1"; fi; }

# A node needs a host name and a /dev/shm of its own: Open MPI names its shared memory after the host.
# Root can give it both; others keep Open MPI from using shared memory. The names are in a hosts file that
# the daemons see as /etc/hosts: slurmctld stands still for 10 s at each name that resolves nowhere.
can_separate() { ((EUID == 0)) && unshare --uts --mount true 2>/dev/null; }

write_configuration() {
  local first_port host megabytes plugin=task/affinity i
  first_port=$(free_ports $((nodes + 1))) || fail "no free ports"
  host=$(hostname -s)
  megabytes=$(awk '/^MemTotal/ { print int($2 / 1024 * 0.9) }' /proc/meminfo)
  # CPUs that are not there cannot be bound to, and those of two nodes here are the same ones.
  ((nodes * cpus <= present_cpus)) || plugin=task/none
  # Open MPI's shared memory is named after the job as well: two sandboxes must not have the same jobs.
  {
    cat <<CONF
ClusterName=sandbox
FirstJobId=$((first_port * 100 + 1))
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$first_port
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
TmpFS=$folder/tmp/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=$plugin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
PropagateResourceLimits=NONE
ReturnToService=2
KillWait=30
MinJobAge=864000
MailProg=/bin/true
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=100000,bf_interval=1
PartitionName=sandbox Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    for ((i = 1; i <= nodes; ++i)); do
      echo "NodeName=$(node_name $i) NodeHostname=$host NodeAddr=127.0.0.1 Port=$((first_port + i))" \
        "CPUs=$cpus RealMemory=$megabytes"
    done
  } >"$folder/slurm.conf"
  # Nothing here uses control groups, yet slurmd looks for them, and ends where there are none.
  echo "CgroupPlugin=cgroup/v1" >"$folder/cgroup.conf"
}

write_environment() {
  {
    echo "export SLURM_CONF=$folder/slurm.conf PATH=$PATH"
    if ((EUID == 0)); then
      echo "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
    fi
    # No probing for networks that one machine lacks; Open MPI 5 finds no way from any other address of
    # this host to itself.
    echo "export OMPI_MCA_pml=ob1 OMPI_MCA_btl_tcp_if_include=lo"
    if ((nodes > 1)) && ! can_separate; then
      echo "export OMPI_MCA_btl=self,tcp"
    fi
  } >"$folder/env.sh"
}

# "${with_hosts[@]}" FILE COMMAND...: the command sees FILE as /etc/hosts.
# shellcheck disable=SC2016  # expanded by the inner shell
with_hosts=(unshare --uts --mount bash -c 'mount --bind "$0" /etc/hosts && exec "$@"')

launch_controller() {
  local names i
  if ((nodes > 1)) && can_separate; then
    mapfile -t names < <(for ((i = 1; i <= nodes; ++i)); do node_name "$i"; done)
    {
      cat /etc/hosts
      echo "127.0.0.1 ${names[*]}"
    } >"$folder/hosts"
    launch slurmctld "${with_hosts[@]}" "$folder/hosts" slurmctld -D -c -f "$folder/slurm.conf"
  else
    launch slurmctld slurmctld -D -c -f "$folder/slurm.conf"
  fi
}

launch_node() {
  local name=$1
  mkdir -p "$folder/spool/$name" "$folder/tmp/$name"
  if ((nodes == 1)); then
    launch "slurmd-$name" slurmd -D -f "$folder/slurm.conf"
  elif can_separate; then
    # shellcheck disable=SC2016  # expanded by the inner shell
    launch "slurmd-$name" "${with_hosts[@]}" "$folder/hosts" bash -c \
      'hostname "$1" && mount -t tmpfs tmpfs /dev/shm && exec slurmd -D -f "$2" -N "$1"' \
      bash "$name" "$folder/slurm.conf"
  else
    launch "slurmd-$name" slurmd -D -f "$folder/slurm.conf" -N "$name"
  fi
}

up() {
  local name i
  for name in munged munge slurmctld slurmd srun; do
    [[ -n $(type -P "$name") ]] || unable "$name is not installed (Debian: slurm-wlm and munge)"
  done
  local port=${NULOOP_SANDBOX_PORT:-1024}
  if [[ ! $port =~ ^[1-9][0-9]{3,4}$ ]] || ((port < 1024 || port > 32000)); then
    say "NULOOP_SANDBOX_PORT=$port: is no port from 1024 to 32000"
    exit 2
  fi
  # Sockets below it have names of up to 50 characters, of the 107 that the system allows.
  ((${#folder} <= 55)) || unable "$folder: too long a name; set NULOOP_SANDBOX to a shorter one"
  [[ $folder != *[[:space:]\'\"\$]* ]] || unable "$folder: Slurm cannot do with such a name"
  if is_up; then
    say "is up already"
    return
  fi
  if has_other_shape; then
    say "one of $nodes nodes of $cpus CPUs is up in $folder: bring it down first, or set NULOOP_SANDBOX"
    exit 2
  fi
  if [[ -f $folder/shape ]]; then
    down
  elif [[ -e $folder ]]; then
    rmdir -- "$folder" 2>/dev/null || unable "$folder: is there and is not a sandbox"
  fi
  mkdir -p -- "$folder"/{log,munge,spool,state,tmp} || unable "$folder: cannot be made"
  chmod 700 "$folder/state"
  echo "$nodes $cpus" >"$folder/shape"
  trap down EXIT  # until it is up; if it is for one command, until that ends

  (umask 077 && head -c 128 /dev/urandom >"$folder/munge/key")
  launch munged munged --foreground --force --key-file="$folder/munge/key" \
    --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
    --log-file="$folder/log/munged.log" --seed-file="$folder/munge/seed"
  within 60 munge --socket="$folder/munge/socket" --no-input || fail "munged does not answer"

  write_configuration
  write_environment
  export SLURM_CONF=$folder/slurm.conf
  ! srun --mpi=list 2>&1 | grep -qw pmix || echo MpiDefault=pmix >>"$SLURM_CONF"
  launch_controller
  for ((i = 1; i <= nodes; ++i)); do
    launch_node "$(node_name "$i")"
  done
  within 120 is_up || fail "the nodes do not get ready"
  say "up, nodes: $nodes of $cpus CPUs; to use it: source $folder/env.sh"
}

# --- The command line -----------------------------------------------------------------------------

verb=${1:-}
(($# == 0)) || shift
while [[ ${1:-} == --* ]]; do
  case $1 in
    --nodes) nodes=${2:-} ;;
    --cpus) cpus=${2:-} ;;
    *) usage ;;
  esac
  [[ ${2:-} =~ ^[1-9][0-9]?$ ]] || usage
  shift 2
done
case $verb in
  up)
    (($# == 0)) || usage
    up
    trap - EXIT
    ;;
  run)
    (($# > 0)) || usage
    up
    status=0
    # shellcheck source=/dev/null
    (source "$folder/env.sh" && exec "$@") || status=$?
    exit "$status"
    ;;
  down)
    (($# == 0)) || usage
    down
    ;;
  *) usage ;;
esac
