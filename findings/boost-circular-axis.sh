#!/usr/bin/env bash
# findings/boost-circular-axis.sh: angles in a circular axis of Boost.Histogram, by its Python package.
# Packages: python3-boost-histogram 1.8.1-1+b1, python3-numpy (Debian unstable).
# Expected: every finite angle is in one of the bins, and the edges are those that were given.
# Seen: an angle just below the lower edge, from -1.1e-16 to -1e-300, is beyond the last bin in place of in
#   it, so that the sum of the histogram loses it: of 100000 differences of angles that are 0 but for rounding
#   it loses 1843. The edges 0, 1, 3, 7 are told to be 0, 1, 2, 7, although 2 is filled into the second bin.
# Documentation: the README promises that values out of the range wrap around. boostorg/histogram#380 (open) is
#   about the accuracy of circular axes; boostorg/histogram#438 (merged in July 2026) mends the edges.
# Versions: only this one was tried.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid python3-boost-histogram=1.8.1-1+b1 python3-numpy

cat >"$temp/sid/trial/circular.py" <<'PYTHON'
import boost_histogram as bh
import numpy as np

angles = bh.axis.Regular(4, 0, 2 * np.pi, circular=True)
for angle in (-1, -1e-15, -1.1e-16, -1e-17, -1e-300, 0, 1e-17, 7):
    print(f"{angle} is in bin {angles.index(angle)} of 4, from 0 on")
phi = np.arange(100000) * 2 * np.pi / 100000
for name, difference in [("phi + 0.1 - 0.1 - phi", phi + 0.1 - 0.1 - phi), ("-1e-17", np.full(100000, -1e-17)),
                         ("phi", phi), ("phi - 7", phi - 7)]:
    histogram = bh.Histogram(angles)
    histogram.fill(difference)
    print(f"{name}: {difference.size} angles, sum {histogram.sum():g}, with overflow {histogram.sum(flow=True):g}")
variable = bh.axis.Variable([0, 1, 3, 7], circular=True)
print("edges", variable.edges, "bins", *(variable.bin(i) for i in range(3)), "2 is in bin", variable.index(2))
print("not circular: edges", bh.axis.Variable([0, 1, 3, 7]).edges)
PYTHON

stated='-1 is in bin 3 of 4, from 0 on
-1e-15 is in bin 3 of 4, from 0 on
-1.1e-16 is in bin 4 of 4, from 0 on
-1e-17 is in bin 4 of 4, from 0 on
-1e-300 is in bin 4 of 4, from 0 on
0 is in bin 0 of 4, from 0 on
1e-17 is in bin 0 of 4, from 0 on
7 is in bin 0 of 4, from 0 on
phi + 0.1 - 0.1 - phi: 100000 angles, sum 98157, with overflow 100000
-1e-17: 100000 angles, sum 0, with overflow 100000
phi: 100000 angles, sum 100000, with overflow 100000
phi - 7: 100000 angles, sum 100000, with overflow 100000
edges [0. 1. 2. 7.] bins (0.0, 1.0) (1.0, 2.0) (2.0, 7.0) 2 is in bin 1
not circular: edges [0. 1. 3. 7.]'

seen=$(inside sid python3 circular.py)
compare "$stated" "$seen"
