#!/usr/bin/env bash
# findings/octave-hdf5-range.sh: what Octave's save -hdf5 leaves of an axis.
# Packages: octave 7.3.0-2, hdf5-tools 1.10.8+repack1-1 (Debian 12).
# Expected: E = 0:0.5:10 is saved as 21 doubles, like the matrix it prints as; [] as an empty dataset.
# Seen: the axis is one compound value of base, limit and increment, so that any reader but Octave meets
#   three numbers of which none is a bin; E(:) and 2*E(:) are 21 doubles. [] is saved as two integers, 0 and
#   0, its shape: another reader takes it for two entries.
# Documentation: none was found on how ranges are saved.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm octave=7.3.0-2 hdf5-tools=1.10.8+repack1-1

inside bookworm octave-cli --norc --eval \
  'E = 0:0.5:10; column = E(:); none = []; save -hdf5 axes.h5 E column none' >&2

stated='/E/value:
DATASPACE  SCALAR
H5T_IEEE_F64LE "base";
H5T_IEEE_F64LE "limit";
H5T_IEEE_F64LE "increment";
/column/value:
DATASPACE  SIMPLE { ( 1, 21 ) / ( 1, 21 ) }
/none/value:
DATASPACE  SIMPLE { ( 2 ) / ( 2 ) }
(0): 0, 0'

# The first dataspace, the members and the numbers of a dataset; of the column without its numbers.
seen=$(
  for dataset in /E/value /column/value /none/value; do
    echo "$dataset:"
    inside bookworm h5dump -d "$dataset" axes.h5 >"$temp/dump"
    sed -n 's/^ *\(DATASPACE .*\)/\1/p' "$temp/dump" | head -n 1
    sed -n 's/^ *\(H5T_IEEE_F64LE ".*\)/\1/p' "$temp/dump"
    [[ $dataset != /none/value ]] || sed -n 's/^ *\((0): .*,.*\)/\1/p' "$temp/dump"
  done
)
compare "$stated" "$seen"
