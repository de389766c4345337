#!/usr/bin/env bash
# findings/mpi-dims.sh: MPI_Dims_create, which lays out ranks as a grid.
# Packages: openmpi-bin 4.1.4-3+b1, mpich 4.0.2-3+b1 with their -dev, gcc (Debian 12).
# Expected: 72 ranks become 9 x 8, the most even grid, with every library.
# Seen: Open MPI makes 12 x 6 of 72 ranks, 24 x 12 of 288 and 275 x 55 of 15125, which is 125 x 121; in
#   three dimensions 12 x 6 x 6 of 432, which is 9 x 8 x 6. 608 of the first 20000 numbers have a more even
#   grid in two dimensions. MPICH finds it for each of them. So the same program lays out the same ranks in
#   another way, and exchanges more, with another library.
# Documentation: the MPI standard asks for dimensions as close to each other as possible;
#   mpi-forum/mpi-issues#683 (open) asks whether that binds.
# Versions: Open MPI 4.1.4 and 5.0.7 (Debian 13) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm openmpi-bin=4.1.4-3+b1 libopenmpi-dev=4.1.4-3+b1 mpich=4.0.2-3+b1 libmpich-dev=4.0.2-3+b1 \
  gcc=4:12.2.0-3 libc6-dev

cat >"$temp/bookworm/trial/grid.c" <<'C'
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv) {
  static const int ranks[3] = {72, 288, 15125};
  int uneven = 0;
  MPI_Init(&argc, &argv);
  for (int i = 0; i < 3; ++i) {
    int grid[2] = {0, 0};
    MPI_Dims_create(ranks[i], 2, grid);
    printf("%d: %d x %d\n", ranks[i], grid[0], grid[1]);
  }
  int grid[3] = {0, 0, 0};
  MPI_Dims_create(432, 3, grid);
  printf("432: %d x %d x %d\n", grid[0], grid[1], grid[2]);
  for (int number = 1; number <= 20000; ++number) {
    int made[2] = {0, 0}, shorter = 1;
    MPI_Dims_create(number, 2, made);
    for (int side = 1; side * side <= number; ++side)
      if (number % side == 0) shorter = side;
    uneven += made[1] != shorter;
  }
  printf("uneven: %d\n", uneven);
  MPI_Finalize();
}
C

stated='openmpi
72: 12 x 6
288: 24 x 12
15125: 275 x 55
432: 12 x 6 x 6
uneven: 608
mpich
72: 9 x 8
288: 18 x 16
15125: 125 x 121
432: 9 x 8 x 6
uneven: 0'

seen=$(
  for library in openmpi mpich; do
    echo "$library"
    inside bookworm "mpicc.$library" grid.c -o grid >&2
    options=()
    [[ $library == mpich ]] || options=(--mca pml ob1)
    inside bookworm "mpirun.$library" "${options[@]}" -n 1 ./grid
  done
)
compare "$stated" "$seen"
