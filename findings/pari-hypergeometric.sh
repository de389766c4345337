#!/usr/bin/env bash
# findings/pari-hypergeometric.sh: hypergeometric functions of PARI/GP, which prints 38 digits.
# Packages: pari-gp 2.17.2-1 (Debian 13).
# Expected: 2F1(-n, n + 1; 1; (1 - x) / 2) is the Legendre polynomial P_n(x), and Tricomi's U(a, b, x) is
#   positive where a and x are; of 38 digits the first ones are right.
# Seen: where the series ends (a or b is -1, -2, ...), or is a power of 1 - x times one that ends (c - a or
#   c - b is), hypergeom has no right digit: 1.5 for 2F1(-1, 2; 1; 0.25) = 0.5, 0.93 for P_10(0.9) = -0.26,
#   581 for 2F1(10.5, 3; 1.5; 0.5) = 28920. With 10.499999 in place of 10.5 it is right. hyperu(50.5, 1, 1)
#   is negative and 11 orders of magnitude too large, 23 with a precision of 19 digits; hyperu(20.5, 1, 1) is
#   right.
# Documentation: the change log of 2.19.0 lists a wrong value of hypergeom (#2628); none was found on hyperu.
# Versions: 2.15.2 (Debian 12) and 2.19.0 (Debian unstable) have hypergeom right, hyperu as wrong.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie pari-gp=2.17.2-1

cat >"$temp/trixie/trial/functions.gp" <<'GP'
/* U(a, b, x) as an integral. */
whole(a, b, x) = intnum(t = 0, [oo, x], exp(-x * t) * t^(a - 1) * (1 + t)^(b - a - 1)) / gamma(a);
show(name, value) = printf("%s: %.8g\n", name, value);
{
series(a, b, c, x) =
  my(term = 1., sum = 1.);
  for(n = 0, 600, term *= (a + n) * (b + n) / (c + n) / (1 + n) * x; sum += term);
  sum;
}
{
show("2F1(-1, 2; 1; 0.25)", hypergeom([-1, 2], 1, 0.25));
show("P_10(0.9)", pollegendre(10, 0.9));
show("2F1(-10, 11; 1; 0.05)", hypergeom([-10, 11], 1, 0.05));
show("its series", series(-10, 11, 1, 0.05));
show("2F1(10.5, 3; 1.5; 0.5)", hypergeom([10.5, 3], 1.5, 0.5));
show("its series", series(10.5, 3, 1.5, 0.5));
show("2F1(10.499999, 3; 1.5; 0.5)", hypergeom([10.499999, 3], 1.5, 0.5));
show("U(20.5, 1, 1)", hyperu(20.5, 1, 1));
show("its integral", whole(20.5, 1, 1));
show("U(50.5, 1, 1)", hyperu(50.5, 1, 1));
show("its integral", whole(50.5, 1, 1));
default(realprecision, 19);
show("U(50.5, 1, 1) of 19 digits", hyperu(50.5, 1, 1));
}
GP

stated='2F1(-1, 2; 1; 0.25): 1.5000000
P_10(0.9): -0.26314562
2F1(-10, 11; 1; 0.05): 0.92653389
its series: -0.26314562
2F1(10.5, 3; 1.5; 0.5): 580.93231
its series: 28920.427
2F1(10.499999, 3; 1.5; 0.5): 28920.404
U(20.5, 1, 1): 3.2190832 e-22
its integral: 3.2190832 e-22
U(50.5, 1, 1): -1.8817739 e-59
its integral: 1.8080337 e-70
U(50.5, 1, 1) of 19 digits: -3.0554392 e-47'

seen=$(inside trixie gp -q -f functions.gp </dev/null)
compare "$stated" "$seen"
