// nuloop plan: what a job would cost, before it is run.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/forecast.hpp"
#include "nuloop/study/inputs.hpp"
#include "verbs.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

#include <fmt/ostream.h>
#include <omp.h>

namespace nuloop::apps {
namespace {

std::string bytes_text(double bytes) {
  const char* units[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t i = 0;
  for (; bytes >= 1000.0 && i + 1 < std::size(units); ++i)
    bytes /= 1000.0;
  return fmt::format("{:.3g} {}", bytes, units[i]);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

int whole_number(const Options& options, const char* name, int otherwise, double most) {
  if (!options.has(name))
    return otherwise;
  const double value = options.number(name, 1.0, most);
  if (value != std::floor(value))
    throw UsageError(fmt::format("--{}: wants a whole number", name));
  return static_cast<int>(value);
}

void print_size(const study::Job& job, const study::Plan& plan, const study::Layout& layout) {
  fmt::print(std::cout, "{}\n\n", job.title);
  for (const study::Axis& axis : job.axes)
    fmt::print(std::cout, "  {:<34} {:>8} values{}\n", axis.definition().key, axis.values.size(),
               axis.definition().is_inner() ? ", inner" : "");
  const double scenarios =
      static_cast<double>(plan.outer_points()) * static_cast<double>(plan.inner_points());
  fmt::print(std::cout,
             "\nscenarios           {:.0f}: {} sets of rates, {} inner points each\n"
             "sets of integrals   {}\ntasks               {}\nresult file         {}\n",
             scenarios, plan.outer_points(), plan.inner_points(),
             job.kind == study::Kind::cross_section ? 0 : plan.group_count(), plan.task_count(),
             bytes_text(study::result_bytes(job, plan, layout)));
}

void print_batch_lines(const study::Job& job, int ranks, int threads, double wall_s,
                       double memory_MB) {
  // Twice the forecast and a minute for the start, at least five minutes; half as much memory
  // again.
  const double limit_s = std::max(300.0, 60.0 + 2.0 * wall_s);
  const double memory = std::max(200.0, std::ceil(1.5 * memory_MB / threads));
  fmt::print(std::cout,
             "\n#SBATCH --job-name={}\n#SBATCH --ntasks={}\n#SBATCH --cpus-per-task={}\n"
             "#SBATCH --time={}\n#SBATCH --mem-per-cpu={:.0f}M\n",
             job.name, ranks, threads, clock_text(limit_s), memory);
}

}  // namespace

int plan(const Words& words) {
  Options options("plan JOB.toml [--ranks N] [--threads N] [--set key=value ...]");
  options.positional("job", "the job to plan", true);
  options.optional("ranks", "MPI ranks for the last lines; chosen if left out");
  options.optional("threads",
                   "OpenMP threads of each rank; as many as OpenMP would use if left out");
  options.repeatable("set", "change a key of the job, as in settings.flux=huber");
  if (!options.parse(words))
    return status::done;
  constexpr int most_ranks = 16384;
  const int wanted = whole_number(options, "ranks", 0, most_ranks);
  const int threads = whole_number(options, "threads", omp_get_max_threads(), 1024);

  const study::Inputs inputs =
      study::load_inputs(parallel::Communicator(), options.text("job"), options.texts("set"));
  const study::Job& job = inputs.job;
  const study::Plan plan(job);
  const study::Layout layout(job, inputs.world);
  print_size(job, plan, layout);
  std::cout << std::flush;
  const study::Calibration calibration = study::calibrate(job, plan, layout, inputs.world, threads);
  const double total_s = study::core_seconds(plan, calibration.costs);
  fmt::print(std::cout,
             "\nmeasured here with {} threads\n"
             "integrals           {:.3g} core-seconds\n"
             "points              {:.3g} core-seconds, {:.3g} us each\n"
             "writing             {:.3g} s to create the file, {:.3g} ms per task\n"
             "memory              {:.0f} MB per rank\n"
             "in all              {:.3g} core-seconds, {:.3g} core-hours\n",
             threads,
             total_s - calibration.costs.point_s * static_cast<double>(plan.outer_points()),
             calibration.costs.point_s * static_cast<double>(plan.outer_points()),
             1e6 * calibration.costs.point_s, calibration.create_s, 1e3 * calibration.write_task_s,
             calibration.memory_MB, total_s, total_s / 3600.0);

  std::cout << "\nsimulated, without the start of MPI\n   ranks   cores    wall (s)  efficiency\n";
  std::vector<int> numbers;
  for (int ranks = 1; ranks <= most_ranks; ranks *= 2)
    numbers.push_back(ranks);
  if (wanted > 0 && std::find(numbers.begin(), numbers.end(), wanted) == numbers.end())
    numbers.push_back(wanted);
  std::sort(numbers.begin(), numbers.end());
  double single_s = 0.0, chosen_s = 0.0;
  int chosen = 1;
  for (const int ranks : numbers) {
    const double wall_s = study::forecast(plan, calibration, ranks, threads).wall_s;
    if (ranks == 1)
      single_s = chosen_s = wall_s;
    const double efficiency = single_s / (wall_s * ranks);
    // Half as long again on twice the ranks is a fair price.
    if (wanted == ranks || (wanted == 0 && efficiency >= 0.75)) {
      chosen = ranks;
      chosen_s = wall_s;
    }
    fmt::print(std::cout, "{:>8}{:>8}{:>12.3g}{:>12.2f}\n", ranks, ranks * threads, wall_s,
               efficiency);
  }
  print_batch_lines(job, chosen, threads, chosen_s, calibration.memory_MB);
  return status::done;
}

}  // namespace nuloop::apps
