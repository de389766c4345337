// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/forecast.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/hdf5.hpp"
#include "nuloop/sweep/compute.hpp"

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

namespace nuloop::sweep {
namespace {

constexpr double shared_budget_s = 3.0;
constexpr double points_budget_s = 0.7;
constexpr std::size_t most_samples = 12;

// Groups spread evenly over the estimated costs, cheap ones first.
std::vector<std::size_t> sample_groups(const std::vector<double>& shared_s) {
  std::vector<std::size_t> order(shared_s.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return shared_s[a] < shared_s[b]; });
  const std::size_t samples = std::min(most_samples, order.size());
  std::vector<std::size_t> sample;
  for (std::size_t i = 0; i < samples; ++i)
    sample.push_back(
        order[samples == 1 ? order.size() / 2 : i * (order.size() - 1) / (samples - 1)]);
  return sample;
}

// A file that is gone at the end.
class ScratchFile {
 public:
  ScratchFile() {
    std::error_code error;
    const auto folder = std::filesystem::temp_directory_path(error);
    if (error)
      throw MachineError("the folder for temporary files, which TMPDIR may name: " +
                         error.message());
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
  Study sample = study;
  if (auto trial = study.work->trial())
    sample.work = std::move(trial);
  const auto worker = sample.work->worker(nullptr);
  std::vector<std::pair<double, double>> ratios;  // estimate, measured over estimate
  double shared_s = 0.0, points_s = 0.0, length = 0.0;
  std::vector<std::string> problems;
  for (const std::size_t group : sample_groups(calibration.costs.shared_s)) {
    if (shared_s > shared_budget_s)
      break;
    const double estimate = calibration.costs.shared_s[group];
    const std::size_t first = group * plan.tasks_per_group();
    if (estimate > 0.0) {
      const double begin = seconds_now();
      worker->begin(plan.task(first));
      worker->prepare(study.first_point(group), Team());
      const double seconds = seconds_now() - begin;
      shared_s += seconds;
      ratios.emplace_back(estimate, seconds * threads / estimate);
    }
    for (std::size_t i = 0; i < plan.tasks_per_group() && points_s < points_budget_s; ++i) {
      const Task task = plan.task(first + i);
      const double begin = seconds_now();
      TaskResult result = blank_result(sample, task);
      compute(sample, task, *worker, result, problems);
      points_s += seconds_now() - begin;
      for (std::size_t n = 0; n < task.points(); ++n)
        length += sample.work->length(study.point(task, n));
    }
  }
  correct(calibration.costs.shared_s, ratios);
  calibration.costs.point_s = points_s * threads / length * study.work->mean_length();

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
    std::vector<double>& shared_s = calibration.costs.shared_s;
    const double estimated_s = std::accumulate(shared_s.begin(), shared_s.end(), 0.0) /
                               static_cast<double>(shared_s.size());
    const auto pieces = static_cast<double>(study.work->shared_pieces(study.first_point(0)));
    if (estimated_s > 0.0)
      for (double& seconds : shared_s)
        seconds *= mean_s("integrals") * pieces * threads / estimated_s;
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
  Costs costs = calibration.costs;
  const Sharing sharing = choose_sharing(plan, states, costs, ranks, threads);
  for (const std::size_t group : sharing.groups)
    costs.shared_s[group] = 0.0;
  Schedule schedule(plan, states, costs, ranks, threads);
  std::vector<std::optional<std::size_t>> group_of_rank(static_cast<std::size_t>(ranks));
  const auto seconds = [&](int rank, std::size_t position) {
    const std::size_t group = plan.group_of(schedule.tasks()[position]);
    auto& known = group_of_rank[static_cast<std::size_t>(rank)];
    const double shared_s = known == group ? 0.0 : schedule.shared_s(position);
    known = group;
    return shared_s + schedule.task_s(position) + calibration.write_task_s;
  };
  parallel::DryRunOutcome outcome = parallel::simulate(
      {ranks, [&](int rank) { return schedule.next(rank); }, seconds, calibration.request_s});
  outcome.wall_s += calibration.create_s + sharing.seconds;
  outcome.work_s += sharing.seconds * ranks;
  return outcome;
}

double core_seconds(const Plan& plan, const Costs& costs) {
  return std::accumulate(costs.shared_s.begin(), costs.shared_s.end(),
                         static_cast<double>(plan.outer_points()) * costs.point_s);
}

}  // namespace nuloop::sweep
