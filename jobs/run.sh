#!/usr/bin/env bash
# jobs/run.sh NAME [OPTION...]: sets up what is missing, runs jobs/NAME.toml, reports, draws.
# Results: results/NAME.h5, .txt, .png, .pdf; with NULOOP_RESULT=OTHER they are called OTHER.
# Options, such as --set settings.flux=huber, go to `nuloop run`.
# NULOOP_RANKS and NULOOP_THREADS say how many MPI ranks and threads per rank to use.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"

name=${1:-}
if [[ -z $name || ! -f $root/jobs/$name.toml ]]; then
  say "usage: jobs/run.sh NAME [OPTION...], where NAME is one of:"
  for job in "$root"/jobs/*.toml; do
    say "  $(basename -- "$job" .toml)"
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
mkdir -p results
say "Running $name on $ranks ranks x $threads threads"
OMP_NUM_THREADS=$threads mpirun -n "$ranks" build/bin/nuloop run "jobs/$name.toml" \
  -o "results/$result.h5" "$@"
build/bin/nuloop report "results/$result.h5" >"results/$result.txt"
shown=60
head -n "$shown" "results/$result.txt"
(($(wc -l <"results/$result.txt") <= shown)) || say "... the whole table is in results/$result.txt"

# Debian's own Python has h5py and matplotlib; another one may come first on the PATH.
if [[ -f apps/plots/$name.py ]]; then
  /usr/bin/python3 "apps/plots/$name.py" "results/$result.h5"
else
  say "No figure: there is no apps/plots/$name.py"
fi
