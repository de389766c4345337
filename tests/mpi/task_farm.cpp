// Every task is done once, by whoever is free.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/task_farm.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

namespace {

using nuloop::parallel::Communicator;

/// What happened while tasks were run.
struct Account {
  std::vector<int> own;              ///< executions of each task on this rank
  std::vector<int> all;              ///< the same over all ranks
  std::vector<std::size_t> reports;  ///< on this rank
  std::vector<int> tasks_of_rank;    ///< executions on each rank
};

template <class Cost>
Account run(const Communicator& communicator, std::size_t tasks, const Cost& cost) {
  Account account;
  account.own.resize(tasks);
  std::size_t strays = 0;
  nuloop::parallel::run_tasks(
      communicator, tasks,
      [&](std::size_t task) {
        cost(task);
        if (task < tasks)
          ++account.own[task];
        else
          ++strays;
      },
      [&](std::size_t done) { account.reports.push_back(done); });
  CHECK(strays == 0);

  account.all.resize(tasks);
  account.tasks_of_rank.resize(static_cast<std::size_t>(communicator.size()));
  const int mine = std::accumulate(account.own.begin(), account.own.end(), 0);
  if (communicator.handle() == MPI_COMM_NULL) {
    account.all = account.own;
    account.tasks_of_rank = {mine};
  } else {
    MPI_Allreduce(account.own.data(), account.all.data(), static_cast<int>(tasks), MPI_INT, MPI_SUM,
                  communicator.handle());
    MPI_Allgather(&mine, 1, MPI_INT, account.tasks_of_rank.data(), 1, MPI_INT,
                  communicator.handle());
  }
  return account;
}

void check(const Communicator& communicator, const Account& account, std::size_t tasks) {
  CHECK(std::all_of(account.all.begin(), account.all.end(), [](int n) { return n == 1; }));
  if (communicator.is_master()) {
    REQUIRE_FALSE(account.reports.empty());
    CHECK(std::is_sorted(account.reports.begin(), account.reports.end()));
    CHECK(account.reports.back() == tasks);
  } else {
    CHECK(account.reports.empty());
  }
}

const auto free_of_cost = [](std::size_t) {};

}  // namespace

TEST_CASE("Every task is done once and the master hears of all") {
  const Communicator communicator(MPI_COMM_WORLD);
  const auto size = static_cast<std::size_t>(communicator.size());
  for (const std::size_t tasks : {std::size_t{0}, std::size_t{1}, std::size_t{2}, size - 1, size,
                                  size + 1, std::size_t{1000}}) {
    CAPTURE(tasks);
    check(communicator, run(communicator, tasks, free_of_cost), tasks);
  }
}

TEST_CASE("Many short farms in a row do not take each other's tasks") {
  const Communicator communicator(MPI_COMM_WORLD);
  for (std::size_t i = 0; i < 40; ++i)
    check(communicator, run(communicator, i % 7, free_of_cost), i % 7);
}

TEST_CASE("Two farms on duplicates of a communicator do not mix") {
  const Communicator first(MPI_COMM_WORLD);
  const Communicator second(MPI_COMM_WORLD);
  check(first, run(first, 50, free_of_cost), 50);
  check(second, run(second, 30, free_of_cost), 30);
}

TEST_CASE("A farm without MPI does all tasks in their order") {
  const Communicator alone;
  std::vector<std::size_t> order;
  const Account account = run(alone, 100, [&](std::size_t task) { order.push_back(task); });
  check(alone, account, 100);
  std::vector<std::size_t> wanted(100);
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  CHECK(order == wanted);
}

TEST_CASE("The report never runs ahead of what is done") {
  // Every task adds a byte to a file of all ranks, so that its size is what is done at least.
  const Communicator communicator(MPI_COMM_WORLD);
  const std::string path = "task_farm_test_" + communicator.broadcast(std::to_string(::getpid()));
  if (communicator.is_master())
    std::ofstream(path).close();
  communicator.barrier();
  bool ahead = false;
  nuloop::parallel::run_tasks(
      communicator, 200,
      [&](std::size_t) {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        std::ofstream(path, std::ios::app) << 'x';
      },
      [&](std::size_t reported) { ahead = ahead || reported > std::filesystem::file_size(path); });
  CHECK_FALSE(ahead);
  CHECK(std::filesystem::file_size(path) == 200);
  communicator.barrier();
  if (communicator.is_master())
    std::filesystem::remove(path);
}

TEST_CASE("Tasks of uneven cost are shared among the ranks") {
  const Communicator communicator(MPI_COMM_WORLD);
  const std::size_t tasks = 200;
  const Account account = run(communicator, tasks, [](std::size_t task) {
    std::this_thread::sleep_for(std::chrono::microseconds(task % 10 == 0 ? 900 : 200));
  });
  check(communicator, account, tasks);
  if (communicator.size() > 1)
    for (const int done : account.tasks_of_rank)
      CHECK(done < static_cast<int>(tasks));
}
