// Every task is done once, by whoever is free; a stop reaches everyone; nobody spins.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/task_farm.hpp"

#include "catch.hpp"
#include "nuloop/parallel/dry_run.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using nuloop::parallel::Communicator;
using nuloop::parallel::TaskRange;

/// Hands out 0, 1, ... in portions.
class Counter {
 public:
  explicit Counter(std::size_t tasks, std::size_t portion = 1) : tasks_(tasks), portion_(portion) {}

  std::optional<TaskRange> operator()(int) {
    if (next_ == tasks_)
      return std::nullopt;
    const TaskRange range{next_, std::min(portion_, tasks_ - next_)};
    next_ += range.count;
    return range;
  }

 private:
  std::size_t tasks_;
  std::size_t portion_;
  std::size_t next_ = 0;
};

/// What happened while tasks were run.
struct Account {
  std::vector<int> own;              ///< executions of each task on this rank
  std::vector<int> all;              ///< the same over all ranks
  std::vector<std::size_t> reports;  ///< on this rank
  std::vector<int> tasks_of_rank;    ///< executions on each rank
  std::size_t returned = 0;          ///< by run_tasks
  int executed = 0;                  ///< sum over all ranks
};

const auto never = [] { return false; };
const auto free_of_cost = [](std::size_t) {};

void sleep_ms(double milliseconds) {
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(milliseconds));
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// CPU time of this process.
double cpu_s() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Account run(const Communicator& communicator, std::size_t tasks,
            const std::function<void(std::size_t)>& cost,
            const std::function<std::optional<TaskRange>(int)>& next,
            const std::function<bool()>& stop = never) {
  Account account;
  account.own.resize(tasks);
  std::size_t strays = 0;
  account.returned =
      nuloop::parallel::run_tasks(
          communicator, {next,
                         [&](std::size_t task) {
                           cost(task);
                           if (task < tasks)
                             ++account.own[task];
                           else
                             ++strays;
                         },
                         stop, [&](std::size_t done) { account.reports.push_back(done); }})
          .done;
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
  account.executed = std::accumulate(account.tasks_of_rank.begin(), account.tasks_of_rank.end(), 0);
  return account;
}

Account run(const Communicator& communicator, std::size_t tasks,
            const std::function<void(std::size_t)>& cost) {
  return run(communicator, tasks, cost, Counter(tasks));
}

/// What holds of every farm, stopped or not: no task twice, and everyone knows how many were done.
void check_counts(const Communicator& communicator, const Account& account) {
  CHECK(std::all_of(account.all.begin(), account.all.end(), [](int n) { return n <= 1; }));
  CHECK(account.returned == static_cast<std::size_t>(account.executed));
  if (communicator.is_master()) {
    REQUIRE_FALSE(account.reports.empty());
    CHECK(std::is_sorted(account.reports.begin(), account.reports.end()));
    CHECK(account.reports.back() == account.returned);
  } else {
    CHECK(account.reports.empty());
  }
}

void check(const Communicator& communicator, const Account& account, std::size_t tasks) {
  check_counts(communicator, account);
  CHECK(std::all_of(account.all.begin(), account.all.end(), [](int n) { return n == 1; }));
  CHECK(account.returned == tasks);
}

/// Lets the tasks of a real farm take times of their own, whatever the machine does: a rank ends
/// its task when no other rank has to end one before, and when all that those before led to is
/// done. Messages take no time. For ranks on one machine, tasks handed out one by one, and a master
/// that works.
class FarmClock {
 public:
  /// Collective.
  explicit FarmClock(const Communicator& communicator)
      : communicator_(communicator), rank_(communicator.rank()), ranks_(communicator.size()) {
    REQUIRE(ranks_ <= most_ranks);
    MPI_Win_allocate_shared(communicator.is_master() ? sizeof(Shared) : 0, 1, MPI_INFO_NULL,
                            communicator.handle(), static_cast<void*>(&shared_), &window_);
    MPI_Aint size = 0;
    int unit = 0;
    MPI_Win_shared_query(window_, 0, &size, &unit, static_cast<void*>(&shared_));
    if (communicator.is_master())
      new (shared_) Shared;
    communicator.barrier();
  }
  FarmClock(const FarmClock&) = delete;
  FarmClock& operator=(const FarmClock&) = delete;
  ~FarmClock() { MPI_Win_free(&window_); }

