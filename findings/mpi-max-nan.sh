#!/usr/bin/env bash
# findings/mpi-max-nan.sh: MPI_Allreduce with MPI_MAX over arrays where one rank has NaN.
# Packages: openmpi-bin 4.1.4-3+b1, mpich 4.0.2-3+b1 with their -dev, gcc (Debian 12).
# Expected: every element has the same inputs, so every element gets the same result: NaN, or the largest
#   number.
# Seen: rank r of six gives r + 1 in all 33 elements, and one rank gives NaN instead. The 33 results differ
#   among themselves: NaN here, a number there, and some are no maximum at all: 4, where another rank gave
#   6. Both libraries return success. Presumably Open MPI compares the bulk of an array with vector
#   instructions and its last elements one by one, which differ on NaN, and MPICH combines the ranks in
#   another order from one part of the array to the next.
# Documentation: the MPI standard says nothing of NaN in MPI_MAX.
# Needs: a processor with AVX for Open MPI's part.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm openmpi-bin=4.1.4-3+b1 libopenmpi-dev=4.1.4-3+b1 mpich=4.0.2-3+b1 libmpich-dev=4.0.2-3+b1 \
  gcc=4:12.2.0-3 libc6-dev

cat >"$temp/bookworm/trial/most.c" <<'C'
#include <math.h>
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv) {
  enum { size = 33 };
  int rank;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int without = 4; without < 6; ++without) {
    double given[size], most[size];
    for (int i = 0; i < size; ++i) given[i] = rank == without ? NAN : rank + 1;
    MPI_Allreduce(given, most, size, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (rank == 0) {
      printf("NaN from rank %d:", without);
      for (int value = 1; value <= 6; ++value)
        for (int i = 0; i < size; ++i)
          if (most[i] == value) {
            printf(" %d", value);
            break;
          }
      for (int i = 0; i < size; ++i)
        if (isnan(most[i])) {
          printf(" NaN");
          break;
        }
      puts("");
    }
  }
  MPI_Finalize();
}
C

stated='openmpi
NaN from rank 4: 4 6
NaN from rank 5: 5 NaN
mpich
NaN from rank 4: 4 6 NaN
NaN from rank 5: 4 5 NaN'

seen=$(
  for library in openmpi mpich; do
    echo "$library"
    inside bookworm "mpicc.$library" most.c -o most >&2
    options=()
    [[ $library == mpich ]] || options=(--oversubscribe --mca pml ob1)
    inside bookworm "mpirun.$library" "${options[@]}" -n 6 ./most
  done
)
compare "$stated" "$seen"
