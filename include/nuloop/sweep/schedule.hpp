// The order in which tasks go to ranks: expensive ones first, and tasks of a group to ranks that
// have what it shares.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"

#include <cstddef>
#include <map>
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

/// Corrects estimates by measured ratios, interpolated in the logarithm of the estimate.
/// @param ratios estimate > 0, and measured over estimated seconds.
void correct(std::vector<double>& estimates, std::vector<std::pair<double, double>> ratios);

/// What all ranks compute together before each goes on alone.
struct Sharing {
  std::vector<std::size_t> groups;  ///< whose shared part it is, by number in the plan
  double seconds = 0.0;             ///< expected until all ranks have it
};

/// Expected seconds until all ranks have what takes `seconds` of one, if they share it.
double shared_by_all_s(double seconds, int ranks);

/// Shares the groups with which the job is expected to end soonest. They are the most expensive
/// ones; there are some if ranks would wait for them otherwise, as where there are fewer groups
/// than ranks.
Sharing choose_sharing(const Plan& plan, const std::vector<TaskState>& states, const Costs& costs,
                       int ranks, int threads);

/// Seconds that a rank has measured, and those that it expected of the same.
struct Measured {
  double points_s = 0.0;
  double expected_points_s = 0.0;
  double shared_s = 0.0;  ///< of what groups share
  double expected_shared_s = 0.0;
  double groups = 0.0;  ///< how many of them
};

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

  /// Corrects the costs of what is left by what was measured. Seconds were expected by the costs
  /// that the schedule was made with.
  void learn(const Measured& measured);

  /// The expected share of the work that is done with `done` tasks, if these are as expensive as
  /// the tasks handed out so far.
  double share_done(std::size_t done) const;

 private:
  struct Group {
    std::size_t number;  // in the plan
    std::size_t next;    // position of its first task that is not handed out
    std::size_t end;
    double shared_s = 0.0;
    double left_s = 0.0;  // its tasks that are not handed out
    bool begun = false;
  };
  struct Ratio {
    double measured_s = 0.0;
    double expected_s = 0.0;
    double groups = 0.0;
  };

  // Writes the costs into the tables of groups and tasks.
  void set_costs(const Costs& costs);

  std::optional<parallel::TaskRange> take(int rank, std::size_t group);
  bool take_from(std::size_t group, double wanted_s, double& seconds, std::size_t& count);
  std::size_t begin_of_portion(std::size_t group, double wanted_s) const;
  double rank_of(std::size_t group) const;

  Costs estimates_;  // of one core
  int threads_;
  Ratio points_ratio_;
  std::map<int, Ratio> shared_ratios_;  // of groups whose estimates are alike
  std::size_t heard_ = 0;
  std::vector<std::size_t> tasks_;
  std::vector<std::size_t> points_;  // of each task
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
