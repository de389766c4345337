// Tasks: jobs in memory and in files, and what the master does for its ranks.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "inputs.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/compute.hpp"
#include "nuloop/sweep/run.hpp"
#include "nuloop/sweep/schedule.hpp"
#include "nuloop/sweep/study.hpp"
#include "tasks.hpp"

#include <array>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>
#include <mpi.h>

namespace nuloop::benchmarks {
namespace {

// A file in the folder for temporary files that goes with its owner, and what a run leaves beside
// it.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& name)
      : path_((std::filesystem::temp_directory_path() /
               fmt::format("nuloop-benchmark-{}-{}", ::getpid(), name))
                  .string()) {}
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code ignored;
    for (const char* end : {"", ".run.json", ".progress.json"})
      std::filesystem::remove(path_ + end, ignored);
  }
  const std::string& path() const { return path_; }

  /// Ends the file of the repetition before: file systems treat the overwriting of one in ways of
  /// their own.
  void remove() const { std::filesystem::remove(path_); }

 private:
  std::string path_;
};

// A job with all that is made of it before it is computed.
struct Prepared {
  explicit Prepared(setup::Inputs read)
      : inputs(std::move(read)), study(analysis::make_study(inputs.job, inputs.world)) {}
  setup::Inputs inputs;
  sweep::Study study;
};

// From the plan to all results in memory; a sum of the last of them.
double compute_in_memory(const setup::Inputs& inputs) {
  const sweep::Study study = analysis::make_study(inputs.job, inputs.world);
  const sweep::Plan& plan = study.plan;
  const std::unique_ptr<sweep::Worker> worker = study.work->worker(nullptr);
  std::vector<std::string> problems;
  double sum = 0.0;
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const sweep::Task task = plan.task(index);
    sweep::TaskResult result = blank_result(study, task);
    compute(study, task, *worker, result, problems);
    sum += result.values.front().back();
  }
  if (!problems.empty())
    throw NumericalError(problems.front());
  return sum;
}

Task in_memory(const std::string& name, const std::string& item, double items, Task::Use use,
               const std::string& job, const std::vector<std::string>& assignments) {
  return {name, item, items, use, [job, assignments] {
            return [inputs = std::make_shared<setup::Inputs>(inputs_of(job, assignments))] {
              return compute_in_memory(*inputs);
            };
          }};
}

Task fig7_in_memory() {
  return in_memory("fig7/in_memory", "job", 1.0, Task::Use::both, "fig7", {});
}

Task fig7_in_a_file() {
  return {"fig7/in_a_file", "job", 1.0, Task::Use::timing, [] {
            return [inputs = std::make_shared<setup::Inputs>(inputs_of("fig7")),
                    file = std::make_shared<ScratchFile>("fig7.h5")] {
              const parallel::Communicator communicator(MPI_COMM_WORLD);
              sweep::RunOptions options;
              options.force = true;
              options.read_s = inputs->read_s;
              const sweep::RunOutcome outcome =
                  run(analysis::make_study(inputs->job, inputs->world, inputs->provenance),
                      inputs->provenance, communicator, file->path(), options);
              return static_cast<double>(outcome.tasks_done);
            };
          }};
}

// Spectra of thousands of scenarios: tens of megabytes in blocks of a task each.
setup::Inputs large_sweep() {
  return inputs_of("fig7", {"axes.detector.mass={from=\"1 t\", to=\"20 t\", points=100}",
                            "axes.detector.baseline={from=\"15 m\", to=\"60 m\", points=40}",
                            "axes.exposure=[\"1 yr\", \"5 yr\"]"});
}

double sweep_bytes() {
  static const double bytes = [] {
    const Prepared large(large_sweep());
    return data_bytes(large.study);
  }();
  return bytes;
}

// The datasets of the sweep through HDF5, task by task, from creating the file to closing it.
Task hdf5_write() {
  Task task{"write/hdf5", "file", 1.0, Task::Use::timing, [] {
              const auto large = std::make_shared<Prepared>(large_sweep());
              std::vector<sweep::TaskResult> results;
              for (std::size_t index = 0; index < large->study.plan.task_count(); ++index)
                results.push_back(blank_result(large->study, large->study.plan.task(index)));
              return [large, results = std::move(results),
                      file = std::make_shared<ScratchFile>("sweep.h5")] {
                const auto& [inputs, study] = *large;
                file->remove();
                create_result(file->path(), study, inputs.provenance);
                sweep::ResultWriter writer(file->path(), MPI_COMM_SELF, study);
                for (std::size_t index = 0; index < results.size(); ++index)
                  writer.write(index, results[index]);
                writer.close();
                return static_cast<double>(results.size());
              };
            }};
  task.bytes = sweep_bytes;
  return task;
}

