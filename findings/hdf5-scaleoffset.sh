#!/usr/bin/env bash
# findings/hdf5-scaleoffset.sh: HDF5's scale-offset filter, which keeps a stated number of decimals, from one
#   Debian release to the next.
# Packages: python3-h5py-serial 3.7.0-8 with libhdf5 1.10.8 (Debian 12), 3.13.0-1+b1 with 1.14.5 (Debian 13).
# Expected: 1.14.5 reads what 1.10.8 wrote, and what it wrote itself; NaN comes back as NaN.
# Seen: a chunk whose floats span 1e10 at two decimals, or hold an infinity, is written by both, read by
#   1.10.8 alone: 1.14.5 stops with "filter returned failure during read", on its own file too.
#   A NaN comes back from both as the chunk's least value; a NaN that comes first turns the whole chunk of
#   32-bit floats into zeros (1.10.8).
# Documentation: HDFGroup/hdf5#5861 tells of the read error, brought by a security fix of 1.14.6 that Debian
#   13's 1.14.5 seems to carry, mended by HDFGroup/hdf5#5864; h5py/h5py#783 and #1009 tell of NaN.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm python3-h5py=3.7.0-8 python3-h5py-serial=3.7.0-8
debian trixie python3-h5py=3.13.0-1 python3-h5py-serial=3.13.0-1+b1

for suite in bookworm trixie; do
  cat >"$temp/$suite/trial/write.py" <<'PYTHON'
import h5py
import numpy

chunks = {"wide": [1e10, 1.5, 2.25, 0.001], "infinite": [1.5, numpy.inf, 2.25, 3],
          "nan": [1.5, numpy.nan, 2.25, 3], "nan_first": [numpy.nan, 1.5, 2.25, 3]}
with h5py.File("packed.h5", "w") as file:
    for name, chunk in chunks.items():
        file.create_dataset(name, data=numpy.array(chunk, "f4"), chunks=(4,), scaleoffset=2)
PYTHON
  cat >"$temp/$suite/trial/read.py" <<'PYTHON'
import sys
import h5py

with h5py.File(sys.argv[1]) as file:
    for name in "wide", "infinite", "nan", "nan_first":
        try:
            print(name, *file[name][:])
        except OSError as error:
            print(name, "filter returned failure" in str(error) and "cannot be read")
PYTHON
  inside "$suite" python3 write.py
done
cp "$temp/bookworm/trial/packed.h5" "$temp/trixie/trial/of_bookworm.h5"

stated='1.10.8 on its own file
wide 10000000000.0 1.5 2.25 0.001
infinite 1.5 inf 2.25 3.0
nan 1.5 1.5 2.25 3.0
nan_first 0.0 0.0 0.0 0.0
1.14.5 on that file
wide cannot be read
infinite cannot be read
nan 1.5 1.5 2.25 3.0
nan_first cannot be read
1.14.5 on its own file
wide cannot be read
infinite cannot be read
nan 1.5 1.5 2.25 3.0
nan_first cannot be read'

seen=$(
  echo "1.10.8 on its own file"
  inside bookworm python3 read.py packed.h5
  echo "1.14.5 on that file"
  inside trixie python3 read.py of_bookworm.h5
  echo "1.14.5 on its own file"
  inside trixie python3 read.py packed.h5
)
compare "$stated" "$seen"
