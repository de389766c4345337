#!/usr/bin/env bash
# tests/style.sh [format|analyze]: clang-format, shellcheck and clang-tidy over the sources; clang-tidy needs a
# build in build/. With `format` without clang-tidy; with `analyze` clang's static analyzer too, which takes
# as long again.
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
# Without the precompiled headers, which are the compiler's own: sources have to do without them, too.
mkdir -p build/tidy
sed -E 's# -Winvalid-pch -include [^ ]+/cmake_pch\.hxx##' build/compile_commands.json >build/tidy/compile_commands.json
log=$(run-clang-tidy -quiet -checks="$checks" -j "$cores" -p build/tidy "$root/(apps|lib)/" 2>&1) || {
  grep -E 'warning:|error:|note:' <<<"$log" >&2
  exit 1
}
