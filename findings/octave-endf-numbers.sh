#!/usr/bin/env bash
# findings/octave-endf-numbers.sh: numbers as in ENDF-6 nuclear data files, 1.234567+6 for 1.234567e6, in
#   Octave.
# Packages: octave 7.3.0-2 (Debian 12).
# Expected: each reader refuses them or gives NaN, since the exponent has no letter.
# Seen: dlmread makes them complex, 1.234567 + 6i; load reads a line of three as six numbers and keeps the
#   first three, so that the columns shift; sscanf gives each as two; str2double alone gives NaN. None says
#   anything.
# Documentation: none was found.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm octave=7.3.0-2
echo '1.234567+6 2.5-3 1.5+2' >"$temp/bookworm/trial/endf.txt"

stated='dlmread 1.234567+6i 2.5-3i 1.5+2i
load 1.234567 6 2.5
sscanf 1.234567 6 2.5 -3
str2double NaN'

seen=$(inside bookworm octave-cli --norc --eval '
z = dlmread("endf.txt", " "); printf("dlmread"); printf(" %.7g%+gi", [real(z); imag(z)]); puts("\n");
printf("load"); printf(" %.7g", load("endf.txt")); puts("\n");
printf("sscanf"); printf(" %.7g", sscanf("1.234567+6 2.5-3", "%f")); puts("\n");
printf("str2double %g\n", str2double("1.234567+6"));')
compare "$stated" "$seen"
