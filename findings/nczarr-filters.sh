#!/usr/bin/env bash
# findings/nczarr-filters.sh: Zarr arrays of zarr-python read by the netCDF library.
# Packages: netcdf-bin 1:4.9.3-1, python3-zarr 3.0.6-2 (Debian 13).
# Expected: it reads them rightly, or says that it lacks a filter, as it does of HDF5 files (NC_ENOFILTER).
# Seen: ncdump ends with 0, says nothing and prints what the chunk's bytes happen to be. Behind the Delta
#   filter 10, 11, 12 become 10, 1, 1; behind Blosc the compressor's header becomes two numbers and the others
#   move along; of an array in Fortran's order the elements change places. `ncdump -s` tells of no filter
#   either.
# Documentation: netCDF's page on NCZarr names unrecognized filters as a limit without saying what happens,
#   and says of Fortran's order that the data come out in the wrong order. Unidata/netcdf-c#2484 (closed)
#   tells of wrong values of 4.8.1.
# Versions: 4.9.3 and 4.10.1 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie netcdf-bin=1:4.9.3-1 python3-zarr=3.0.6-2

# No stored chunk is shorter than the array, which a reader that passes over filters would read beyond.
cat >"$temp/trixie/trial/write.py" <<'PYTHON'
import numcodecs
import numpy
import zarr

values = numpy.array([[10.0, 11, 12], [13, 14, 15]])
kinds = {
    "plain": {},
    "delta": {"filters": [numcodecs.Delta("<f8")]},
    "blosc": {"compressors": numcodecs.Blosc()},
    "fortran": {"order": "F"},
}
for name, options in kinds.items():
    group = zarr.open_group(name, mode="w", zarr_format=2)
    options = {"compressors": None, **options}
    array = group.create_array("v", shape=(2, 3), chunks=(2, 3), dtype="f8", **options)
    array[...] = values
    array.attrs["_ARRAY_DIMENSIONS"] = ["y", "x"]
    print("zarr", name, *(f"{value:g}" for value in zarr.open_group(name)["v"][...].ravel()))
PYTHON

stated='zarr plain 10 11 12 13 14 15
zarr delta 10 11 12 13 14 15
zarr blosc 10 11 12 13 14 15
zarr fortran 10 11 12 13 14 15
ncdump plain 10, 11, 12, 13, 14, 15
status 0
ncdump delta 10, 1, 1, 1, 1, 1
status 0
ncdump blosc 1.01924e-312, 1.35808e-312, 10, 11, 12, 13
status 0
ncdump fortran 10, 13, 11, 14, 12, 15
status 0'

seen=$(
  inside trixie python3 write.py
  for name in plain delta blosc fortran; do
    status=0
    inside trixie ncdump -p 6,6 "file:///trial/$name#mode=zarr,file" >"$temp/dump" 2>&1 || status=$?
    echo "ncdump $name $(tr -d '\n' <"$temp/dump" | sed 's/.* v = *//; s/ ;.*//; s/,  */, /g')"
    echo "status $status"
  done
)
compare "$stated" "$seen"
