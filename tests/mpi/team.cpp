// Ranks that fill a list together have what each would have filled alone, or all of them know why
// not. SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/team.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <span>
#include <thread>
#include <vector>

namespace {

using nuloop::Dissent;
using nuloop::NumericalError;
using nuloop::parallel::Communicator;
using nuloop::parallel::RankTeam;

struct Piece {
  double root = 0.0;
  std::array<double, 3> powers{};
};

Piece piece(std::size_t i) {
  const double x = 0.1 * static_cast<double>(i);
  return {std::sqrt(x), {x, x * x, std::exp(-x)}};
}

bool same(const Piece& a, const Piece& b) {
  return a.root == b.root && a.powers == b.powers;
}

/// Fills so many pieces; returns how many this rank has computed.
template <class Fill>
std::size_t fill(const RankTeam& team, std::vector<Piece>& pieces, const Fill& fill_one) {
  std::size_t computed = 0;
  fill_together(
      team, pieces.size(),
      [&](std::size_t i) {
#pragma omp atomic
        ++computed;
        pieces[i] = fill_one(i);
      },
      [&](std::size_t i) {
        return std::array{std::span(&pieces[i].root, 1), std::span<double>(pieces[i].powers)};
      });
  return computed;
}

/// Whether the team works: every piece is there on all ranks, and was computed once.
void check_works(const Communicator& communicator, const RankTeam& team, std::size_t count) {
  std::vector<Piece> pieces(count);
  auto computed = static_cast<long long>(fill(team, pieces, piece));
  for (std::size_t i = 0; i < count; ++i)
    CHECK(same(pieces[i], piece(i)));
  if (communicator.handle() != MPI_COMM_NULL)
    MPI_Allreduce(MPI_IN_PLACE, &computed, 1, MPI_LONG_LONG, MPI_SUM, communicator.handle());
  CHECK(computed == static_cast<long long>(count));
}

double cpu_s() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

TEST_CASE("All ranks have every piece, of which each was computed once") {
  const Communicator communicator(MPI_COMM_WORLD);
  const RankTeam team(communicator);
  const std::size_t size = team.size();
  CHECK(size == static_cast<std::size_t>(communicator.size()));
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{1}, size - 1, size, size + 1, std::size_t{1000}})
    check_works(communicator, team, count);
}

TEST_CASE("A rank without MPI fills all pieces itself") {
  const Communicator alone;
  check_works(alone, RankTeam(alone), 20);
}

TEST_CASE("Neighbouring pieces go to different ranks") {
  const Communicator communicator(MPI_COMM_WORLD);
  const RankTeam team(communicator);
  std::vector<Piece> pieces(7 * team.size());
  CHECK(fill(team, pieces, [&](std::size_t i) {
          CHECK(i % team.size() == team.member());
          return piece(i);
        }) == 7);
}

TEST_CASE("Where a piece fails on one rank all ranks fail, and go on together") {
  const Communicator communicator(MPI_COMM_WORLD);
  const RankTeam team(communicator);
  for (std::size_t bad = 0; bad < 6; ++bad) {
    std::vector<Piece> pieces(6);
    CHECK_THROWS_AS(fill(team, pieces,
                         [&](std::size_t i) {
                           if (i == bad)
                             throw NumericalError("this one");
                           return piece(i);
                         }),
                    NumericalError);
    check_works(communicator, team, 11);
  }
}

TEST_CASE("Ranks with different lists all hear of it, and go on together") {
  const Communicator communicator(MPI_COMM_WORLD);
  const RankTeam team(communicator);
  if (team.size() == 1)
    return;
  for (std::size_t odd = 0; odd < team.size(); ++odd) {
    std::vector<Piece> pieces(team.member() == odd ? 8 : 9);
    CHECK_THROWS_AS(fill(team, pieces, piece), Dissent);
    check_works(communicator, team, 11);
    CHECK_THROWS_AS(team.all_well(team.member() == odd ? 1 : 0, true), Dissent);
    CHECK(team.all_well(3, true));
    CHECK_FALSE(team.all_well(3, team.member() != odd));
  }
}

TEST_CASE("Who has filled its pieces sleeps until the others have") {
  const Communicator communicator(MPI_COMM_WORLD);
  const RankTeam team(communicator);
  if (team.size() == 1)
    return;
  communicator.barrier();
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_s();
  std::vector<Piece> pieces(team.size());
  fill(team, pieces, [&](std::size_t i) {
    if (i == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return piece(i);
  });
  // Looking now and then takes part of the wait, however long the machine makes that.
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - begin;
  CHECK(cpu_s() - cpu < 0.5 * waited.count());
}
