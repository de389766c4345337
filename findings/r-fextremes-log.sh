#!/usr/bin/env bash
# findings/r-fextremes-log.sh: logarithms of the density of extreme values by R's package fExtremes.
# Packages: r-cran-fextremes 4032.84-1, r-base-core 4.6.2-1 (Debian unstable).
# Expected: dgev with log = TRUE is the logarithm of dgev without, as dgpd of the same package is, and the sum
#   over the data is the logarithm of a likelihood, the largest near the true parameters.
# Seen: it is the density itself, although the value's attribute "control" says that log was TRUE. The largest
#   sum for 1000 numbers of shape 0.1 and scale 1 is thus at the scan's corner, 0.05 and 0.2. Nothing warns.
# Documentation: the help page promises the logarithm of the density for log = TRUE.
# Versions: 4021.83 (Debian 12) and 4032.84 (Debian 13, unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid r-cran-fextremes=4032.84-1 r-base-core=4.6.2-1 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/sid/etc/R/Renviron"
ln -s which.debianutils "$temp/sid/usr/bin/which"

cat >"$temp/sid/trial/log.R" <<'R'
suppressMessages(library(fExtremes))
exact <- function(x, xi, beta) {
  y <- 1 + xi * x / beta
  -log(beta) - (1 + 1 / xi) * log(y) - y^(-1 / xi)
}
for (x in c(0.5, 1, 2, 10))
  cat(sprintf("%g: dgev %.5f, log %.5f, right %.5f; dgpd %.5f, log %.5f\n", x, dgev(x, xi = 0.1),
              dgev(x, xi = 0.1, log = TRUE), exact(x, 0.1, 1), dgpd(x, xi = 0.1), dgpd(x, xi = 0.1, log = TRUE)))
# Quantiles of equal steps stand for data with the shape 0.1 and the scale 1.
x <- (-log((1:1000 - 0.5) / 1000))^-0.1
x <- (x - 1) / 0.1
scan <- expand.grid(xi = seq(0.05, 0.5, 0.05), beta = seq(0.2, 2, 0.2))
best <- function(f) scan[which.max(mapply(f, scan$xi, scan$beta)), ]
wrong <- best(function(xi, beta) sum(dgev(x, xi = xi, beta = beta, log = TRUE)))
right <- best(function(xi, beta) sum(log(dgev(x, xi = xi, beta = beta))))
cat(sprintf("largest at shape %g and scale %g, with log() at %g and %g\n", wrong$xi, wrong$beta, right$xi,
            right$beta))
R

stated='0.5: dgev 0.31645, log 0.31645, right -1.15061; dgpd 0.58468, log -0.53669
1: dgev 0.23836, log 0.23836, right -1.43396; dgpd 0.35049, log -1.04841
2: dgev 0.11452, log 0.11452, right -2.16704; dgpd 0.13459, log -2.00554
10: dgev 0.00049, log 0.00049, right -7.62560; dgpd 0.00049, log -7.62462
largest at shape 0.05 and scale 0.2, with log() at 0.1 and 1'

seen=$(inside sid Rscript log.R)
compare "$stated" "$seen"
