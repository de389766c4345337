// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/run.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/parallel_for.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/parallel/task_farm.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <omp.h>

namespace nuloop::study {
namespace {

namespace fs = std::filesystem;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double seconds_now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

// The inner values of a job along one axis; the setting where it is none.
std::vector<double> inner_values(const Job& job, std::string_view key) {
  std::vector<double> values;
  if (const Axis* axis = job.axis(key))
    for (const Value& value : axis->values)
      values.push_back(std::get<double>(value));
  else
    values.push_back(std::get<double>(*job.settings[*find_parameter(key)]));
  return values;
}

// Everything that a point contributes to its task's result.
class PointWriter {
 public:
  PointWriter(const Job& job, const Plan& plan, const Task& task, TaskResult& result)
      : flux_uncertainties_(inner_values(job, "flux_uncertainty")),
        background_uncertainties_(inner_values(job, "background_uncertainty")),
        exposures_(inner_values(job, "exposure")),
        all_(job, plan, task, BlockShape::Part::all),
        times_(job, plan, task, BlockShape::Part::without_exposure),
        bins_(most_bins(job)),
        result_(result) {
    result_.chi2.assign(all_.size(), nan);
    result_.discovery_time.assign(times_.size(), nan);
    for (auto& rates : result_.rates)
      rates.assign(task.points() * bins_, nan);
    result_.status.assign(task.points(), Status::failed);
  }

  void operator()(std::size_t n, const std::vector<std::size_t>& offset, Scenario scenario,
                  const Rates& rates) const {
    write_rates(n, rates);
    const statistics::AsimovComparison comparison = compare(rates);
    const double threshold = scenario.discovery_significance * scenario.discovery_significance;
    for (std::size_t i = 0; i < flux_uncertainties_.size(); ++i)
      for (std::size_t j = 0; j < background_uncertainties_.size(); ++j) {
        scenario.flux_uncertainty = flux_uncertainties_[i];
        scenario.background_uncertainty = background_uncertainties_[j];
        const statistics::ChiSquareCurve curve = chi_square_curve(comparison, scenario);
        result_.discovery_time[position(times_, offset, i, j)] = curve.reach(threshold);
        double* chi2 = &result_.chi2[position(all_, offset, i, j)];
        const std::size_t stride = all_.stride("exposure");
        for (std::size_t k = 0; k < exposures_.size(); ++k)
          chi2[k * stride] = curve(exposures_[k]);
      }
    result_.status[n] = Status::done;
  }

 private:
  static std::size_t position(const BlockShape& shape, const std::vector<std::size_t>& offset,
                              std::size_t flux, std::size_t background) {
    return shape.outer_offset(offset) + flux * shape.stride("flux_uncertainty") +
           background * shape.stride("background_uncertainty");
  }

  void write_rates(std::size_t n, const Rates& rates) const {
    const std::array<const Eigen::ArrayXd*, rate_datasets.size()> spectra = {
        &rates.reference.value, &rates.reference.error,  &rates.tested.value,
        &rates.tested.error,    &rates.background.value, &rates.background.error};
    for (std::size_t i = 0; i < spectra.size(); ++i)
      std::copy(spectra[i]->begin(), spectra[i]->end(),
                result_.rates[i].begin() + static_cast<std::ptrdiff_t>(n * bins_));
  }