// As many bytes by write(2), in pieces as large as a task's.
Task plain_write() {
  Task task{"write/plain", "file", 1.0, Task::Use::timing, [] {
              const Prepared large(large_sweep());
              const auto pieces = large.study.plan.task_count();
              std::vector<char> piece(static_cast<std::size_t>(sweep_bytes()) / pieces, 'n');
              return [pieces, piece = std::move(piece),
                      file = std::make_shared<ScratchFile>("plain")] {
                file->remove();
                const int target =
                    ::open(file->path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                double written = 0.0;
                for (std::size_t i = 0; i < pieces; ++i)
                  written += static_cast<double>(::write(target, piece.data(), piece.size()));
                if (::close(target) != 0 || written != static_cast<double>(pieces * piece.size()))
                  throw InputError(file->path() + ": cannot be written");
                return written;
              };
            }};
  task.bytes = sweep_bytes;
  return task;
}

Task experiments(unsigned count) {
  const std::array<const char*, 5> names = {"cloud-surface", "cloud-25mwe", "cloud-300mwe",
                                            "tao-30m", "tao-44m"};
  std::string list;
  for (unsigned i = 0; i < count; ++i)
    list += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", names.at(i));
  return in_memory(fmt::format("experiments/{}", count), "experiment", count, Task::Use::counting,
                   "fig7", {fmt::format("axes.experiment=[{}]", list)});
}

// 20 uncertainties and exposures for each of more and more detectors' masses.
Task scenarios(unsigned masses) {
  constexpr unsigned inner = 2 * 10;
  return in_memory(
      fmt::format("scenarios/{}", inner * masses), "scenario", inner * masses, Task::Use::counting,
      "fig7",
      {"axes.experiment=[\"tao-30m\"]", "axes.model=[\"nlo\"]", "job.store_rates=false",
       "axes.exposure={from=\"1 yr\", to=\"10 yr\", points=10}",
       fmt::format("axes.detector.mass={{from=\"1 t\", to=\"20 t\", points={}}}", masses)});
}

// Points of a sweep whose axes change the rates.
Task points(unsigned angles) {
  constexpr unsigned masses = 50;
  return in_memory(
      fmt::format("points/{}", masses * angles), "point", masses * angles, Task::Use::counting,
      "lo-reference",
      {"axes.experiment=[\"tao-30m\"]", "axes.model=[\"nlo\"]",
       "axes.observable=[\"electromagnetic\"]", "axes.flux_uncertainty=[0.005]",
       "job.store_rates=false",
       fmt::format("axes.lo.sin2_theta_w={{from=0.21, to=0.25, points={}}}", angles),
       fmt::format("axes.detector.mass={{from=\"1 t\", to=\"20 t\", points={}}}", masses)});
}

// What the master does to hand out all tasks of a job as long as the ranks are many, each asking in
// turn.
double hand_out(const Prepared& job, const sweep::Costs& costs, int ranks) {
  sweep::Schedule schedule(
      job.study.plan,
      std::vector<sweep::TaskState>(job.study.plan.task_count(), sweep::TaskState::pending), costs,
      ranks, 1);
  std::size_t tasks = 0;
  for (bool any = true; any;) {
    any = false;
    for (int rank = 0; rank < ranks; ++rank)
      if (const auto range = schedule.next(rank)) {
        tasks += range->count;
        any = true;
      }
  }
  return static_cast<double>(tasks);
}

Task ranks(int count) {
  return {fmt::format("ranks/{}", count), "rank", static_cast<double>(count), Task::Use::counting,
          [count] {
            const auto job = std::make_shared<Prepared>(
                inputs_of("scaling", {fmt::format("axes.window.low.points={}", 16 * count)}));
            const sweep::Costs costs = estimate_costs(job->study);
            return [job, costs, count] { return hand_out(*job, costs, count); };
          }};
}

}  // namespace

std::vector<Task> sweep_tasks() {
  std::vector<Task> tasks = {fig7_in_memory(), fig7_in_a_file(), hdf5_write(), plain_write()};
  for (const unsigned count : {1U, 2U, 5U})
    tasks.push_back(experiments(count));
  for (const unsigned masses : {10U, 100U, 1000U, 10000U})
    tasks.push_back(scenarios(masses));
  for (const unsigned angles : {8U, 80U, 800U})
    tasks.push_back(points(angles));
  for (const int count : {1, 4, 16, 64, 256})
    tasks.push_back(ranks(count));
  return tasks;
}

}  // namespace nuloop::benchmarks
