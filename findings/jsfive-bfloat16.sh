#!/usr/bin/env bash
# findings/jsfive-bfloat16.sh: numbers of the type bfloat16 in jsfive, which reads HDF5 files in web pages.
# Packages: jsfive 0.4.2 (npm), python3-h5py-serial 3.13.0-1+b1 (Debian 13).
# Expected: they are read rightly, or refused, as jsfive refuses floats of 16 bytes.
# Seen: every float of two bytes is taken for a half of IEEE 754, whatever layout the file states: 1.5, -2,
#   100 and 3e38 become 1.9375, -2, 3.390625 and NaN, without a word. Halves are right, and h5py reads both.
# Documentation: none was found of jsfive on it. HDF5 has bfloat16 as a predefined type since 2.0; any version
#   reads and writes it as a type with these fields.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

npm_packages jsfive@0.4.2
debian trixie python3-h5py=3.13.0-1 python3-h5py-serial=3.13.0-1+b1

cat >"$temp/trixie/trial/write.py" <<'PYTHON'
import h5py
import numpy

values = numpy.array([1.5, -2, 100, 3e38])
brain = h5py.h5t.IEEE_F32LE.copy()
brain.set_fields(15, 7, 8, 0, 7)  # the sign, eight bits of the exponent, seven of the mantissa
brain.set_precision(16)
brain.set_size(2)
with h5py.File("floats.h5", "w") as file:
    space = h5py.h5s.create_simple(values.shape)
    h5py.h5d.create(file.id, b"bfloat16", brain, space).write(space, space, values)
    file["half"] = numpy.array([1.5, -2, 100, 6e4], "f2")
    for name in "bfloat16", "half":
        print("h5py", name, *(f"{value:.3g}" for value in file[name].astype("f8")[...]))
PYTHON

cat >"$temp/read.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import * as jsfive from 'jsfive';

const bytes = Uint8Array.from(readFileSync('trixie/trial/floats.h5'));
const file = new jsfive.File(bytes.buffer, 'floats.h5');
for (const name of ['bfloat16', 'half']) console.log('jsfive', name, ...file.get(name).value);
JAVASCRIPT

stated='h5py bfloat16 1.5 -2 100 3e+38
h5py half 1.5 -2 100 6e+04
jsfive bfloat16 1.9375 -2 3.390625 NaN
jsfive half 1.5 -2 100 60000'

seen=$(
  inside trixie python3 write.py
  cd "$temp" && node read.mjs
)
compare "$stated" "$seen"
