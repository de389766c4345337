#!/usr/bin/env bash
# findings/perl-distributions.sh: how many sigmas a p-value is, by Perl's Statistics::Distributions.
# Packages: libstatistics-distributions-perl 1.02-2, perl (Debian unstable).
# Expected: udistr turns uprob round: six sigmas have the probability 9.9e-10, so 1e-9 is six sigmas, and
#   1e-10 is 6.36.
# Seen: below 1e-7 udistr goes astray, and uprob does not: 1e-8 is 5.8 sigmas, not 5.6, 1e-9 is 7.2, 1e-10 is
#   11.0, 1e-12 is 34.6, 1e-20 is 922. chisqrdistr of one degree of freedom and tdistr of 300 follow. Nothing
#   warns.
# Documentation: it promises five significant digits.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid libstatistics-distributions-perl=1.02-2 perl

cat >"$temp/sid/trial/sigmas.pl" <<'PERL'
use strict;
use warnings;
use Statistics::Distributions qw(chisqrdistr chisqrprob tdistr tprob udistr uprob);

for my $p (1e-3, 2.866516e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-20) {
    my $sigmas = udistr($p);
    printf "%g: %.4g sigmas, back to %.3g\n", $p, $sigmas, uprob($sigmas);
}
for my $degrees (1, 3) {
    my $chi2 = chisqrdistr($degrees, 1e-8);
    printf "chi^2 of %d, 1e-08: %.4g, back to %.3g\n", $degrees, $chi2, chisqrprob($degrees, $chi2);
}
my $t = tdistr(300, 1e-8);
printf "t of 300, 1e-08: %.4g, back to %.3g\n", $t, tprob(300, $t);
printf "six sigmas: %.4g\n", uprob(6);
PERL

stated='0.001: 3.09 sigmas, back to 0.001
2.86652e-07: 5.004 sigmas, back to 2.81e-07
1e-08: 5.797 sigmas, back to 3.37e-09
1e-09: 7.174 sigmas, back to 3.65e-13
1e-10: 11.01 sigmas, back to 1.71e-28
1e-12: 34.55 sigmas, back to 6.42e-262
1e-20: 921.5 sigmas, back to 0
chi^2 of 1, 1e-08: 36.87, back to 1.27e-09
chi^2 of 3, 1e-08: 40.13, back to 1e-08
t of 300, 1e-08: 5.968, back to 3.37e-09
six sigmas: 9.866e-10'

seen=$(inside sid perl sigmas.pl)
compare "$stated" "$seen"
