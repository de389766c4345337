#!/usr/bin/env bash
# findings/mpi-sum-length.sh: MPI_Reduce with MPI_SUM: one number alone, and the same number as the first of
#   a thousand.
# Packages: openmpi-bin 4.1.4-3+b1, libopenmpi-dev 4.1.4-3+b1, gcc (Debian 12).
# Expected: the sum of seven given numbers depends on the number of ranks, perhaps, but not on what else is
#   in the message; MPI_Reduce and MPI_Allreduce give rank 0 the same.
# Seen: 0.1 + 0.7 + 1.3 + 0.2 + 1e16 + 0.9 - 1e16 is 3.9 alone or with 99 others, 2.3 with 999 others, and
#   MPI_Allreduce gives 2.3 at every length. The length of the message chooses the algorithm, and this the
#   order. So a histogram with more bins has other values in the bins that did not change.
# Documentation: the MPI standard advises implementers that the same call with the same inputs should give
#   the same result; a longer message is another call.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm openmpi-bin=4.1.4-3+b1 libopenmpi-dev=4.1.4-3+b1 gcc=4:12.2.0-3 libc6-dev

cat >"$temp/bookworm/trial/sum.c" <<'C'
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv) {
  static const double numbers[7] = {0.1, 0.7, 1.3, 0.2, 1e16, 0.9, -1e16};
  static double given[1000], sums[1000];
  int rank;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int i = 0; i < 1000; ++i) given[i] = numbers[rank];
  for (int size = 1; size <= 1000; size *= 10) {
    MPI_Reduce(given, sums, size, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0) printf("%d: reduce %g", size, sums[0]);
    MPI_Allreduce(given, sums, size, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0) printf(", allreduce %g\n", sums[0]);
  }
  MPI_Finalize();
}
C

stated='1: reduce 3.9, allreduce 2.3
10: reduce 3.9, allreduce 2.3
100: reduce 3.9, allreduce 2.3
1000: reduce 2.3, allreduce 2.3'

inside bookworm mpicc.openmpi sum.c -o sum >&2
seen=$(inside bookworm mpirun.openmpi --oversubscribe --mca pml ob1 -n 7 ./sum)
compare "$stated" "$seen"
