// The pieces of work that are timed and whose instructions are counted.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace nuloop::benchmarks {

/// A piece of work on inputs that are made before it is measured.
struct Task {
  enum class Use {
    timing,    ///< needs MPI or depends on the disk: its instructions say nothing
    counting,  ///< one of a series that shows how the work grows
    both
  };
  /// Does the work once; what it returns keeps the compiler from leaving it out.
  using Body = std::function<double()>;

  std::string name;  ///< "spectrum/electron/mueller"; of a series "bins/36"
  std::string item;  ///< what the work consists of, one of it: "evaluation"
  double items;      ///< how many of these once does
  Use use;
  std::function<Body()> prepare;
  std::function<double()> bytes = nullptr;  ///< that once writes, where it writes
};

/// All of them, in the order of the report.
std::vector<Task> all_tasks();

std::vector<Task> physics_tasks();
std::vector<Task> experiment_tasks();
std::vector<Task> statistics_tasks();
std::vector<Task> sweep_tasks();

}  // namespace nuloop::benchmarks