  std::vector<double> flux_uncertainties_;
  std::vector<double> background_uncertainties_;
  std::vector<double> exposures_;
  BlockShape all_;
  BlockShape times_;
  std::size_t bins_;
  TaskResult& result_;
};

std::string duration(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

// Raw bytes of the datasets.
double result_bytes(const Job& job, const Plan& plan) {
  const double points = static_cast<double>(plan.outer_points());
  double times = points;
  for (const Axis& axis : job.axes)
    if (axis.definition().role == Parameter::Role::uncertainty)
      times *= static_cast<double>(axis.values.size());
  const Axis* exposure = job.axis("exposure");
  const double exposures = exposure != nullptr ? static_cast<double>(exposure->values.size()) : 1.0;
  const double spectra = points * static_cast<double>(rate_datasets.size() * most_bins(job));
  return sizeof(double) * (times * (1.0 + 2.0 * exposures) + spectra) + points;
}

void check_space(const std::string& part, double needed) {
  std::error_code error;
  const fs::space_info space = fs::space(fs::absolute(part).parent_path(), error);
  if (!error && needed > static_cast<double>(space.available))
    throw InputError(
        fmt::format("{}: {:.3g} GB are needed and {:.3g} GB free; choose fewer points "
                    "or another place with -o",
                    part, 1e-9 * needed, 1e-9 * static_cast<double>(space.available)));
}

// That the file can be created, before anything is computed; leaves what was there.
void check_writable(const std::string& path, const std::string& part) {
  std::error_code error;
  if (fs::path(path).filename().empty() || fs::is_directory(path, error))
    throw InputError(fmt::format("\"{}\": is not the name of a file; give one with -o", path));
  if (fs::exists(path, error) && !is_result_file(path))
    throw InputError(path + ": exists and is not a result of nuloop; it is not overwritten");
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0)
    throw InputError(fmt::format("{}: cannot be written ({}); choose another place with -o", path,
                                 std::strerror(errno)));
  ::close(file);
}

void sync_file(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return;
  ::fsync(file);
  ::close(file);
}

void publish(const std::string& part, const std::string& path) {
  sync_file(part);
  std::error_code error;
  fs::rename(part, path, error);
  if (error)
    throw InputError(fmt::format("{}: cannot be renamed to {} ({})", part, path, error.message()));
  const fs::path folder = fs::absolute(path).parent_path();
  sync_file(folder);
}

// Seconds per phase on this rank.
struct Timings {
  double compute = 0.0;
  double write = 0.0;
  double total = 0.0;
};

void write_record(const std::string& path, const Job& job, const Plan& plan, std::time_t started,
                  const parallel::Communicator& communicator,
                  const std::vector<std::vector<double>>& timings,
                  const std::vector<std::string>& hosts, std::size_t failures) {
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
  const nlohmann::ordered_json record = {
      {"job", job.name},
      {"started", fmt::format("{:%FT%TZ}", fmt::gmtime(started))},
      {"version", io::version()},
      {"git_revision", io::git_revision()},
      {"hosts", hosts},
      {"ranks", communicator.size()},
      {"threads_per_rank", omp_get_max_threads()},
      {"tasks", plan.task_count()},
      {"outer_points", plan.outer_points()},
      {"failed_points", failures},
      {"seconds", {{"compute", phase(0)}, {"write", phase(1)}, {"total", phase(2)}}}};
  std::ofstream(path) << record.dump(2) << "\n";
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

// All ranks' problems, on all ranks.
std::vector<std::string> share(const parallel::Communicator& communicator,
                               const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems)
    text += problem + "\n";
  std::string all;
  for (const std::string& part : communicator.gather(text))
    all += part;
  auto list = lines(communicator.broadcast(all));
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace

TaskResult compute(const Task& task, const Plan& plan, const Job& job, const World& world,
                   RateCalculator& calculator, std::vector<std::string>& problems) {
  TaskResult result;
  const PointWriter write(job, plan, task, result);
  std::vector<std::string> reasons(task.points());
  std::vector<Scenario> scenarios(task.points());
  calculator.make_room();
  for (std::size_t n = 0; n < task.points(); ++n) {
    scenarios[n] = scenario_at(job, plan, task, n, world);
    try {
      calculator.prepare(scenarios[n]);
    } catch (const NumericalError& error) {
      reasons[n] = error.what();
    }
  }
  parallel_for(task.points(), [&](std::size_t n) {
    if (!reasons[n].empty())
      return;
    try {
      write(n, task.offset(n), scenarios[n], calculator.rates(scenarios[n]));
    } catch (const NumericalError& error) {
      reasons[n] = error.what();
    }
  });
  for (std::size_t n = 0; n < task.points(); ++n)
    if (!reasons[n].empty())
      problems.push_back(describe_point(job, plan, task, n) + ": " + reasons[n]);
  return result;
}

Progress::Progress(std::size_t tasks) : tasks_(tasks), start_s_(seconds_now()), last_s_(start_s_) {}

void Progress::operator()(std::size_t done) {
  const double now = seconds_now();
  const bool complete = done == tasks_;
  if (finished_ || (!complete && now - last_s_ < 1.0))
    return;
  last_s_ = now;
  finished_ = complete;
  const double elapsed = now - start_s_;
  const std::string end =
      complete ? fmt::format("done in {:.2f} s", elapsed)
      : done > 0
          ? "about " +
                duration(elapsed * static_cast<double>(tasks_ - done) / static_cast<double>(done)) +
                " left"
          : "no estimate yet";
  fmt::print(stderr, "nuloop: {}/{} tasks, {}\n", done, tasks_, end);
}

std::vector<std::string> run(const Inputs& inputs, const parallel::Communicator& communicator,
                             const std::string& path) {
  const double start = seconds_now();
  const std::time_t started = std::time(nullptr);
  const Job& job = inputs.job;
  const Plan plan(job);
  const std::string part = path + ".part";
  agree(communicator, [&] {
    check_writable(path, part);
    check_space(part, result_bytes(job, plan));
  });

  ResultWriter writer(part, communicator.handle(), job, plan, inputs.provenance);
  RateCalculator calculator(inputs.world);
  Timings timings;
  std::vector<std::string> problems;
  const auto execute = [&](std::size_t index) {
    const Task task = plan.task(index);
    const double begin = seconds_now();
    try {
      const TaskResult result = compute(task, plan, job, inputs.world, calculator, problems);
      const double middle = seconds_now();
      writer.write(task, result);
      timings.compute += middle - begin;
      timings.write += seconds_now() - middle;
    } catch (const std::exception& error) {  // the other ranks must not wait for this one
      problems.push_back(fmt::format("task {}: {}", index, error.what()));
    }
  };
  Progress progress(plan.task_count());
  parallel::run_tasks(communicator, plan.task_count(), execute,
                      [&](std::size_t done) { progress(done); });
  writer.close();

  problems = share(communicator, problems);
  if (problems.empty())
    agree(communicator, [&] { publish(part, path); });
  timings.total = seconds_now() - start;
  const auto all_timings =
      communicator.gather(std::vector<double>{timings.compute, timings.write, timings.total});
  const auto hosts = communicator.gather(host_name());
  if (communicator.is_master())
    write_record(path + ".run.json", job, plan, started, communicator, all_timings, hosts,
                 problems.size());
  return problems;
}

}  // namespace nuloop::study
