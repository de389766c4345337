// nuloop plan: what a job would cost, before it is run.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/forecast.hpp"
#include "nuloop/sweep/json_text.hpp"
#include "put.hpp"
#include "verbs.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <omp.h>

namespace nuloop::apps {
namespace {

constexpr int most_ranks = 16384;

struct Simulated {
  int ranks;
  double efficiency;  // over one rank
  parallel::DryRunOutcome outcome;

  // The share of the time that the master spends on messages.
  double master_busy() const {
    return outcome.wall_s > 0.0 ? outcome.master_messages_s / outcome.wall_s : 0.0;
  }
};

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

// How many sets of integrals there are.
std::size_t sets_of_integrals(const sweep::Study& study) {
  return study.work->shared_pieces(study.first_point(0)) > 0 ? study.plan.group_count() : 0;
}

void print_size(const sweep::Study& study, double result_bytes) {
  const sweep::Plan& plan = study.plan;
  put("{}\n\n", study.description.title);
  for (const sweep::Axis& axis : study.axes) {
    std::string keys;
    for (const sweep::Column& column : axis.columns)
      keys += (keys.empty() ? "" : ", ") + column.key;
    put("  {:<34} {:>8} values{}\n", keys, axis.size(),
        axis.depth == sweep::Depth::outer ? "" : ", inner");
  }
  const double scenarios =
      static_cast<double>(plan.outer_points()) * static_cast<double>(plan.inner_points());
  put("\nscenarios           {:.0f}: {} sets of rates, {} inner points each\n"
      "sets of integrals   {}\ntasks               {}\nresult file         {}\n",
      scenarios, plan.outer_points(), plan.inner_points(), sets_of_integrals(study),
      plan.task_count(), bytes_text(result_bytes));
}

void print_costs(const sweep::Plan& plan, const sweep::Calibration& calibration,
                 const std::string& origin) {
  const double total_s = sweep::core_seconds(plan, calibration.costs);
  const double points_s = calibration.costs.point_s * static_cast<double>(plan.outer_points());
  put("\n{}\n"
      "integrals           {:.3g} core-seconds\n"
      "points              {:.3g} core-seconds, {:.3g} us each\n"
      "writing             {:.3g} s to create the file, {:.3g} ms per task\n"
      "messages            {:.3g} us per request\n"
      "memory              {:.0f} MB per rank\n"
      "in all              {:.3g} core-seconds, {:.3g} core-hours\n",
      origin, total_s - points_s, points_s, 1e6 * calibration.costs.point_s, calibration.create_s,
      1e3 * calibration.write_task_s, 1e6 * calibration.request_s, calibration.memory_MB, total_s,
      total_s / 3600.0);
}

// Powers of two, and what is wanted besides.
std::vector<Simulated> simulate(const sweep::Plan& plan, const sweep::Calibration& calibration,
                                int wanted, int threads) {
  std::set<int> numbers;
  for (int ranks = 1; ranks <= most_ranks; ranks *= 2)
    numbers.insert(ranks);
  if (wanted > 0)
    numbers.insert(wanted);
  std::vector<Simulated> simulated;
  double single_s = 0.0;
  for (const int ranks : numbers) {
    const parallel::DryRunOutcome outcome = sweep::forecast(plan, calibration, ranks, threads);
    if (ranks == 1)
      single_s = outcome.wall_s;
    simulated.push_back({ranks, single_s / (outcome.wall_s * ranks), outcome});
  }
  return simulated;
}

void print_table(const std::vector<Simulated>& simulated, int threads) {
  std::cout << "\nsimulated, without the start of MPI\n   ranks   cores    wall (s)  efficiency  "
               "master busy  longest wait (s)\n";
  for (const Simulated& run : simulated)
    put("{:>8}{:>8}{:>12.3g}{:>12.2f}{:>13.3f}{:>18.3g}\n", run.ranks, run.ranks * threads,
        run.outcome.wall_s, run.efficiency, run.master_busy(), run.outcome.longest_wait_s);
}

void print_json(const sweep::Study& study, double result_bytes,
                const sweep::Calibration& calibration, const std::vector<Simulated>& simulated,
                int threads) {
  const sweep::Plan& plan = study.plan;
  nlohmann::ordered_json json = {{"job", study.description.name},
                                 {"outer_points", plan.outer_points()},
                                 {"inner_points", plan.inner_points()},
                                 {"sets_of_integrals", sets_of_integrals(study)},
                                 {"tasks", plan.task_count()},
                                 {"result_bytes", result_bytes},
                                 {"threads_per_rank", threads},
                                 {"core_seconds", sweep::core_seconds(plan, calibration.costs)},
                                 {"point_s", calibration.costs.point_s},
                                 {"write_task_s", calibration.write_task_s},
                                 {"begin_s", calibration.create_s},
                                 {"request_s", calibration.request_s},
                                 {"memory_MB", calibration.memory_MB},
                                 {"simulated", nlohmann::ordered_json::array()}};
  for (const Simulated& run : simulated)
    json["simulated"].push_back({{"ranks", run.ranks},
                                 {"wall_s", run.outcome.wall_s},
                                 {"efficiency", run.efficiency},
                                 {"work_s", run.outcome.work_s},
                                 {"requests", run.outcome.requests},
                                 {"master_busy", run.master_busy()},
                                 {"longest_wait_s", run.outcome.longest_wait_s}});
  std::cout << sweep::json_text(json) << "\n";
}

void print_batch_lines(const std::string& name, int ranks, int threads, double wall_s,
                       double memory_MB) {
  // Twice the forecast and a minute for the start, at least five minutes; half as much memory
  // again.
  const double limit_s = std::max(300.0, 60.0 + 2.0 * wall_s);
  const double memory = std::max(200.0, std::ceil(1.5 * memory_MB / threads));
  put("\n#SBATCH --job-name={}\n#SBATCH --ntasks={}\n#SBATCH --cpus-per-task={}\n"
      "#SBATCH --time={}\n#SBATCH --mem-per-cpu={:.0f}M\n",
      name, ranks, threads, clock_text(limit_s), memory);
}

}  // namespace

int plan(const Words& words) {
  Options options("plan");
  if (!options.parse(words))
    return status::done;
  const std::string format = options.has("format") ? options.text("format") : "table";
  if (format != "table" && format != "json")
    throw UsageError(fmt::format("--format: {} is none of table, json", format));
  const int wanted = whole_number(options, "ranks", 0, most_ranks);
  const int threads = whole_number(options, "threads", omp_get_max_threads(), 1024);

  const setup::Inputs inputs =
      analysis::load_inputs(parallel::Communicator(), options.text("job"), options.texts("set"),
                            options.text_or("configs", ""));
  put_warnings(inputs.provenance.warnings);
  const sweep::Study study = analysis::make_study(inputs.job, inputs.world);
  const double result_bytes = sweep::result_bytes(study) + sweep::bytes_of_files(inputs.provenance);
  const sweep::Plan& plan = study.plan;
  if (format == "table") {
    print_size(study, result_bytes);
    std::cout << std::flush;
  }
  const sweep::Calibration calibration = options.has("costs")
                                             ? sweep::recorded(options.text("costs"), study)
                                             : sweep::calibrate(study, threads);
  const std::vector<Simulated> simulated = simulate(plan, calibration, wanted, threads);
  if (format == "json") {
    print_json(study, result_bytes, calibration, simulated, threads);
    return status::done;
  }
  print_costs(plan, calibration,
              options.has("costs") ? "measured by " + options.text("costs")
                                   : fmt::format("measured here with {} threads", threads));
  print_table(simulated, threads);
  // Half as long again on twice the ranks is a fair price.
  const auto chosen = wanted > 0
                          ? std::find_if(simulated.begin(), simulated.end(),
                                         [&](const Simulated& s) { return s.ranks == wanted; })
                          : std::find_if(
                                simulated.rbegin(), simulated.rend(),
                                [](const Simulated& s) {
                                  return s.efficiency >= 0.75;
                                }).base() -
                                1;
  print_batch_lines(study.description.name, chosen->ranks, threads, chosen->outcome.wall_s,
                    calibration.memory_MB);
  return status::done;
}

}  // namespace nuloop::apps