  /// A task that takes so long.
  void work(double seconds) {
    locked([&] {
      Rank& own = shared_->ranks[at(rank_)];
      own.now_s = std::max(own.now_s, own.answered_s) + seconds;
      own.work_s += seconds;
      ++own.begun;
      own.works = true;
      return true;
    });
    wait_until([&] { return is_settled() && is_first(); });
    locked([&] { return shared_->ranks[at(rank_)].works = false; });
  }

  /// On the master, before its own task is chosen: waits for all that is asked until now.
  void wait_for_requests(int rank) {
    if (rank == 0)
      wait_until([&] { return !somebody_has_to_begin(); });
  }

  /// On the master: the rank is given a task, or is told that there are no more.
  void answer(int rank, bool is_given) {
    locked([&] {
      const Rank& master = shared_->ranks[0];
      Rank& other = shared_->ranks[at(rank)];
      ++(is_given ? other.given : other.sent_away);
      if (master.sent_away == 0)  // otherwise it answers at once
        other.answered_s = master.now_s;
      return true;
    });
  }

  /// Until the last task was done, and of all tasks; collective, after the farm.
  std::pair<double, double> wall_and_work_s() const {
    communicator_.barrier();
    double wall_s = 0.0, work_s = 0.0;
    for (const Rank& rank : all()) {
      wall_s = std::max(wall_s, rank.now_s);
      work_s += rank.work_s;
    }
    return {wall_s, work_s};
  }

  /// Whether nobody waited in vain.
  bool is_right() const { return !shared_->is_stuck; }

 private:
  struct Rank {
    double now_s = 0.0;       // the end of its latest task
    double answered_s = 0.0;  // when the master gave it the latest one
    double work_s = 0.0;
    int given = 0, sent_away = 0, begun = 0;
    bool works = false;

    bool has_to_begin() const { return !works && given > begun; }
    // It asks before it begins a task; the first one is given unasked.
    bool is_answered() const { return given - 1 + sent_away == begun; }
  };
  static constexpr int most_ranks = 16;
  struct Shared {
    std::atomic<bool> is_locked = false;
    std::atomic<bool> is_stuck = false;
    std::array<Rank, most_ranks> ranks;
  };

  static std::size_t at(int rank) { return static_cast<std::size_t>(rank); }
  std::span<const Rank> all() const { return std::span(shared_->ranks).first(at(ranks_)); }
  std::span<const Rank> workers() const { return all().subspan(1); }

  // Whether a worker has got a task that it has not begun.
  bool somebody_has_to_begin() const {
    const auto list = workers();
    return std::any_of(list.begin(), list.end(),
                       [](const Rank& worker) { return worker.has_to_begin(); });
  }

  template <class Action>
  bool locked(const Action& action) {
    while (shared_->is_locked.exchange(true))
      sleep_ms(0.01);
    const bool result = action();
    shared_->is_locked = false;
    return result;
  }

  // A farm that does not follow the rules would wait for ever.
  template <class Condition>
  void wait_until(const Condition& condition) {
    const double begin = now_s();
    while (!shared_->is_stuck && !locked(condition)) {
      sleep_ms(0.02);
      if (now_s() - begin > 100.0)
        shared_->is_stuck = true;
    }
  }

  // Whether everyone is in a task, or waits for someone who is, or has gone.
  bool is_settled() const {
    const Rank& master = all().front();
    if (somebody_has_to_begin())
      return false;
    if (master.works)
      return true;
    const auto list = workers();
    return master.sent_away > 0 && std::all_of(list.begin(), list.end(), [](const Rank& worker) {
             return worker.is_answered();
           });
  }

  bool is_first() const {
    const auto list = all();
    const Rank& own = list[at(rank_)];
    return std::none_of(list.begin(), list.end(), [&](const Rank& other) {
      return other.works && std::pair(other.now_s, &other) < std::pair(own.now_s, &own);
    });
  }

  const Communicator& communicator_;
  int rank_, ranks_;
  Shared* shared_ = nullptr;
  MPI_Win window_ = MPI_WIN_NULL;
};

}  // namespace

