#!/usr/bin/env bash
# findings/r-f-quantiles.sh: quantiles of the F distribution with many degrees of freedom in R.
# Packages: r-base-core 4.6.2-1 (Debian unstable).
# Expected: pf(qf(p, n, m), n, m) is p, and for equal numbers n the quantiles of the logarithm shrink as
#   1 / sqrt(n), those of a ratio of two variances from n numbers each.
# Seen: where one number of degrees is above 400000, its variance counts as free of error, however large the
#   other's is: qf of 0.99 is 1.00738 for 400000 degrees each and 1.00515 for 410000, where pf is 0.95; that
#   of 1e-9, six sigmas, is at 4.2 sigmas. pf is right, and so is qf with ncp = 0. Nothing warns.
# Documentation: the help page names qchisq as the way of qf for a large second number of degrees, as it does
#   of pf, not that the first has to be small beside it.
# Versions: 4.2.2 (Debian 12), 4.5.0 (Debian 13) and 4.6.2 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid r-base-core=4.6.2-1 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/sid/etc/R/Renviron"
ln -s which.debianutils "$temp/sid/usr/bin/which"

cat >"$temp/sid/trial/quantiles.R" <<'R'
# By the beta distribution, of which the F distribution is another form.
right <- function(p, first, second) {
  b <- qbeta(p, first / 2, second / 2)
  b / (1 - b) * second / first
}
for (degrees in list(c(4e5, 4e5), c(4.1e5, 4.1e5), c(1e8, 1e8), c(1e5, 1e6), c(1e6, 1e6), c(1e6, 4e5)))
  for (p in c(0.99, 1e-9)) {
    q <- qf(p, degrees[1], degrees[2])
    cat(sprintf("%g, %g and %g: %.6f, back to %.3g; right: %.6f; ncp = 0: %.6f\n", p, degrees[1], degrees[2],
                q, pf(q, degrees[1], degrees[2]), right(p, degrees[1], degrees[2]),
                qf(p, degrees[1], degrees[2], ncp = 0)))
  }
R

stated='0.99, 400000 and 400000: 1.007384, back to 0.99; right: 1.007384; ncp = 0: 1.007384
1e-09, 400000 and 400000: 0.981212, back to 1e-09; right: 0.981212; ncp = 0: 0.981212
0.99, 410000 and 410000: 1.005145, back to 0.95; right: 1.007293; ncp = 0: 1.007293
1e-09, 410000 and 410000: 0.986810, back to 1.06e-05; right: 0.981440; ncp = 0: 0.981440
0.99, 1e+08 and 1e+08: 1.000329, back to 0.95; right: 1.000465; ncp = 0: 1.000465
1e-09, 1e+08 and 1e+08: 0.999152, back to 1.11e-05; right: 0.998801; ncp = 0: 0.998801
0.99, 100000 and 1e+06: 1.010433, back to 0.987; right: 1.010949; ncp = 0: 1.010949
1e-09, 100000 and 1e+06: 0.973410, back to 5.22e-09; right: 0.972148; ncp = 0: 0.972148
0.99, 1e+06 and 1e+06: 1.003293, back to 0.95; right: 1.004664; ncp = 0: 1.004664
1e-09, 1e+06 and 1e+06: 0.991541, back to 1.08e-05; right: 0.988076; ncp = 0: 0.988076
0.99, 1e+06 and 400000: 1.005222, back to 0.975; right: 1.006178; ncp = 0: 1.006178
1e-09, 1e+06 and 400000: 0.986709, back to 2.07e-07; right: 0.984275; ncp = 0: 0.984275'

seen=$(inside sid Rscript quantiles.R)
compare "$stated" "$seen"
