#!/usr/bin/env bash
# findings/r-distributional-moments.sh: skewness and kurtosis by R's package distributional.
# Packages: r-cran-distributional 0.9.0-1, r-base-core 4.6.2-1 (Debian unstable).
# Expected: they are those of the density that the package itself gives. A distribution and its mirror image
#   have opposite skewnesses.
# Seen: the skewness of the beta distribution is a product of its parameters too large: 1.714 for 2 and 3, in
#   place of 0.286, and -153.8 for 50 and 3, as of an efficiency of 49 in 51, in place of -1.03. The kurtosis
#   of the hypergeometric distribution is 3.6e-06 in place of -0.44 for 3 of 10 and 5. Means, variances and the
#   other distributions that were tried are right.
# Documentation: the page of the beta distribution has neither formula. zeileis/distributions3#114 (closed)
#   tells of the hypergeometric one in another package; none was found of the beta distribution.
# Versions: 0.3.1 (Debian 12), 0.5.0 (Debian 13) and 0.9.0 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid r-cran-distributional=0.9.0-1 r-base-core=4.6.2-1 dash debianutils sed

# What the packages' own scripts would have set up.
printf 'EDITOR=vi\nPAGER=cat\nR_LIBS=/usr/lib/R/site-library\n' >"$temp/sid/etc/R/Renviron"
ln -s which.debianutils "$temp/sid/usr/bin/which"

cat >"$temp/sid/trial/moments.R" <<'R'
suppressMessages(library(distributional))
show <- function(name, distribution, points) {
  weight <- density(distribution, points)[[1]]
  weight <- weight / sum(weight)
  centre <- sum(weight * points)
  moment <- function(order) sum(weight * (points - centre)^order)
  right <- isTRUE(all.equal(c(mean(distribution), variance(distribution)), c(centre, moment(2)), 1e-5))
  cat(sprintf("%s: skewness %.4f, right %.4f; kurtosis %.4g, right %.4g; others %s\n", name,
              skewness(distribution), moment(3) / moment(2)^1.5, kurtosis(distribution),
              moment(4) / moment(2)^2 - 3, if (right) "right" else "wrong"))
}
unit <- seq(5e-6, 1, 1e-5)
show("beta, 2 and 3", dist_beta(2, 3), unit)
show("beta, 3 and 2", dist_beta(3, 2), unit)
show("beta, 50 and 3", dist_beta(50, 3), unit)
show("hypergeometric, 3 of 10 and 5", dist_hypergeometric(10, 5, 3), 0:3)
show("hypergeometric, 20 of 60 and 40", dist_hypergeometric(60, 40, 20), 0:20)
show("binomial, 10 at 0.3", dist_binomial(10, 0.3), 0:10)
show("gamma, 2", dist_gamma(2, 1), seq(5e-5, 60, 1e-4))
R

stated='beta, 2 and 3: skewness 1.7143, right 0.2857; kurtosis -0.6429, right -0.6429; others right
beta, 3 and 2: skewness -1.7143, right -0.2857; kurtosis -0.6429, right -0.6429; others right
beta, 50 and 3: skewness -153.8182, right -1.0255; kurtosis 1.442, right 1.442; others right
hypergeometric, 3 of 10 and 5: skewness -0.3053, right -0.3053; kurtosis 3.561e-06, right -0.4423; others right
hypergeometric, 20 of 60 and 40: skewness -0.0622, right -0.0622; kurtosis 2.739e-11, right -0.06518; others right
binomial, 10 at 0.3: skewness 0.2760, right 0.2760; kurtosis -0.1238, right -0.1238; others right
gamma, 2: skewness 1.4142, right 1.4142; kurtosis 3, right 3; others right'

seen=$(inside sid Rscript moments.R)
compare "$stated" "$seen"
