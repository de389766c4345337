// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_record.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/sweep/json_text.hpp"
#include "output.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <omp.h>

namespace nuloop::sweep {
namespace {

constexpr std::array<const char*, 6> phase_names = {"plan",  "start", "compute",
                                                    "write", "wait",  "total"};
constexpr std::size_t piece_columns = 4;

// The records of all ranks as rows of numbers, in which form MPI gathers them.
using Rows = std::vector<std::vector<double>>;

nlohmann::ordered_json spread(const Rows& rows, std::size_t column) {
  double low = rows[0][column], high = low, sum = 0.0;
  for (const auto& row : rows) {
    low = std::min(low, row[column]);
    high = std::max(high, row[column]);
    sum += row[column];
  }
  return {{"min", low}, {"mean", sum / static_cast<double>(rows.size())}, {"max", high}};
}

void append(std::vector<double>& row, const Pieces& pieces) {
  row.insert(row.end(), {pieces.count, pieces.sum_s, pieces.shortest_s, pieces.longest_s});
}

nlohmann::ordered_json pieces_of_all(const Rows& rows, std::size_t column) {
  Pieces all;
  for (const auto& row : rows)
    all.add({row[column], row[column + 1], row[column + 2], row[column + 3]});
  const double mean_s = all.count > 0.0 ? all.sum_s / all.count : 0.0;
  return {{"count", std::llround(all.count)},  // shares of ranks add up
          {"seconds", {{"min", all.shortest_s}, {"mean", mean_s}, {"max", all.longest_s}}}};
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

}  // namespace

void RunRecord::save(const std::string& path, const Study& study,
                     const parallel::Communicator& communicator, const RunOutcome& outcome,
                     const std::vector<parallel::RankPlace>& places) const {
  std::vector<double> row(seconds.begin(), seconds.end());
  append(row, shared);
  append(row, points);
  row.push_back(peak_memory_MB());
  const Rows rows = communicator.gather(row);
  const auto hosts = communicator.gather(host_name());
  parallel::agree(communicator, [&] {
    nlohmann::ordered_json record = {{"job", study.description.name},
                                     {"started", fmt::format("{:%FT%TZ}", fmt::gmtime(started))},
                                     {"version", io::version()},
                                     {"git_revision", io::git_revision()},
                                     {"hosts", hosts},
                                     {"ranks", communicator.size()},
                                     {"threads_per_rank", omp_get_max_threads()},
                                     {"outer_points", study.plan.outer_points()},
                                     {"tasks", outcome.tasks},
                                     {"tasks_before", outcome.tasks_before},
                                     {"tasks_done", outcome.tasks_done},
                                     {"failures", outcome.problems}};
    for (std::size_t i = 0; i < phase_names.size(); ++i)
      record["seconds"][phase_names[i]] = spread(rows, i);
    for (const parallel::RankPlace& place : places)
      record["cpus"].push_back(parallel::cpu_list(place.cpus));
    const std::size_t first = phase_names.size();
    record["integrals"] = pieces_of_all(rows, first);
    record["points"] = pieces_of_all(rows, first + piece_columns);
    record["memory_MB"] = spread(rows, first + 2 * piece_columns);
    record["requests"] = {{"count", requests_s.size()}, {"median_s", median(requests_s)}};
    std::ofstream file;
    const bool in_the_way = !is_file_or_nothing(path);
    if (!in_the_way)
      file.open(path);
    file << json_text(record) << "\n";
    const char* more =
        outcome.end == RunOutcome::End::complete ? "; the result itself is complete" : "";
    if (in_the_way)
      throw InputError(
          fmt::format("{}: is in the way and no file; it is left as it is{}", path, more));
    if (!file.flush())
      throw MachineError(fmt::format("{}: cannot be written{}", path, more));
  });
}

}  // namespace nuloop::sweep
