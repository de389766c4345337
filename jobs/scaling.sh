#!/usr/bin/env bash
# jobs/scaling.sh: how jobs/scaling.toml scales: strong, weak and hybrid scans, three times each, and what
# the scheduler would do on up to 16,384 ranks. Writes results/scaling.txt, .csv, .json, .png, .pdf and, for
# every run, a record in results/scaling/. Refuses results that differ.
# NULOOP_CORES says how many cores to go up to, NULOOP_SCALING_QUICK=1 makes a short trial of it;
# NULOOP_PROGRAM names a program that is built already, NULOOP_RESULTS another folder than results.
# slurm/scaling.sbatch sources this with a launcher of its own.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

if ! declare -F launch_on >/dev/null; then
  # shellcheck source=jobs/setup.sh
  source "$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"
  results=${NULOOP_RESULTS:-$root/results}
  program=${NULOOP_PROGRAM:-$build_folder/bin/nuloop}
  nuloop_python=/usr/bin/python3  # the one that Debian's h5py and matplotlib belong to
  if [[ -z ${NULOOP_PROGRAM:-} ]]; then
    need_program
    install_needed
    build nuloop
  fi
  # launch_on RANKS THREADS: sets launch, the words in front of the program.
  launch_on() { launch_here "$1" "$2" "$program"; }
fi

cores=${NULOOP_CORES:-$cores}
node_cores=${node_cores:-$cores}
job=$root/jobs/scaling.toml
folder=$results/scaling
windows=64  # of the job; weak scaling multiplies them
repetitions=3
simulated=(1 16 256 1000 2000 4000 8192 10000 16384)
options=()
if [[ -n ${NULOOP_SCALING_QUICK:-} ]]; then
  cores=2 windows=2 repetitions=1
  simulated=(1 16 256)
  options=(--set settings.resolution.stochastic=0 --set axes.detector.baseline.points=5
    --set axes.lo.sin2_theta_w.points=5)
fi

# length N: the options of a job N times as long.
length() { echo "axes.window.low.points=$((windows * $1))"; }

load() { cut -d ' ' -f 1 /proc/loadavg; }

# measure LENGTH RANKS THREADS REPETITION: one run, its record and its line in runs.csv.
measure() {
  local name=length$1-$2x$3-$4 output=$folder/result.h5 begin end elapsed digest load
  launch=()
  launch_on "$2" "$3"
  load=$(load)
  begin=$EPOCHREALTIME
  "${launch[@]}" "$program" run "$job" -o "$output" --force "${options[@]}" --set "$(length "$1")" \
    2>"$folder/$name.log" || {
    cat "$folder/$name.log" >&2
    return 1
  }
  end=$EPOCHREALTIME
  digest=$(sha256sum <"$output")
  mv -- "$output.run.json" "$folder/$name.run.json"
  rm -- "$output" "$folder/$name.log"
  elapsed=$(awk "BEGIN { print ${end/,/.} - ${begin/,/.} }")
  printf '%s,' "$1" "$2" "$3" "$4" "$elapsed" "$load" "${digest%% *}" >>"$folder/runs.csv"
  printf '%s\n' "$name.run.json" >>"$folder/runs.csv"
}

rm -rf -- "$folder"
mkdir -p -- "$folder"
echo length,ranks,threads,repetition,elapsed_s,load,sha256,record >"$folder/runs.csv"
declare -A wanted=()  # LENGTH RANKS THREADS, each once
runs=()
want() {
  [[ -z ${wanted[$*]:-} ]] || return 0
  wanted[$*]=yes
  runs+=("$*")
}
for ((n = 1; n <= cores; n *= 2)); do
  want 1 "$n" 1                                           # strong, ranks
  ((n > node_cores)) || want 1 1 "$n"                     # strong, threads
  want "$n" "$n" 1                                        # weak
  ((cores % n || n > node_cores)) || want 1 $((cores / n)) "$n"  # hybrid
done

say "load $(load) before the first run; ${#runs[@]} runs, $repetitions times"
load >"$folder/load-before"
for ((repetition = 1; repetition <= repetitions; ++repetition)); do
  for run in "${runs[@]}"; do
    read -r l r t <<<"$run"
    say "repetition $repetition: $r ranks x $t threads, job of length $l"
    measure "$l" "$r" "$t" "$repetition"
  done
done

say "simulating up to ${simulated[-1]} ranks"
"$nuloop_python" "$root/apps/plots/scaling_numbers.py" "$folder"
plan() {
  "$program" plan "$job" --threads 1 --costs "$folder/costs.run.json" --format json "${options[@]}" "$@"
}
plan --set "$(length 1)" >"$folder/plan-strong.json"
for ranks in "${simulated[@]}"; do
  plan --ranks "$ranks" --set "$(length "$ranks")" >"$folder/plan-weak-$ranks.json"
done

"$nuloop_python" "$root/apps/plots/scaling.py" "$folder"
cat "$folder.txt"
