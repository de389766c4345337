#!/usr/bin/env bash
# findings/h5diff-relative.sh: what h5diff's relative tolerance is relative to.
# Packages: hdf5-tools 1.14.5+repack-3 (Debian 13).
# Expected: |(a-b)/b| > R, as `h5diff --help` says, with a of the first file and b of the second. So with
#   -p 1, 3 differs from 1 but 1 not from 3; and infinity differs from everything.
# Seen: it divides by the first file's value, a: with -p 1, 1 differs from 3 but 3 not from 1. Where the
#   first file holds an infinity, it finds no difference from 1, nor from minus infinity, and ends with 0;
#   with the files exchanged, or with -d, or without a tolerance it finds it. (Infinity over infinity is
#   NaN, which exceeds nothing.)
# Documentation: `h5diff --help` says the opposite of the first, and nothing of infinity.
# Versions: 1.10.8 (Debian 12), 1.14.5 and 2.2.0 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie hdf5-tools=1.14.5+repack-3

# number FILE BYTES: a file with one double of these bytes, the least significant first.
number() {
  printf '%b' "$2" >"$temp/trixie/trial/bytes"
  printf '%s\n' 'INPUT-CLASS FP' 'INPUT-SIZE 64' 'INPUT-BYTE-ORDER LE' 'RANK 1' 'DIMENSION-SIZES 1' \
    'OUTPUT-CLASS FP' 'OUTPUT-SIZE 64' 'PATH x' >"$temp/trixie/trial/layout"
  inside trixie h5import bytes -c layout -o "$1" >&2
}
number infinity.h5 '\0\0\0\0\0\0\xf0\x7f'
number minus.h5 '\0\0\0\0\0\0\xf0\xff'
number one.h5 '\0\0\0\0\0\0\xf0\x3f'
number three.h5 '\0\0\0\0\0\0\x08\x40'

stated='-p 1 one.h5 three.h5: 1
-p 1 three.h5 one.h5: 0
-p 1e-6 infinity.h5 one.h5: 0
-p 1e-6 infinity.h5 minus.h5: 0
-p 1e-6 one.h5 infinity.h5: 1
-d 1e-6 infinity.h5 one.h5: 1
infinity.h5 one.h5: 1'

seen=$(
  for arguments in '-p 1 one.h5 three.h5' '-p 1 three.h5 one.h5' \
    '-p 1e-6 infinity.h5 one.h5' '-p 1e-6 infinity.h5 minus.h5' \
    '-p 1e-6 one.h5 infinity.h5' '-d 1e-6 infinity.h5 one.h5' 'infinity.h5 one.h5'; do
    status=0
    read -ra words <<<"$arguments"
    inside trixie h5diff -q "${words[@]}" || status=$?
    echo "$arguments: $status"
  done
)
compare "$stated" "$seen"
