#!/usr/bin/env bash
# findings/mpi-external32.sh: integers and long doubles through MPI's portable form of data, external32.
# Packages: openmpi-bin 4.1.4-3+b1, mpich 4.0.2-3+b1 with their -dev, gcc (Debian 12).
# Expected: MPI_Pack_external and MPI_Unpack_external on one machine give back what went in, or an error.
# Seen: a long has four bytes there: 2^40 + 5 comes back as 5, 3000000000 as -1294967296, with both libraries
#   and MPI_SUCCESS from both calls. MPI_INT64_T keeps its eight bytes. MPI_Pack_external_size of Open MPI
#   counts eight bytes a long all the same, that of MPICH four. Open MPI gives back another number for the
#   long double 1.5, MPICH 1.5.
# Documentation: the MPI standard's table gives a long four bytes (mpi-forum/mpi-issues#157, open, tells of
#   lost data); open-mpi/ompi#8918 (closed) tells of the long doubles.
# Versions: Open MPI 5.0.7 and MPICH 4.2.1 (Debian 13) do the same with longs; their long doubles are right.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian bookworm openmpi-bin=4.1.4-3+b1 libopenmpi-dev=4.1.4-3+b1 mpich=4.0.2-3+b1 libmpich-dev=4.0.2-3+b1 \
  gcc=4:12.2.0-3 libc6-dev

cat >"$temp/bookworm/trial/portable.c" <<'C'
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Packs and unpacks one value; counts the bytes foretold and written. */
static void there_and_back(const void *value, void *back, MPI_Datatype type, long *foretold, long *written) {
  char bytes[64] = {0};
  MPI_Aint size, end = 0, start = 0;
  int fine = MPI_Pack_external_size("external32", 1, type, &size) == MPI_SUCCESS;
  fine &= MPI_Pack_external("external32", value, 1, type, bytes, sizeof bytes, &end) == MPI_SUCCESS;
  fine &= MPI_Unpack_external("external32", bytes, end, &start, back, 1, type) == MPI_SUCCESS;
  if (!fine) puts("refused");
  *foretold = size;
  *written = end;
}

int main(int argc, char **argv) {
  const long longs[2] = {(1L << 40) + 5, 3000000000L};
  const int64_t whole = (1L << 40) + 5;
  long back = 0, foretold, written;
  int64_t whole_back = 0;
  long double half, half_back;
  MPI_Init(&argc, &argv);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  for (int i = 0; i < 2; ++i) {
    there_and_back(&longs[i], &back, MPI_LONG, &foretold, &written);
    printf("long %ld: %ld, %ld bytes of %ld\n", longs[i], back, written, foretold);
  }
  there_and_back(&whole, &whole_back, MPI_INT64_T, &foretold, &written);
  printf("int64 %ld: %ld, %ld bytes of %ld\n", (long)whole, (long)whole_back, written, foretold);
  memset(&half, 0, sizeof half); /* its padding too */
  memset(&half_back, 0, sizeof half_back);
  half = 1.5L;
  there_and_back(&half, &half_back, MPI_LONG_DOUBLE, &foretold, &written);
  printf("long double 1.5: %s, %ld bytes of %ld\n", half_back == half ? "1.5" : "another number", written,
         foretold);
  MPI_Finalize();
}
C

stated='openmpi
long 1099511627781: 5, 4 bytes of 8
long 3000000000: -1294967296, 4 bytes of 8
int64 1099511627781: 1099511627781, 8 bytes of 8
long double 1.5: another number, 16 bytes of 16
mpich
long 1099511627781: 5, 4 bytes of 4
long 3000000000: -1294967296, 4 bytes of 4
int64 1099511627781: 1099511627781, 8 bytes of 8
long double 1.5: 1.5, 16 bytes of 16'

seen=$(
  for library in openmpi mpich; do
    echo "$library"
    inside bookworm "mpicc.$library" portable.c -o portable >&2
    options=()
    [[ $library == mpich ]] || options=(--mca pml ob1)
    inside bookworm "mpirun.$library" "${options[@]}" -n 1 ./portable
  done
)
compare "$stated" "$seen"
