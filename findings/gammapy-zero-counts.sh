#!/usr/bin/env bash
# findings/gammapy-zero-counts.sh: gammapy's upper limit on the signal where no event was seen.
# Packages: python3-gammapy 1.3-2 (Debian 13).
# Expected: fewer events on the same background give a lower limit. Asymptotically the limit on the signal is
#   that on all events less the background, so 2 - 10 = -8 for no event on a background of 10, at two sigmas.
#   Gammapy lets limits be negative.
# Seen: for one event and more it is so: -5.495, -3.708, -2.092. For no event the limit is 2.0, whatever the
#   background: that on all events, from which nothing is taken away. So an array of limits has its largest
#   ones where nothing was seen, in place of its lowest. WStatCountsStatistic, with the same background from
#   many events, gives -8.
# Documentation: compute_upper_limit says that the statistic is n_sigma**2 away from its extreme, or from 0
#   for a negative excess; gammapy/gammapy#5691 tells of negative limits, not of no event.
# Versions: 1.3 and 2.1 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie python3-gammapy=1.3-2

cat >"$temp/trixie/trial/limits.py" <<'PYTHON'
from gammapy.stats import CashCountsStatistic, WStatCountsStatistic

seen = range(4)
for background in 1, 10, 100:
    limits = (CashCountsStatistic(events, background).compute_upper_limit(2) for events in seen)
    print(f"background {background}:", *(f"{limit:.3f}" for limit in limits))
scale = 1e-5
limits = (WStatCountsStatistic(events, 10 / scale, scale).compute_upper_limit(2) for events in seen)
print("a million events off source:", *(f"{limit:.3f}" for limit in limits))
PYTHON

stated='background 1: 2.000 3.505 5.292 6.908
background 10: 2.000 -5.495 -3.708 -2.092
background 100: 2.000 -95.495 -93.708 -92.092
a million events off source: -8.000 -5.495 -3.708 -2.092'

seen=$(inside trixie python3 limits.py)
compare "$stated" "$seen"
