#!/usr/bin/env bash
# findings/h5diff-integers.sh: h5diff with an absolute tolerance on integers at the ends of their range.
# Packages: hdf5-tools 1.14.5+repack-3 (Debian 13).
# Expected: 4294967295 and 0 differ by more than 5; so do 2147483647 and -2147483648.
# Seen: `h5diff -d 5` calls them equal and ends with 0, for 32-bit integers with and without sign and for
#   64-bit ones with sign: the difference itself wraps around to 1. Without a tolerance, and for 8-bit
#   integers, it finds the difference.
# Documentation: `h5diff --help` says |a - b| > delta.
# Versions: 1.10.8 (Debian 12), 1.14.5 and 2.2.0 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie hdf5-tools=1.14.5+repack-3

# number FILE CLASS BITS BYTES: a file with one integer of these bytes, IN with a sign, UIN without one.
number() {
  printf '%b' "$4" >"$temp/trixie/trial/bytes"
  printf '%s\n' "INPUT-CLASS $2" "INPUT-SIZE $3" 'INPUT-BYTE-ORDER LE' 'RANK 1' 'DIMENSION-SIZES 1' \
    "OUTPUT-CLASS $2" "OUTPUT-SIZE $3" 'PATH x' >"$temp/trixie/trial/layout"
  inside trixie h5import bytes -c layout -o "$1" >&2
}
ones='\xff\xff\xff\xff\xff\xff\xff'
number u32_least.h5 UIN 32 '\0\0\0\0'
number u32_most.h5 UIN 32 '\xff\xff\xff\xff'
number i32_least.h5 IN 32 '\0\0\0\x80'
number i32_most.h5 IN 32 '\xff\xff\xff\x7f'
number i64_least.h5 IN 64 '\0\0\0\0\0\0\0\x80'
number i64_most.h5 IN 64 "$ones\\x7f"
number i8_least.h5 IN 8 '\x80'
number i8_most.h5 IN 8 '\x7f'

stated='u32: -d 5 0, plain 1
i32: -d 5 0, plain 1
i64: -d 5 0, plain 1
i8: -d 5 1, plain 1'

seen=$(
  for kind in u32 i32 i64 i8; do
    tolerant=0 plain=0
    inside trixie h5diff -q -d 5 "${kind}_most.h5" "${kind}_least.h5" || tolerant=$?
    inside trixie h5diff -q "${kind}_most.h5" "${kind}_least.h5" || plain=$?
    echo "$kind: -d 5 $tolerant, plain $plain"
  done
)
compare "$stated" "$seen"
