#!/usr/bin/env bash
# findings/miller-variance.sh: spreads and straight lines of times and event numbers by Miller.
# Packages: miller 6.13.0-1, datamash 1.9-1 (Debian 13).
# Expected: the variance of three successive seconds is 1, wherever one starts to count, as GNU datamash has
#   it, and a straight line through points at these times has the same slope.
# Seen: the variance of 100000001, 100000002, 100000003 is 2, the kurtosis 6.8e16; from 1600000001 on the
#   variance and the error of the mean are 0, also by the function variance, and the kurtosis is infinite. The
#   slope and the correlation are infinite in both. Nothing warns. The covariance is right.
# Documentation: none was found of it.
# Versions: 6.6.0 (Debian 12) and 6.18.1 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie miller=6.13.0-1 datamash=1.9-1

stated='from 0
{"t_var": 1, "t_meaneb": 0.5773502691896257, "t_kurtosis": -1.5}
{"t_y_ols_m": 1.25, "t_y_ols_b": -0.3333333333333333, "t_y_ols_n": 3, "t_y_corr": 0.9933992677987827, "t_y_cov": 1.25}
datamash 1,1.25,0.99339926779878
from 100000000
{"t_var": 2, "t_meaneb": 0.816496580927726, "t_kurtosis": 67553994410557450}
{"t_y_ols_m": +Inf, "t_y_ols_b": -Inf, "t_y_ols_n": 3, "t_y_corr": +Inf, "t_y_cov": 1.25}
datamash 1,1.25,0.99339926779878
from 1600000000
{"t_var": 0, "t_meaneb": 0, "t_kurtosis": +Inf}
{"t_y_ols_m": +Inf, "t_y_ols_b": -Inf, "t_y_ols_n": 3, "t_y_corr": +Inf, "t_y_cov": 1.25}
datamash 1,1.25,0.99339926779878
0'

seen=$(
  for start in 0 100000000 1600000000; do
    echo "from $start"
    printf '%d,%s\n' $((start + 1)) 1 $((start + 2)) 2 $((start + 3)) 3.5 \
      >"$temp/trixie/trial/points.csv"
    { echo t,y && cat "$temp/trixie/trial/points.csv"; } >"$temp/trixie/trial/table.csv"
    inside trixie mlr --icsv --ojsonl stats1 -a var,meaneb,kurtosis -f t table.csv
    inside trixie mlr --icsv --ojsonl stats2 -a linreg-ols,corr,cov -f t,y table.csv
    printf 'datamash '
    inside trixie datamash -t , svar 1 scov 1:2 ppearson 1:2 <"$temp/trixie/trial/points.csv"
  done
  inside trixie mlr -n put 'end { print variance([1600000001, 1600000002, 1600000003]) }'
)
compare "$stated" "$seen"
