#!/usr/bin/env bash
# findings/clhep-power.sh: powers in CLHEP's Evaluator, which reads the formulas of detector descriptions.
# Packages: libclhep-dev 2.1.4.1+dfsg-1.1, g++ (Debian 12).
# Expected: (-8)^(1/3) is an error, since the third root of a negative number is none of its real powers;
#   2^3^2 is 2^9 = 512, as 2**3**2 is in Fortran and Python.
# Seen: a negative number to a power that is no integer becomes the sum of the two: (-8)^(1/3) = -7.667,
#   (-8)^1.5 = -6.5, with status OK. pow(-8,1/3) is an error. 2^3^2 is (2^3)^2 = 64.
# Documentation: none was found of either.
# Versions: 2.4.7.1 (Debian unstable) refuses (-8)^(1/3); 2^3^2 is 64 there too.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm libclhep-dev=2.1.4.1+dfsg-1.1 g++=4:12.2.0-3

cat >"$temp/bookworm/trial/powers.cpp" <<'CPP'
#include <CLHEP/Evaluator/Evaluator.h>

#include <iostream>

int main() {
  HepTool::Evaluator evaluator;
  evaluator.setStdMath();
  for (const char *formula : {"(-8)^(1/3)", "(-8)^1.5", "5+(-8)^(1/3)", "pow(-8,1/3)", "(-8)^2", "2^3^2"}) {
    const double value = evaluator.evaluate(formula);
    const bool fine = evaluator.status() == HepTool::Evaluator::OK;
    std::cout << formula << (fine ? " = " : " refused ") << value << '\n';
  }
}
CPP

stated='(-8)^(1/3) = -7.66667
(-8)^1.5 = -6.5
5+(-8)^(1/3) = -2.66667
pow(-8,1/3) refused 0
(-8)^2 = 64
2^3^2 = 64'

inside bookworm g++ powers.cpp -lCLHEP -o powers >&2
seen=$(inside bookworm ./powers)
compare "$stated" "$seen"
