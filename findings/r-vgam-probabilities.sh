#!/usr/bin/env bash
# findings/r-vgam-probabilities.sh: upper tails and logarithms of probabilities by R's package VGAM.
# Packages: r-cran-vgam 1.1-14-1, r-base-core 4.6.2-1 (Debian unstable).
# Expected: with lower.tail = FALSE a probability is 1 minus that without, with log.p = TRUE its logarithm.
# Seen: ptriangle with lower.tail = FALSE rises again above the peak: of the triangle from 0 to 1 with the
#   peak at 0.3, above 0.6 there is 1.171 in place of 0.229; its logarithm is positive. phuber with log.p = TRUE
#   is right up to the middle and positive above it, so that 1.35 is below 0.5; with lower.tail = FALSE as well
#   it is the other way round. pyules with log.p = TRUE leaves the logarithm out. Nothing warns. ppareto and
#   prayleigh are right.
# Documentation: the help pages say that the two arguments have the same meaning as in pnorm.
# Versions: 1.1.7 (Debian 12), 1.1.13 (Debian 13) and 1.1.14 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid r-cran-vgam=1.1-14-1 r-base-core=4.6.2-1 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/sid/etc/R/Renviron"
ln -s which.debianutils "$temp/sid/usr/bin/which"

cat >"$temp/sid/trial/probabilities.R" <<'R'
suppressMessages(library(VGAM))
below <- function(density, x, from, by) sum(density(seq(from + by / 2, x, by))) * by
triangle <- function(x) dtriangle(x, theta = 0.3)
for (x in c(0.2, 0.4, 0.6, 0.9))
  cat(sprintf("triangle %g: below %.4f, above %.4f; right %.4f and %.4f\n", x, ptriangle(x, theta = 0.3),
              ptriangle(x, theta = 0.3, lower.tail = FALSE), below(triangle, x, 0, 1e-4),
              1 - below(triangle, x, 0, 1e-4)))
for (x in c(-1, 0.5, 2))
  cat(sprintf("Huber %g: log below %.4f, above %.4f; right %.4f and %.4f\n", x, phuber(x, log.p = TRUE),
              phuber(x, log.p = TRUE, lower.tail = FALSE), log(below(dhuber, x, -50, 1e-3)),
              log(1 - below(dhuber, x, -50, 1e-3))))
for (x in c(1, 5))
  cat(sprintf("Yule %d: log %.4f, right %.4f\n", x, pyules(x, shape = 2, log.p = TRUE),
              log(sum(dyules(1:x, shape = 2)))))
cat(sprintf("Pareto %.4f and %.4f, Rayleigh %.4f and %.4f\n",
            ppareto(2, 1, 2, lower.tail = FALSE, log.p = TRUE), log(1 / 4),
            prayleigh(2, lower.tail = FALSE, log.p = TRUE), -2))
R

stated='triangle 0.2: below 0.1333, above 0.8667; right 0.1333 and 0.8667
triangle 0.4: below 0.4857, above 0.8857; right 0.4857 and 0.5143
triangle 0.6: below 0.7714, above 1.1714; right 0.7714 and 0.2286
triangle 0.9: below 0.9857, above 1.3857; right 0.9857 and 0.0143
Huber -1: log below -1.4838, above 0.2044; right -1.4838 and -0.2572
Huber 0.5: log below 0.2977, above -1.0590; right -0.4259 and -1.0590
Huber 2: log below 0.0915, above -2.3458; right -0.1007 and -2.3458
Yule 1: log 0.6667, right -0.4055
Yule 5: log 0.9524, right -0.0488
Pareto -1.3863 and -1.3863, Rayleigh -2.0000 and -2.0000'

seen=$(inside sid Rscript probabilities.R)
compare "$stated" "$seen"
