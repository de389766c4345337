#!/usr/bin/env bash
# findings/hdf5-narrowing.sh: doubles read as floats by the HDF5 library, in both byte orders.
# Packages: python3-h5py-serial 3.7.0-8 with libhdf5 1.10.8 (Debian 12).
# Expected: the float next to the double, the one with an even last bit where two are as near, whatever the
#   byte order in the file: so a C cast does it.
# Seen: little-endian doubles are read so. Of big-endian ones the number just below 2^-126 becomes 2^-127,
#   half of it; what rounds to infinity becomes the largest float; 1 + 2^-24 and 16777217 are rounded up,
#   3 * 2^-150 down to half of what is expected. After a number below 2^-126 the next ones are read wrongly
#   too: of 2 - 2^-25, which is 2 before, the second copy becomes 1.
# Documentation: none was found on rounding. h5py/h5py#819 (closed) tells of halved numbers in float16.
# Versions: 1.14.5 (Debian 13) does the same; in 2.2.0 (Debian unstable) no number depends on those before it.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm python3-h5py=3.7.0-8 python3-h5py-serial=3.7.0-8

cat >"$temp/bookworm/trial/read.py" <<'PYTHON'
import h5py
import numpy

numbers = {
    "2 - 2^-25": 2 - 2.0**-25,
    "1 + 2^-24": 1 + 2.0**-24,
    "16777217": 16777217.0,
    "2^128 - 2^103": 2.0**128 - 2.0**103,
    "2^-126 (1 - 2^-25)": 2.0**-126 * (1 - 2.0**-25),
    "3 * 2^-150": 3 * 2.0**-150,
    "1e-40": 1e-40,
    "2 - 2^-25 again": 2 - 2.0**-25,
}
values = numpy.array(list(numbers.values()))
with h5py.File("numbers.h5", "w") as file:
    file["little"] = values.astype("<f8")
    file["big"] = values.astype(">f8")
    read = {order: numpy.empty(len(values), numpy.float32) for order in ("little", "big")}
    for order, floats in read.items():
        file[order].read_direct(floats)
for name, little, big in zip(numbers, read["little"], read["big"]):
    print(f"{name}: little {float(little):.8g}, big {float(big):.8g}")
PYTHON

stated='2 - 2^-25: little 2, big 2
1 + 2^-24: little 1, big 1.0000001
16777217: little 16777216, big 16777218
2^128 - 2^103: little inf, big 3.4028235e+38
2^-126 (1 - 2^-25): little 1.1754944e-38, big 5.8774718e-39
3 * 2^-150: little 2.8025969e-45, big 1.4012985e-45
1e-40: little 9.9999461e-41, big 9.9999461e-41
2 - 2^-25 again: little 2, big 1'

seen=$(inside bookworm python3 read.py)
compare "$stated" "$seen"
