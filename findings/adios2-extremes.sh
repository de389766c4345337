#!/usr/bin/env bash
# findings/adios2-extremes.sh: the least and the largest number that ADIOS2 stores beside each array.
# Packages: python3-adios2 2.10.2+dfsg1-2, adios2-serial-bin 2.10.2+dfsg1-2 (Debian 13).
# Expected: NaN is left out, or makes both of them NaN, wherever it stands.
# Seen: the place of one NaN decides. 1 2 NaN 3 5 has 1 and 5; with the NaN at the end both are 1, with the
#   NaN at the start both are 5. With nothing but NaN the least is 1.79769e+308 and the largest
#   -1.79769e+308. `bpls -l` prints these, and a reader that looks for blocks with large values by them misses
#   some. Infinities are right.
# Documentation: none was found that tells of NaN.
# Versions: 2.10.2 and 2.12.1 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie python3-adios2=2.10.2+dfsg1-2 adios2-serial-bin=2.10.2+dfsg1-2

cat >"$temp/trixie/trial/write.py" <<'PYTHON'
import adios2
import numpy

nan, inf = numpy.nan, numpy.inf
arrays = {
    "inside": [1, 2, nan, 3, 5],
    "last": [1, 2, 3, 5, nan],
    "first": [nan, 1, 2, 3, 5],
    "only": [nan, nan],
    "infinite": [1, inf, -inf],
}
with adios2.Stream("extremes.bp", "w") as file:
    for name, numbers in arrays.items():
        array = numpy.array(numbers, float)
        file.write(name, array, array.shape, [0], array.shape)
PYTHON

stated='double first {5} = 5 / 5
double infinite {3} = -inf / inf
double inside {5} = 1 / 5
double last {5} = 1 / 1
double only {2} = 1.79769e+308 / -1.79769e+308'

inside trixie python3 write.py >&2
seen=$(inside trixie bpls.serial -l extremes.bp | sed 's/^ *//; s/  */ /g')
compare "$stated" "$seen"
