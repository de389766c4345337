#!/usr/bin/env bash
# findings/jstat-poisson.sh: probabilities of counts, and numbers of sigmas, by jStat, the statistics of web
#   pages.
# Packages: jstat 1.9.6 (npm).
# Expected: the probability of 150 events where 150 are expected is 0.0326, as that of 143 of 143 is right; a
#   probability of 1e-20 is -9.2623 sigmas.
# Seen: the probability of 144 of 144 and of 150 of 150 is infinite, and so is the sum up to them; that of 200
#   of 200 is NaN. Power, exponential and factorial are taken one by one, and the product of the first and the
#   last is beyond a double's range; their logarithms give the right value with the same library. The number
#   of sigmas is wrong in the third digit at 1e-16 (-8.2221 is right) and in the second at 1e-20; at 1e-12 it
#   is right.
# Documentation: jstat/jstat#293 (open) tells of NaN for a mean of 4000; none was found on the sigmas.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

npm_packages jstat@1.9.6

cat >"$temp/counts.mjs" <<'JAVASCRIPT'
import jstat from 'jstat';

const { poisson, normal, gammaln } = jstat.jStat;
const digits = (value) => value.toPrecision(5);
for (const mean of [143, 144, 150, 200]) {
  const right = Math.exp(mean * Math.log(mean) - mean - gammaln(mean + 1));
  console.log(mean, digits(poisson.pdf(mean, mean)), digits(poisson.cdf(mean, mean)), 'right', digits(right));
}
for (const probability of [1e-12, 1e-16, 1e-20])
  console.log(probability, digits(normal.inv(probability, 0, 1)));
JAVASCRIPT

stated='143 0.033342 0.52222 right 0.033342
144 Infinity Infinity right 0.033226
150 Infinity Infinity right 0.032555
200 NaN NaN right 0.028198
1e-12 -7.0345
1e-16 -8.2526
1e-20 -9.1469'

seen=$(cd "$temp" && node counts.mjs)
compare "$stated" "$seen"
