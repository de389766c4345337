#!/usr/bin/env bash
# jobs/run.sh NAME [OPTION...]: sets up what is missing, runs jobs/NAME.toml, reports, draws; or the same
# for every job of the folder jobs/NAME, with one figure and one table of them all.
# Results: results/NAME.h5, .txt, .png, .pdf, those of a folder's jobs in results/NAME/; with
# NULOOP_RESULT=OTHER they are called OTHER.
# Options, such as --set settings.flux=huber, go to every `nuloop run`. An interrupted run is continued,
# a finished result replaced, unless --force or --resume says otherwise.
# NULOOP_RANKS and NULOOP_THREADS say how many MPI ranks and threads per rank to use.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"

name=${1:-}
name=${name%/}
is_folder() { [[ -n $1 ]] && compgen -G "$root/jobs/$1/*.toml" >/dev/null; }
if [[ ! -f $root/jobs/$name.toml ]] && ! is_folder "$name"; then
  say "usage: jobs/run.sh NAME [OPTION...], where NAME is one of:"
  for job in "$root"/jobs/*.toml; do
    say "  $(basename -- "$job" .toml)"
  done
  for folder in "$root"/jobs/*/; do
    say "  $(basename -- "$folder"): all jobs of jobs/$(basename -- "$folder")"
  done
  exit 2
fi
shift
result=${NULOOP_RESULT:-$name}

install_packages "${packages[@]}"
build nuloop

ranks=${NULOOP_RANKS:-$(((cores + 1) / 2))}
threads=${NULOOP_THREADS:-$((cores / ranks > 0 ? cores / ranks : 1))}
cd -- "$root"

# run_job NAME RESULT [OPTION...]: results/RESULT.h5 and the report beside it.
run_job() {
  local job=$1 output=results/$2
  shift 2
  mkdir -p "$(dirname -- "$output")"
  local earlier=--force
  [[ ! -f $output.h5.part ]] || earlier=--resume
  [[ " $* " != *" --force "* && " $* " != *" --resume "* ]] || earlier=
  say "Running $job on $ranks ranks x $threads threads"
  OMP_NUM_THREADS=$threads mpirun -n "$ranks" build/bin/nuloop run "jobs/$job.toml" \
    -o "$output.h5" ${earlier:+"$earlier"} "$@"
  build/bin/nuloop report "$output.h5" >"$output.txt"
}

# draw RESULT: what apps/plots/NAME.py makes of it, a file or a folder.
draw() {
  if [[ -f apps/plots/$name.py ]]; then
    # Debian's own Python has h5py and matplotlib; another one may come first on the PATH.
    /usr/bin/python3 "apps/plots/$name.py" "$1"
  else
    say "No figure: there is no apps/plots/$name.py"
  fi
}

# show FILE: its first lines.
show() {
  local shown=60
  head -n "$shown" "$1"
  (($(wc -l <"$1") <= shown)) || say "... the whole table is in $1"
}

if [[ -f jobs/$name.toml ]]; then
  run_job "$name" "$result" "$@"
  show "results/$result.txt"
  draw "results/$result.h5"
else
  for job in jobs/"$name"/*.toml; do
    study=$(basename -- "$job" .toml)
    run_job "$name/$study" "$result/$study" "$@"
  done
  draw "results/$result"
  [[ ! -f results/$result.txt ]] || show "results/$result.txt"
fi
