#!/usr/bin/env bash
# findings/h5diff-infinity.sh: h5diff with a relative tolerance, where one file holds an infinity.
# Packages: hdf5-tools 1.14.5+repack-3 (Debian 13).
# Expected: infinity and 1 differ by more than any tolerance, whichever file is named first.
# Seen: where the first file holds the infinity, `h5diff -p 1e-6` finds no difference from 1, nor from minus
#   infinity, and ends with 0. With the files exchanged, or with -d, or without a tolerance it finds it.
#   (The relative difference is then infinity over infinity, NaN, which exceeds nothing.)
# Documentation: `h5diff --help` speaks of NaN, not of infinity.
# Versions: 1.10.8 (Debian 12), 1.14.5 and 2.2.0 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie hdf5-tools=1.14.5+repack-3

# number FILE BYTES: a file with one double of these bytes, the least significant first.
number() {
  printf '%b' "$2" >"$temp/trixie/work/bytes"
  printf '%s\n' 'INPUT-CLASS FP' 'INPUT-SIZE 64' 'INPUT-BYTE-ORDER LE' 'RANK 1' 'DIMENSION-SIZES 1' \
    'OUTPUT-CLASS FP' 'OUTPUT-SIZE 64' 'PATH x' >"$temp/trixie/work/layout"
  inside trixie h5import bytes -c layout -o "$1" >&2
}
number infinity.h5 '\0\0\0\0\0\0\xf0\x7f'
number minus.h5 '\0\0\0\0\0\0\xf0\xff'
number one.h5 '\0\0\0\0\0\0\xf0\x3f'

stated='-p 1e-6 infinity.h5 one.h5: 0
-p 1e-6 infinity.h5 minus.h5: 0
-p 1e-6 one.h5 infinity.h5: 1
-d 1e-6 infinity.h5 one.h5: 1
infinity.h5 one.h5: 1'

seen=$(
  for arguments in '-p 1e-6 infinity.h5 one.h5' '-p 1e-6 infinity.h5 minus.h5' \
    '-p 1e-6 one.h5 infinity.h5' '-d 1e-6 infinity.h5 one.h5' 'infinity.h5 one.h5'; do
    status=0
    read -ra words <<<"$arguments"
    inside trixie h5diff -q "${words[@]}" || status=$?
    echo "$arguments: $status"
  done
)
compare "$stated" "$seen"
