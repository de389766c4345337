#!/usr/bin/env bash
# findings/unit-texts.sh: one text of a unit, four readers, none of which complains.
# Packages: udunits-bin 2.2.28-5, units 2.22-2, python3-pint 0.19.2-1, python3-astropy 5.2.1-2+deb12u1
#   (Debian 12).
# Expected: "MeV/cm^2 s" is MeV s/cm^2 to all, read from left to right; "fb" is a femtobarn to all who know
#   it; "a" is a year or refused.
# Seen: "MeV/cm^2 s" is MeV s/cm^2 to UDUNITS and pint and MeV/(cm^2 s) to GNU Units and astropy, whose
#   products bind more tightly than the solidus. "fb" is a femtobarn to UDUNITS and pint, a femtobit to
#   astropy, a femtobar, a pressure, to GNU Units. "a" is an are of 100 m^2 to UDUNITS and GNU Units, a
#   year to pint and astropy.
# Documentation: no comparison was found.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm udunits-bin=2.2.28-5 units=2.22-2 python3-pint=0.19.2-1 python3-astropy=5.2.1-2+deb12u1

cat >"$temp/bookworm/trial/read.py" <<'PYTHON'
import sys

import astropy.units
import pint

library, text, aim = sys.argv[1:]
try:
    if library == "pint":
        print(f"{pint.UnitRegistry()(text).to(aim).magnitude:g}")
    else:
        print(f"{astropy.units.Unit(text).to(astropy.units.Unit(aim)):g}")
except Exception:
    print("no")
PYTHON

# convert LIBRARY TEXT AIM: how many AIM are one TEXT, or "no".
convert() {
  local value=no
  case $1 in
    udunits)
      value=$(inside bookworm udunits2 -H "$2" -W "$3" 2>/dev/null |
        sed -n '1s/.* = \([^ ]*\) .*/\1/p')
      ;;
    units) value=$(inside bookworm units -t -- "$2" "$3") || value=no ;;
    *) value=$(inside bookworm python3 read.py "$@") ;;
  esac
  echo "${value:-no}"
}

stated='MeV/cm^2 s in eV/(cm^2 s): udunits no, units 1000000, pint no, astropy 1e+06
MeV/cm^2 s in eV s/cm^2: udunits 1e+06, units no, pint 1e+06, astropy no
fb in m^2: udunits 1e-43, units no, pint 1e-43, astropy no
fb in Pa: udunits no, units 1e-10, pint no, astropy no
fb in bit: udunits no, units no, pint no, astropy 1e-15
a in m^2: udunits 100, units 100, pint no, astropy no
a in day: udunits no, units no, pint 365.25, astropy 365.25'

# ask TEXT AIM FOR_UDUNITS FOR_PYTHON: the aim in spellings that leave no doubt.
ask() {
  echo "$1 in $2: udunits $(convert udunits "$1" "$3"), units $(convert units "$1" "$2"),\
 pint $(convert pint "$1" "$4"), astropy $(convert astropy "$1" "$4")"
}

seen=$(
  ask 'MeV/cm^2 s' 'eV/(cm^2 s)' 'eV.cm-2.s-1' 'eV/(cm^2*s)'
  ask 'MeV/cm^2 s' 'eV s/cm^2' 'eV.s.cm-2' 'eV*s/cm^2'
  ask fb m^2 m2 m^2
  ask fb Pa Pa Pa
  ask fb bit bit bit
  ask a m^2 m2 m^2
  ask a day day day
)
compare "$stated" "$seen"
