#!/usr/bin/env bash
# findings/ginac-gamma.sh: GiNaC's Gamma function of a plain number, with the 17 digits it starts with.
# Packages: ginac-tools 1.8.6-1; pari-gp 2.15.2-1 for the right values (Debian 12).
# Expected: an arbitrary-precision library errs in the last digits only.
# Seen: Gamma(5.5) is wrong in the sixth digit, Gamma(25.5) by 12.6 percent, Gamma(60.5) is negative, and
#   its logarithm, as in a Poisson likelihood, is complex. Nothing warns. With Digits=18 other coefficients
#   are used: Gamma(25.5) is right to eight digits, Gamma(60.5) still negative.
# Documentation: no range of arguments was found in it.
# Versions: 1.8.6, 1.8.8 (Debian 13) and 1.8.10 (Debian unstable) print the same with 17 digits.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm ginac-tools=1.8.6-1 pari-gp=2.15.2-1

stated='GiNaC, 17 digits
52.34277788751285698
2.6978731387341806832E24
-1.0849117368861101878E84
193.49864644669122796+3.1415926535897932385*I
GiNaC, 18 digits
18
3.08677041080280346897259981167558608327E24
-1.472411632065948874536934955050537838914E83
PARI
52.342777784553520181
3.0867705405286967828 E24
1.0719991833202043420 E81
186.57891783333785287'

seen=$(
  echo "GiNaC, 17 digits"
  inside bookworm ginsh <<<'tgamma(5.5); tgamma(25.5); tgamma(60.5); lgamma(60.5); quit;'
  echo "GiNaC, 18 digits"
  inside bookworm ginsh <<<'Digits=18; tgamma(25.5); tgamma(60.5); quit;'
  echo "PARI"
  inside bookworm gp -q -f <<<'default(realprecision, 20);
for (i = 1, 3, print(gamma([5.5, 25.5, 60.5][i]))); print(lngamma(60.5))'
)
compare "$stated" "$seen"
