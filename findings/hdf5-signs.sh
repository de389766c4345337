#!/usr/bin/env bash
# findings/hdf5-signs.sh: HDF5 reads integers as others that have no sign, or one, in either byte order.
# Packages: python3-h5py-serial 3.16.0-8 with libhdf5-320 2.2.0+repack-6 (Debian unstable).
# Expected: the byte order in the file changes nothing. What does not fit becomes the nearest number that
#   does: -1 read as an unsigned number is 0, the largest unsigned one read as signed the largest signed.
# Seen: so it is where the bytes are in the machine's order, or the sizes differ. Big-endian numbers read as
#   little-endian ones of the same size keep their bits: -1 becomes 4294967295, and 4294967295 becomes -1. It
#   is so for 2, 4 and 8 bytes, and for a little-endian number that is written to a big-endian dataset.
# Documentation: HDF5's supplement on overflows promises 0 for negative 16-bit integers read as unsigned ones,
#   after a call of the callback if there is one. No word on the byte order was found.
# Versions: 1.10.8 (Debian 12), 1.14.5 (Debian 13) and 2.2.0 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid python3-h5py=3.16.0-8 python3-h5py-serial=3.16.0-8 libhdf5-320=2.2.0+repack-6

cat >"$temp/sid/trial/signs.py" <<'PYTHON'
import h5py
import numpy

with h5py.File("signs.h5", "w") as file:
    for size in 2, 4, 8:
        largest = numpy.iinfo(f"u{size}").max
        signed, unsigned = f"i{size}", f"u{size}"
        for stored, asked, numbers in (signed, unsigned, [-1, 7]), (unsigned, signed, [largest, 7]):
            for order in "<>":
                dataset = file.create_dataset(order + stored, data=numpy.array(numbers, order + stored))
                seen = numpy.empty(2, "<" + asked)
                dataset.read_direct(seen)
                print(f"{order}{stored} read as <{asked}:", *numbers, "->", *seen)
    dataset = file.create_dataset("written", (2,), ">u4")
    dataset.write_direct(numpy.array([-1, 7], "<i4"))
    print("<i4 written as >u4: -1 7 ->", *dataset[:])
    dataset = file[">i4"]
    seen = numpy.empty(2, "<u8")
    dataset.read_direct(seen)
    print(">i4 read as <u8: -1 7 ->", *seen)
PYTHON

stated='<i2 read as <u2: -1 7 -> 0 7
>i2 read as <u2: -1 7 -> 65535 7
<u2 read as <i2: 65535 7 -> 32767 7
>u2 read as <i2: 65535 7 -> -1 7
<i4 read as <u4: -1 7 -> 0 7
>i4 read as <u4: -1 7 -> 4294967295 7
<u4 read as <i4: 4294967295 7 -> 2147483647 7
>u4 read as <i4: 4294967295 7 -> -1 7
<i8 read as <u8: -1 7 -> 0 7
>i8 read as <u8: -1 7 -> 18446744073709551615 7
<u8 read as <i8: 18446744073709551615 7 -> 9223372036854775807 7
>u8 read as <i8: 18446744073709551615 7 -> -1 7
<i4 written as >u4: -1 7 -> 4294967295 7
>i4 read as <u8: -1 7 -> 0 7'

seen=$(inside sid python3 signs.py)
compare "$stated" "$seen"
