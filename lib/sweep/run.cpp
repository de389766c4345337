// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/run.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/sweep/compute.hpp"
#include "nuloop/sweep/coordinates.hpp"
#include "nuloop/sweep/progress.hpp"
#include "nuloop/sweep/same_run.hpp"
#include "nuloop/sweep/schedule.hpp"
#include "output.hpp"
#include "run_record.hpp"
#include "stop_request.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <omp.h>

namespace nuloop::sweep {
namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> list;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    list.push_back(line);
  return list;
}

// All ranks' problems, on all ranks; of many, some.
std::vector<std::string> share(const parallel::Communicator& communicator,
                               const std::vector<std::string>& problems) {
  constexpr std::size_t most = 50;  // of each rank; a sweep may fail at every point
  std::string text;
  for (std::size_t i = 0; i < std::min(most, problems.size()); ++i)
    text += problems[i] + "\n";
  if (problems.size() > most)
    text += fmt::format("{} more on a rank\n", problems.size() - most);
  std::string all;
  for (const std::string& part : communicator.gather(text))
    all += part;
  auto list = lines(communicator.broadcast(all));
  std::sort(list.begin(), list.end());
  return list;
}

// Does what can fail on this rank alone while the others go on into collective calls.
template <class Action>
void alone(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    throw LocalFailure(error.what());
  }
}

// What a run begins with.
struct Beginning {
  bool complete = false;          // the result is there already
  std::vector<TaskState> states;  // of the tasks
  std::vector<double> axes;       // the numbers on the axes
};

// Claims the output and makes PATH.part ready; on the master.
Beginning prepare(OutputClaim& claim, const std::string& path, const Study& study,
                  const Provenance& provenance, const RunOptions& options) {
  const Plan& plan = study.plan;
  const Existing existing = options.force    ? Existing::replace
                            : options.resume ? Existing::resume
                                             : Existing::keep;
  const std::string part = path + ".part";
  const auto check_same = [&](const ResultReader& file, const std::string& name) {
    const std::string difference = first_difference(file, study.description.job, provenance);
    if (!difference.empty())
      throw InputError(
          fmt::format("{}: cannot be resumed: {}; --force starts anew", name, difference));
  };
  claim = OutputClaim(path, existing);
  remove_stop_request(path);  // meant for an earlier run
  if (existing == Existing::resume && claim.unfinished()) {
    const ResultReader file(part);
    if (file.format_version() != result_format_version)
      throw InputError(fmt::format(
          "{}: cannot be resumed: it has format version {}, this program writes {}; finish it with "
          "the program that began it, {} ({}), or start anew with --force",
          part, file.format_version(), result_format_version, file.version(), file.git_revision()));
    check_same(file, part);
    check_coordinates(file, study);
    const TaskReader tasks(file, study);
    Axes axes = study.axes;
    take_axes(file, axes);
    Beginning beginning{false, {}, axis_numbers(axes)};
    for (std::size_t task = 0; task < plan.task_count(); ++task)
      beginning.states.push_back(tasks.state(task));
    // A run killed while it created the file may leave one that can be read but is not as long as
    // it should be: without anything to keep it is created again.
    if (std::any_of(beginning.states.begin(), beginning.states.end(),
                    [](TaskState state) { return state != TaskState::pending; }))
      return beginning;
  }
  if (existing == Existing::resume && claim.finished()) {
    claim.discard();
    check_same(ResultReader(path), path);
    return {true, std::vector<TaskState>(plan.task_count(), TaskState::done), {}};
  }
  try {
    constexpr double structure_bytes = 1e5;
    claim.check_space(result_bytes(study) + structure_bytes +
                      8.0 * static_cast<double>(plan.task_count()));
  } catch (const InputError&) {
    claim.discard();
    throw;
  }
  try {
    create_result(part, study, provenance);
    claim.sync();
  } catch (const InputError& error) {
    claim.discard();
    throw LocalFailure(fmt::format("creating {}: {}", part, error.what()));
  }
  return {false, std::vector<TaskState>(plan.task_count(), TaskState::pending),
          axis_numbers(study.axes)};
}

// The master's view of the beginning, on every rank.
Beginning share(const parallel::Communicator& communicator, const Beginning& beginning) {
  std::string packed(1, beginning.complete ? 'c' : 'r');
  for (const TaskState state : beginning.states)
    packed += static_cast<char>(state);
  packed = communicator.broadcast(packed);
  Beginning shared{packed.front() == 'c', {}, {}};
  std::transform(packed.begin() + 1, packed.end(), std::back_inserter(shared.states),
                 [](char state) { return static_cast<TaskState>(state); });
  const std::string axes =
      communicator.broadcast({reinterpret_cast<const char*>(beginning.axes.data()),
                              beginning.axes.size() * sizeof(double)});
  shared.axes.resize(axes.size() / sizeof(double));
  if (!axes.empty())
    std::memcpy(shared.axes.data(), axes.data(), axes.size());
  return shared;
}

// Flushes a file to the disk every now and then, so that a node may die too.
class Flusher {
 public:
  explicit Flusher(const std::string& path)
      : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), last_s_(seconds_now()) {}
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;
  ~Flusher() {
    if (file_ >= 0)
      ::close(file_);
  }

  void operator()() {
    constexpr double interval_s = 30.0;
    if (seconds_now() - last_s_ < interval_s)
      return;
    flush();
    last_s_ = seconds_now();
  }

  void flush() const {
    if (file_ >= 0)
      ::fsync(file_);
  }

 private:
  int file_;
  double last_s_;
};

}  // namespace

