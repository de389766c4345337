// Runs a Catch2 session on all ranks; fails on every rank if it fails on any.
// SPDX-License-Identifier: GPL-3.0-or-later
#define CATCH_CONFIG_RUNNER
#include "catch.hpp"
#include "nuloop/parallel/communicator.hpp"

int main(int argc, char** argv) {
  const nuloop::parallel::MpiSession mpi(&argc, &argv);
  int failed = Catch::Session().run(argc, argv) == 0 ? 0 : 1;
  MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return failed;
}
