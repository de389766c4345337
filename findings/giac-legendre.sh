#!/usr/bin/env bash
# findings/giac-legendre.sh: values of Legendre polynomials in Giac.
# Packages: xcas 1.9.0.93+dfsg2-3, libgiac0t64 1.9.0.93+dfsg2-3 (Debian 13).
# Expected: legendre(n, x) is within -1 and 1 for x within them, right to the 12 digits that are printed, like
#   tchebyshev1.
# Seen: legendre(60, 0.5) is right to three digits, legendre(80, 0.5) is 1.33 in place of -0.0246, and
#   legendre(100, 0.9) -1.4e19 in place of 0.102: the coefficients, of both signs, are added up as
#   floating-point numbers. More digits do not help: with Digits:=50 it is the same. tchebyshev1(100, 0.9) is
#   right, and so is the exact value, evaluated last. Nothing warns.
# Documentation: the built-in help says no more than that it is the n-th Legendre polynomial.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie xcas=1.9.0.93+dfsg2-3 libgiac0t64=1.9.0.93+dfsg2-3

stated='legendre(20,0.5) -0.0483583810674
legendre(60,0.5) 0.106472136109
legendre(80,0.5) 1.33249684246
legendre(100,0.9) -1.41369742062e+19
Digits:=50; legendre(100,0.9) 50,-1.4136974206238e+19
tchebyshev1(100,0.9) 0.435336749152
evalf(subst(legendre(80),x=1/2)) -0.0246497171654
evalf(subst(legendre(100),x=9/10)) 0.102265820559'

seen=$(
  while read -r formula; do
    echo "$formula $(inside trixie giac "$formula" </dev/null)"
  done <<'GIAC'
legendre(20,0.5)
legendre(60,0.5)
legendre(80,0.5)
legendre(100,0.9)
Digits:=50; legendre(100,0.9)
tchebyshev1(100,0.9)
evalf(subst(legendre(80),x=1/2))
evalf(subst(legendre(100),x=9/10))
GIAC
)
compare "$stated" "$seen"
