#!/usr/bin/env bash
# findings/awkward-max-nan.sh: largest and least numbers of lists with NaN by Awkward Array.
# Packages: python3-awkward 2.14.0-1, python3-numpy (Debian unstable).
# Expected: with lists of the same length ak.max and ak.min are those of NumPy, which are NaN where one of the
#   numbers is; or NaN is left out, and a list of nothing but NaN has no largest one.
# Seen: over all lists together the result is NaN. List by list NaN is left out, and of nothing but NaN the
#   largest is minus infinity, the least plus infinity, their distance ak.ptp minus infinity. So a failed fit
#   passes a cut on its chi-square such as max < 10. ak.nanmax gives None.
# Documentation: it promises NumPy's amax for lists of the same length without missing values, and minus
#   infinity for empty lists with mask_identity = False. None was found of NaN.
# Versions: only this one was tried.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid python3-awkward=2.14.0-1 python3-numpy

cat >"$temp/sid/trial/max.py" <<'PYTHON'
import awkward as ak
import numpy as np

nan = float("nan")
for lists in [[[1.0, nan, 3.0]], [[nan, nan]], [[1.0, 2.0], [nan, nan]]]:
    plain = np.array(lists)
    jagged = ak.Array(lists)
    print(lists)
    for name, array in [("regular array", plain), ("jagged array", jagged)]:
        print(f"  {name}:", *(f"{f.__name__} {f(array, axis=1).to_list()} {f(array)};"
                              for f in (ak.max, ak.min, ak.ptp, ak.nanmax)))
    print("  NumPy:", *(f"{f.__name__} {f(plain, axis=1).tolist()} {f(plain)};"
                        for f in (np.max, np.min, np.ptp)))
print("passes a cut:", (ak.max(ak.Array([[nan, nan]]), axis=1) < 10).to_list())
PYTHON

stated='[[1.0, nan, 3.0]]
  regular array: max [3.0] nan; min [1.0] nan; ptp [2.0] nan; nanmax [3.0] 3.0;
  jagged array: max [3.0] nan; min [1.0] nan; ptp [2.0] nan; nanmax [3.0] 3.0;
  NumPy: max [nan] nan; min [nan] nan; ptp [nan] nan;
[[nan, nan]]
  regular array: max [-inf] nan; min [inf] nan; ptp [-inf] nan; nanmax [None] None;
  jagged array: max [-inf] nan; min [inf] nan; ptp [-inf] nan; nanmax [None] None;
  NumPy: max [nan] nan; min [nan] nan; ptp [nan] nan;
[[1.0, 2.0], [nan, nan]]
  regular array: max [2.0, -inf] nan; min [1.0, inf] nan; ptp [1.0, -inf] nan; nanmax [2.0, None] 2.0;
  jagged array: max [2.0, -inf] nan; min [1.0, inf] nan; ptp [1.0, -inf] nan; nanmax [2.0, None] 2.0;
  NumPy: max [2.0, nan] nan; min [1.0, nan] nan; ptp [1.0, nan] nan;
passes a cut: [True]'

seen=$(inside sid python3 max.py)
compare "$stated" "$seen"
