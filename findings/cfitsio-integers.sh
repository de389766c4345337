#!/usr/bin/env bash
# findings/cfitsio-integers.sh: integers in the expressions of CFITSIO's row filters and new columns.
# Packages: libcfitsio-bin 4.6.2-2; python3-astropy 7.0.1-3 to write and read the tables (Debian 13).
# Expected: [EVENT == 9007199254740993] selects the row of that event number, in a column of 64-bit integers;
#   RUN^2 of 100000 is 10000000000, whatever the type of RUN.
# Seen: it selects 9007199254740992 too, and with != neither: 64-bit integers are compared as doubles, and
#   a column made of them is one of doubles. The 32-bit ones stay integers: RUN^2 is 1410065408, RUN^-1 is 0,
#   -RUN^2 is +RUN^2, RUN/3 of 2 is 0. Nothing warns, and the status is 0.
# Documentation: none was found.
# Versions: 4.2.0 (Debian 12) and 4.6.2 select the same rows.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie libcfitsio-bin=4.6.2-2 python3-astropy=7.0.1-3

cat >"$temp/trixie/trial/write.py" <<'PYTHON'
from astropy.io import fits

first = 2**53 - 1
events = fits.Column("EVENT", "K", array=[first, first + 1, first + 2, first + 3])
runs = fits.Column("RUN", "J", array=[1, 2, 3, 100000])
fits.BinTableHDU.from_columns([events, runs]).writeto("events.fits")
PYTHON
cat >"$temp/trixie/trial/read.py" <<'PYTHON'
from astropy.io import fits

table = fits.open("result.fits")[1]
for column in table.columns:
    print(column.name, column.format, *(str(value) for value in table.data[column.name]))
PYTHON

stated='[EVENT == 9007199254740993]
EVENT K 9007199254740992 9007199254740993
RUN J 2 3
[EVENT != 9007199254740993]
EVENT K 9007199254740991 9007199254740994
RUN J 1 100000
[col COPY = EVENT]
COPY 1D 9007199254740991.0 9007199254740992.0 9007199254740992.0 9007199254740994.0
[col SQUARE = RUN^2; INVERSE = RUN^-1; MINUS = -RUN^2; THIRD = RUN/3]
SQUARE 1J 1 4 9 1410065408
INVERSE 1J 1 0 0 0
MINUS 1J 1 4 9 1410065408
THIRD 1J 0 0 1 33333'

inside trixie python3 write.py >&2
seen=$(
  for expression in '[EVENT == 9007199254740993]' '[EVENT != 9007199254740993]' '[col COPY = EVENT]' \
    '[col SQUARE = RUN^2; INVERSE = RUN^-1; MINUS = -RUN^2; THIRD = RUN/3]'; do
    echo "$expression"
    inside trixie fitscopy "events.fits[1]$expression" '!result.fits' >&2
    inside trixie python3 read.py
  done
)
compare "$stated" "$seen"
