#!/usr/bin/env bash
# findings/hdf5-nan-integers.sh: doubles read as integers by the HDF5 library, in both byte orders.
# Packages: python3-h5py-serial 3.13.0-1+b1 with libhdf5 1.14.5 (Debian 13).
# Expected: the byte order in the file changes no value; NaN gives one fixed integer, or an error.
# Seen: NaN stored little-endian becomes -2147483648, stored big-endian 0; as unsigned 64-bit integers
#   9223372036854775808 and 0. Infinities and numbers out of range are clipped alike from both.
# Documentation: none was found on the result; a program may decide it in a callback set by
#   H5Pset_type_conv_cb.
# Versions: 1.10.8 (Debian 12) and 1.14.5 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie python3-h5py=3.13.0-1 python3-h5py-serial=3.13.0-1+b1

cat >"$temp/trixie/trial/read.py" <<'PYTHON'
import h5py
import numpy

values = [numpy.nan, numpy.inf, -1.5, 3e9]
with h5py.File("numbers.h5", "w") as file:
    file["little"] = numpy.array(values, "<f8")
    file["big"] = numpy.array(values, ">f8")
    for order in "little", "big":
        for kind in "int32", "uint64":
            read = numpy.empty(len(values), kind)
            file[order].read_direct(read)
            print(order, kind, *read)
PYTHON

stated='little int32 -2147483648 2147483647 -1 2147483647
little uint64 9223372036854775808 18446744073709551615 0 3000000000
big int32 0 2147483647 -1 2147483647
big uint64 0 18446744073709551615 0 3000000000'

seen=$(inside trixie python3 read.py)
compare "$stated" "$seen"
