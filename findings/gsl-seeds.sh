#!/usr/bin/env bash
# findings/gsl-seeds.sh: streams of GSL's random generators for seeds that are powers of two.
# Packages: libgsl-dev 2.8+dfsg-5, gcc (Debian 13).
# Expected: a generator started by gsl_rng_set with 2^31 or 2^32 gives random numbers as with any other seed.
# Seen: of the 1000 numbers after the seed 2^31, all of ranlxs0, ranlxs1 and ranlxs2 are 0; gfsr4 has 18
#   different ones, mt19937_1998 four. With 2^32 also tt800, cmrg, mrg and taus give nothing but 0. ranlxd2
#   has one stream for 2^31 and 2^32. So a seed such as run << 31 or run << 32 starts many a run with zeros.
# Documentation: the manual expects entirely different streams for different seeds from 1 on; it says that
#   most generators take a seed modulo 2^32 and that some have a lower largest seed, not which and what then.
# Versions: 2.7.1 (Debian 12), 2.8 (Debian 13 and unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie libgsl-dev=2.8+dfsg-5 gcc=4:14.2.0-1 libc6-dev

cat >"$temp/trixie/trial/seeds.c" <<'C'
#include <gsl/gsl_rng.h>
#include <stdio.h>
#include <stdlib.h>

enum { length = 1000 };

static int compare(const void *a, const void *b) {
  const unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
  return (x > y) - (x < y);
}

/* The number of different values among the first ones of a stream, and the first of the rest. */
static void describe(gsl_rng *generator, unsigned long seed) {
  unsigned long values[length];
  int different = 1;
  gsl_rng_set(generator, seed);
  for (int i = 0; i < length; ++i) values[i] = gsl_rng_get(generator);
  qsort(values, length, sizeof *values, compare);
  for (int i = 1; i < length; ++i) different += values[i] != values[i - 1];
  printf(", %d then %lu", different, gsl_rng_get(generator));
}

int main(void) {
  const unsigned long seeds[] = {1, 1UL << 31, 1UL << 32, 2UL << 32};
  const gsl_rng_type *types[] = {gsl_rng_mt19937,      gsl_rng_ranlxd2, gsl_rng_ranlxs0, gsl_rng_ranlxs1,
                                 gsl_rng_ranlxs2,      gsl_rng_gfsr4,   gsl_rng_tt800,   gsl_rng_mt19937_1998,
                                 gsl_rng_cmrg,         gsl_rng_mrg,     gsl_rng_taus};
  for (unsigned i = 0; i < sizeof types / sizeof *types; ++i) {
    gsl_rng *generator = gsl_rng_alloc(types[i]);
    printf("%s", gsl_rng_name(generator));
    for (unsigned j = 0; j < sizeof seeds / sizeof *seeds; ++j) describe(generator, seeds[j]);
    puts("");
    gsl_rng_free(generator);
  }
}
C

stated='mt19937, 1000 then 375733240, 1000 then 4245258283, 1000 then 1333075495, 1000 then 1333075495
ranlxd2, 1000 then 1185412534, 1000 then 3394328360, 1000 then 3394328360, 1000 then 3394328360
ranlxs0, 1000 then 11308798, 1 then 0, 1 then 0, 1 then 0
ranlxs1, 1000 then 6497156, 1 then 0, 1 then 0, 1 then 0
ranlxs2, 1000 then 718473, 1 then 0, 1 then 0, 1 then 0
gfsr4, 1000 then 3035477116, 18 then 0, 10 then 0, 10 then 0
tt800, 1000 then 2563744203, 333 then 2544727167, 1 then 0, 1 then 0
mt19937_1998, 1000 then 2774328375, 4 then 3961273095, 1 then 0, 1 then 0
cmrg, 1000 then 871894637, 1000 then 133393884, 1 then 0, 1 then 0
mrg, 1000 then 645136297, 1000 then 1066712632, 1 then 0, 1 then 0
taus, 1000 then 289368046, 1000 then 2901645039, 1 then 0, 1 then 0'

inside trixie gcc seeds.c -o seeds -lgsl -lgslcblas -lm >&2
seen=$(inside trixie ./seeds)
compare "$stated" "$seen"
