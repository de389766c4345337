#!/usr/bin/env bash
# findings/gsl-hypergeometric.sh: Gauss' and Kummer's functions with a negative parameter in GSL.
# Packages: libgsl-dev 2.8+dfsg-5, gcc 4:14.2.0-1 (Debian 13).
# Expected: 2F1(-1/2, 1/2; 1; x) is 2/pi times the complete elliptic integral of the second kind, which falls
#   smoothly from 1 to 0.64, and 1F1(1/2; -5/2; x) is above 1 just below x = 0.
# Seen: with GSL_SUCCESS and an error estimate of 1e-14, 2F1 halves between x = 0.4999 and 0.5;
#   2F1(-3/2, 3/2; 1; 0.5) is 0.497 where it is 0.073, and 2F1(-1/2, 3/2; 1; 0.5) and, at each negative x
#   that was tried, 1F1 have the wrong sign. Where it is right, below 0.5, the error estimate of 2F1 is 1.
# Documentation: the manual names no such limit. RobinHankin/gsl#12 (closed) tells of 2F1; none was found on
#   1F1.
# Versions: 2.7.1 (Debian 12) and 2.8+dfsg-6 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie libgsl-dev=2.8+dfsg-5 gcc=4:14.2.0-1 libc6-dev

cat >"$temp/trixie/trial/functions.c" <<'C'
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf.h>
#include <stdio.h>

/* 2F1(a, b; c; x) by its series, which converges for |x| < 1. */
static double gauss(double a, double b, double c, double x) {
  double term = 1, sum = 1;
  for (int n = 0; n < 2000; ++n) sum += term *= (a + n) * (b + n) / (c + n) / (1 + n) * x;
  return sum;
}

/* 1F1(a; b; x) by its series, where x is small. */
static double kummer(double a, double b, double x) {
  double term = 1, sum = 1;
  for (int n = 0; n < 100; ++n) sum += term *= (a + n) / (b + n) / (1 + n) * x;
  return sum;
}

int main(void) {
  gsl_sf_result seen;
  for (int i = 0; i < 5; ++i) {
    const double x = (double[]){0.3, 0.4999, 0.5, 0.51, 0.9}[i];
    const int status = gsl_sf_hyperg_2F1_e(-0.5, 0.5, 1, x, &seen);
    printf("2F1(-0.5, 0.5; 1; %g): %.5f, status %d, error below 1e-13: %d, elliptic %.5f, series %.5f\n", x,
           seen.val, status, seen.err < 1e-13, 2 / M_PI * gsl_sf_ellint_Ecomp(sqrt(x), GSL_PREC_DOUBLE),
           gauss(-0.5, 0.5, 1, x));
  }
  for (int i = 0; i < 2; ++i) {
    const double a = (double[]){-1.5, -0.5}[i];
    const int status = gsl_sf_hyperg_2F1_e(a, 1.5, 1, 0.5, &seen);
    printf("2F1(%g, 1.5; 1; 0.5): %.5f, status %d, error below 1e-13: %d, series %.5f\n", a, seen.val, status,
           seen.err < 1e-13, gauss(a, 1.5, 1, 0.5));
  }
  for (int i = 0; i < 3; ++i) {
    const double x = (double[]){-0.5, -1, -5}[i];
    const int status = gsl_sf_hyperg_1F1_e(0.5, -2.5, x, &seen);
    printf("1F1(0.5; -2.5; %g): %.5f, status %d, error below 1e-13: %d, series %.5f\n", x, seen.val, status,
           seen.err < 1e-13, kummer(0.5, -2.5, x));
  }
}
C

stated='2F1(-0.5, 0.5; 1; 0.3): 0.92015, status 0, error below 1e-13: 0, elliptic 0.92015, series 0.92015
2F1(-0.5, 0.5; 1; 0.4999): 0.85988, status 0, error below 1e-13: 0, elliptic 0.85988, series 0.85988
2F1(-0.5, 0.5; 1; 0.5): 0.41339, status 0, error below 1e-13: 1, elliptic 0.85985, series 0.85985
2F1(-0.5, 0.5; 1; 0.51): 0.41661, status 0, error below 1e-13: 1, elliptic 0.85663, series 0.85663
2F1(-0.5, 0.5; 1; 0.9): 0.56992, status 0, error below 1e-13: 1, elliptic 0.70332, series 0.70332
2F1(-1.5, 1.5; 1; 0.5): 0.49737, status 0, error below 1e-13: 1, series 0.07295
2F1(-0.5, 1.5; 1; 0.5): -0.53935, status 0, error below 1e-13: 1, series 0.53935
1F1(0.5; -2.5; -0.5): -1.13219, status 0, error below 1e-13: 1, series 1.13219
1F1(0.5; -2.5; -1): -1.29984, status 0, error below 1e-13: 1, series 1.29984
1F1(0.5; -2.5; -5): -0.63112, status 0, error below 1e-13: 1, series 0.63112'

inside trixie gcc functions.c -lgsl -lgslcblas -lm -o functions >&2
seen=$(inside trixie ./functions)
compare "$stated" "$seen"
