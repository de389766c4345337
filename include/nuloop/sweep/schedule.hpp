// The order in which tasks go to ranks: expensive ones first, and tasks of a group to ranks that
// have what it shares.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace nuloop::sweep {

/// The master's time for a request. With 2 to 4 processes on one machine it was measured as 0.3 us
/// for empty tasks, and as 2 to 10 us in runs, whose records have it (`requests`). A network may
/// cost more.
inline constexpr double expected_request_s = 5e-6;

/// Expected seconds on one core.
struct Costs {
  std::vector<double> shared_s;  ///< of what each group shares
  double point_s;                ///< of each outer point with its inner ones
};

/// Costs estimated from the shape of the job. They are good enough for an order, and rough in
/// seconds; `nuloop plan` measures them.
Costs estimate_costs(const Study& study);

/// Hands out the tasks that are not done yet, by position in `tasks()`. The same code serves the
/// run and its simulation.
class Schedule {
 public:
  /// @param threads of each rank, which share its work.
  Schedule(const Plan& plan, const std::vector<TaskState>& states, const Costs& costs, int ranks,
           int threads);

  /// The pending tasks, by number in the plan.
  const std::vector<std::size_t>& tasks() const { return tasks_; }

  /// Positions in tasks() for that rank to do next. They belong to the group of which the rank has
  /// what it shares, or else to the group with the most work left, if that is worth computing what
  /// it shares once more.
  std::optional<parallel::TaskRange> next(int rank);

  /// Expected seconds of a task's points on a rank.
  double task_s(std::size_t position) const;
  /// Expected seconds of what a task shares with its group.
  double shared_s(std::size_t position) const;
  /// Expected seconds of all pending work, with what each group shares once.
  double total_s() const { return total_s_; }

  /// The expected share of the work that is done with `done` tasks, if these are as expensive as
  /// the tasks handed out so far.
  double share_done(std::size_t done) const;

 private:
  struct Group {
    std::size_t next;  // position of its first task that is not handed out
    std::size_t end;
    double shared_s;
    double left_s;  // its tasks that are not handed out
    bool begun = false;
  };

  std::optional<parallel::TaskRange> take(int rank, std::size_t group);
  bool take_from(std::size_t group, double wanted_s, double& seconds, std::size_t& count);
  std::size_t begin_of_portion(std::size_t group, double wanted_s) const;
  double rank_of(std::size_t group) const;

  std::vector<std::size_t> tasks_;
  std::vector<double> task_s_;
  std::vector<Group> groups_;
  std::vector<std::size_t> group_of_;                 // position -> group
  std::set<std::pair<double, std::size_t>> waiting_;  // (cost left, group)
  std::vector<std::optional<std::size_t>> group_of_rank_;
  double total_s_ = 0.0;
  double left_s_ = 0.0;
  std::size_t handed_out_ = 0;
};

}  // namespace nuloop::sweep
