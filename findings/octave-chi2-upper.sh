#!/usr/bin/env bash
# findings/octave-chi2-upper.sh: p-values of chi-square in Octave's statistics package.
# Packages: octave-statistics 1.7.3-2, octave-statistics-common 1.7.3-2 (Debian 13).
# Expected: chi2cdf(x, df, "upper") is the probability of x or more; "upper" serves to keep its small values.
# Seen: it is the probability of x or less, as without "upper". So for 50 degrees of freedom chi-square = 100
#   has the p-value 0.999965 where it is 3.45e-5, and the worse a fit the closer to 1. The sister functions
#   gamcdf and ncx2cdf are right, but where ncx2cdf hands its case of no shift to chi2cdf.
# Documentation: the help text of chi2cdf promises the upper tail; the package's own tests assert the lower
#   one. gnu-octave/statistics#175 (merged in 2025) tells of it and mends it.
# Versions: 1.5.3 (Debian 12) does the same; 2.1.0 (Debian unstable) is right.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie octave-statistics=1.7.3-2 octave-statistics-common=1.7.3-2

cat >"$temp/trixie/trial/tails.m" <<'OCTAVE'
addpath("/usr/share/octave/packages/statistics-1.7.3/dist_fun");
for x = [50 100 150]
  printf("%d: below %.6g, upper %.6g, gamma %.6g, shift 0 %.6g, 1e-9 %.6g\n", x, chi2cdf(x, 50), ...
         chi2cdf(x, 50, "upper"), gamcdf(x, 25, 2, "upper"), ncx2cdf(x, 50, 0, "upper"), ...
         ncx2cdf(x, 50, 1e-9, "upper"));
end
OCTAVE

stated='50: below 0.526602, upper 0.526602, gamma 0.473398, shift 0 0.526602, 1e-9 0.473398
100: below 0.999965, upper 0.999965, gamma 3.45493e-05, shift 0 0.999965, 1e-9 3.45493e-05
150: below 1, upper 1, gamma 6.31522e-12, shift 0 1, 1e-9 6.31522e-12'

seen=$(inside trixie octave-cli --norc tails.m)
compare "$stated" "$seen"