RunOutcome run(Study study, const Provenance& provenance,
               const parallel::Communicator& communicator, const std::string& path,
               const RunOptions& options) {
  const double start = seconds_now();
  RunRecord record;
  const Plan& plan = study.plan;
  auto& seconds = record.seconds;
  seconds[RunRecord::plan_phase] = options.read_s;
  const std::string part = path + ".part";
  OutputClaim claim;
  Beginning beginning;
  parallel::agree(communicator, [&] {
    if (!options.extend.empty())  // refused before anything is created
      study.work->earlier(options.extend)->check();
    beginning = prepare(claim, path, study, provenance, options);
  });
  beginning = share(communicator, beginning);
  const auto before = static_cast<std::size_t>(
      std::count(beginning.states.begin(), beginning.states.end(), TaskState::done));
  RunOutcome outcome{RunOutcome::End::complete, {}, before, before, plan.task_count()};
  if (beginning.complete)
    return outcome;
  set_axis_numbers(study.axes, beginning.axes);  // of an unfinished file of another build
  study.work = study.work->along(study.axes);
  const auto places = parallel::gather_places(communicator);
  std::optional<StopRequest> request;
  if (communicator.is_master()) {
    options.begin(places);
    request.emplace(path);
    if (const std::string obstacle = request->obstacle(); !obstacle.empty())
      options.warn(obstacle + "; it is left alone, and `nuloop stop` will not work here");
  }

  std::unique_ptr<Earlier> earlier;
  if (!options.extend.empty())
    alone([&] { earlier = study.work->earlier(options.extend); });
  std::optional<ResultWriter> writer;
  alone([&] { writer.emplace(part, communicator.handle(), study); });
  std::optional<Progress> progress;
  std::vector<std::string> problems, write_errors;
  // Where one rank cannot write, all end here: nobody is left waiting in a collective close.
  const auto check_writing = [&] {
    if (communicator.is_master()) {
      try {
        claim.check_writable();
      } catch (const InputError& error) {
        write_errors.emplace_back(error.what());
      }
    }
    write_errors = share(communicator, write_errors);
    if (write_errors.empty())
      return;
    writer->abandon();
    if (progress)
      progress->finish("interrupted");
    throw InputError(fmt::format("{}: could not be written: {}; --resume continues it", part,
                                 write_errors.front()));
  };
  // NaN wherever nothing is known yet; one process would take long to fill a large file.
  try {
    for (auto task = static_cast<std::size_t>(communicator.rank()); task < plan.task_count();
         task += static_cast<std::size_t>(communicator.size()))
      if (beginning.states[task] == TaskState::pending)
        writer->write_values(task, blank_result(study, plan.task(task)));
  } catch (const InputError& error) {
    write_errors.emplace_back(error.what());
  }
  check_writing();
  std::optional<Flusher> flusher(part);
  Schedule schedule(plan, beginning.states, estimate_costs(study), communicator.size(),
                    omp_get_max_threads());
  const auto worker = study.work->worker(earlier.get());
  const auto first_values = [&](std::size_t index) {
    if (beginning.states[index] == TaskState::incomplete)
      return writer->read(index);
    std::optional<TaskResult> begun = earlier ? earlier->begin(index) : std::nullopt;
    return begun ? std::move(*begun) : blank_result(study, plan.task(index));
  };
  const auto execute = [&](std::size_t position) {
    const double begin = seconds_now();
    const std::size_t index = schedule.tasks()[position];
    const double shared_before_s = worker->shared().sum_s;
    try {
      const Task task = plan.task(index);
      TaskResult result = first_values(index);
      compute(study, task, *worker, result, problems);
      const double middle = seconds_now();
      seconds[RunRecord::compute_phase] += middle - begin;
      record.points.add(static_cast<double>(task.points()),
                        middle - begin - (worker->shared().sum_s - shared_before_s));
      writer->write(index, result);
      (*flusher)();
      seconds[RunRecord::write_phase] += seconds_now() - middle;
    } catch (const InputError& error) {
      write_errors.emplace_back(error.what());
    } catch (const std::exception& error) {
      problems.push_back(fmt::format("task {}: {}", index, error.what()));
    }
  };
  if (communicator.is_master())
    progress.emplace(path + ".progress.json", before, plan.task_count());
  const double ready = seconds_now();
  seconds[RunRecord::start_phase] = ready - start;
  parallel::FarmOutcome farm = parallel::run_tasks(
      communicator,
      {[&](int rank) { return schedule.next(rank); }, execute,
       [&] { return options.stop() || !write_errors.empty() || (request && (*request)()); },
       [&](std::size_t finished) { (*progress)(finished, schedule.share_done(finished)); }});
  seconds[RunRecord::wait_phase] =
      seconds_now() - ready - seconds[RunRecord::compute_phase] - seconds[RunRecord::write_phase];
  check_writing();
  alone([&] { writer->close(); });
  flusher->flush();
  flusher.reset();
  outcome.problems = share(communicator, problems);
  outcome.tasks_done = before + farm.done;
  if (outcome.tasks_done < outcome.tasks)
    outcome.end = RunOutcome::End::stopped;
  else if (!outcome.problems.empty())
    outcome.end = RunOutcome::End::failed;
  else
    parallel::agree(communicator, [&] {
      claim.publish();
      std::error_code ignored;  // the record of an earlier part of the run
      std::filesystem::remove(part + ".run.json", ignored);
    });
  if (progress)
    progress->finish(outcome.end == RunOutcome::End::complete  ? "complete"
                     : outcome.end == RunOutcome::End::stopped ? "stopped"
                                                               : "failed");
  seconds[RunRecord::total_phase] = options.read_s + seconds_now() - start;
  record.shared = worker->shared();
  record.requests_s = std::move(farm.requests_s);
  record.save((outcome.end == RunOutcome::End::complete ? path : part) + ".run.json", study,
              communicator, outcome, places);
  return outcome;
}

}  // namespace nuloop::sweep
