#!/usr/bin/env bash
# findings/jsfive-fill.sh: the parts of an HDF5 dataset that were never written, in JavaScript.
# Packages: jsfive 0.4.2, h5wasm 0.10.3 (npm); python3-h5py 3.7.0-8 makes the file (Debian 12).
# Expected: both read the fill value, -1, as the HDF5 library does; an integer beyond 2^53 is exact or a
#   BigInt.
# Seen: jsfive returns an array with holes. Its length is right, but a sum by reduce or forEach leaves the
#   holes out and a sum by index is NaN: 20 and NaN where the file holds 16. It turns 2^53 + 1 into 2^53.
#   h5wasm reads -1 and a BigInt.
# Documentation: the README lists what jsfive cannot read; neither is in it.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm python3-h5py=3.7.0-8 python3-h5py-serial=3.7.0-8
npm_packages jsfive@0.4.2 h5wasm@0.10.3

cat >"$temp/bookworm/trial/write.py" <<'PYTHON'
import h5py
import numpy

with h5py.File("part.h5", "w") as file:
    part = file.create_dataset("part", (8,), "f8", chunks=(4,), fillvalue=-1)
    part[:4] = 5
    file["large"] = numpy.array([2**53 + 1])
PYTHON
inside bookworm python3 write.py
cp "$temp/bookworm/trial/part.h5" "$temp"

cat >"$temp/read.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import * as jsfive from 'jsfive';
import * as h5wasm from 'h5wasm/node';

await h5wasm.ready;
const bytes = readFileSync('part.h5');
const files = {
  jsfive: new jsfive.File(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), 'part.h5'),
  h5wasm: new h5wasm.File('part.h5', 'r'),
};
for (const [name, file] of Object.entries(files)) {
  const part = file.get('part').value;
  let byIndex = 0;
  for (let i = 0; i < part.length; ++i) byIndex += part[i];
  const large = file.get('large').value[0];
  console.log(name, part.length, part.reduce((sum, x) => sum + x), byIndex, typeof large, String(large));
}
JAVASCRIPT

stated='jsfive 8 20 NaN number 9007199254740992
h5wasm 8 16 16 bigint 9007199254740993'

seen=$(cd "$temp" && node read.mjs)
compare "$stated" "$seen"
