// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/run.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/parallel/task_farm.hpp"
#include "nuloop/study/compute.hpp"
#include "output.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
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
                  const std::vector<std::string>& hosts) {
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
  double failed = 0.0;
  for (const auto& row : timings)
    failed += row[3];
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
      {"failed_points", static_cast<long long>(failed)},
      {"seconds", {{"compute", phase(0)}, {"write", phase(1)}, {"total", phase(2)}}}};
  std::ofstream file(path);
  file << record.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  if (!file.flush())
    throw InputError(path + ": cannot be written");
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

// The tasks in portions for the ranks. Tasks that begin with the same integrals form one portion,
// so that one rank does the integrals; only where that leaves too few portions are they divided.
std::vector<std::vector<std::size_t>> portions(const Plan& plan, const Job& job, const World& world,
                                               std::size_t ranks) {
  std::vector<Scenario> first;
  for (std::size_t i = 0; i < plan.task_count(); ++i)
    first.push_back(scenario_at(job, plan, plan.task(i), 0, world));
  std::vector<std::size_t> order(plan.task_count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return RateCalculator::before(first[a], first[b]);
  });

  std::vector<std::vector<std::size_t>> groups;
  for (const std::size_t task : order) {
    if (groups.empty() || RateCalculator::before(first[groups.back().front()], first[task]))
      groups.emplace_back();
    groups.back().push_back(task);
  }
  if (groups.size() >= 2 * ranks)
    return groups;
  const std::size_t wanted = 16 * ranks / groups.size();
  std::vector<std::vector<std::size_t>> parts;
  for (const auto& group : groups) {
    const std::size_t size = std::max<std::size_t>(1, group.size() / wanted);
    for (std::size_t at = 0; at < group.size(); at += size)
      parts.emplace_back(
          group.begin() + static_cast<std::ptrdiff_t>(at),
          group.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, group.size())));
  }
  return parts;
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

}  // namespace

Progress::Progress(std::size_t portions)
    : portions_(portions), start_s_(seconds_now()), last_s_(start_s_) {}

void Progress::operator()(std::size_t done) {
  const double now = seconds_now();
  const bool complete = done == portions_;
  if (finished_ || (!complete && now - last_s_ < 1.0))
    return;
  last_s_ = now;
  finished_ = complete;
  const double elapsed = now - start_s_;
  const std::string end = complete ? fmt::format("done in {:.2f} s", elapsed)
                          : done > 0
                              ? "about " +
                                    duration(elapsed * static_cast<double>(portions_ - done) /
                                             static_cast<double>(done)) +
                                    " left"
                              : "no estimate yet";
  fmt::print(stderr, "nuloop: {}/{} portions of work, {}\n", done, portions_, end);
}

std::vector<std::string> run(const Inputs& inputs, const parallel::Communicator& communicator,
                             const std::string& path) {
  const double start = seconds_now();
  const std::time_t started = std::time(nullptr);
  const Job& job = inputs.job;
  const Plan plan(job);
  const Layout layout(job, inputs.world);
  const std::string part = path + ".part";
  OutputClaim claim;
  agree(communicator, [&] { claim = OutputClaim(path, result_bytes(job, plan, layout)); });

  std::optional<ResultWriter> writer;
  alone([&] { writer.emplace(part, communicator.handle(), job, plan, layout, inputs.provenance); });
  RateCalculator calculator(inputs.world);
  Timings timings;
  std::vector<std::string> problems, write_errors;
  const auto execute_task = [&](std::size_t index) {
    const double begin = seconds_now();
    try {
      const Task task = plan.task(index);
      const TaskResult result =
          compute(task, plan, job, layout, inputs.world, calculator, problems);
      const double middle = seconds_now();
      timings.compute += middle - begin;
      writer->write(task, result);
      timings.write += seconds_now() - middle;
    } catch (const InputError& error) {
      write_errors.emplace_back(error.what());
    } catch (const std::exception& error) {
      problems.push_back(fmt::format("task {}: {}", index, error.what()));
    }
  };
  const auto work =
      portions(plan, job, inputs.world, static_cast<std::size_t>(communicator.size()));
  Progress progress(work.size());
  parallel::run_tasks(
      communicator, work.size(),
      [&](std::size_t portion) {
        std::for_each(work[portion].begin(), work[portion].end(), execute_task);
      },
      [&](std::size_t done) { progress(done); });
  alone([&] { writer->close(); });

  write_errors = share(communicator, write_errors);
  if (!write_errors.empty())
    throw InputError(
        fmt::format("{}: could not be written completely: {}", part, write_errors.front()));
  const auto failed = static_cast<double>(problems.size());
  problems = share(communicator, problems);
  if (problems.empty())
    agree(communicator, [&] { claim.publish(); });
  timings.total = seconds_now() - start;
  const auto measured = communicator.gather(
      std::vector<double>{timings.compute, timings.write, timings.total, failed});
  const auto hosts = communicator.gather(host_name());
  agree(communicator, [&] {
    write_record((problems.empty() ? path : part) + ".run.json", job, plan, started, communicator,
                 measured, hosts);
  });
  return problems;
}

}  // namespace nuloop::study
