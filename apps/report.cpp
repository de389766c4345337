// nuloop report: a result in a table, discovery times beside the published ones.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/toy_tally.hpp"
#include "nuloop/study/json_text.hpp"
#include "nuloop/study/published.hpp"
#include "nuloop/study/result_file.hpp"
#include "put.hpp"
#include "report_impacts.hpp"
#include "report_values.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <optional>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::apps {
namespace {

using study::ResultTable;
using study::Value;

// What a report shows: one row per point of the result.
struct Report {
  std::string title;
  std::vector<ResultTable::Coordinate> axes;
  struct Column {
    std::string name;     // for programs, with its unit
    std::string heading;  // for people
    std::vector<double> values;
    std::string (*text)(double);  // for people
  };
  std::vector<Column> columns;
  bool has_published = false;
  std::vector<std::optional<study::PublishedTime>> published;  // per row

  std::size_t rows() const { return columns.front().values.size(); }

  // What the coordinates of a row are called, those that move along with an axis behind it.
  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    for (const auto& axis : axes) {
      names.push_back(axis.key);
      for (const auto& companion : axis.companions)
        names.push_back(companion.first);
    }
    return names;
  }

  std::vector<Value> coordinates(std::size_t row) const {
    std::vector<std::size_t> at(axes.size());
    for (std::size_t i = axes.size(); i-- > 0;) {
      at[i] = row % axes[i].values.size();
      row /= axes[i].values.size();
    }
    std::vector<Value> values;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      values.push_back(axes[i].values[at[i]]);
      for (const auto& companion : axes[i].companions)
        values.push_back(companion.second[at[i]]);
    }
    return values;
  }
};

std::string years_text(double years) {
  if (std::isnan(years))
    return "failed";
  if (std::isinf(years))
    return "never";
  return years >= 1e4 ? fmt::format("{:.3g}", years) : fmt::format("{:.2f}", years);
}

std::string number_text(double value) {
  return std::isnan(value) ? "failed" : fmt::format("{:.5g}", value);
}

// The published times beside the rows whose scenario is theirs.
Report with_published(Report report, const study::ResultReader& result) {
  const auto files = study::read_configs(study::configs_folder());
  const study::World world = study::build_world(files);
  const auto published =
      study::read_published(study::file_named(files, "configs/published.toml"), world);
  io::TableReader job(result.job(), "job");
  const study::Settings job_settings = study::read_settings({&job.node("settings")}, world);
  report.has_published = true;
  const auto keys = report.keys();
  for (std::size_t row = 0; row < report.rows(); ++row) {
    study::Settings settings = job_settings;
    const auto coordinates = report.coordinates(row);
    for (std::size_t i = 0; i < coordinates.size(); ++i)
      if (const auto parameter = study::find_parameter(keys[i]))
        settings[*parameter] = coordinates[i];
    const auto entry = std::find_if(published.begin(), published.end(),
                                    [&](const auto& time) { return time.belongs_to(settings); });
    report.published.push_back(entry == published.end() ? std::nullopt : std::optional(*entry));
  }
  return report;
}

Report discovery_times(const study::ResultReader& result) {
  ResultTable times = result.table("/discovery_time", study::Part::without_exposure);
  return {result.title(),
          std::move(times.axes),
          {{"discovery_time_yr", "discovery time (yr)", std::move(times.values), years_text}},
          false,
          {}};
}

// Sums over the bins.
Report total_rates(const study::ResultReader& result) {
  Report report{result.title(), {}, {}, false, {}};
  for (const auto& [name, heading] : {std::pair{"signal_lo", "LO signal (/day)"},
                                      {"signal", "signal (/day)"},
                                      {"background", "background (/day)"}}) {
    ResultTable table =
        result.table(fmt::format("/rates/{}", name), study::Part::outer, {"/rates/bin"});
    const std::size_t bins = table.axes.back().values.size();
    table.axes.pop_back();
    std::vector<double> sums(table.values.size() / bins, 0.0);
    for (std::size_t i = 0; i < table.values.size(); ++i)
      if (!std::isnan(table.values[i]))  // a window with fewer bins
        sums[i / bins] += table.values[i];
    report.axes = std::move(table.axes);
    report.columns.push_back(
        {fmt::format("{}_per_day", name), heading, std::move(sums), number_text});
  }
  return report;
}

