#!/usr/bin/env bash
# findings/netcdf-quantize.sh: netCDF's lossy quantization of numbers that are infinite or no numbers.
# Packages: python3-netcdf4 1.7.2-1+b4 with libnetcdf22 1:4.9.3-1 (Debian 13).
# Expected: to keep three digits of infinity or NaN is to keep them; at most they are refused.
# Seen: GranularBitRound writes minus zero for both, BitGroom writes NaN for infinity and keeps NaN, BitRound
#   keeps both. So a limit that is never reached becomes a limit of 0. nc_put_var reports success.
# Documentation: Unidata/netcdf4-python#1314 (open) tells of NaN under GranularBitRound, not of infinity.
# Versions: 4.9.0 (Debian 12) and 4.9.3 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie python3-netcdf4=1.7.2-1+b4 libnetcdf22=1:4.9.3-1

cat >"$temp/trixie/trial/quantize.py" <<'PYTHON'
import netCDF4
import numpy

for mode, digits in ("BitGroom", 3), ("GranularBitRound", 3), ("BitRound", 10):
    with netCDF4.Dataset("reach.nc", "w") as file:
        file.createDimension("x", 4)
        years = file.createVariable("years", "f8", ("x",), compression="zlib", significant_digits=digits,
                                    quantize_mode=mode)
        years[:] = numpy.array([5.12, numpy.inf, numpy.nan, 8.25])
    with netCDF4.Dataset("reach.nc") as file:
        file.set_auto_mask(False)
        print(mode, *(f"{year:.3g}" for year in file["years"][:]))
PYTHON

stated='BitGroom 5.12 nan nan 8.25
GranularBitRound 5.12 -0 -0 8.25
BitRound 5.12 inf nan 8.25'

seen=$(inside trixie python3 quantize.py)
compare "$stated" "$seen"
