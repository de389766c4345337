#!/usr/bin/env bash
# findings/r-truncnorm-moments.sh: mean and variance of a Gaussian between bounds by R's package truncnorm.
# Packages: r-cran-truncnorm 1.0-9-2, r-base-core 4.5.0-3 (Debian 13).
# Expected: an efficiency of 1 with an error of 0.1, kept between 0 and 1, has the mean 0.92 and the variance
#   0.0036; a variance is positive; between 8 and 9 sigmas nearly all is close to 8.
# Seen: that variance is infinite; between 0.6 and 1, which is nearly all of it, it is right. Between 5 and
#   5.001 sigmas the variance is negative. Between 8 and 9 sigmas mean and variance are those of a constant
#   density, above 8 sigmas the variance is 290 times too large, above 10 sigmas minus infinite and ptruncnorm
#   is NaN. Nothing warns.
# Documentation: olafmersmann/truncnorm#9 (open) tells of the infinite variance; none was found on the others.
# Versions: 1.0-9 is that of Debian unstable too.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie r-cran-truncnorm=1.0-9-2 r-base-core=4.5.0-3 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/trixie/etc/R/Renviron"
ln -s which.debianutils "$temp/trixie/usr/bin/which"

cat >"$temp/trixie/trial/moments.R" <<'R'
library(truncnorm)
# Integrals of the density over the bounds, relative to the density's largest value there.
whole <- function(low, high, mean, sd) {
  high <- min(high, low + 10 * sd)
  peak <- dnorm(min(max(mean, low), high), mean, sd, log = TRUE)
  density <- function(x) exp(dnorm(x, mean, sd, log = TRUE) - peak)
  moment <- function(f) integrate(function(x) f(x) * density(x), low, high, rel.tol = 1e-10)$value
  middle <- moment(identity) / moment(function(x) 1)
  c(middle, moment(function(x) (x - middle)^2) / moment(function(x) 1))
}
for (case in list(c(0, 1, 1, 0.1), c(0.6, 1, 1, 0.1), c(5, 5.1, 0, 1), c(5, 5.001, 0, 1), c(5, 6, 0, 1),
                  c(8, 9, 0, 1), c(5, Inf, 0, 1), c(8, Inf, 0, 1), c(10, Inf, 0, 1))) {
  seen <- c(do.call(etruncnorm, as.list(case)), do.call(vtruncnorm, as.list(case)))
  true <- do.call(whole, as.list(case))
  cat(sprintf("%g to %g, mean %g, sd %g: %.4f, %.3g, true %.4f, %.3g\n", case[1], case[2], case[3], case[4],
              seen[1], seen[2], true[1], true[2]))
}
cat(sprintf("up to 10.5 above 10: %g\n", ptruncnorm(10.5, 10)))
R

stated='0 to 1, mean 1, sd 0.1: 0.9202, Inf, true 0.9202, 0.00363
0.6 to 1, mean 1, sd 0.1: 0.9202, 0.00363, true 0.9202, 0.00363
5 to 5.1, mean 0, sd 1: 5.0458, 0.000823, true 5.0458, 0.000823
5 to 5.001, mean 0, sd 1: 5.0005, -5.76e-07, true 5.0005, 8.33e-08
5 to 6, mean 0, sd 1: 5.1831, 0.0295, true 5.1831, 0.0295
8 to 9, mean 0, sd 1: 8.5000, 0.0833, true 8.1212, 0.0141
5 to Inf, mean 0, sd 1: 5.1865, 0.0327, true 5.1865, 0.0327
8 to Inf, mean 0, sd 1: 8.1214, 4.15, true 8.1214, 0.0143
10 to Inf, mean 0, sd 1: 10.0981, -Inf, true 10.0981, 0.00945
up to 10.5 above 10: NaN'

seen=$(inside trixie Rscript moments.R)
compare "$stated" "$seen"
