#!/usr/bin/env bash
# findings/cdo-precision.sh: the type of what CDO computes.
# Packages: cdo 2.5.1-1, netcdf-bin 1:4.9.3-1 (Debian 13).
# Expected: from doubles come doubles; the mean of integers is a floating-point number.
# Seen: `cdo expr` makes floats of doubles: 123456789 becomes 123456792 and 1e-50 becomes 0, while `cdo addc`
#   keeps doubles. `timmean` and `timstd` of shorts make shorts, by rounding: of the counts 0, 1, 0 the mean
#   and the spread are both 0. Nothing warns. With `-b F64` all are right.
# Documentation: `cdo --help expr` says nothing of the type of its results.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie cdo=2.5.1-1 netcdf-bin=1:4.9.3-1

cat >"$temp/trixie/trial/counts.cdl" <<'CDL'
netcdf counts {
dimensions: t = unlimited; x = 2;
variables: double t(t); t:units = "days since 2020-01-01"; short events(t, x); double level(t, x);
data: t = 0, 1, 2; events = 0, 7, 1, 7, 0, 8;
level = 123456789, 1e-50, 123456789, 1e-50, 123456789, 1e-50;
}
CDL
inside trixie ncgen -o counts.nc counts.cdl

# computed NAME ARGUMENT...: the type and the first two values of variable NAME of what CDO computes.
computed() {
  local name=$1
  shift
  inside trixie cdo -s -O "$@" counts.nc result.nc >&2
  inside trixie ncdump -p 9,10 -v "$name" result.nc | tr -d '\n;' |
    sed "s/.*\t\([a-z]*\) $name(.*data: *$name = *\([^ ,]*, [^ ,}]*\).*/$*: \1 \2\n/"
}

stated='addc,0 -selname,level: double 123456789, 1e-50
expr,y=level: float 123456792, 0
-b F64 expr,y=level: double 123456789, 1e-50
timmean -selname,events: short 0, 7
timstd -selname,events: short 0, 0
-b F64 timmean -selname,events: double 0.3333333333, 7.333333333
-b F64 timstd -selname,events: double 0.4714045208, 0.4714045208'

seen=$(
  computed level addc,0 -selname,level
  computed y expr,y=level
  computed y -b F64 expr,y=level
  computed events timmean -selname,events
  computed events timstd -selname,events
  computed events -b F64 timmean -selname,events
  computed events -b F64 timstd -selname,events
)
compare "$stated" "$seen"
