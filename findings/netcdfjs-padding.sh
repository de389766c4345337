#!/usr/bin/env bash
# findings/netcdfjs-padding.sh: bytes and shorts of a classic netCDF file in netcdfjs, the reader for web
#   pages.
# Packages: netcdfjs 4.0.0 (npm), netcdf-bin 1:4.9.3-1 (Debian 13) to write the file and for the right values.
# Expected: the padding that fills each value, or each record of a variable, up to four bytes stays unseen.
# Seen: it is given as data. The scalar 7 becomes 7 and -32767, three shorts a record become four, one byte a
#   record becomes four, without a word. Wider types are right. Where a file has one record variable only, its
#   bytes follow each other without padding, a special rule of the format; there the first record takes the
#   next ones' values, and the last records are empty.
# Documentation: the format's description has both rules; none was found of netcdfjs on them.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

npm_packages netcdfjs@4.0.0
debian trixie netcdf-bin=1:4.9.3-1

cat >"$temp/trixie/trial/several.cdl" <<'CDL'
netcdf several {
dimensions: t = unlimited; x = 3;
variables: short number; byte flag(t); short counts(t, x); int wide(t, x);
data: number = 7; flag = 1, 2; counts = 1, 2, 3, 4, 5, 6; wide = 1, 2, 3, 4, 5, 6;
}
CDL
cat >"$temp/trixie/trial/single.cdl" <<'CDL'
netcdf single { dimensions: t = unlimited; variables: byte flag(t); data: flag = 1, 2, 3, 4, 5, 6; }
CDL

cat >"$temp/read.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { NetCDFReader } from 'netcdfjs';

for (const name of ['several', 'single']) {
  const bytes = Uint8Array.from(readFileSync(`trixie/trial/${name}.nc`)); // no byte more than the file
  const file = new NetCDFReader(bytes.buffer);
  for (const variable of file.variables)
    console.log(name, variable.name, JSON.stringify(file.getDataVariable(variable.name)));
}
JAVASCRIPT

stated='ncdump
number = 7
flag = 1, 2
counts = 1, 2, 3, 4, 5, 6
wide = 1, 2, 3, 4, 5, 6
flag = 1, 2, 3, 4, 5, 6
netcdfjs
several number [7,-32767]
several flag [[1,129,129,129],[2,129,129,129]]
several counts [[1,2,3,-32767],[4,5,6,-32767]]
several wide [[1,2,3],[4,5,6]]
single flag [[1,2,3,4],[5,6],[],[],[],[]]'

seen=$(
  echo ncdump
  for name in several single; do
    inside trixie ncgen -o "$name.nc" "$name.cdl"
    inside trixie ncdump "$name.nc" | sed '1,/^data:/d' | tr -d '\n' | tr ';' '\n' |
      sed -n 's/,  */, /g; s/ *$//; s/^ *\([a-z]* =\) */\1 /p'
  done
  echo netcdfjs
  (cd "$temp" && node read.mjs)
)
compare "$stated" "$seen"
