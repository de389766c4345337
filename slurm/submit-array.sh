#!/usr/bin/env bash
# slurm/submit-array.sh FOLDER|LIST [SBATCH-OPTION...]: independent runs as one array, and a job after it,
# if all succeed, that collects their tables and figure; prints the numbers of both jobs.
# FOLDER: of job files, such as jobs/influences. LIST: a text file with a run in each line,
#   NAME JOB.toml [OPTION...]          # for instance: light jobs/fig7.toml --set 'settings.detector.mass=1 t'
# Results: results/FOLDER/*.h5 or results/LIST/NAME.h5. SBATCH-OPTIONs are for the array (--ntasks=8).
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

say() { printf 'submit-array: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 2
}

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export NULOOP_ROOT=${NULOOP_ROOT:-$(dirname -- "$scripts")}
source=${1:-}
[[ -n $source ]] || fail "usage: slurm/submit-array.sh FOLDER|LIST [SBATCH-OPTION...]"
[[ -e $source ]] || fail "$source: there is no such folder or list"
shift

runs=()
if [[ -d $source ]]; then
  name=$(basename -- "$source")
  for job in "${source%/}"/*.toml; do
    [[ -f $job ]] || fail "$source: no job files"
    if ! grep -q '^[[:blank:]]*\[job\]' "$job"; then  # experiments.toml and such of a folder of one's own
      say "$job: no job, left out"
      continue
    fi
    runs+=("$(basename -- "$job" .toml) '$job'")
  done
else
  name=$(basename -- "${source%.*}")
  mapfile -t runs < <(sed -e 's/\r$//' -e 's/[[:space:]]#.*//' -e '/^[[:space:]]*\(#\|$\)/d' "$source")
fi
((${#runs[@]})) || fail "$source: no runs"

declare -A known=()
for run in "${runs[@]}"; do
  split=$(xargs -n 1 printf '%s\n' <<<"$run" 2>/dev/null) || fail "$run: a quote is not closed"
  mapfile -t words <<<"$split"
  ((${#words[@]} >= 2)) || fail "$run: not NAME JOB.toml [OPTION...]"
  [[ ${words[0]} =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || fail "${words[0]}: not a name for a file"
  [[ -z ${known[${words[0]}]:-} ]] || fail "${words[0]}: two runs of that name"
  known[${words[0]}]=yes
  [[ -f ${words[1]} ]] || fail "${words[1]}: no such job file"
done

folder=${NULOOP_RESULTS:-results}/$name
mkdir -p -- "$folder"
printf '%s\n' "${runs[@]}" >"$folder/runs.txt"
array=$(sbatch --parsable --job-name="$name" --array="1-${#runs[@]}" "$@" \
  "$scripts/array.sbatch" "$folder")
array=${array%%;*}
if ! collect=$(sbatch --parsable --job-name="$name-collect" --dependency="afterok:$array" \
  --kill-on-invalid-dep=yes "$scripts/collect.sbatch" "$folder"); then
  scancel "$array"
  fail "the collecting job was refused; the array is cancelled"
fi
say "${#runs[@]} runs into $folder, then tables and figures"
printf 'array %s\ncollect %s\n' "$array" "${collect%%;*}"
