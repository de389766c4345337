// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/dry_run.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <vector>

namespace nuloop::parallel {
namespace {

class Simulation {
 public:
  explicit Simulation(const DryRun& farm)
      : farm_(farm), finished_(static_cast<std::size_t>(farm.ranks), 0.0) {}

  DryRunOutcome run() {
    for (int rank = 1; rank < farm_.ranks; ++rank)
      ask(0.0, rank);
    double now = 0.0;
    std::optional<TaskRange> own;
    bool works = farm_.ranks <= most_ranks_of_working_master;
    while (true) {
      if (works && !own) {
        own = farm_.next(0);
        works = own.has_value();
      }
      while (!requests_.empty() && requests_.top().time_s <= now)
        now = answer(now);
      if (own) {
        now += work(0, own->first);
        outcome_.wall_s = std::max(outcome_.wall_s, now);
        ++own->first;
        if (--own->count == 0)
          own.reset();
      } else if (!requests_.empty()) {
        now = std::max(now, requests_.top().time_s);
      } else {
        return outcome_;
      }
    }
  }

 private:
  double work(int rank, std::size_t task) {
    const double seconds = farm_.seconds(rank, task);
    outcome_.work_s += seconds;
    return seconds;
  }

  // Serves the earliest request. A rank starts on the answer when it has finished what it held,
  // and asks again at that moment.
  double answer(double now) {
    const int rank = requests_.top().rank;
    requests_.pop();
    now += farm_.message_s;
    outcome_.master_messages_s += farm_.message_s;
    ++outcome_.requests;
    const auto range = farm_.next(rank);
    if (!range)
      return now;
    double& finished = finished_[static_cast<std::size_t>(rank)];
    if (finished > 0.0)
      outcome_.longest_wait_s = std::max(outcome_.longest_wait_s, now - finished);
    const double begin = std::max(now, finished);
    finished = begin;
    for (std::size_t i = 0; i < range->count; ++i)
      finished += work(rank, range->first + i);
    outcome_.wall_s = std::max(outcome_.wall_s, finished);
    ask(begin, rank);
    return now;
  }

  // The earliest is served first; of the same moment, the one that was made first.
  struct Request {
    double time_s;
    std::size_t number;
    int rank;
    bool operator>(const Request& other) const {
      return std::tie(time_s, number) > std::tie(other.time_s, other.number);
    }
  };

  void ask(double time_s, int rank) { requests_.push({time_s, asked_++, rank}); }

  const DryRun& farm_;
  std::vector<double> finished_;  // when each rank will have done what it holds
  std::priority_queue<Request, std::vector<Request>, std::greater<>> requests_;
  std::size_t asked_ = 0;
  DryRunOutcome outcome_;
};

}  // namespace

DryRunOutcome simulate(const DryRun& farm) {
  return Simulation(farm).run();
}

}  // namespace nuloop::parallel