Report cross_sections(const study::ResultReader& result) {
  Report report{result.title(), {}, {}, false, {}};
  for (const char* name : {"born", "loops", "photonic", "cross_section"}) {
    ResultTable table = result.table(fmt::format("/{}", name), study::Part::outer);
    report.axes = std::move(table.axes);
    report.columns.push_back(
        {fmt::format("{}_cm2_per_MeV", name), name, std::move(table.values), number_text});
  }
  return report;
}

// The n-th of the values along a further scale, at every point of the axes.
std::vector<double> slice(const ResultTable& table, std::size_t n) {
  const std::size_t length = table.axes.back().values.size();
  std::vector<double> values;
  for (std::size_t i = n; i < table.values.size(); i += length)
    values.push_back(table.values[i]);
  return values;
}

std::string verdict(double holds) {
  return std::isnan(holds) ? "failed" : holds > 0.0 ? "yes" : "no";
}

Report toys(const study::ResultReader& result) {
  const auto along = [&](const std::string& name, const std::string& scale) {
    return result.table("/toys/" + name, study::Part::all, {"/toys/" + scale});
  };
  ResultTable significance = result.table("/toys/significance", study::Part::all);
  const auto expected = result.table("/toys/z_expected", study::Part::all).values;
  const ResultTable quantile = along("quantile", "probability");
  const ResultTable p = along("p_value", "threshold"),
                    p_error = along("p_value_error", "threshold");
  const auto own = result.table("/toys/p_value_of_significance", study::Part::all).values;
  const auto own_error =
      result.table("/toys/p_value_of_significance_error", study::Part::all).values;

  constexpr std::array<const char*, 5> bands = {"-2 sigma", "-1 sigma", "median", "+1 sigma",
                                                "+2 sigma"};
  constexpr std::array<const char*, 5> names = {"z_minus_2_sigma", "z_minus_1_sigma", "z_median",
                                                "z_plus_1_sigma", "z_plus_2_sigma"};
  Report report{result.title(), std::move(significance.axes), {}, false, {}};
  std::vector<double> own_sigma, own_sigma_error;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto sigma = statistics::gaussian_sigma({own[i], own_error[i]});
    own_sigma.push_back(sigma.value);
    own_sigma_error.push_back(sigma.error);
  }
  report.columns.push_back(
      {"significance", "sqrt(chi2)", std::move(significance.values), number_text});
  report.columns.push_back({"toys_sigma", "in toys", std::move(own_sigma), number_text});
  report.columns.push_back({"toys_sigma_error", "+-", std::move(own_sigma_error), number_text});
  for (std::size_t i = 0; i < bands.size(); ++i)
    report.columns.push_back(
        {names[i], fmt::format("z {}", bands[i]), slice(quantile, i), number_text});
  // A tail that differs by more than its error and by more than anybody would mind.
  constexpr double tolerable = 0.05;
  const auto& thresholds = p.axes.back().values;
  const auto three = static_cast<std::size_t>(
      std::find(thresholds.begin(), thresholds.end(), Value(3.0)) - thresholds.begin());
  if (three == thresholds.size())
    throw InputError(result.path() + ": /toys/threshold has no 3");
  std::vector<double> tail = slice(p, three), error = slice(p_error, three), ratio, holds;
  for (std::size_t i = 0; i < tail.size(); ++i) {
    const double gaussian = statistics::gaussian_tail(3.0, expected[i]);
    const double off = std::abs(tail[i] - gaussian);
    ratio.push_back(tail[i] / gaussian);
    holds.push_back(std::isnan(tail[i]) ? tail[i]
                                        : off <= std::max(3.0 * error[i], tolerable * gaussian));
    error[i] /= gaussian;
  }
  report.columns.push_back({"tail_3_over_gaussian", "p(3)/Gauss", std::move(ratio), number_text});
  report.columns.push_back({"tail_3_over_gaussian_error", "+-", std::move(error), number_text});
  report.columns.push_back({"asymptotic", "asymptotic", std::move(holds), verdict});
  return report;
}

// Ends of intervals that chi2 does not close are infinite.
std::string end_text(double value) {
  if (std::isinf(value))
    return value > 0.0 ? "none" : "-none";
  return number_text(value);
}

