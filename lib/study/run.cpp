// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/run.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/study/compute.hpp"
#include "nuloop/study/earlier_result.hpp"
#include "nuloop/study/progress.hpp"
#include "nuloop/study/schedule.hpp"
#include "nuloop/study/verify.hpp"
#include "output.hpp"
#include "same_run.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>
#include <sstream>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <omp.h>

namespace nuloop::study {
namespace {

// Seconds per phase on one rank.
enum Phase { plan_phase, start_phase, compute_phase, write_phase, wait_phase, total_phase };
constexpr std::array<const char*, 6> phase_names = {"plan",  "start", "compute",
                                                    "write", "wait",  "total"};

// Seconds per piece of work on one rank, in a form that MPI gathers with the phases.
struct Pieces {
  static constexpr std::size_t columns = 4;

  void add(double pieces, double seconds) {
    add(pieces, seconds, seconds / pieces, seconds / pieces);
  }
  void add(double pieces, double seconds, double shortest_s, double longest_s) {
    if (pieces <= 0.0)
      return;
    low_s = count > 0.0 ? std::min(low_s, shortest_s) : shortest_s;
    high_s = std::max(high_s, longest_s);
    count += pieces;
    sum_s += seconds;
  }
  void append_to(std::vector<double>& row) const {
    row.insert(row.end(), {count, sum_s, low_s, high_s});
  }
  // Of all ranks; each has them from that column on.
  static nlohmann::ordered_json json(const std::vector<std::vector<double>>& rows,
                                     std::size_t column) {
    Pieces all;
    for (const auto& row : rows)
      all.add(row[column], row[column + 1], row[column + 2], row[column + 3]);
    const double mean_s = all.count > 0.0 ? all.sum_s / all.count : 0.0;
    return {{"count", static_cast<long long>(all.count)},
            {"seconds", {{"min", all.low_s}, {"mean", mean_s}, {"max", all.high_s}}}};
  }

