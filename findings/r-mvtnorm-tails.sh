#!/usr/bin/env bash
# findings/r-mvtnorm-tails.sh: tails of a normal distribution of several dimensions by R's package mvtnorm.
# Packages: r-cran-mvtnorm 1.3-3-1, r-base-core 4.5.0-3 (Debian 13).
# Expected: of two independent Gaussian numbers the first is above 9 with the probability 1.13e-19, whether
#   the second is free or above -30.
# Seen: pmvnorm gives 0 where the second is free, and where there is one number only; of P(8) the first digit
#   alone is right. Where the second is above -30 the result is right, and so is that of the first below -9.
# Documentation: none is cited; the help pages were not searched for it.
# Versions: 1.4-2 (Debian unstable) does the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie r-cran-mvtnorm=1.3-3-1 r-base-core=4.5.0-3 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/trixie/etc/R/Renviron"
ln -s which.debianutils "$temp/trixie/usr/bin/which"

cat >"$temp/trixie/trial/tails.R" <<'R'
library(mvtnorm)
for (z in c(6, 8, 9, 20)) {
  two <- function(lower, upper = c(Inf, Inf)) pmvnorm(lower, upper, mean = c(0, 0), corr = diag(2))
  cat(sprintf("above %g: free %.3g, bound %.3g, alone %.3g, below -%g %.3g, pnorm %.3g\n", z,
              two(c(z, -Inf)), two(c(z, -30)), pmvnorm(lower = z, mean = 0, sigma = matrix(1)), z,
              two(c(-Inf, -Inf), c(-z, Inf)), pnorm(z, lower.tail = FALSE)))
}
R

stated='above 6: free 9.87e-10, bound 9.87e-10, alone 9.87e-10, below -6 9.87e-10, pnorm 9.87e-10
above 8: free 6.66e-16, bound 6.22e-16, alone 6.66e-16, below -8 6.22e-16, pnorm 6.22e-16
above 9: free 0, bound 1.13e-19, alone 0, below -9 1.13e-19, pnorm 1.13e-19
above 20: free 0, bound 2.75e-89, alone 0, below -20 2.75e-89, pnorm 2.75e-89'

seen=$(inside trixie Rscript tails.R)
compare "$stated" "$seen"
