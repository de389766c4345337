#!/usr/bin/env bash
# findings/openturns-quantiles.sh: quantiles of differences of counts and of truncated ones in OpenTURNS.
# Packages: python3-openturns 1.24-4 (Debian 13).
# Expected: computeCDF of a median is one half or just above it; the median of a Gaussian's tail above ten
#   sigmas is ten sigmas and a little; a truncated Poisson may take its lower bound.
# Seen: Skellam, the difference of two counts, has the median 1025 for means of 1000 and 1, and 16384, with
#   its other quantiles, for 10000 and 1, far above all that is ever drawn from it; with the means exchanged
#   they are right. TruncatedNormal above ten sigmas has the median 20, its upper bound, and the mean NaN;
#   below minus ten sigmas it is right. A Poisson truncated to 2...5 gives 2 the probability 0.3125, and all
#   counts up to 2 together the probability 0.
# Documentation: openturns/openturns#3024 (open) tells of an infinite density of TruncatedNormal, and
#   openturns/openturns#2076 (closed) of truncated counts. Nothing was found on Skellam.
# Versions: 1.24 and 1.27.3 (Debian unstable) do the same, but for the median 1024 in place of 1025.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie python3-openturns=1.24-4

cat >"$temp/trixie/trial/quantiles.py" <<'PYTHON'
import openturns as ot

levels = 0.05, 0.5, 0.95
for first, second in (600, 1), (1000, 1), (10000, 1), (1, 10000):
    skellam = ot.Skellam(first, second)
    quantiles = [skellam.computeQuantile(level)[0] for level in levels]
    below = [skellam.computeCDF(quantile) for quantile in quantiles]
    print(f"skellam {first} {second}:", *(f"{q:g} ({p:.4f})" for q, p in zip(quantiles, below)))
for bounds in (10, 20), (-20, -10):
    normal = ot.TruncatedNormal(0, 1, *bounds)
    print(f"normal {bounds}: median {normal.computeQuantile(0.5)[0]:.4f}, mean {normal.getMean()[0]:.4f}")
poisson = ot.TruncatedDistribution(ot.Poisson(3), 2.0, 5.0)
for count in range(2, 6):
    print(f"poisson {count}: {poisson.computePDF(count):.4f}, up to it {poisson.computeCDF(count):.4f}")
PYTHON

stated='skellam 600 1: 559 (0.0524) 599 (0.5108) 640 (0.9536)
skellam 1000 1: 1024 (0.7904) 1025 (0.7993) 1051 (0.9506)
skellam 10000 1: 16384 (1.0000) 16384 (1.0000) 16384 (1.0000)
skellam 1 10000: -10164 (0.0503) -9999 (0.5013) -9835 (0.9503)
normal (10, 20): median 20.0000, mean nan
normal (-20, -10): median -10.0684, mean -10.0981
poisson 2: 0.3125, up to it 0.0000
poisson 3: 0.3125, up to it 0.3125
poisson 4: 0.2344, up to it 0.5469
poisson 5: 0.1406, up to it 1.0000'

seen=$(inside trixie python3 quantiles.py)
compare "$stated" "$seen"