  double count = 0.0, sum_s = 0.0, low_s = 0.0, high_s = 0.0;
};

// How the run went, beside its result; what is in there differs from run to run.
void write_record(const std::string& path, const Job& job, const Plan& plan, std::time_t started,
                  const parallel::Communicator& communicator, const RunOutcome& outcome,
                  const std::vector<std::vector<double>>& timings,
                  const std::vector<std::string>& hosts,
                  const std::vector<parallel::RankPlace>& places) {
  const auto phase = [&](std::size_t column) {
    double low = timings[0][column], high = low, sum = 0.0;
    for (const auto& row : timings) {
      low = std::min(low, row[column]);
      high = std::max(high, row[column]);
      sum += row[column];
    }
    return nlohmann::ordered_json{
        {"min", low}, {"mean", sum / static_cast<double>(timings.size())}, {"max", high}};
  };
  nlohmann::ordered_json record = {{"job", job.name},
                                   {"started", fmt::format("{:%FT%TZ}", fmt::gmtime(started))},
                                   {"version", io::version()},
                                   {"git_revision", io::git_revision()},
                                   {"hosts", hosts},
                                   {"ranks", communicator.size()},
                                   {"threads_per_rank", omp_get_max_threads()},
                                   {"outer_points", plan.outer_points()},
                                   {"tasks", outcome.tasks},
                                   {"tasks_before", outcome.tasks_before},
                                   {"tasks_done", outcome.tasks_done},
                                   {"failures", outcome.problems}};
  nlohmann::ordered_json seconds;
  for (std::size_t i = 0; i < phase_names.size(); ++i)
    seconds[phase_names[i]] = phase(i);
  record["seconds"] = seconds;
  for (const parallel::RankPlace& place : places)
    record["cpus"].push_back(parallel::cpu_list(place.cpus));
  // What a set of integrals and a point without them took, and a request of the master's time.
  std::size_t column = phase_names.size();
  for (const char* piece : {"integrals", "points"}) {
    record[piece] = Pieces::json(timings, column);
    column += Pieces::columns;
  }
  record["memory_MB"] = phase(column);
  record["requests"] = {{"count", static_cast<long long>(timings[0][column + 1])},
                        {"median_s", timings[0][column + 2]}};
  std::ofstream file(path);
  file << record.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  if (!file.flush())
    throw InputError(path + ": cannot be written");
}

double median(std::vector<float> values) {
  if (values.empty())
    return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

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
};

// Claims the output and makes PATH.part ready; on the master.
Beginning prepare(OutputClaim& claim, const std::string& path, const Inputs& inputs,
                  const Plan& plan, const Layout& layout, const RunOptions& options) {
  const Earlier earlier = options.force    ? Earlier::replace
                          : options.resume ? Earlier::resume
                                           : Earlier::keep;
  const std::string part = path + ".part";
  const auto check_same = [&](const ResultReader& file, const std::string& name) {
    const std::string difference =
        first_difference(file, inputs.job, inputs.provenance, Compare::everything);
    if (!difference.empty())
      throw InputError(
          fmt::format("{}: cannot be resumed: {}; --force starts anew", name, difference));
  };
  claim = OutputClaim(path, earlier);
  if (earlier == Earlier::resume && claim.unfinished()) {
    const ResultReader file(part);
    check_same(file, part);
    check_coordinates(file, inputs.job, layout);
    const TaskReader tasks(file, inputs.job, plan, layout);
    Beginning beginning;
    for (std::size_t task = 0; task < plan.task_count(); ++task)
      beginning.states.push_back(tasks.state(task));
    return beginning;
  }
  if (earlier == Earlier::resume && claim.finished()) {
    claim.discard();
    check_same(ResultReader(path), path);
    return {true, std::vector<TaskState>(plan.task_count(), TaskState::done)};
  }
  try {
    constexpr double structure_bytes = 1e5;
    claim.check_space(result_bytes(inputs.job, plan, layout) + structure_bytes +
                      8.0 * static_cast<double>(plan.task_count()));
  } catch (const InputError&) {
    claim.discard();
    throw;
  }
  try {
    create_result(part, inputs.job, plan, layout, inputs.provenance);
    claim.sync();
  } catch (const InputError& error) {
    claim.discard();
    throw LocalFailure(fmt::format("creating {}: {}", part, error.what()));
  }
  return {false, std::vector<TaskState>(plan.task_count(), TaskState::pending)};
}

// The master's view of the beginning, on every rank.
Beginning share(const parallel::Communicator& communicator, const Beginning& beginning) {
  std::string packed(1, beginning.complete ? 'c' : 'r');
  for (const TaskState state : beginning.states)
    packed += static_cast<char>(state);
  packed = communicator.broadcast(packed);
  Beginning shared{packed.front() == 'c', {}};
  std::transform(packed.begin() + 1, packed.end(), std::back_inserter(shared.states),
                 [](char state) { return static_cast<TaskState>(state); });
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

RunOutcome run(const Inputs& inputs, const parallel::Communicator& communicator,
               const std::string& path, const RunOptions& options) {
  const double start = seconds_now();
  const std::time_t started = std::time(nullptr);
  const Job& job = inputs.job;
  const Plan plan(job);
  const Layout layout(job, inputs.world);
  std::array<double, phase_names.size()> seconds{};
  seconds[plan_phase] = inputs.read_s + seconds_now() - start;
  const std::string part = path + ".part";
  OutputClaim claim;
  Beginning beginning;
  agree(communicator, [&] {
    if (!options.extend.empty())  // refused before anything is created
      EarlierResult(options.extend, inputs);
    beginning = prepare(claim, path, inputs, plan, layout, options);
  });
  beginning = share(communicator, beginning);
  const auto before = static_cast<std::size_t>(
      std::count(beginning.states.begin(), beginning.states.end(), TaskState::done));
  RunOutcome outcome{RunOutcome::End::complete, {}, before, before, plan.task_count()};
  if (beginning.complete)
    return outcome;
  const auto places = parallel::gather_places(communicator);
  if (communicator.is_master())
    options.begin(places);

  std::optional<EarlierResult> earlier;
  if (!options.extend.empty())
    alone([&] { earlier.emplace(options.extend, inputs); });
  std::optional<ResultWriter> writer;
  alone([&] { writer.emplace(part, communicator.handle(), job, plan, layout); });
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
        writer->write_values(task, blank_result(plan.task(task), plan, job, layout));
  } catch (const InputError& error) {
    write_errors.emplace_back(error.what());
  }
  check_writing();
  std::optional<Flusher> flusher(part);
  Schedule schedule(plan, beginning.states, estimate_costs(job, plan, inputs.world),
                    communicator.size(), omp_get_max_threads());
  RateCalculator calculator(inputs.world);
  Pieces points;
  const auto execute = [&](std::size_t position) {
    const double begin = seconds_now();
    const std::size_t index = schedule.tasks()[position];
    const double integrals_before_s = calculator.effort().seconds;
    try {
      const Task task = plan.task(index);
      TaskResult result = beginning.states[index] == TaskState::incomplete
                              ? writer->read(index)
                              : blank_result(task, plan, job, layout);
      compute(task, plan, job, layout, inputs.world, calculator, earlier ? &*earlier : nullptr,
              result, problems);
      const double middle = seconds_now();
      seconds[compute_phase] += middle - begin;
      points.add(static_cast<double>(task.points()),
                 middle - begin - (calculator.effort().seconds - integrals_before_s));
      writer->write(index, result);
      (*flusher)();
      seconds[write_phase] += seconds_now() - middle;
    } catch (const InputError& error) {
      write_errors.emplace_back(error.what());
    } catch (const std::exception& error) {
      problems.push_back(fmt::format("task {}: {}", index, error.what()));
    }
  };
  if (communicator.is_master())
    progress.emplace(path + ".progress.json", before, plan.task_count());
  const double ready = seconds_now();
  seconds[start_phase] = inputs.read_s + ready - start - seconds[plan_phase];
  const parallel::FarmOutcome farm = parallel::run_tasks(
      communicator,
      {[&](int rank) { return schedule.next(rank); }, execute,
       [&] { return options.stop() || !write_errors.empty(); },
       [&](std::size_t finished) { (*progress)(finished, schedule.share_done(finished)); }});
  seconds[wait_phase] = seconds_now() - ready - seconds[compute_phase] - seconds[write_phase];
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
    agree(communicator, [&] {
      claim.publish();
      std::error_code ignored;  // the record of an earlier part of the run
      std::filesystem::remove(part + ".run.json", ignored);
    });
  if (progress)
    progress->finish(outcome.end == RunOutcome::End::complete  ? "complete"
                     : outcome.end == RunOutcome::End::stopped ? "stopped"
                                                               : "failed");
  seconds[total_phase] = inputs.read_s + seconds_now() - start;
  const RateCalculator::Effort& effort = calculator.effort();
  Pieces integrals;
  integrals.add(static_cast<double>(effort.sets), effort.seconds, effort.shortest_s,
                effort.longest_s);
  std::vector<double> row(seconds.begin(), seconds.end());
  for (const Pieces& pieces : {integrals, points})
    pieces.append_to(row);
  row.push_back(peak_memory_MB());
  row.push_back(static_cast<double>(farm.requests_s.size()));
  row.push_back(median(farm.requests_s));
  const auto measured = communicator.gather(row);
  const auto hosts = communicator.gather(host_name());
  agree(communicator, [&] {
    write_record((outcome.end == RunOutcome::End::complete ? path : part) + ".run.json", job, plan,
                 started, communicator, outcome, measured, hosts, places);
  });
  return outcome;
}

}  // namespace nuloop::study
