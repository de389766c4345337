#!/usr/bin/env bash
# findings/maxima-hypergeometric.sh: Kummer's function at large negative arguments in Maxima.
# Packages: maxima 5.47.0-7, maxima-share 5.47.0-7 (Debian 13).
# Expected: 1F1(1/2; 3/2; -x^2) is sqrt(pi) erf(x) / (2 x), which falls as 1 / x, and 1F1(1; 3/2; -x^2) is
#   Dawson's integral divided by x.
# Seen: with floats all 1F1 that were tried are exactly 0 from -746 on, without a word; at -745 they are 75
#   percent too large. With bfloats, of 16 digits too, they are right.
# Documentation: none was found of the cut.
# Versions: 5.49.0 (Debian unstable) does the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie maxima=5.47.0-7 maxima-share=5.47.0-7 dash sed

cat >"$temp/trixie/trial/functions.mac" <<'MAXIMA'
fpprintprec: 6$
for x in [-1.0, -700.0, -745.0, -746.0, -1000.0] do
  printf(true, "~a: ~a of ~a, ~a of ~a, bfloat ~a~%", x,
         hypergeometric([1 / 2], [3 / 2], x), float(sqrt(%pi) * erf(sqrt(-x)) / 2 / sqrt(-x)),
         hypergeometric([1], [2], x), (1 - exp(x)) / -x,
         hypergeometric([1 / 2], [3 / 2], bfloat(x)))$
MAXIMA

stated='-1.0: 0.746824 of 0.746824, 0.632121 of 0.632121, bfloat 7.46824b-1
-700.0: 0.0334962 of 0.0334962, 0.00142857 of 0.00142857, bfloat 3.34962b-2
-745.0: 0.0568382 of 0.0324688, 0.00234973 of 0.00134228, bfloat 3.24688b-2
-746.0: 0.0 of 0.0324471, 0.0 of 0.00134048, bfloat 3.24471b-2
-1000.0: 0.0 of 0.028025, 0.0 of 0.001, bfloat 2.8025b-2'

inside trixie maxima --very-quiet --batch-string='load("functions.mac")$' </dev/null >"$temp/said" 2>&1
seen=$(grep bfloat "$temp/said")
compare "$stated" "$seen"