TEST_CASE("Every task is done once and the master hears of all") {
  const Communicator communicator(MPI_COMM_WORLD);
  const auto size = static_cast<std::size_t>(communicator.size());
  for (const std::size_t tasks : {std::size_t{0}, std::size_t{1}, std::size_t{2}, size - 1, size,
                                  size + 1, std::size_t{1000}})
    for (const std::size_t portion : {std::size_t{1}, std::size_t{3}, std::size_t{5000}}) {
      CAPTURE(tasks, portion);
      check(communicator, run(communicator, tasks, free_of_cost, Counter(tasks, portion)), tasks);
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
  nuloop::parallel::run_tasks(communicator, {Counter(200),
                                             [&](std::size_t) {
                                               sleep_ms(0.1);
                                               std::ofstream(path, std::ios::app) << 'x';
                                             },
                                             never,
                                             [&](std::size_t reported) {
                                               ahead = ahead ||
                                                       reported > std::filesystem::file_size(path);
                                             }});
  CHECK_FALSE(ahead);
  CHECK(std::filesystem::file_size(path) == 200);
  communicator.barrier();
  if (communicator.is_master())
    std::filesystem::remove(path);
}

TEST_CASE("Tasks of uneven cost are shared among the ranks") {
  const Communicator communicator(MPI_COMM_WORLD);
  const std::size_t tasks = 200;
  const Account account =
      run(communicator, tasks, [](std::size_t task) { sleep_ms(task % 10 == 0 ? 0.9 : 0.2); });
  check(communicator, account, tasks);
  if (communicator.size() > 1)
    for (const int done : account.tasks_of_rank)
      CHECK(done < static_cast<int>(tasks));
}

TEST_CASE("A rank for which there is nothing leaves the others to go on") {
  const Communicator communicator(MPI_COMM_WORLD);
  const int last = communicator.size() - 1;
  Counter counter(30);
  // Everyone but the last rank is sent away at once.
  const Account account = run(
      communicator, 30, [](std::size_t) { sleep_ms(0.2); },
      [&](int rank) { return rank == last ? counter(rank) : std::nullopt; });
  check(communicator, account, 30);
  CHECK(account.tasks_of_rank.back() == 30);
}

TEST_CASE("The master hears every note, its own included") {
  const Communicator communicator(MPI_COMM_WORLD);
  constexpr std::size_t tasks = 300;
  double since = 0.0, notes = 0.0;
  nuloop::parallel::Note heard{};
  nuloop::parallel::run_tasks(communicator, {Counter(tasks, 3),
                                             [&](std::size_t task) {
                                               ++notes;
                                               since += static_cast<double>(task);
                                             },
                                             never, free_of_cost,
                                             [&] {
                                               const nuloop::parallel::Note note{notes, since};
                                               notes = since = 0.0;
                                               return note;
                                             },
                                             [&](const nuloop::parallel::Note& note) {
                                               for (std::size_t i = 0; i < heard.size(); ++i)
                                                 heard[i] += note[i];
                                             }});
  CHECK(notes == 0.0);
  if (communicator.is_master())
    CHECK(heard == nuloop::parallel::Note{tasks, tasks * (tasks - 1) / 2.0});
  else
    CHECK(heard == nuloop::parallel::Note{});
}

TEST_CASE("A stop from anyone at any moment ends the farm with what was in hand") {
  const Communicator communicator(MPI_COMM_WORLD);
  const int size = communicator.size();
  std::mt19937 random(20);             // the same on every rank
  constexpr std::size_t tasks = 4000;  // long enough for one that comes late to ask
  std::size_t stopped = 0;
  for (int i = 0; i < 60; ++i) {
    // Who asks: everyone, or one rank; when: after so many of its tasks, often at once.
    const int who = static_cast<int>(random() % static_cast<unsigned>(size + 1)) - 1;
    const int after = static_cast<int>(random() % 3 == 0 ? 0 : random() % 40);
    const std::size_t portion = 1 + random() % 4;
    const bool asks = who < 0 || who == communicator.rank();
    int begun = 0;
    bool asked = false;
    int begun_after_asking = 0;
    const Account account = run(
        communicator, tasks,
        [&](std::size_t task) {
          ++begun;
          begun_after_asking += asked ? 1 : 0;
          sleep_ms(task % 7 == 0 ? 0.3 : 0.05);
        },
        Counter(tasks, portion),
        [&] {
          asked = asked || (asks && begun >= after);
          return asked;
        });
    CAPTURE(i, who, after, portion);
    check_counts(communicator, account);
    CHECK(begun_after_asking <= 1);  // the one that an answer brings in just then
    // Nothing that was begun is left undone.
    CHECK(begun == account.tasks_of_rank[static_cast<std::size_t>(communicator.rank())]);
    stopped += account.returned < tasks ? 1 : 0;
  }
  CHECK(stopped > 40);  // a rank that is slow to ask may come too late
}

TEST_CASE("A stop that comes while the ranks wait for the last of them ends the farm") {
  const Communicator communicator(MPI_COMM_WORLD);
  const int last = communicator.size() - 1;
  Counter counter(3);
  const double begin = now_s();
  // The last rank has the work; everyone else asks for the end while it is busy.
  const Account account = run(
      communicator, 3, [](std::size_t) { sleep_ms(20); },
      [&](int rank) { return rank == last ? counter(rank) : std::nullopt; },
      [&] { return communicator.rank() != last && now_s() - begin > 0.01; });
  check_counts(communicator, account);
}

TEST_CASE("After a farm that was stopped the next one does everything") {
  const Communicator communicator(MPI_COMM_WORLD);
  for (int i = 0; i < 20; ++i) {
    const Account stopped = run(
        communicator, 50, [](std::size_t) { sleep_ms(0.05); }, Counter(50), [] { return true; });
    check_counts(communicator, stopped);
    CHECK(stopped.returned <= 2 * static_cast<std::size_t>(communicator.size()));
    check(communicator, run(communicator, 50, free_of_cost), 50);
  }
}

TEST_CASE("Nobody spins while waiting") {
  const Communicator communicator(MPI_COMM_WORLD);
  if (communicator.size() == 1)
    return;
  // One rank sleeps in its task; the others have nothing to do: first the master, then a worker.
  for (const int busy : {0, communicator.size() - 1}) {
    Counter counter(4);
    communicator.barrier();
    const double wall = now_s();
    const double cpu = cpu_s();
    const Account account = run(
        communicator, 4, [](std::size_t) { sleep_ms(150); },
        [&](int rank) { return rank == busy ? counter(rank) : std::nullopt; });
    const double waited = now_s() - wall;
    CAPTURE(busy, communicator.rank());
    check(communicator, account, 4);
    CHECK(waited >= 0.6);
    // A pause is half a millisecond and a look at the messages a few microseconds; spinning would
    // take all of the time that the machine gives.
    CHECK(cpu_s() - cpu < 0.25 * waited);
  }
}

TEST_CASE("A simulated farm takes as long as a real one") {
  const Communicator communicator(MPI_COMM_WORLD);
  constexpr std::size_t tasks = 60;
  // In the second the master is often in a long task while others wait. Were they answered at once
  // for as long as they ask, two ranks would take 0.144 s less.
  struct Case {
    std::function<double(std::size_t)> seconds;
    double within_s;
  };
  const Case cases[] = {{[](std::size_t task) { return task % 10 == 0 ? 0.030 : 0.008; }, 0.030},
                        {[](std::size_t task) { return task % 5 == 1 ? 0.050 : 0.001; }, 0.055}};
  for (const Case& one : cases) {
    const auto& seconds = one.seconds;
    nuloop::parallel::DryRun dry;
    dry.ranks = communicator.size();
    dry.next = Counter(tasks);
    dry.seconds = [&](int, std::size_t task) { return seconds(task); };
    const auto expected = nuloop::parallel::simulate(dry);
    double work_s = 0.0;
    for (std::size_t task = 0; task < tasks; ++task)
      work_s += seconds(task);
    CHECK(expected.work_s == Approx(work_s));
    // Which of two messages of the same moment comes first is open: one real farm is not all of
    // them. Were answers a task late, two ranks would take 0.094 s longer.
    for (int i = 0; i < 10; ++i) {
      FarmClock clock(communicator);
      Counter counter(tasks);
      const Account account = run(
          communicator, tasks, [&](std::size_t task) { clock.work(seconds(task)); },
          [&](int rank) {
            clock.wait_for_requests(rank);
            const auto range = counter(rank);
            clock.answer(rank, range.has_value());
            return range;
          });
      check(communicator, account, tasks);
      CAPTURE(communicator.size(), i);
      const auto [wall_s, real_work_s] = clock.wall_and_work_s();
      REQUIRE(clock.is_right());
      CHECK(real_work_s == Approx(work_s));
      // That moves the end by about a task.
      CHECK(std::abs(wall_s - expected.wall_s) < one.within_s);
    }
  }
}
