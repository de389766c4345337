#!/usr/bin/env bash
# findings/hdf5-small-floats.sh: HDF5's integers of the smallest numbers, and its numbers of 8, 6 and 4 bits.
# Packages: libhdf5-dev 2.2.0+repack-6, gcc 4:16.1.0-3 (Debian unstable).
# Expected: a number between -1 and 1 becomes the integer 0, whatever its type and byte order; E4M3, E2M3,
#   E3M2 and E2M1 are the types that accelerators call so, which end at 448, 7.5, 28 and 6, without
#   infinity.
# Seen: big-endian floats and doubles just below 0 (subnormal ones such as -1e-310) become -2147483648. So do
#   those of E4M3 and E3M2; those of E2M3 and E2M1 become -1, those above 0 become 1. In the four new types
#   the greatest exponent means infinity or NaN: they end at 240, 3.75, 14 and 3, what others stored above
#   that is read as infinity or NaN, and 448, 7.5, 28 and 6 are written as infinity, with success.
# Documentation: the change log of 2.2.0 warns of conversions of the new types without saying which; none was
#   found on big-endian numbers.
# Versions: 1.14.5 (Debian 13) reads the big-endian ones so too; it lacks the new types.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid libhdf5-dev=2.2.0+repack-6 gcc=4:16.1.0-3 libc6-dev

cat >"$temp/sid/trial/small.c" <<'C'
#include <hdf5.h>
#include <math.h>
#include <stdio.h>

static hid_t file;

/* A new dataset of TYPE with COUNT values of MEMORY. */
static hid_t written(hid_t type, hid_t memory, hsize_t count, const void *values) {
  static char name[] = "a";
  const hid_t space = H5Screate_simple(1, &count, NULL);
  const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  ++name[0];
  H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  return set;
}

/* Reads the bytes of the least three and the largest three numbers above 0; writes the largest. */
static void describe(const char *name, hid_t type, int exponent_bits, int mantissa_bits, int largest) {
  const unsigned char bytes[] = {1, 2, 3, largest - 2, largest - 1, largest};
  const int bias = (1 << (exponent_bits - 1)) - 1;
  double values[6];
  int integers[6];
  const hid_t set = written(type, type, 6, bytes);
  H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, integers);
  printf("%s:", name);
  double number = 0;
  for (int i = 0; i < 6; ++i) {
    const int exponent = bytes[i] >> mantissa_bits, mantissa = bytes[i] & ((1 << mantissa_bits) - 1);
    number = exponent == 0 ? ldexp(mantissa, 1 - bias - mantissa_bits)
                           : ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
    printf(" %g is %g int %d%s", number, values[i], integers[i],
           i == 2 ? ",\n " : ",");
  }
  const int status = H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                              (double[]){number, 0, 0, 0, 0, -values[0]});
  H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, integers);
  printf("\n  %g written (status %d) and read %g, %g int %d\n", number, status, values[0], values[5],
         integers[5]);
}

/* Reads a subnormal NUMBER, its opposite and -0.7 as integers. */
static void integers(const char *name, hid_t type, double number) {
  int read[3];
  H5Dread(written(type, H5T_NATIVE_DOUBLE, 3, (double[]){number, -number, -0.7}), H5T_NATIVE_INT, H5S_ALL,
          H5S_ALL, H5P_DEFAULT, read);
  printf("%s %g int %d, %g int %d, -0.7 int %d\n", name, number, read[0], -number, read[1], read[2]);
}

int main(void) {
  file = H5Fcreate("small.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
#ifdef H5T_FLOAT_F4E2M1
  describe("E4M3", H5T_FLOAT_F8E4M3, 4, 3, 0x7e); /* 0x7f is NaN */
  describe("E2M3", H5T_FLOAT_F6E2M3, 2, 3, 0x1f);
  describe("E3M2", H5T_FLOAT_F6E3M2, 3, 2, 0x1f);
  describe("E2M1", H5T_FLOAT_F4E2M1, 2, 1, 0x07);
#endif
  integers("little-endian float", H5T_IEEE_F32LE, -1e-40);
  integers("big-endian float", H5T_IEEE_F32BE, -1e-40);
  integers("little-endian double", H5T_IEEE_F64LE, -1e-310);
  integers("big-endian double", H5T_IEEE_F64BE, -1e-310);
  H5Fclose(file);
}
C

stated='E4M3: 0.00195312 is 0.00195312 int 0, 0.00390625 is 0.00390625 int 0, 0.00585938 is 0.00585938 int 0,
  384 is nan int 0, 416 is nan int 0, 448 is nan int 0,
  448 written (status 0) and read inf, -0.00195312 int -2147483648
E2M3: 0.125 is 0.125 int 1, 0.25 is 0.25 int 1, 0.375 is 0.375 int 1,
  6.5 is nan int 0, 7 is nan int 0, 7.5 is nan int 0,
  7.5 written (status 0) and read inf, -0.125 int -1
E3M2: 0.0625 is 0.0625 int 0, 0.125 is 0.125 int 0, 0.1875 is 0.1875 int 0,
  20 is nan int 0, 24 is nan int 0, 28 is nan int 0,
  28 written (status 0) and read inf, -0.0625 int -2147483648
E2M1: 0.5 is 0.5 int 1, 1 is 1 int 1, 1.5 is 1.5 int 1,
  3 is 3 int 3, 4 is inf int 2147483647, 6 is nan int 0,
  6 written (status 0) and read inf, -0.5 int -1
little-endian float -1e-40 int 0, 1e-40 int 0, -0.7 int 0
big-endian float -1e-40 int -2147483648, 1e-40 int 0, -0.7 int 0
little-endian double -1e-310 int 0, 1e-310 int 0, -0.7 int 0
big-endian double -1e-310 int -2147483648, 1e-310 int 0, -0.7 int 0'

hdf5=/usr/lib/x86_64-linux-gnu/hdf5/serial
inside sid gcc -I/usr/include/hdf5/serial small.c "-L$hdf5" -lhdf5 -lm -o small >&2
seen=$(inside sid ./small)
compare "$stated" "$seen"
