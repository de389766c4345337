#!/usr/bin/env bash
# findings/r-evd-shape.sh: distributions of extreme values in a scan of their shape, by R's package evd.
# Packages: r-cran-evd 2.3-7.1-1, r-base-core 4.5.0-3 (Debian 13).
# Expected: in a scan of the shape from -0.3 to 0.3 in steps of 0.1 the density, the distribution function and
#   the quantiles change smoothly, as they do with the shape 0.
# Seen: the middle of the scan is 5.6e-17, not 0, and there the generalized extreme value distribution
#   function is exp(-1) whatever the value, its median 0; the generalized Pareto density is 1, so that the
#   likelihood has its maximum there, and its distribution function 0. At 1e-15 they are off by 4 to 21 %, at
#   1e-10 right. Nothing warns.
# Documentation: none was found of it. twolodzko/extraDistr#9 (closed) tells of the same in another package.
# Versions: only this one was tried.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie r-cran-evd=2.3-7.1-1 r-base-core=4.5.0-3 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/trixie/etc/R/Renviron"
ln -s which.debianutils "$temp/trixie/usr/bin/which"

cat >"$temp/trixie/trial/shapes.R" <<'R'
library(evd)
for (shape in c(0, 1e-10, 1e-15, seq(-0.3, 0.3, 0.1)[3:5]))
  cat(sprintf("%.2g: extreme value %.4f, %.4f, median %.4f, Pareto %.4f, %.4f, median %.4f\n", shape,
              dgev(1, 0, 1, shape), pgev(1, 0, 1, shape), qgev(0.5, 0, 1, shape), dgpd(1, 0, 1, shape),
              pgpd(1, 0, 1, shape), qgpd(0.5, 0, 1, shape)))
for (shape in seq(-0.3, 0.3, 0.1))
  cat(sprintf("%.2g: log-likelihood of 1, 2, 3 %.3f\n", shape, sum(dgpd(1:3, 0, 1, shape, log = TRUE))))
R

stated='0: extreme value 0.2546, 0.6922, median 0.3665, Pareto 0.3679, 0.6321, median 0.6931
1e-10: extreme value 0.2546, 0.6922, median 0.3665, Pareto 0.3679, 0.6321, median 0.6931
1e-15: extreme value 0.2370, 0.7193, median 0.4441, Pareto 0.3295, 0.6705, median 0.6661
-0.1: extreme value 0.2734, 0.7056, median 0.3599, Pareto 0.3874, 0.6513, median 0.6697
5.6e-17: extreme value 0.3679, 0.3679, median 0.0000, Pareto 1.0000, 0.0000, median 0.0000
0.1: extreme value 0.2384, 0.6801, median 0.3733, Pareto 0.3505, 0.6145, median 0.7177
-0.3: log-likelihood of 1, 2, 3 -8.343
-0.2: log-likelihood of 1, 2, 3 -6.601
-0.1: log-likelihood of 1, 2, 3 -6.167
5.6e-17: log-likelihood of 1, 2, 3 -4.000
0.1: log-likelihood of 1, 2, 3 -5.940
0.2: log-likelihood of 1, 2, 3 -5.933
0.3: log-likelihood of 1, 2, 3 -5.955'

seen=$(inside trixie Rscript shapes.R)
compare "$stated" "$seen"
