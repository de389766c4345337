#!/usr/bin/env bash
# findings/mpich-signal-status.sh: the exit status of MPICH's mpirun after SIGUSR1 to it.
# Packages: mpich 4.0.2-3+b1 (Debian 12), mpich 4.3.0+really4.2.1-1, which is 4.2.1 (Debian 13).
# Guess: mpirun hands the signal on, both ranks end with status 75, and mpirun ends with 75.
# Seen: with 4.0.2 it ends with 75 in some runs and with 0, success, in others (12 of the first 100), although
#   both ranks always ended with 75. A batch system takes a run that was stopped for one that is complete.
#   Without a signal the status of the ranks is handed on in every run.
# Documentation: none was looked up.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm mpich=4.0.2-3+b1
debian trixie mpich=4.3.0+really4.2.1-1

# A rank that waits for SIGUSR1 if it is told to, and ends with 75 then; and the runs.
for suite in bookworm trixie; do
  cat >"$temp/$suite/trial/rank.sh" <<'SH'
trap 'echo 75 >>ended; exit 75' USR1
: >"up.$PMI_RANK"
[ "$1" = wait ] || { echo 75 >>ended; exit 75; }
while :; do sleep 0.01; done
SH
  cat >"$temp/$suite/trial/runs.sh" <<'SH'
# runs.sh wait|go: the statuses of mpirun in 60 runs, each once, and how many ranks ended with 75
for run in $(seq 60); do
  rm -f up.0 up.1
  mpirun.mpich -n 2 bash rank.sh "$1" </dev/null >/dev/null 2>&1 &
  if [ "$1" = wait ]; then
    until [ -e up.0 ] && [ -e up.1 ]; do kill -0 $! || exit; sleep 0.02; done
    kill -USR1 $!
  fi
  wait $!
  echo $? >>statuses
done
echo "mpirun:" $(sort -n statuses | uniq) "ranks that ended with 75:" $(wc -l <ended)
rm -f statuses ended
SH
done

stated='bookworm go: mpirun: 75 ranks that ended with 75: 120
bookworm wait: mpirun: 0 75 ranks that ended with 75: 120
trixie go: mpirun: 75 ranks that ended with 75: 120
trixie wait: mpirun: 75 ranks that ended with 75: 120'

seen=$(
  for suite in bookworm trixie; do
    for kind in go wait; do
      echo "$suite $kind: $(inside "$suite" bash runs.sh "$kind")"
    done
  done
)
compare "$stated" "$seen"