Report measurements(const study::ResultReader& result) {
  Report report{result.title(), {}, {}, false, {}};
  const auto add = [&](const char* dataset, const std::string& heading,
                       std::string (*text)(double)) {
    ResultTable table = result.table(fmt::format("/measurement/{}", dataset), study::Part::outer);
    report.axes = std::move(table.axes);
    report.columns.push_back({dataset, heading, std::move(table.values), text});
  };
  add("best_fit", "best fit", number_text);
  std::vector<ResultTable> ends;
  for (const char* name : {"low", "high"})
    ends.push_back(result.table(fmt::format("/measurement/interval_{}", name), study::Part::outer,
                                {"/measurement/level"}));
  const auto levels = ends.front().axes.back().values;
  for (std::size_t level = 0; level < levels.size(); ++level)
    for (std::size_t side = 0; side < ends.size(); ++side) {
      const std::string percent = fmt::format("{:.4g}", 100.0 * std::get<double>(levels[level]));
      const char* name = side == 0 ? "low" : "high";
      std::vector<double> values;
      for (std::size_t i = level; i < ends[side].values.size(); i += levels.size())
        values.push_back(ends[side].values[i]);
      report.columns.push_back({fmt::format("interval_{}_{}", percent, name),
                                fmt::format("{} % {}", percent, name), std::move(values),
                                end_text});
    }
  add("chi2_min", "chi2 min", number_text);
  add("other_minimum", "other minimum", end_text);
  return report;
}

void print_csv(const Report& report) {
  std::vector<std::string> header = report.keys();
  for (const auto& column : report.columns)
    header.push_back(column.name);
  if (report.has_published)
    header.emplace_back("published_yr");
  put("{}\n", fmt::join(header, ","));
  for (std::size_t row = 0; row < report.rows(); ++row) {
    std::vector<std::string> cells;
    for (const Value& value : report.coordinates(row))
      cells.push_back(text_of(value));
    for (const auto& column : report.columns)
      cells.push_back(fmt::format("{}", column.values[row]));
    if (report.has_published)
      cells.push_back(
          report.published[row] ? fmt::format("{}", report.published[row]->discovery_time_yr) : "");
    put("{}\n", fmt::join(cells, ","));
  }
}

// JSON knows neither infinity nor NaN: "inf", "-inf" and null.
void print_json(const Report& report) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  const auto keys = report.keys();
  for (std::size_t row = 0; row < report.rows(); ++row) {
    nlohmann::ordered_json entry;
    const auto coordinates = report.coordinates(row);
    for (std::size_t i = 0; i < coordinates.size(); ++i)
      std::visit([&](const auto& value) { entry[keys[i]] = value; }, coordinates[i]);
    for (const auto& column : report.columns)
      entry[column.name] = json_number(column.values[row]);
    if (report.has_published)
      entry["published_yr"] =
          report.published[row] ? json_number(report.published[row]->discovery_time_yr) : nullptr;
    list.push_back(std::move(entry));
  }
  const char* name = report.has_published ? "discovery_times" : "rows";
  std::cout << study::json_text({{"title", report.title}, {name, list}}) << "\n";
}

void print_table(const Report& report) {
  std::vector<std::vector<std::string>> cells = {report.keys()};
  for (const auto& column : report.columns)
    cells[0].push_back(column.heading);
  if (report.has_published)
    cells[0].emplace_back("published");
  for (std::size_t row = 0; row < report.rows(); ++row) {
    std::vector<std::string> line;
    for (const Value& value : report.coordinates(row))
      line.push_back(text_of(value));
    for (const auto& column : report.columns)
      line.push_back(column.text(column.values[row]));
    if (report.has_published)
      line.push_back(report.published[row] ? report.published[row]->quoted_as : "");
    cells.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(cells[0].size(), 0);
  for (const auto& line : cells)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  std::cout << report.title << "\n\n";
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
  Options options("report");
  if (!options.parse(words))
    return status::done;
  using Printer = void (*)(const Report&);
  const std::vector<std::pair<std::string, Printer>> formats = {
      {"table", print_table}, {"csv", print_csv}, {"json", print_json}};
  const std::string format = options.has("format") ? options.text("format") : "table";
  const Printer print = *named(formats, format, "--format");

  const study::ResultReader result(options.text("file"));
  if (const std::size_t unfinished = result.unfinished(); unfinished > 0)
    fmt::print(stderr, "nuloop: {}: {} points are not computed; their values are NaN\n",
               options.text("file"), unfinished);
  switch (result.kind()) {
    case study::Kind::reach:
      print(with_published(discovery_times(result), result));
      break;
    case study::Kind::impacts:
      report_impacts(result, format);
      break;
    case study::Kind::rates:
      print(total_rates(result));
      break;
    case study::Kind::cross_section:
      print(cross_sections(result));
      break;
    case study::Kind::toys:
      print(toys(result));
      break;
    case study::Kind::measurement:
      print(measurements(result));
      break;
  }
  return status::done;
}

}  // namespace nuloop::apps
