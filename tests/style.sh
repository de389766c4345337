#!/usr/bin/env bash
# tests/style.sh [format|analyze]: clang-format, shellcheck and clang-tidy over the sources. With `format`
# without clang-tidy; with `analyze` clang's static analyzer too, which takes as long again.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=jobs/setup.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../jobs/setup.sh"

need "to look at the style" clang-format clang-tidy shellcheck
install_needed
cd -- "$root"
mapfile -t sources < <(git ls-files '*.cpp' '*.hpp')
mapfile -t scripts < <(git ls-files '*.sh' '*.sbatch' .ci/run)
say "clang-format"
clang-format --dry-run --Werror "${sources[@]}"
say "shellcheck"
shellcheck "${scripts[@]}"
[[ ${1:-} != format ]] || exit 0
say "clang-tidy"
# With libstdc++ 12, clang 14 warns inside Catch2's macros; the tests are left to the compiler.
checks='-clang-analyzer-*'
[[ ${1:-} != analyze ]] || checks=''
# Each source by itself, which the build of the tests does not compile so.
cmake --preset release -B build/tidy -DNULOOP_TESTS=OFF -DCMAKE_UNITY_BUILD=OFF >/dev/null
cmake --build build/tidy --target nuloop_revision >/dev/null
log=$(run-clang-tidy -quiet -checks="$checks" -j "$cores" -p build/tidy "$root/(apps|lib)/" 2>&1) || {
  grep -E 'warning:|error:|note:' <<<"$log" >&2
  exit 1
}
