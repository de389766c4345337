#!/usr/bin/env bash
# findings/nco-means.sh: means of integers in NCO's ncap2.
# Packages: nco 5.3.3-1, netcdf-bin 1:4.9.3-1 (Debian 13).
# Expected: the mean of two shorts of 17000 is 17000. NCO's manual has this very example, and names ncap2
#   among the operators that compute it in double precision.
# Seen: avg() of ncap2 makes it -15768, what the manual says would come of it without that conversion, and
#   the root mean square 0; two integers of 2000000000 have the mean -147483648. Nothing warns, and the status
#   is 0. ncwa is right in all of these, ncap2 for floating-point numbers.
# Documentation: the manual's section on automatic type conversion, as above.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie nco=5.3.3-1 netcdf-bin=1:4.9.3-1

cat >"$temp/trixie/trial/counts.cdl" <<'CDL'
netcdf counts {
dimensions: x = 2;
variables: short few(x); int many(x); double level(x);
data: few = 17000, 17000; many = 2000000000, 2000000000; level = 17000, 17000;
}
CDL
inside trixie ncgen -o counts.nc counts.cdl

# value NAME FILE: the scalar variable NAME.
value() { inside trixie ncdump -v "$1" "$2" | sed -n "s/^ $1 = \(.*\) ;/\1/p"; }

stated='few avg: ncap2 -15768, ncwa 17000
few rms: ncap2 0, ncwa 17000
many avg: ncap2 -147483648, ncwa 2000000000
many rms: ncap2 22270, ncwa 2000000000
level avg: ncap2 17000, ncwa 17000
level rms: ncap2 17000, ncwa 17000'

seen=$(
  for name in few many level; do
    for mean in avg rms; do
      inside trixie ncap2 -O --no_tmp_fl -v -s "y = $name.$mean()" counts.nc ncap2.nc >&2
      inside trixie ncwa -O --no_tmp_fl -y "$mean" -v "$name" counts.nc ncwa.nc >&2
      echo "$name $mean: ncap2 $(value y ncap2.nc), ncwa $(value "$name" ncwa.nc)"
    done
  done
)
compare "$stated" "$seen"
