#!/usr/bin/env bash
# findings/num-utils-exponents.sh: numbers with exponents in num-utils, the command line's sums and averages.
# Packages: num-utils 0.5-15 (Debian 13).
# Expected: 1e-5 is read as any other tool does, or refused.
# Seen: what follows the first digits is dropped without a word: the sum of 1e-5 and 2e-5 is 3, and of 1.5e3
#   and 2.5e3 it is 4; the average of 1e3, 2 and 3e-3 is 2, the largest of 9e-9 and 1e3 is 9.
# Documentation: the manual pages name decimals and negative numbers, and say nothing of exponents.
# Versions: 0.5-15 is that of Debian unstable too.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie num-utils=0.5-15

stated='numsum 1e-5 2e-5: 3
numsum 1.5e3 2.5e3: 4
numaverage 1e3 2 3e-3: 2
numbound 9e-9 1e3: 9'

seen=$(
  while read -r program numbers; do
    # shellcheck disable=SC2086 # one number a line
    printf '%s %s: %s\n' "$program" "$numbers" "$(printf '%s\n' $numbers | inside trixie "$program")"
  done <<<'numsum 1e-5 2e-5
numsum 1.5e3 2.5e3
numaverage 1e3 2 3e-3
numbound 9e-9 1e3'
)
compare "$stated" "$seen"
