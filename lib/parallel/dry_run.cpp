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
    double now = begin();
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
      } else if (late_.empty()) {
        if (requests_.empty())
          return outcome_;
        now = std::max(now, requests_.top().time_s);
      }
      for (const Request& request : late_)
        requests_.push(request);
      late_.clear();
    }
  }

 private:
  // The earliest is served first; of the same moment, the one that was made first.
  struct Request {
    double time_s;
    std::size_t number;
    int rank;
    bool operator>(const Request& other) const {
      return std::tie(time_s, number) > std::tie(other.time_s, other.number);
    }
  };

  // The first range of every other rank; all are sent at once.
  double begin() {
    std::vector<std::optional<TaskRange>> first;
    for (int rank = 1; rank < farm_.ranks; ++rank)
      first.push_back(next(rank));
    const double now = outcome_.master_messages_s;
    for (int rank = 1; rank < farm_.ranks; ++rank)
      if (const auto& range = first[static_cast<std::size_t>(rank) - 1])
        hold(rank, now, *range);
    return now;
  }

  std::optional<TaskRange> next(int rank) {
    outcome_.master_messages_s += farm_.message_s;
    ++outcome_.requests;
    return farm_.next(rank);
  }

  // Serves the earliest request.
  double answer(double now) {
    const int rank = requests_.top().rank;
    requests_.pop();
    now += farm_.message_s;
    if (const auto range = next(rank)) {
      outcome_.longest_wait_s =
          std::max(outcome_.longest_wait_s, now - finished_[static_cast<std::size_t>(rank)]);
      hold(rank, now, *range);
    }
    return now;
  }

  // A rank starts on what it is sent when it has finished what it held, and asks again at that
  // moment. If it has waited for it, the master has begun its own next task when the request comes.
  void hold(int rank, double now, const TaskRange& range) {
    double& finished = finished_[static_cast<std::size_t>(rank)];
    const double begin = std::max(now, finished);
    const Request request{begin, asked_++, rank};
    if (begin > now)
      requests_.push(request);
    else
      late_.push_back(request);
    finished = begin;
    for (std::size_t i = 0; i < range.count; ++i)
      finished += work(rank, range.first + i);
    outcome_.wall_s = std::max(outcome_.wall_s, finished);
  }

  double work(int rank, std::size_t task) {
    const double seconds = farm_.seconds(rank, task);
    outcome_.work_s += seconds;
    return seconds;
  }

  const DryRun& farm_;
  std::vector<double> finished_;  // when each rank will have done what it holds
  std::priority_queue<Request, std::vector<Request>, std::greater<>> requests_;
  std::vector<Request> late_;  // come when the master has looked for requests
  std::size_t asked_ = 0;
  DryRunOutcome outcome_;
};

}  // namespace

DryRunOutcome simulate(const DryRun& farm) {
  return Simulation(farm).run();
}

}  // namespace nuloop::parallel
