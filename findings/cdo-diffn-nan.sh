#!/usr/bin/env bash
# findings/cdo-diffn-nan.sh: cdo diffn, which compares two files number by number, where one has NaN.
# Packages: cdo 2.1.1-1+deb12u1, netcdf-bin 1:4.9.0-3+b1 (Debian 12).
# Expected: 2 and NaN differ.
# Seen: cdo finds no difference between 2 and NaN, nor between infinity and NaN, in either order, and ends
#   with 0; it finds that between 2 and infinity and ends with 1. So a regression test by cdo passes a run
#   that broke down.
# Documentation: none was found.
# Versions: cdo 2.5.1 (Debian 13) finds the differences and warns of NaN.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm cdo=2.1.1-1+deb12u1 netcdf-bin=1:4.9.0-3+b1

for value in 2 NaN Infinity; do
  printf 'netcdf f { dimensions: x = 3; variables: double x(x); double v(x);%s%s, 3; }\n' \
    ' data: x = 0, 1, 2; v = 1, ' "$value" >"$temp/bookworm/trial/$value.cdl"
  inside bookworm ncgen -o "$value.nc" "$value.cdl"
done

stated='2 NaN: 0
NaN 2: 0
NaN Infinity: 0
2 Infinity: 1'

seen=$(
  for pair in '2 NaN' 'NaN 2' 'NaN Infinity' '2 Infinity'; do
    status=0
    inside bookworm cdo -s diffn "${pair% *}.nc" "${pair#* }.nc" >&2 || status=$?
    echo "$pair: $status"
  done
)
compare "$stated" "$seen"
