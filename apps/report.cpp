// nuloop report: the discovery times of a result, beside the published ones.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/published.hpp"
#include "nuloop/study/result_file.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <cmath>
#include <iostream>

#include <fmt/ostream.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::apps {
namespace {

using study::DiscoveryTimes;
using study::Value;

struct Row {
  std::vector<Value> coordinates;
  double years;
  const study::PublishedTime* published;  // or null
};

// The settings of a row: those of the job, and its place on the axes.
study::Settings settings_of(const DiscoveryTimes& times, const Row& row, study::Settings settings) {
  for (std::size_t i = 0; i < times.axes.size(); ++i)
    if (const auto parameter = study::find_parameter(times.axes[i].key))
      settings[*parameter] = row.coordinates[i];
  return settings;
}

std::vector<Row> rows_of(const DiscoveryTimes& times, const study::Settings& job_settings,
                         const std::vector<study::PublishedTime>& published) {
  std::vector<Row> rows;
  for (std::size_t n = 0; n < times.years.size(); ++n) {
    Row row{std::vector<Value>(times.axes.size()), times.years[n], nullptr};
    std::size_t rest = n;
    for (std::size_t i = times.axes.size(); i-- > 0;) {
      const auto& values = times.axes[i].values;
      row.coordinates[i] = values[rest % values.size()];
      rest /= values.size();
    }
    const study::Settings settings = settings_of(times, row, job_settings);
    for (const study::PublishedTime& entry : published)
      if (entry.belongs_to(settings))
        row.published = &entry;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string text_of(const Value& value) {
  if (const auto* name = std::get_if<std::string>(&value))
    return *name;
  return fmt::format("{}", std::get<double>(value));
}

void print_csv(const DiscoveryTimes& times, const std::vector<Row>& rows) {
  for (const auto& axis : times.axes)
    std::cout << axis.key << ",";
  std::cout << "discovery_time_yr,published_yr\n";
  for (const Row& row : rows) {
    for (const Value& value : row.coordinates)
      std::cout << text_of(value) << ",";
    fmt::print(std::cout, "{},{}\n", row.years,
               row.published != nullptr ? fmt::format("{}", row.published->discovery_time_yr) : "");
  }
}

// JSON knows neither infinity nor NaN: "inf" and null.
nlohmann::ordered_json json_number(double value) {
  if (std::isnan(value))
    return nullptr;
  if (std::isinf(value))
    return "inf";
  return value;
}

void print_json(const DiscoveryTimes& times, const std::vector<Row>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json entry;
    for (std::size_t i = 0; i < times.axes.size(); ++i)
      std::visit([&](const auto& value) { entry[times.axes[i].key] = value; }, row.coordinates[i]);
    entry["discovery_time_yr"] = json_number(row.years);
    entry["published_yr"] =
        row.published != nullptr ? json_number(row.published->discovery_time_yr) : nullptr;
    list.push_back(std::move(entry));
  }
  std::cout << nlohmann::ordered_json{{"title", times.title}, {"discovery_times", list}}.dump(2)
            << "\n";
}

std::string years_text(double years) {
  if (std::isnan(years))
    return "failed";
  if (std::isinf(years))
    return "never";
  return years >= 1e4 ? fmt::format("{:.3g}", years) : fmt::format("{:.2f}", years);
}

void print_table(const DiscoveryTimes& times, const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells(1);
  for (const auto& axis : times.axes)
    cells[0].push_back(axis.key);
  cells[0].insert(cells[0].end(), {"discovery time (yr)", "published"});
  for (const Row& row : rows) {
    std::vector<std::string> line;
    for (const Value& value : row.coordinates)
      line.push_back(text_of(value));
    line.push_back(years_text(row.years));
    line.push_back(row.published != nullptr ? row.published->quoted_as : "");
    cells.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(cells[0].size(), 0);
  for (const auto& line : cells)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  std::cout << times.title << "\n\n";
  for (std::size_t n = 0; n < cells.size(); ++n) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i)
      line += fmt::format("{:<{}}  ", cells[n][i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    std::cout << line << "\n";
    if (n == 0)
      std::cout << std::string(line.size(), '-') << "\n";
  }
}

}  // namespace

int report(const Words& words) {
  Options options("report FILE.h5 [--format table|csv|json]");
  options.positional("file", "the result of `nuloop run`", true);
  options.optional("format", "table (default), csv or json");
  if (!options.parse(words))
    return status::done;
  using Printer = void (*)(const DiscoveryTimes&, const std::vector<Row>&);
  const std::vector<std::pair<std::string, Printer>> formats = {
      {"table", print_table}, {"csv", print_csv}, {"json", print_json}};
  const std::string format = options.has("format") ? options.text("format") : "table";
  const Printer print = *named(formats, format, "--format");

  const DiscoveryTimes times = study::read_discovery_times(options.text("file"));
  const auto files = study::read_configs(study::configs_folder());
  const study::World world = study::build_world(files);
  const auto published =
      study::read_published(study::file_named(files, "configs/published.toml"), world);
  if (times.unfinished > 0)
    fmt::print(stderr, "nuloop: {}: {} points are not computed; their times are NaN\n",
               options.text("file"), times.unfinished);
  io::TableReader job(times.job, "job");
  print(times, rows_of(times, study::read_settings({&job.node("settings")}, world), published));
  return status::done;
}

}  // namespace nuloop::apps
