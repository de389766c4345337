// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/run.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/parallel/team.hpp"
#include "nuloop/sweep/compute.hpp"
#include "nuloop/sweep/coordinates.hpp"
#include "nuloop/sweep/progress.hpp"
#include "nuloop/sweep/same_run.hpp"
#include "nuloop/sweep/schedule.hpp"
#include "nuloop/sweep/verify.hpp"
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
  } catch (const OutsideError& error) {
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
    std::string difference = first_difference(file, study.description.job, provenance);
    // Their checksums are the same.
    if (difference.empty() && (file.own_files() != provenance.own_files ||
                               file.used_configs() != provenance.used_configs))
      difference = "the texts of its configurations are damaged";
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
    check_seal(path);
    const ResultReader file(path);
    check_same(file, path);
    check_tasks(file, study);
    return {true, std::vector<TaskState>(plan.task_count(), TaskState::done), {}};
  }
  if (existing != Existing::replace && std::filesystem::file_size(part) > 0)
    options.warn(part + ": no task of the run that began it is finished; this run starts anew");
  try {
    constexpr double structure_bytes = 1e5;
    claim.check_space(result_bytes(study) + bytes_of_files(provenance) + structure_bytes +
                      8.0 * static_cast<double>(plan.task_count()));
  } catch (const OutsideError&) {
    claim.discard();
    throw;
  }
  try {
    create_result(part, study, provenance);
    claim.sync();
  } catch (const OutsideError& error) {
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

// A run, as one rank sees it.
class Run {
 public:
  Run(Study study, const Provenance& provenance, const parallel::Communicator& communicator,
      const std::string& path, const RunOptions& options)
      : study_(std::move(study)),
        provenance_(provenance),
        communicator_(communicator),
        path_(path),
        part_(path + ".part"),
        options_(options) {
    record_.seconds[RunRecord::plan_phase] = options.read_s;
  }

  RunOutcome operator()() {
    begin();
    if (beginning_.complete)
      return outcome_;
    open();
    fill();
    work();
    finish();
    return outcome_;
  }

 private:
  // Claims the output. Whatever is refused is refused here.
  void begin();
  // Gets hold of all that the work needs.
  void open();
  // Writes NaN wherever nothing is known yet; one process would take long to fill a large file.
  void fill();
  void work();
  // Computes with all other ranks what would keep them waiting otherwise. Says whether to go on.
  bool share_groups(Costs& costs);
  // What groups share, with a team; of the first task of a group that is not done.
  void share_group(std::size_t task, const parallel::RankTeam& team);
  // Makes the result appear, if all of it is there, and writes the record.
  void finish();

  void execute(std::size_t position);
  void measure_shared(double seconds, double expected_s);
  parallel::Note note();
  bool is_to_stop() {
    return options_.stop() || !write_errors_.empty() || (request_ && (*request_)());
  }
  TaskResult first_values(std::size_t task) const;
  // Where one rank cannot write, all end here: nobody is left waiting in a collective close.
  void check_writing();

  double start_s_ = seconds_now();
  Study study_;
  const Provenance& provenance_;
  const parallel::Communicator& communicator_;
  const std::string path_;
  const std::string part_;
  const RunOptions& options_;

  RunRecord record_;
  OutputClaim claim_;
  Beginning beginning_;
  RunOutcome outcome_{};
  std::vector<parallel::RankPlace> places_;
  std::optional<StopRequest> request_;  // on the master, as the progress is
  std::unique_ptr<Earlier> earlier_;
  std::optional<ResultWriter> writer_;
  std::optional<Progress> progress_;
  std::optional<Flusher> flusher_;
  Costs costs_{};  // as expected
  std::optional<Schedule> schedule_;
  Measured measured_;  // since the master was told
  std::unique_ptr<Worker> worker_;
  std::vector<std::string> problems_, write_errors_;
};

void Run::begin() {
  parallel::agree(communicator_, [&] {
    if (!options_.extend.empty()) {  // refused before anything is created
      check_seal(options_.extend);
      study_.work->earlier(options_.extend)->check();
    }
    beginning_ = prepare(claim_, path_, study_, provenance_, options_);
  });
  beginning_ = share(communicator_, beginning_);
  const auto before = static_cast<std::size_t>(
      std::count(beginning_.states.begin(), beginning_.states.end(), TaskState::done));
  outcome_ = {RunOutcome::End::complete, {}, before, before, study_.plan.task_count()};
}

void Run::open() {
  set_axis_numbers(study_.axes, beginning_.axes);  // of an unfinished file of another build
  study_.work = study_.work->along(study_.axes);
  places_ = parallel::gather_places(communicator_);
  if (communicator_.is_master()) {
    options_.begin(places_);
    request_.emplace(path_);
    if (const std::string obstacle = request_->obstacle(); !obstacle.empty())
      options_.warn(obstacle + "; it is left alone, and `nuloop stop` will not work here");
  }
  if (!options_.extend.empty())
    alone([&] { earlier_ = study_.work->earlier(options_.extend); });
  alone([&] { writer_.emplace(part_, communicator_.handle(), study_); });
}

void Run::check_writing() {
  if (communicator_.is_master()) {
    try {
      claim_.check_writable();
    } catch (const OutsideError& error) {
      write_errors_.emplace_back(error.what());
    }
  }
  write_errors_ = share(communicator_, write_errors_);
  if (write_errors_.empty())
    return;
  writer_->abandon();
  if (progress_)
    progress_->finish("interrupted");
  throw MachineError(fmt::format("{}: could not be written: {}; --resume continues it", part_,
                                 write_errors_.front()));
}

void Run::fill() {
  const Plan& plan = study_.plan;
  try {
    for (auto task = static_cast<std::size_t>(communicator_.rank()); task < plan.task_count();
         task += static_cast<std::size_t>(communicator_.size()))
      if (beginning_.states[task] == TaskState::pending)
        writer_->write_values(task, blank_result(study_, plan.task(task)));
  } catch (const OutsideError& error) {
    write_errors_.emplace_back(error.what());
  }
  check_writing();
}

TaskResult Run::first_values(std::size_t task) const {
  if (beginning_.states[task] == TaskState::incomplete)
    return writer_->read(task);
  std::optional<TaskResult> begun = earlier_ ? earlier_->begin(task) : std::nullopt;
  return begun ? std::move(*begun) : blank_result(study_, study_.plan.task(task));
}

void Run::execute(std::size_t position) {
  auto& seconds = record_.seconds;
  const double begin_s = seconds_now();
  const std::size_t index = schedule_->tasks()[position];
  const double shared_before_s = worker_->shared().sum_s;
  try {
    const Task task = study_.plan.task(index);
    TaskResult result = first_values(index);
    compute(study_, task, *worker_, result, problems_);
    const double middle_s = seconds_now();
    seconds[RunRecord::compute_phase] += middle_s - begin_s;
    const double shared_s = worker_->shared().sum_s - shared_before_s;
    const double points_s = middle_s - begin_s - shared_s;
    record_.points.add(static_cast<double>(task.points()), points_s);
    measured_.points_s += points_s;
    measured_.expected_points_s +=
        static_cast<double>(task.points()) * costs_.point_s / omp_get_max_threads();
    const std::size_t group = study_.plan.group_of(index);
    measure_shared(shared_s, costs_.shared_s[group] / omp_get_max_threads());
    writer_->write(index, result);
    (*flusher_)();
    seconds[RunRecord::write_phase] += seconds_now() - middle_s;
  } catch (const OutsideError& error) {
    write_errors_.emplace_back(error.what());
  } catch (const std::exception& error) {
    problems_.push_back(fmt::format("task {}: {}", index, error.what()));
  }
}

void Run::measure_shared(double seconds, double expected_s) {
  if (seconds <= 0.0 || expected_s <= 0.0)
    return;
  measured_.shared_s += seconds;
  measured_.expected_shared_s += expected_s;
  measured_.groups += 1.0;
}

parallel::Note Run::note() {
  const Measured m = std::exchange(measured_, {});
  return {m.points_s, m.expected_points_s, m.shared_s, m.expected_shared_s, m.groups};
}

void Run::share_group(std::size_t task, const parallel::RankTeam& team) {
  bool well = true;
  try {
    worker_->begin(study_.plan.task(task));
  } catch (const OutsideError& error) {
    write_errors_.emplace_back(error.what());
    well = false;
  }
  if (!team.all_well(task, well))
    return;
  const double before_s = worker_->shared().sum_s;
  try {
    for (std::size_t n = 0; n < study_.plan.task(task).points(); ++n)
      worker_->prepare(study_.point(study_.plan.task(task), n), team);
  } catch (const NumericalError&) {  // whoever does the task says so
  }
  const double seconds = worker_->shared().sum_s - before_s;
  record_.seconds[RunRecord::compute_phase] += seconds;
  const double alone_s = costs_.shared_s[study_.plan.group_of(task)] / omp_get_max_threads();
  measure_shared(seconds * alone_s / shared_by_all_s(alone_s, communicator_.size()), alone_s);
}

bool Run::share_groups(Costs& costs) {
  const Plan& plan = study_.plan;
  const parallel::RankTeam team(communicator_);
  const Sharing sharing =
      choose_sharing(plan, beginning_.states, costs, communicator_.size(), omp_get_max_threads());
  bool goes_on = true;
  try {
    for (std::size_t i = 0; i < sharing.groups.size() && goes_on; ++i) {
      const std::size_t group = sharing.groups[i];
      std::size_t task = group * plan.tasks_per_group();
      while (beginning_.states[task] == TaskState::done)
        ++task;
      share_group(task, team);
      costs.shared_s[group] = 0.0;
      goes_on = team.all_well(task, !is_to_stop());
    }
    team.all_well(plan.task_count(), true);
  } catch (const Dissent&) {  // each goes on with what it has
    goes_on = team.all_well(plan.task_count(), !is_to_stop());
  }
  return goes_on;
}

void Run::work() {
  flusher_.emplace(part_);
  costs_ = estimate_costs(study_);
  worker_ = study_.work->worker(earlier_.get());
  if (communicator_.is_master())
    progress_.emplace(progress_path(path_), outcome_.tasks_before, outcome_.tasks);
  const double ready_s = seconds_now();
  auto& seconds = record_.seconds;
  seconds[RunRecord::start_phase] = ready_s - start_s_;
  Costs costs = costs_;
  const bool goes_on = share_groups(costs);
  schedule_.emplace(study_.plan, beginning_.states, costs, communicator_.size(),
                    omp_get_max_threads());
  parallel::FarmOutcome farm;
  if (goes_on)
    farm = parallel::run_tasks(
        communicator_,
        {[&](int rank) { return schedule_->next(rank); },
         [&](std::size_t position) { execute(position); }, [&] { return is_to_stop(); },
         [&](std::size_t finished) { (*progress_)(finished, schedule_->share_done(finished)); },
         [&] { return note(); },
         [&](const parallel::Note& note) {
           schedule_->learn({note[0], note[1], note[2], note[3], note[4]});
         }});
  seconds[RunRecord::wait_phase] =
      seconds_now() - ready_s - seconds[RunRecord::compute_phase] - seconds[RunRecord::write_phase];
  outcome_.tasks_done += farm.done;
  record_.requests_s = std::move(farm.requests_s);
}

void Run::finish() {
  check_writing();
  alone([&] { writer_->close(); });
  flusher_->flush();
  flusher_.reset();
  outcome_.problems = share(communicator_, problems_);
  if (outcome_.tasks_done < outcome_.tasks)
    outcome_.end = RunOutcome::End::stopped;
  else if (!outcome_.problems.empty())
    outcome_.end = RunOutcome::End::failed;
  else
    parallel::agree(communicator_, [&] {
      claim_.publish();
      std::error_code ignored;  // the record of an earlier part of the run
      std::filesystem::remove(part_ + ".run.json", ignored);
    });
  if (progress_)
    progress_->finish(outcome_.end == RunOutcome::End::complete  ? "complete"
                      : outcome_.end == RunOutcome::End::stopped ? "stopped"
                                                                 : "failed");
  record_.seconds[RunRecord::total_phase] = options_.read_s + seconds_now() - start_s_;
  record_.shared = worker_->shared();
  record_.save((outcome_.end == RunOutcome::End::complete ? path_ : part_) + ".run.json", study_,
               communicator_, outcome_, places_);
}

}  // namespace

RunOutcome run(Study study, const Provenance& provenance,
               const parallel::Communicator& communicator, const std::string& path,
               const RunOptions& options) {
  return Run(std::move(study), provenance, communicator, path, options)();
}

}  // namespace nuloop::sweep
