#!/usr/bin/env bash
# findings/r-stabledist-tails.sh: upper tails of stable distributions, Landau's among them, by R's package
#   stabledist.
# Packages: r-cran-stabledist 0.7-2-1, r-base-core 4.5.0-3 (Debian 13).
# Expected: both tails add up to 1, an upper tail falls as a power, and pstable of a quantile is its
#   probability.
# Seen: for Landau's distribution (alpha and beta are 1), of energy losses in thin layers, pstable's upper
#   tail is 0.0014 too small at 0 and at 5, 18 % too small at 100, and 6e-95 in place of 0.0013 at 500; the
#   lower one is right, the density up to 100. For alpha = 1.5 the upper tail is 1e-23 in place of 7e-5 at
#   200, and the quantiles of 0.9999 and of 0.99999 are both 125.4, in place of 158 and 736. Nothing warns.
# Documentation: the manual page gives the power of the tails, and warns that results may not be accurate
#   with alpha within 0.01 of 1; of alpha = 1.5 it says nothing.
# Versions: 0.7-2 is that of Debian unstable too.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie r-cran-stabledist=0.7-2-1 r-base-core=4.5.0-3 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/trixie/etc/R/Renviron"
ln -s which.debianutils "$temp/trixie/usr/bin/which"

cat >"$temp/trixie/trial/tails.R" <<'R'
library(stabledist)
# Landau's upper tail and density as integrals; the argument is scaled and moved to alpha = beta = 1.
landau <- function(x, density = FALSE) {
  l <- pi * x / 2 - log(2 / pi)
  f <- function(t) exp(-t * log(t) - l * t) * sin(pi * t) / pi * (if (density) pi / 2 else 1 / t)
  integrate(f, 1e-300, Inf, rel.tol = 1e-9)$value
}
# The symmetric one's upper tail by its asymptotic series.
symmetric <- function(x, alpha) {
  k <- 1:5
  sum((-1)^(k + 1) / factorial(k) * gamma(alpha * k) * sin(pi * alpha * k / 2) * x^(-alpha * k)) / pi
}
for (x in c(0, 5, 100, 500))
  cat(sprintf("Landau %g: lower %.5f, upper %.4g, true %.4g, density %.4g, true %.4g\n", x, pstable(x, 1, 1),
              pstable(x, 1, 1, lower.tail = FALSE), landau(x), dstable(x, 1, 1), landau(x, TRUE)))
for (x in c(100, 150, 200, 500))
  cat(sprintf("alpha 1.5, %g: upper %.4g, true %.4g\n", x, pstable(x, 1.5, 0, lower.tail = FALSE),
              symmetric(x, 1.5)))
for (p in c(0.99, 0.999, 0.9999, 0.99999)) {
  true <- uniroot(function(x) symmetric(x, 1.5) / (1 - p) - 1, c(5, 1e4), tol = 1e-6)$root
  cat(sprintf("alpha 1.5, quantile of %g: %.1f, true %.1f\n", p, qstable(p, 1.5, 0), true))
}
R

stated='Landau 0: lower 0.36524, upper 0.6333, true 0.6348, density 0.2622, true 0.2622
Landau 5: lower 0.85880, upper 0.1398, true 0.1412, density 0.02656, true 0.02656
Landau 100: lower 0.99346, upper 0.005378, true 0.006538, density 6.671e-05, true 6.671e-05
Landau 500: lower 0.99933, upper 5.675e-95, true 0.001283, density 9.467e-07, true 2.581e-06
alpha 1.5, 100: upper 0.0001993, true 0.0001998
alpha 1.5, 150: upper 0.0001082, true 0.0001087
alpha 1.5, 200: upper 1.135e-23, true 7.056e-05
alpha 1.5, 500: upper 0, true 1.784e-05
alpha 1.5, quantile of 0.99: 7.7, true 7.7
alpha 1.5, quantile of 0.999: 34.3, true 34.3
alpha 1.5, quantile of 0.9999: 125.4, true 158.5
alpha 1.5, quantile of 0.99999: 125.4, true 735.5'

seen=$(inside trixie Rscript tails.R)
compare "$stated" "$seen"
