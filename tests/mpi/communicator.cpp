// Broadcasts and gathers at every number of ranks.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/communicator.hpp"

#include "catch.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using nuloop::parallel::Communicator;

/// Bytes of all values, zeros too, that no repetition can imitate.
std::string pattern(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  unsigned state = seed * 2654435761U + 1U;
  for (char& c : text) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(static_cast<unsigned char>(state >> 24U));
  }
  return text;
}

}  // namespace

TEST_CASE("A communicator has the ranks of the one that it duplicates") {
  const Communicator communicator(MPI_COMM_WORLD);
  int rank = -1;
  int size = -1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  CHECK(communicator.rank() == rank);
  CHECK(communicator.size() == size);
  CHECK(communicator.is_master() == (rank == 0));

  int comparison = MPI_UNEQUAL;
  MPI_Comm_compare(communicator.handle(), MPI_COMM_WORLD, &comparison);
  CHECK(comparison == MPI_CONGRUENT);  // the same ranks, messages of its own
}

TEST_CASE("A communicator without MPI is one rank") {
  const Communicator alone;
  CHECK(alone.rank() == 0);
  CHECK(alone.size() == 1);
  CHECK(alone.is_master());
  CHECK(alone.handle() == MPI_COMM_NULL);
  alone.barrier();
  CHECK(alone.broadcast("text") == "text");
  CHECK(alone.broadcast("").empty());
  CHECK(alone.gather(std::vector<double>{1.0, 2.0}) ==
        std::vector<std::vector<double>>{{1.0, 2.0}});
  CHECK(alone.gather(std::vector<double>{}) == std::vector<std::vector<double>>{{}});
  CHECK(alone.gather(std::string("text")) == std::vector<std::string>{"text"});
}

TEST_CASE("Every rank receives the text of the master") {
  const Communicator communicator(MPI_COMM_WORLD);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{10} * 1000 * 1000}) {
    const std::string wanted = pattern(size, 1);
    // What the others hand in is shorter or longer than what they get.
    const std::string own =
        communicator.is_master() ? wanted : pattern(communicator.rank() % 2 == 0 ? 0 : 5000, 2);
    const bool received = communicator.broadcast(own) == wanted;
    CAPTURE(size);
    CHECK(received);
  }
}

TEST_CASE("Broadcasts of different texts keep their order") {
  const Communicator communicator(MPI_COMM_WORLD);
  for (unsigned i = 0; i < 200; ++i) {
    const std::string wanted = pattern(i * 7 % 50, i);
    CHECK(communicator.broadcast(communicator.is_master() ? wanted : "") == wanted);
  }
}

TEST_CASE("The master alone gathers the values of every rank in their order") {
  const Communicator communicator(MPI_COMM_WORLD);
  for (const std::size_t width : {std::size_t{1}, std::size_t{3}, std::size_t{100'000}}) {
    const auto values_of = [&](int rank) {
      std::vector<double> values(width);
      for (std::size_t i = 0; i < width; ++i)
        values[i] = rank + 0.001 * static_cast<double>(i);
      return values;
    };
    const auto rows = communicator.gather(values_of(communicator.rank()));
    CAPTURE(width);
    if (!communicator.is_master()) {
      CHECK(rows.empty());
      continue;
    }
    CHECK(rows.size() == static_cast<std::size_t>(communicator.size()));
    for (std::size_t rank = 0; rank < rows.size(); ++rank) {
      const bool right = rows[rank] == values_of(static_cast<int>(rank));
      CHECK(right);
    }
  }
}

TEST_CASE("The master gathers a row of every rank even if there is nothing in it") {
  const Communicator communicator(MPI_COMM_WORLD);
  const auto rows = communicator.gather(std::vector<double>{});
  CHECK(rows.size() ==
        (communicator.is_master() ? static_cast<std::size_t>(communicator.size()) : 0));
  for (const auto& row : rows)
    CHECK(row.empty());
}

TEST_CASE("The master alone gathers texts of different lengths") {
  const Communicator communicator(MPI_COMM_WORLD);
  const auto check = [&](const auto& text_of) {
    const auto texts = communicator.gather(text_of(communicator.rank()));
    if (!communicator.is_master()) {
      CHECK(texts.empty());
      return;
    }
    CHECK(texts.size() == static_cast<std::size_t>(communicator.size()));
    for (std::size_t rank = 0; rank < texts.size(); ++rank) {
      const bool right = texts[rank] == text_of(static_cast<int>(rank));
      CAPTURE(rank);
      CHECK(right);
    }
  };
  check([](int) { return std::string(); });
  check([](int rank) { return pattern(static_cast<std::size_t>(rank), 3); });
  check([](int rank) { return rank % 2 == 0 ? std::string() : "odd " + std::to_string(rank); });
  check([](int rank) { return rank % 2 == 0 ? "even " + std::to_string(rank) : std::string(); });
  check([](int rank) {
    return pattern(static_cast<std::size_t>(1'000'000 / (rank + 1)), static_cast<unsigned>(rank));
  });
}

TEST_CASE("No rank passes a barrier before all have come") {
  const Communicator communicator(MPI_COMM_WORLD);
  const std::string stem = "barrier_test_" + communicator.broadcast(std::to_string(::getpid()));
  const auto mark = [&](int rank) { return stem + "_" + std::to_string(rank); };
  // Later ranks come later, and leave a mark before they wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(5 * communicator.rank()));
  std::ofstream(mark(communicator.rank())).close();
  communicator.barrier();
  int come = 0;
  for (int rank = 0; rank < communicator.size(); ++rank)
    come += std::filesystem::exists(mark(rank)) ? 1 : 0;
  CHECK(come == communicator.size());
  MPI_Barrier(MPI_COMM_WORLD);
  std::filesystem::remove(mark(communicator.rank()));
}

TEST_CASE("A part of the ranks has a master of its own") {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm half = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &half);
  {
    const Communicator communicator(half);
    const std::string own = "colour " + std::to_string(rank % 2);
    CHECK(communicator.broadcast(communicator.is_master() ? own : "") == own);
    for (const std::string& text : communicator.gather(own))
      CHECK(text == own);
  }
  MPI_Comm_free(&half);
}
