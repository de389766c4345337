// nuloop_count TASK REPETITIONS: does a task that often, for a tool that counts instructions;
// without arguments it lists the tasks as CSV.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tasks.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <iostream>
#include <string_view>

#include <fmt/format.h>

namespace {

using nuloop::benchmarks::all_tasks;
using nuloop::benchmarks::Task;

int count(std::string_view name, std::string_view repetitions_text) {
  unsigned repetitions = 0;
  const char* end = repetitions_text.data() + repetitions_text.size();
  const auto parsed = std::from_chars(repetitions_text.data(), end, repetitions);
  const std::vector<Task> tasks = all_tasks();
  const auto task =
      std::find_if(tasks.begin(), tasks.end(), [&](const Task& t) { return t.name == name; });
  if (parsed.ptr != end || task == tasks.end() || task->use == Task::Use::timing) {
    std::cerr << "usage: nuloop_count [TASK REPETITIONS], where TASK is one of those it lists\n";
    return 2;
  }
  const Task::Body body = task->prepare();
  volatile double result = 0.0;  // it must look as if somebody read it
  for (unsigned n = 0; n < repetitions; ++n)
    result = result + body();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3)
      return count(argv[1], argv[2]);
    std::cout << "task,item,items\n";
    for (const Task& task : all_tasks())
      if (task.use != Task::Use::timing)
        fmt::print("{},{},{}\n", task.name, task.item, task.items);
    return argc == 1 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "nuloop_count: " << error.what() << "\n";
    return 1;
  }
}
