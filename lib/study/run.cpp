// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/run.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/study/compute.hpp"
#include "output.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <omp.h>

namespace nuloop::study {
namespace {

double seconds_now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

std::string duration(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
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
  agree(communicator, [&] { check_output(path, part, job, plan); });

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
