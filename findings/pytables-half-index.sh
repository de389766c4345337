#!/usr/bin/env bash
# findings/pytables-half-index.sh: the index of a column of half precision in a table of PyTables.
# Packages: python3-tables 3.11.1-3, python3-tables-lib 3.11.1-3+b2 (Debian unstable).
# Expected: an index makes a query faster and changes no answer.
# Seen: with one negative number in a column of 16-bit floats the indexed queries lose rows, without a word:
#   of -1, 0.5, 1, 2 and infinity none is at least 1, none is below 0, none is 1. The index has -1 at the end,
#   and so has read_sorted. 32 and 64 bits are right, but that no 32-bit number is found to be at least
#   infinite. Without the index all are right.
# Documentation: none was found of it.
# Versions: 3.10.2 (Debian 13) and 3.11.1 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid python3-tables=3.11.1-3 python3-tables-lib=3.11.1-3+b2

# PyTables asks the linker's cache, which is not made here, or takes this name.
ln -s libblosc2.so.9 "$temp/sid/usr/lib/x86_64-linux-gnu/libblosc2.so"

cat >"$temp/sid/trial/index.py" <<'PYTHON'
import numpy
import tables

numbers = [-1, 0.5, 1, 2, numpy.inf]
conditions = "x > 0", "x >= 1", "x < 0", "x == 1", "x == -1", "x < 10", "x >= infinity"
for name in "f2", "f4", "f8":
    rows = numpy.array([(number,) for number in numbers], [("x", name)])
    with tables.open_file("index.h5", "w") as file:
        table = file.create_table("/", "numbers", obj=rows)
        count = lambda: [len(table.read_where(c, {"infinity": numpy.inf})) for c in conditions]
        plain = count()
        table.cols.x.create_csindex()
        indexed = count()
        print(f"{name}:", ", ".join(f"{c}: {p} {i}" for c, p, i in zip(conditions, plain, indexed)))
        print(f"{name} sorted:", *table.read_sorted("x")["x"])
PYTHON

stated='f2: x > 0: 4 4, x >= 1: 3 0, x < 0: 1 0, x == 1: 1 0, x == -1: 1 0, x < 10: 4 4, x >= infinity: 1 0
f2 sorted: 0.5 1.0 2.0 inf -1.0
f4: x > 0: 4 4, x >= 1: 3 3, x < 0: 1 1, x == 1: 1 1, x == -1: 1 1, x < 10: 4 4, x >= infinity: 1 0
f4 sorted: -1.0 0.5 1.0 2.0 inf
f8: x > 0: 4 4, x >= 1: 3 3, x < 0: 1 1, x == 1: 1 1, x == -1: 1 1, x < 10: 4 4, x >= infinity: 1 1
f8 sorted: -1.0 0.5 1.0 2.0 inf'

seen=$(inside sid python3 index.py)
compare "$stated" "$seen"
