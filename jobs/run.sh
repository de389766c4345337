#!/usr/bin/env bash
# jobs/run.sh [--no-install] NAME [OPTION...]: sets up what is missing, runs jobs/NAME.toml, reports, draws;
# or the same for every job of the folder jobs/NAME, with one figure and one table of them all. NAME may
# also be the path of a job file, FOLDER/NAME.toml.
# Results: results/NAME.h5, .txt, .png, .pdf, those of a folder's jobs in results/NAME/; with
# NULOOP_RESULT=OTHER they are called OTHER.
# Options, such as --set settings.flux=huber, go to every `nuloop run`. An interrupted run is continued,
# a finished result replaced, unless --force or --resume says otherwise.
# Ctrl-C stops in good order, with status 75; the same command then goes on. A second one ends at once.
# NULOOP_RANKS and NULOOP_THREADS say how many MPI ranks and threads per rank to use: on N cores N ranks of
# one thread. --no-install, or NULOOP_INSTALL=no, only names missing packages; NULOOP_MPI=mpich takes MPICH.
# NULOOP_PROGRAM names a program that is built already, NULOOP_RESULTS another folder than results,
# NULOOP_PYTHON a Python with h5py and matplotlib.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"

# count NAME DEFAULT: the value of that variable, a number from 1.
count() {
  local value=${!1:-$2}
  if [[ ! $value =~ ^[1-9][0-9]{0,5}$ ]]; then
    say "$1=$value: is no number from 1"
    exit 2
  fi
  echo "$value"
}

usage() {
  say "usage: jobs/run.sh [--no-install] NAME [OPTION...], where NAME is the path of a job file or one of:"
  for job in "$root"/jobs/*.toml; do
    say "  $(basename -- "$job" .toml)"
  done
  for folder in "$root"/jobs/*/; do
    say "  $(basename -- "$folder"): all jobs of jobs/$(basename -- "$folder")"
  done
  exit 2
}

obey_no_install "$@"
set -- "${words[@]}"

(($#)) || usage
name=${1%/}
shift
if [[ $name == *.toml ]]; then
  if [[ ! -f $name ]]; then
    say "$name: there is no such job file"
    exit 2
  fi
  job=$(realpath -- "$name")
  jobs=("${job#"$root"/}")
  name=$(basename -- "$name" .toml)
elif [[ -f $root/jobs/$name.toml ]]; then
  jobs=("jobs/$name.toml")
elif [[ -n $name ]] && compgen -G "$root/jobs/$name/*.toml" >/dev/null; then
  jobs=("$root/jobs/$name"/*.toml)
  jobs=("${jobs[@]#"$root"/}")
  folder=$name
else
  say "There is no job \"$name\" in jobs/."
  usage
fi
ranks=$(count NULOOP_RANKS "$cores")
threads=$(count NULOOP_THREADS 1)
[[ -n ${NULOOP_RANKS:-} ]] || ranks=$((cores > threads ? cores / threads : 1))
[[ -n ${NULOOP_THREADS:-} ]] || threads=$((cores > ranks ? cores / ranks : 1))

if [[ -z ${NULOOP_PROGRAM:-} ]]; then
  need_program
  install_needed
  build nuloop
fi
program=$(realpath -- "${NULOOP_PROGRAM:-$build_folder/bin/nuloop}")
results=${NULOOP_RESULTS:-results}
result=${NULOOP_RESULT:-$name}
launch_here "$ranks" "$threads" "$program"
[[ $results == /* || -z ${NULOOP_RESULTS:-} ]] || results=$PWD/$results
cd -- "$root"
python=${NULOOP_PYTHON:-/usr/bin/python3}  # Debian's has h5py and matplotlib; another may come first on the PATH

# earlier OUTPUT [OPTION...]: what becomes of earlier results, unless the options say it.
earlier() {
  local option
  for option in "${@:2}"; do
    [[ $option != --force && $option != --resume ]] || return 0
  done
  if [[ -f $1.h5.part ]] || [[ -n ${going_on:-} ]]; then echo --resume; else echo --force; fi
}

# run_job JOB OUTPUT [OPTION...]: OUTPUT.h5 and the report beside it. Does not return from a run that was
# stopped or failed.
run_job() {
  local job=$1 output=$2 status=0 options
  shift 2
  mkdir -p -- "$(dirname -- "$output")"
  read -ra options < <(earlier "$output" "$@") || true
  say "Running $job on $ranks ranks x $threads threads"
  stoppable "${launch[@]}" "$program" run "$job" -o "$output.h5" "${options[@]}" "$@" || status=$?
  # MPICH's mpirun may say 0 all the same.
  ((status != 0)) || [[ ! -f $output.h5.part ]] || status=75
  if ((status == 75)) || [[ -n $stop_asked && ($status -ne 0 || ${#jobs[@]} -gt 1) ]]; then
    say "Stopped; what is done is kept, and the same command goes on from there."
    exit 75
  fi
  if ((status != 0)); then
    ((status > 4)) || [[ -z ${unfinished:-} ]] || rm -f -- "$unfinished"  # going on would not help
    exit "$status"
  fi
  "$program" report "$output.h5" >"$output.txt"
}

# draw RESULT: what apps/plots/NAME.py makes of it, a file or a folder.
draw() {
  if [[ ! -f apps/plots/$name.py ]]; then
    say "No figure: there is no apps/plots/$name.py"
  elif ! "$python" -c 'import h5py, matplotlib' 2>/dev/null; then
    say "No figure: $python lacks h5py or matplotlib; with another: python3 apps/plots/$name.py $1"
  else
    "$python" "apps/plots/$name.py" "$1"
  fi
}

# show FILE: its first lines.
show() {
  local shown=60
  head -n "$shown" "$1"
  (($(wc -l <"$1") <= shown)) || say "... the whole table is in $1"
}

output=$results/$result
if [[ -z ${folder:-} ]]; then
  run_job "${jobs[0]}" "$output" "$@"
  show "$output.txt"
  draw "$output.h5"
else
  # Of a folder that was interrupted, what is complete is not computed again.
  unfinished=$output/unfinished
  [[ ! -f $unfinished ]] || going_on=yes
  mkdir -p -- "$output"
  touch -- "$unfinished"
  for job in "${jobs[@]}"; do
    run_job "$job" "$output/$(basename -- "$job" .toml)" "$@"
  done
  rm -- "$unfinished"
  draw "$output"
  [[ ! -f $output.txt ]] || show "$output.txt"
fi
