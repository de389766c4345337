#!/usr/bin/env bash
# findings/tcllib-functions.sh: Student's distribution and the exponential integral by Tcllib.
# Packages: tcllib 2.0+dfsg-8, tcl 8.6.18 (Debian unstable).
# Expected: Student's distribution is below one half for a negative number; Ei(2) is Ei(2.0), which is 4.954.
# Seen: cdf-students-t of -2 is that of 2, so that a fluctuation downwards is one upwards. exponential_Ei of 2
#   is 4.839, of 1 is 1.577 in place of 1.895, of 30 is 3.5 % too small; with a point in the text, 2.0, it is
#   right. Nothing warns. exponential_li divides by a logarithm and is right.
# Documentation: the manual page calls the first the cumulative probability of a given value, and the second's
#   argument a float.
# Versions: 1.21 (Debian 12) and 2.0 do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid tcllib=2.0+dfsg-8 tcl=8.6.18

cat >"$temp/sid/trial/functions.tcl" <<'TCL'
package require math::special
package require math::statistics

# From the density, by the midpoint rule.
proc student {degrees t} {
    set sum 0.0
    set steps 20000
    for {set i 0} {$i < $steps} {incr i} {
        set x [expr {$t * ($i + 0.5) / $steps}]
        set sum [expr {$sum + [::math::statistics::pdf-students-t $degrees $x] * double($t) / $steps}]
    }
    expr {0.5 + $sum}
}
foreach degrees {3 5} {
    foreach t {-10 -2 -0.1 2} {
        puts [format "Student %d, %s: %.4f, from the density %.4f" $degrees $t \
            [::math::statistics::cdf-students-t $degrees $t] [student $degrees $t]]
    }
}
foreach x {1 2 3 5 30 50} {
    set series 0.0
    set term 1.0
    for {set n 1} {$n < 300} {incr n} {
        set term [expr {$term * $x / $n}]
        set series [expr {$series + $term / $n}]
    }
    puts [format "Ei(%s): %.6g, of %s.0 %.6g, by its series %.6g" $x [::math::special::exponential_Ei $x] $x \
        [::math::special::exponential_Ei $x.0] [expr {0.5772156649015329 + log($x) + $series}]]
}
TCL

stated='Student 3, -10: 0.9989, from the density 0.0011
Student 3, -2: 0.9303, from the density 0.0697
Student 3, -0.1: 0.5367, from the density 0.4633
Student 3, 2: 0.9303, from the density 0.9303
Student 5, -10: 0.9999, from the density 0.0001
Student 5, -2: 0.9490, from the density 0.0510
Student 5, -0.1: 0.5379, from the density 0.4621
Student 5, 2: 0.9490, from the density 0.9490
Ei(1): 1.57722, of 1.0 1.89512, by its series 1.89512
Ei(2): 4.8388, of 2.0 4.95423, by its series 4.95423
Ei(3): 9.66763, of 3.0 9.93383, by its series 9.93383
Ei(5): 39.8134, of 5.0 40.1853, by its series 40.1853
Ei(30): 3.56216e+11, of 30.0 3.68973e+11, by its series 3.68973e+11
Ei(50): 1.03694e+20, of 50.0 1.05856e+20, by its series 1.05856e+20'

seen=$(inside sid tclsh functions.tcl)
compare "$stated" "$seen"
