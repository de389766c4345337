#!/usr/bin/env bash
# findings/zarrita-fill.sh: chunks of Zarr arrays that were never written, read by zarrita.
# Packages: zarrita 0.7.5 (npm).
# Expected: they are full of the fill value that the array's metadata state: the largest integer where that
#   means "nothing", NaN where its bits are stated, the one way that Zarr 3 has for the bits of a NaN.
# Seen: the largest unsigned integer becomes 0, the largest signed one the least, and 2^53 + 1 becomes 2^53, for
#   Zarr 2 and 3; 0x7ff8000000000000 becomes 9.2e18, the number whose bits these are not. "NaN", "-Infinity" and
#   -1 are right, and so are the same integers where they are stored in a chunk.
# Documentation: none was found of it. The specification of Zarr 3 permits "0x" and the bits for numbers; it says
#   of integers that they are JSON's, whose digits are not limited.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

npm_packages zarrita@0.7.5

cat >"$temp/fill.mjs" <<'JAVASCRIPT'
import { get, open } from 'zarrita';

const types = { float32: '<f4', float64: '<f8', int64: '<i8', uint64: '<u8' };
// The metadata of an array of two elements in one chunk; fill is JSON.
const second = (type, fill) => `{"zarr_format": 2, "shape": [2], "chunks": [2], "dtype": "${types[type]}",
  "compressor": null, "fill_value": ${fill}, "order": "C", "filters": null}`;
const third = (type, fill) => `{"zarr_format": 3, "node_type": "array", "shape": [2], "data_type": "${type}",
  "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2]}}, "fill_value": ${fill},
  "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
  "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}], "attributes": {}}`;

async function show(name, path, metadata, chunk) {
  const store = new Map([[path, new TextEncoder().encode(metadata)]]);
  if (chunk) store.set('/c/0', new Uint8Array(chunk.buffer));
  const { data } = await get(await open(store, { kind: 'array' }));
  console.log(name, [...data].join(' '));
}

for (const [type, fill] of [['uint64', '18446744073709551615'], ['int64', '9223372036854775807'],
  ['int64', '9007199254740993'], ['int64', '-1'], ['float64', '"NaN"'], ['float64', '"-Infinity"']]) {
  await show(`2 ${type} ${fill}:`, '/.zarray', second(type, fill));
  await show(`3 ${type} ${fill}:`, '/zarr.json', third(type, fill));
}
for (const [type, fill] of [['float64', '"0x7ff8000000000000"'], ['float32', '"0x7fc00000"']])
  await show(`3 ${type} ${fill}:`, '/zarr.json', third(type, fill));
const stored = BigUint64Array.of(2n ** 64n - 1n, 2n ** 53n + 1n);
await show('3 uint64 stored:', '/zarr.json', third('uint64', '0'), stored);
JAVASCRIPT

stated='2 uint64 18446744073709551615: 0 0
3 uint64 18446744073709551615: 0 0
2 int64 9223372036854775807: -9223372036854775808 -9223372036854775808
3 int64 9223372036854775807: -9223372036854775808 -9223372036854775808
2 int64 9007199254740993: 9007199254740992 9007199254740992
3 int64 9007199254740993: 9007199254740992 9007199254740992
2 int64 -1: -1 -1
3 int64 -1: -1 -1
2 float64 "NaN": NaN NaN
3 float64 "NaN": NaN NaN
2 float64 "-Infinity": -Infinity -Infinity
3 float64 "-Infinity": -Infinity -Infinity
3 float64 "0x7ff8000000000000": 9221120237041091000 9221120237041091000
3 float32 "0x7fc00000": 2143289344 2143289344
3 uint64 stored: 18446744073709551615 9007199254740993'

seen=$(cd "$temp" && node fill.mjs)
compare "$stated" "$seen"
