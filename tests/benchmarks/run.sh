#!/usr/bin/env bash
# tests/benchmarks/run.sh [--update]: installs what is missing, builds, measures everything and writes
# results/benchmarks.md and .json; with --update the table in tests/benchmarks/README.md too.
# NULOOP_BENCHMARKS_QUICK=1 makes a short trial of it, whose times mean little. What was measured stays in
# results/benchmarks/.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../jobs/setup.sh"

readme=()
case "${1:-}" in
  '') ;;
  --update) readme=("$root/tests/benchmarks/README.md") ;;
  *)
    say "usage: tests/benchmarks/run.sh [--update]"
    exit 2
    ;;
esac
repetitions=5 seconds=0.5
if [[ -n ${NULOOP_BENCHMARKS_QUICK:-} ]]; then
  repetitions=1 seconds=0.01
  ((!${#readme[@]})) || {
    say "A short trial is not for the README."
    exit 2
  }
fi

load=$(cut -d ' ' -f 1-3 /proc/loadavg)  # before the build makes it its own
need_program
need_tests
need "to measure time, to count instructions, and what to compare with" \
  libbenchmark-dev valgrind python3-scipy
install_needed
need "to compare fits with" python3-iminuit
install_needed || say "Without iminuit no fits are compared."
with_tests=yes
build nuloop nuloop_count
if ! cmake --build "$root/build" --target help | grep -q '^nuloop_benchmarks:'; then
  cmake "$root/build" >/dev/null  # configured before Google Benchmark was there
fi
build nuloop_benchmarks

here=$root/tests/benchmarks
folder=$root/results/benchmarks
python=/usr/bin/python3  # the one that Debian's scipy and h5py belong to
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
rm -rf -- "$folder"
mkdir -p -- "$folder"
echo "$load" >"$folder/load"
echo "$repetitions times $seconds s, in random order" >"$folder/timed"

# The order matters: what counts instructions uses all cores, and does not mind.
say "timing tasks; load $load"
"$root/build/bin/nuloop_benchmarks" --benchmark_min_time="$seconds" \
  --benchmark_repetitions="$repetitions" --benchmark_enable_random_interleaving=true \
  --benchmark_out="$folder/timings.json" --benchmark_out_format=json >"$folder/timings.log" 2>&1 || {
  tail -n 20 "$folder/timings.log" >&2
  exit 1
}
say "running nuloop and plain Python side by side"
"$python" "$here/side_by_side.py" "$root/build/bin/nuloop" "$root" "$folder/side_by_side.json" \
  "$repetitions" 2>"$folder/side_by_side.log" || {
  cat "$folder/side_by_side.log" >&2
  exit 1
}
say "running nuloop and its peers side by side"
"$python" "$here/peers.py" "$root/build/bin/nuloop" "$root" "$folder/peers.json" "$repetitions" \
  2>"$folder/peers.log" || {
  cat "$folder/peers.log" >&2
  exit 1
}
say "measuring memory and start-up"
"$python" "$here/memory.py" "$root/build/bin/nuloop" "$root" "$folder/memory.json" \
  "$repetitions" 2>"$folder/memory.log" || {
  cat "$folder/memory.log" >&2
  exit 1
}
say "counting instructions"
"$python" "$here/counts.py" "$root/build/bin/nuloop_count" measure "$folder/counts.json" "$cores"
"$python" "$here/page.py" "$folder" "$root/build" "${readme[@]}"
say "$folder.md"
