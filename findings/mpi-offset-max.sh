#!/usr/bin/env bash
# findings/mpi-offset-max.sh: the largest and the least of positions, MPI_OFFSET, in Open MPI.
# Packages: openmpi-bin 4.1.4-3+b1, libopenmpi-dev 4.1.4-3+b1, gcc (Debian 12).
# Expected: of -1 and 5 on two ranks MPI_MAX gives 5 and MPI_MIN gives -1, in all types of signed integers.
# Seen: for MPI_OFFSET they give -1 and 5, as if the numbers had no sign, with success. MPI_COUNT, MPI_AINT,
#   MPI_LONG_LONG and MPI_INT64_T are right, and so is MPI_OFFSET where all have the same sign. A rank that
#   says "not found" with -1 wins.
# Documentation: MPI_Offset is a signed integer by the standard, and MPI_OFFSET one of the types that MPI_MAX
#   and MPI_MIN take. open-mpi/ompi#10648 and #10525 (closed) tell of the reverse, unsigned numbers taken as
#   signed ones; nothing was found on MPI_OFFSET.
# Versions: MPI_Reduce_local of 4.1.4, 5.0.7 (Debian 13) and 6.0.0rc2 (Debian unstable) does the same; that of
#   MPICH 5.0.2 (Debian unstable) is right.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm openmpi-bin=4.1.4-3+b1 libopenmpi-dev=4.1.4-3+b1 gcc=4:12.2.0-3 libc6-dev

cat >"$temp/bookworm/trial/extremes.c" <<'C'
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv) {
  const struct {
    const char *name;
    MPI_Datatype type;
  } types[] = {{"MPI_OFFSET", MPI_OFFSET},       {"MPI_COUNT", MPI_COUNT},     {"MPI_AINT", MPI_AINT},
               {"MPI_LONG_LONG", MPI_LONG_LONG}, {"MPI_INT64_T", MPI_INT64_T}, {0, 0}};
  const int64_t numbers[][2] = {{-1, 5}, {-7, -3}, {3, 9}};
  int rank;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int i = 0; types[i].name; ++i)
    for (int j = 0; j < 3; ++j) {
      int64_t largest = 0, least = 0;
      MPI_Allreduce(&numbers[j][rank], &largest, 1, types[i].type, MPI_MAX, MPI_COMM_WORLD);
      MPI_Allreduce(&numbers[j][rank], &least, 1, types[i].type, MPI_MIN, MPI_COMM_WORLD);
      if (rank == 0)
        printf("%s of %lld and %lld: largest %lld, least %lld\n", types[i].name, (long long)numbers[j][0],
               (long long)numbers[j][1], (long long)largest, (long long)least);
    }
  MPI_Finalize();
}
C

stated='MPI_OFFSET of -1 and 5: largest -1, least 5
MPI_OFFSET of -7 and -3: largest -3, least -7
MPI_OFFSET of 3 and 9: largest 9, least 3
MPI_COUNT of -1 and 5: largest 5, least -1
MPI_COUNT of -7 and -3: largest -3, least -7
MPI_COUNT of 3 and 9: largest 9, least 3
MPI_AINT of -1 and 5: largest 5, least -1
MPI_AINT of -7 and -3: largest -3, least -7
MPI_AINT of 3 and 9: largest 9, least 3
MPI_LONG_LONG of -1 and 5: largest 5, least -1
MPI_LONG_LONG of -7 and -3: largest -3, least -7
MPI_LONG_LONG of 3 and 9: largest 9, least 3
MPI_INT64_T of -1 and 5: largest 5, least -1
MPI_INT64_T of -7 and -3: largest -3, least -7
MPI_INT64_T of 3 and 9: largest 9, least 3'

inside bookworm mpicc.openmpi extremes.c -o extremes >&2
seen=$(inside bookworm mpirun.openmpi --oversubscribe --mca pml ob1 -n 2 ./extremes)
compare "$stated" "$seen"
