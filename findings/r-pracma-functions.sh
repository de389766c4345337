#!/usr/bin/env bash
# findings/r-pracma-functions.sh: adaptive quadrature and the scaled error function of R's package pracma.
# Packages: r-cran-pracma 2.4.4-3, r-base-core 4.5.0-3 (Debian 13).
# Expected: an adaptive rule with a tolerance of 1.5e-8 integrates the sine from 0 to 100, or says that it
#   cannot; erfcx(x) = exp(x^2) erfc(x), which is there for large x, is 0.0113 at 50.
# Seen: the integral is 0.138, but -25.9 by quad and by simpadpt, without a word; from 0 to 50 they have two
#   more wrong values, from 0 to 20 they are right. quadl and R's integrate are right. erfcx(27) is infinite
#   and erfcx(50) is NaN; the product is taken as it stands.
# Documentation: none is cited; the help pages were not searched for it.
# Versions: 2.4.6 (Debian unstable) does the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie r-cran-pracma=2.4.4-3 r-base-core=4.5.0-3 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/trixie/etc/R/Renviron"
ln -s which.debianutils "$temp/trixie/usr/bin/which"

cat >"$temp/trixie/trial/functions.R" <<'R'
suppressMessages(library(pracma))
for (end in c(10, 20, 50, 100))
  cat(sprintf("sine to %g: quad %.5f, simpadpt %.5f, quadl %.5f, integrate %.5f, true %.5f\n", end,
              quad(sin, 0, end), simpadpt(sin, 0, end), quadl(sin, 0, end), integrate(sin, 0, end)$value,
              1 - cos(end)))
for (x in c(5, 26, 27, 50))
  cat(sprintf("erfcx(%g): %.6g, true %.6g\n", x, erfcx(x), 2 * exp(x^2 + pnorm(-x * sqrt(2), log.p = TRUE))))
R

stated='sine to 10: quad 1.83907, simpadpt 1.83907, quadl 1.83907, integrate 1.83907, true 1.83907
sine to 20: quad 0.59192, simpadpt 0.59192, quadl 0.59192, integrate 0.59192, true 0.59192
sine to 50: quad -6.59817, simpadpt -3.28889, quadl 0.03503, integrate 0.03503, true 0.03503
sine to 100: quad -25.93036, simpadpt -25.93036, quadl 0.13768, integrate 0.13768, true 0.13768
erfcx(5): 0.110705, true 0.110705
erfcx(26): 0.0216836, true 0.0216836
erfcx(27): Inf, true 0.0208816
erfcx(50): NaN, true 0.0112815'

seen=$(inside trixie Rscript functions.R)
compare "$stated" "$seen"
