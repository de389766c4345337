// SPDX-License-Identifier: GPL-3.0-or-later
#include "tasks.hpp"

#include <iterator>

namespace nuloop::benchmarks {

std::vector<Task> all_tasks() {
  std::vector<Task> all;
  for (auto* room : {physics_tasks, experiment_tasks, statistics_tasks, sweep_tasks}) {
    std::vector<Task> tasks = room();
    std::move(tasks.begin(), tasks.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace nuloop::benchmarks
