#!/usr/bin/env bash
# tests/fuzz/run.sh [RUNS]: builds the fuzz targets with clang in build-fuzz/ and runs each from the
# committed corpus for RUNS executions (10000 by default). What they find anew is kept in
# build-fuzz/corpus/, what fails in build-fuzz/.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../jobs/setup.sh"

runs=${1:-10000}
need_program
need "to fuzz" clang libclang-rt-dev llvm
install_needed
cd -- "$root"
cmake --preset fuzz >/dev/null
cmake --build build-fuzz --parallel "$cores" \
  --target fuzz_toml fuzz_result_file fuzz_dictionary >&2
build-fuzz/bin/fuzz_dictionary >build-fuzz/toml.dict

# HDF5 allocates megabytes per file: freed memory that the sanitizer holds back would fill up, and
# whole stacks of each allocation take half of the time.
export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=1 OMP_NUM_THREADS=1

# fuzz NAME OPTION...
# The timeout is by the clock, and the machine may be busy: the slowest input of the corpus needs 3 s of
# a processor.
fuzz() {
  local name=$1 found=build-fuzz/corpus/$1
  shift
  mkdir -p "$found"
  local log=build-fuzz/fuzz_$name.log
  if ! "build-fuzz/bin/fuzz_$name" -runs="$runs" -timeout=60 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build-fuzz/$name-" "$@" \
    "$found" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    return 1
  fi
  say "fuzz_$name: $(grep -E 'DONE' "$log")"
}

say "fuzz_toml and fuzz_result_file: $runs executions each"
status=0
fuzz toml -dict=build-fuzz/toml.dict -max_len=4096 &
fuzz result_file -max_len=64 || status=$?
wait "$!" || status=$?
exit "$status"
