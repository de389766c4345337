#!/usr/bin/env bash
# findings/r-rmpfr-numbers.sh: binomial coefficients and Student's density of many digits by R's package Rmpfr.
# Packages: r-cran-rmpfr 1.1-2-1, r-base-core 4.6.2-1 (Debian unstable).
# Expected: a package for high precision has at least the digits of R's own functions.
# Seen: chooseMpfr of a plain number that is no integer rounds it to a few bits, so that the coefficients of
#   (1 + x)^0.1 are off by 4.5 % for x^2 and 0.02 % for x^5; those of an mpfr number are right. 100.5 over 2
#   is 5000 in place of 4999.875. The density dt of 20000000 degrees of freedom is right, of 1e8 it is NaN,
#   with 200 bits too. Nothing warns. choose and dt of R are right.
# Documentation: the help pages allow plain numbers, and promise the same as choose by high precision, and
#   high accuracy of the densities. None was found of it.
# Versions: 0.9-1 (Debian 12), 1.0-0 (Debian 13) and 1.1-2 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid r-cran-rmpfr=1.1-2-1 r-base-core=4.6.2-1 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/sid/etc/R/Renviron"
ln -s which.debianutils "$temp/sid/usr/bin/which"

cat >"$temp/sid/trial/numbers.R" <<'R'
suppressMessages(library(Rmpfr))
product <- function(a, n) prod((a - seq_len(n) + 1) / seq_len(n))
for (pair in list(c(0.1, 2), c(0.1, 5), c(0.1, 20), c(-1.5, 5), c(100.5, 2), c(20, 10))) {
  a <- pair[1]
  n <- pair[2]
  plain <- chooseMpfr(a, n)
  cat(sprintf("%g over %g: %.8g of %d bits; of an mpfr number %.8g, choose %.8g, product %.8g\n", a, n,
              asNumeric(plain), getPrec(plain), asNumeric(chooseMpfr(mpfr(a, 100), n)), choose(a, n),
              product(a, n)))
}
normal <- exp(-0.5) / sqrt(2 * pi)
for (degrees in c(1e6, 2e7, 1e8, 1e10))
  cat(sprintf("Student's of %g degrees at 1: %.7g, of 200 bits %.7g, of R %.7g, normal %.7g\n", degrees,
              asNumeric(dt(mpfr(1, 60), degrees)), asNumeric(dt(mpfr(1, 200), degrees)), dt(1, degrees), normal))
R

stated='0.1 over 2: -0.04296875 of 4 bits; of an mpfr number -0.045, choose -0.045, product -0.045
0.1 over 5: 0.016113281 of 7 bits; of an mpfr number 0.01611675, choose 0.01611675, product 0.01611675
0.1 over 20: -0.0034773396 of 22 bits; of an mpfr number -0.0034773346, choose -0.0034773346, product -0.0034773346
-1.5 over 5: -2.71875 of 7 bits; of an mpfr number -2.7070312, choose -2.7070312, product -2.7070313
100.5 over 2: 5000 of 15 bits; of an mpfr number 4999.875, choose 4999.875, product 4999.875
20 over 10: 184756 of 28 bits; of an mpfr number 184756, choose 184756, product 184756
Student'\''s of 1e+06 degrees at 1: 0.2419706, of 200 bits 0.2419706, of R 0.2419706, normal 0.2419707
Student'\''s of 2e+07 degrees at 1: 0.2419707, of 200 bits 0.2419707, of R 0.2419707, normal 0.2419707
Student'\''s of 1e+08 degrees at 1: NaN, of 200 bits NaN, of R 0.2419707, normal 0.2419707
Student'\''s of 1e+10 degrees at 1: NaN, of 200 bits NaN, of R 0.2419707, normal 0.2419707'

seen=$(inside sid Rscript numbers.R)
compare "$stated" "$seen"
