// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/forecast.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/hdf5.hpp"
#include "nuloop/study/compute.hpp"
#include "nuloop/study/rates.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <omp.h>

namespace nuloop::study {
namespace {

constexpr double integrals_budget_s = 3.0;
constexpr double points_budget_s = 0.7;
constexpr std::size_t most_samples = 12;
constexpr double most_toys = 1e5;  // of a point in the sample

// Groups spread evenly over the estimated costs, cheap ones first.
std::vector<std::size_t> sample_groups(const std::vector<double>& integrals_s) {
  std::vector<std::size_t> order(integrals_s.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return integrals_s[a] < integrals_s[b]; });
  const std::size_t samples = std::min(most_samples, order.size());
  std::vector<std::size_t> sample;
  for (std::size_t i = 0; i < samples; ++i)
    sample.push_back(
        order[samples == 1 ? order.size() / 2 : i * (order.size() - 1) / (samples - 1)]);
  return sample;
}

// Corrects estimates by measured ratios, interpolated in the logarithm of the estimate.
void correct(std::vector<double>& estimates, std::vector<std::pair<double, double>> ratios) {
  std::sort(ratios.begin(), ratios.end());
  for (double& estimate : estimates) {
    if (ratios.empty() || estimate <= 0.0)
      continue;
    const auto above = std::find_if(ratios.begin(), ratios.end(),
                                    [&](const auto& r) { return r.first >= estimate; });
    if (above == ratios.begin() || above == ratios.end()) {
      estimate *= above == ratios.end() ? ratios.back().second : ratios.front().second;
      continue;
    }
    const auto below = above - 1;
    const double span = std::log(above->first / below->first);
    const double share = span > 0.0 ? std::log(estimate / below->first) / span : 0.0;
    estimate *= std::lerp(below->second, above->second, share);
  }
}

// The same job with no more pseudo-experiments than a sample needs.
Job with_few_toys(Job job) {
  const std::size_t count = *find_parameter("toys.count");
  const auto limit = [&](std::size_t parameter, Value& value) {
    if (parameter == count)
      value = std::min(std::get<double>(value), most_toys);
  };
  if (job.settings[count])
    limit(count, *job.settings[count]);
  for (Axis& axis : job.axes) {
    for (Value& value : axis.values)
      limit(axis.parameter, value);
    for (Axis::Companion& companion : axis.companions)
      for (Value& value : companion.values)
        limit(companion.parameter, value);
  }
  return job;
}

// The work of a point by which sampled and whole points are compared: its pseudo-experiments, or 1.
double work_of_points(const Study& study, const Task& task) {
  if (!traits_of(study.job.kind).fills_all_threads)
    return static_cast<double>(task.points());
  double toys = 0.0;
  for (std::size_t n = 0; n < task.points(); ++n)
    toys += study.scenario(task, n).toys.count;
  return toys;
}

double mean_work_of_points(const Job& job) {
  if (!traits_of(job.kind).fills_all_threads)
    return 1.0;
  const auto counts = values_of(job, "toys.count");
  return std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
}

// A file that is gone at the end.
class ScratchFile {
 public:
  ScratchFile() {
    std::error_code error;
    const auto folder = std::filesystem::temp_directory_path(error);
    if (error)
      throw InputError("the folder for temporary files, which TMPDIR may name: " + error.message());
    path_ = (folder / fmt::format("nuloop-{}.h5", ::getpid())).string();
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Seconds to create a file, and to write a task of those sizes into it.
std::pair<double, double> time_writing(const std::vector<std::size_t>& sizes) {
  const ScratchFile scratch;
  constexpr std::size_t repeats = 20;
  const std::size_t longest = *std::max_element(sizes.begin(), sizes.end());
  const std::vector<double> values(longest, 1.0);
  const double begin = seconds_now();
  io::Hdf5Creator file(scratch.path());
  const std::size_t length = std::max(longest * repeats, std::size_t{1} << 20);
  file.scale("/n", std::vector<std::int32_t>(length));
  double created = 0.0, written = 0.0;
  {
    auto dataset = file.dataset("/values", 0.0, {"/n"}, io::Hdf5Creator::Filling::later);
    created = seconds_now();
    for (std::size_t i = 0; i < repeats; ++i)
      for (const std::size_t size : sizes)
        dataset.write({i * longest}, {size}, values.data());
    written = seconds_now();
  }
  file.close();
  return {created - begin, (written - created) / repeats};
}

}  // namespace

Calibration calibrate(const Study& study, int threads) {
  omp_set_num_threads(threads);
  Calibration calibration{estimate_costs(study), 0.0, 0.0, 0.0};
  const Plan& plan = study.plan;
  RateCalculator calculator(study.world);
  std::vector<std::pair<double, double>> ratios;  // estimate, measured over estimate
  Study sample = study;
  sample.job = with_few_toys(study.job);
  double integrals_s = 0.0, points_s = 0.0, work = 0.0;
  std::vector<std::string> problems;
  for (const std::size_t group : sample_groups(calibration.costs.integrals_s)) {
    if (integrals_s > integrals_budget_s)
      break;
    const std::size_t first = group * plan.tasks_per_group();
    if (traits_of(study.job.kind).integrates) {
      const double estimate = calibration.costs.integrals_s[group];
      const double begin = seconds_now();
      calculator.make_room();
      study.work->prepare(calculator, study.scenario(plan.task(first), 0));
      const double seconds = seconds_now() - begin;
      integrals_s += seconds;
      ratios.emplace_back(estimate, seconds * threads / estimate);
    }
    for (std::size_t i = 0; i < plan.tasks_per_group() && points_s < points_budget_s; ++i) {
      const Task task = plan.task(first + i);
      const double begin = seconds_now();
      TaskResult result = blank_result(sample, task);
      compute(sample, task, calculator, nullptr, result, problems);
      points_s += seconds_now() - begin;
      work += work_of_points(sample, task);
    }
  }
  correct(calibration.costs.integrals_s, ratios);
  calibration.costs.point_s = points_s * threads / work * mean_work_of_points(study.job);

  const Task task = plan.task(0);
  std::vector<std::size_t> sizes;
  for (const Field& field : study.layout.fields())
    sizes.push_back(study.block(task, field).size());
  const auto [create_s, write_s] = time_writing(sizes);
  calibration.create_s = create_s;
  calibration.write_task_s = 2.0 * write_s;  // NaN first
  calibration.memory_MB = peak_memory_MB();
  return calibration;
}

Calibration recorded(const std::string& record_path, const Study& study) {
  Calibration calibration{estimate_costs(study), 0.0, 0.0, 0.0};
  try {
    std::ifstream file(record_path);
    const nlohmann::json record = nlohmann::json::parse(file);
    const auto mean_s = [&](const char* piece) {
      return record.at(piece).at("count").get<double>() > 0.0
                 ? record.at(piece).at("seconds").at("mean").get<double>()
                 : 0.0;
    };
    const auto threads = record.at("threads_per_rank").get<double>();
    const auto ranks = record.at("ranks").get<double>();
    const double done =
        record.at("tasks_done").get<double>() - record.at("tasks_before").get<double>();
    if (done <= 0.0)
      throw InputError(record_path + ": the run did nothing");
    std::vector<double>& integrals_s = calibration.costs.integrals_s;
    const double estimated_s = std::accumulate(integrals_s.begin(), integrals_s.end(), 0.0) /
                               static_cast<double>(integrals_s.size());
    const auto sets =
        static_cast<double>(study.work->sets_of_integrals(study.scenario(study.plan.task(0), 0)));
    if (estimated_s > 0.0)
      for (double& seconds : integrals_s)
        seconds *= mean_s("integrals") * sets * threads / estimated_s;
    calibration.costs.point_s = mean_s("points") * threads;
    calibration.write_task_s =
        record.at("seconds").at("write").at("mean").get<double>() * ranks / done;
    calibration.create_s = record.at("seconds").at("plan").at("max").get<double>() +
                           record.at("seconds").at("start").at("max").get<double>();
    calibration.memory_MB = record.at("memory_MB").at("max").get<double>();
    if (record.at("requests").at("count").get<double>() > 0.0)
      calibration.request_s = record.at("requests").at("median_s").get<double>();
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("{}: is no record of a run: {}", record_path, error.what()));
  }
  return calibration;
}

parallel::DryRunOutcome forecast(const Plan& plan, const Calibration& calibration, int ranks,
                                 int threads) {
  const std::vector<TaskState> states(plan.task_count(), TaskState::pending);
  Schedule schedule(plan, states, calibration.costs, ranks, threads);
  std::vector<std::optional<std::size_t>> group_of_rank(static_cast<std::size_t>(ranks));
  const auto seconds = [&](int rank, std::size_t position) {
    const std::size_t group = plan.group_of(schedule.tasks()[position]);
    auto& known = group_of_rank[static_cast<std::size_t>(rank)];
    const double integrals_s = known == group ? 0.0 : schedule.integrals_s(position);
    known = group;
    return integrals_s + schedule.task_s(position) + calibration.write_task_s;
  };
  parallel::DryRunOutcome outcome = parallel::simulate(
      {ranks, [&](int rank) { return schedule.next(rank); }, seconds, calibration.request_s});
  outcome.wall_s += calibration.create_s;
  return outcome;
}

double core_seconds(const Plan& plan, const Costs& costs) {
  return std::accumulate(costs.integrals_s.begin(), costs.integrals_s.end(),
                         static_cast<double>(plan.outer_points()) * costs.point_s);
}

}  // namespace nuloop::study
