#!/usr/bin/env bash
# findings/r-metap-meanz.sh: several p-values made one by meanz of R's package metap.
# Packages: r-cran-metap 1.14-1, r-base-core 4.6.2-1 (Debian unstable).
# Expected: where nothing is there, and the p-values are uniform, one of 1000 combined ones is below 0.001.
#   Three p-values of 0.01 to 0.03 give something like 0.002, as Student's test of their normal scores does.
# Seen: they give 1.4e-58, and 0.3, 0.31, 0.32 give 5.6e-202. The statistic is Student's, the probability is
#   that of a normal one. Where nothing is there, 4.7 % of the results for three p-values are below 0.001,
#   10 % for two. sumz and sumlog are right.
# Documentation: the help page compares the statistic with Student's distribution of one degree of freedom
#   less than there are p-values, which would be right. It tells that p-values close to each other give a
#   small one.
# Versions: 1.12 (Debian 13) and 1.14 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid r-cran-metap=1.14-1 r-base-core=4.6.2-1 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/sid/etc/R/Renviron"
ln -s which.debianutils "$temp/sid/usr/bin/which"

cat >"$temp/sid/trial/meanz.R" <<'R'
library(metap)
student <- function(p) t.test(qnorm(p, lower.tail = FALSE), alternative = "greater")$p.value
for (p in list(c(0.01, 0.02, 0.03), c(0.3, 0.31, 0.32), c(0.2, 0.5, 0.6)))
  cat(sprintf("%s: meanz %.2g, Student %.2g, sumz %.2g, sumlog %.2g\n", paste(p, collapse = " "),
              meanz(p)$p, student(p), sumz(p)$p, sumlog(p)$p))
set.seed(1)
for (number in c(2, 3, 10)) {
  uniform <- replicate(20000, runif(number), simplify = FALSE)
  below <- function(combine) 100 * mean(sapply(uniform, combine) < 0.001)
  cat(sprintf("%d uniform ones, below 0.001: meanz %.1f %%, Student %.1f %%, sumz %.1f %%\n", number,
              below(function(p) meanz(p)$p), below(student), below(function(p) sumz(p)$p)))
}
R

stated='0.01 0.02 0.03: meanz 1.4e-58, Student 0.0019, sumz 0.00015, sumlog 0.00051
0.3 0.31 0.32: meanz 5.6e-202, Student 0.00054, sumz 0.2, sumlog 0.32
0.2 0.5 0.6: meanz 0.28, Student 0.31, sumz 0.37, sumlog 0.47
2 uniform ones, below 0.001: meanz 10.1 %, Student 0.1 %, sumz 0.1 %
3 uniform ones, below 0.001: meanz 4.7 %, Student 0.1 %, sumz 0.1 %
10 uniform ones, below 0.001: meanz 0.6 %, Student 0.1 %, sumz 0.0 %'

seen=$(inside sid Rscript meanz.R)
compare "$stated" "$seen"
