// nuloop_benchmarks: times the tasks with Google Benchmark, whose options it takes.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/communicator.hpp"
#include "tasks.hpp"

#include <benchmark/benchmark.h>
#include <exception>

namespace {

using nuloop::benchmarks::Task;

void measure(benchmark::State& state, const Task& task) try {
  const Task::Body body = task.prepare();
  for ([[maybe_unused]] auto once : state) {
    double result = body();
    benchmark::DoNotOptimize(result);
  }
  const auto repetitions = static_cast<double>(state.iterations());
  state.counters["items"] = task.items;
  state.counters["items_per_second"] =
      benchmark::Counter(task.items * repetitions, benchmark::Counter::kIsRate);
  if (task.bytes)
    state.counters["bytes_per_second"] =
        benchmark::Counter(task.bytes() * repetitions, benchmark::Counter::kIsRate);
  state.SetLabel(task.item);
} catch (const std::exception& error) {
  state.SkipWithError(error.what());
}

}  // namespace

int main(int argc, char** argv) {
  const nuloop::parallel::MpiSession mpi(&argc, &argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  for (const Task& task : nuloop::benchmarks::all_tasks())
    if (task.use != Task::Use::counting)
      benchmark::RegisterBenchmark(task.name.c_str(), measure, task)->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
