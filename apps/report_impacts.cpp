// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_impacts.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/json_text.hpp"
#include "put.hpp"
#include "report_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::apps {
namespace {

using study::ResultReader;
using study::ResultTable;
using study::Value;

// One input at one point, with its places in the two rankings, from 1; 0 where it has none.
struct Row {
  std::string input;
  std::string unit;
  double value, derivative, derivative_error, elasticity, uncertainty, shift;
  std::size_t by_elasticity = 0;
  std::size_t by_shift = 0;
};

struct Point {
  std::vector<std::pair<std::string, Value>> coordinates;
  double time_yr;
  std::vector<Row> rows;  // by elasticity
};

// Places of the rows in the order of the sizes of a column; those without one have none.
void rank(std::vector<Row>& rows, double Row::*column, std::size_t Row::*place) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto end = std::remove_if(order.begin(), order.end(),
                                  [&](std::size_t i) { return std::isnan(rows[i].*column); });
  std::stable_sort(order.begin(), end, [&](std::size_t a, std::size_t b) {
    return std::abs(rows[a].*column) > std::abs(rows[b].*column);
  });
  for (auto at = order.begin(); at != end; ++at)
    rows[*at].*place = static_cast<std::size_t>(at - order.begin()) + 1;
}

std::vector<std::pair<std::string, Value>> coordinates_of(const ResultTable& times,
                                                          std::size_t index) {
  std::vector<std::pair<std::string, Value>> coordinates;
  std::vector<std::size_t> at(times.axes.size());
  for (std::size_t i = at.size(); i-- > 0;) {
    at[i] = index % times.axes[i].values.size();
    index /= times.axes[i].values.size();
  }
  for (std::size_t i = 0; i < at.size(); ++i) {
    const ResultTable::Coordinate& axis = times.axes[i];
    coordinates.emplace_back(axis.key, axis.values[at[i]]);
    for (const auto& [key, values] : axis.companions)
      coordinates.emplace_back(key, values[at[i]]);
  }
  return coordinates;
}

std::vector<Point> read_points(const ResultReader& result) {
  const ResultTable times = result.table("/discovery_time", study::Part::without_exposure);
  const auto column = [&](const char* name) {
    return result.table(std::string("/impacts/") + name, study::Part::outer, {},
                        {"/impacts/input"});
  };
  const ResultTable values = column("value"), derivatives = column("derivative"),
                    errors = column("derivative_error"), elasticities = column("elasticity"),
                    uncertainties = column("uncertainty"), shifts = column("shift");
  const std::vector<std::string> units = result.texts("/impacts/unit");
  const auto& names = values.axes.back().values;
  if (units.size() != names.size())
    throw InputError(result.path() + ": /impacts/unit is not as long as /impacts/input");
  std::vector<Point> points;
  for (std::size_t n = 0; n < times.values.size(); ++n) {
    Point point{coordinates_of(times, n), times.values[n], {}};
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t at = n * names.size() + i;
      point.rows.push_back({std::get<std::string>(names[i]), units[i], values.values[at],
                            derivatives.values[at], errors.values[at], elasticities.values[at],
                            uncertainties.values[at], shifts.values[at]});
    }
    rank(point.rows, &Row::elasticity, &Row::by_elasticity);
    rank(point.rows, &Row::shift, &Row::by_shift);
    std::stable_sort(point.rows.begin(), point.rows.end(), [](const Row& a, const Row& b) {
      return a.by_elasticity - 1 < b.by_elasticity - 1;  // those without a place last
    });
    points.push_back(std::move(point));
  }
  return points;
}

std::string time_text(double years) {
  if (std::isnan(years))
    return "not computed";
  return std::isinf(years) ? "never" : fmt::format("{:.4g} years", years);
}

std::string number_text(double value, const char* format) {
  return std::isnan(value) ? "" : fmt::format(fmt::runtime(format), value);
}

void print_table(const std::vector<Point>& points, const std::string& title) {
  std::cout << title << "\n";
  for (const Point& point : points) {
    std::vector<std::string> words;
    for (const auto& [key, value] : point.coordinates)
      words.push_back(fmt::format("{} = {}", key, text_of(value)));
    put("\n{}\ndiscovery time: {}\n", fmt::join(words, ", "), time_text(point.time_yr));
    if (!std::isfinite(point.time_yr))
      continue;
    put("\n  {:<38}{:>14} {:<12}{:>12}{:>14}{:>14}{:>6}\n", "input", "value", "", "d ln T/d ln",
        "one sigma", "shift (yr)", "rank");
    for (const Row& row : point.rows) {
      if (row.derivative == 0.0 || (std::isnan(row.elasticity) && std::isnan(row.shift)))
        continue;
      std::string line =
          fmt::format("  {:<38}{:>14} {:<12}{:>12}{:>14}{:>14}{:>6}", row.input,
                      number_text(row.value, "{:.6g}"), row.unit == "1" ? "" : row.unit,
                      number_text(row.elasticity, "{:+.3g}"),
                      number_text(row.uncertainty, "{:.3g}"), number_text(row.shift, "{:+.3g}"),
                      row.by_shift > 0 ? fmt::format("{}", row.by_shift) : std::string());
      line.erase(line.find_last_not_of(' ') + 1);
      std::cout << line << "\n";
    }
  }
}

void print_csv(const std::vector<Point>& points) {
  std::vector<std::string> header;
  for (const auto& coordinate : points.front().coordinates)
    header.push_back(coordinate.first);
  put("{}{}discovery_time_yr,input,unit,value,derivative_yr_per_unit,"
      "derivative_error,elasticity,uncertainty,shift_yr,rank_elasticity,rank_shift\n",
      fmt::join(header, ","), header.empty() ? "" : ",");
  const auto place = [](std::size_t n) { return n > 0 ? fmt::format("{}", n) : std::string(); };
  for (const Point& point : points)
    for (const Row& row : point.rows) {
      for (const auto& coordinate : point.coordinates)
        std::cout << text_of(coordinate.second) << ",";
      put("{},{},{},{},{},{},{},{},{},{},{}\n", point.time_yr, row.input, row.unit, row.value,
          row.derivative, row.derivative_error, row.elasticity, row.uncertainty, row.shift,
          place(row.by_elasticity), place(row.by_shift));
    }
}

// JSON knows neither infinity nor NaN: "inf" and null.
void print_json(const std::vector<Point>& points, const std::string& title) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  const auto place = [](std::size_t n) {
    return n > 0 ? nlohmann::ordered_json(n) : nlohmann::ordered_json(nullptr);
  };
  for (const Point& point : points) {
    nlohmann::ordered_json entry;
    for (const auto& [key, value] : point.coordinates)
      std::visit([&entry, &name = key](const auto& v) { entry[name] = v; }, value);
    entry["discovery_time_yr"] = json_number(point.time_yr);
    entry["inputs"] = nlohmann::ordered_json::array();
    for (const Row& row : point.rows)
      entry["inputs"].push_back({{"input", row.input},
                                 {"unit", row.unit},
                                 {"value", json_number(row.value)},
                                 {"derivative_yr_per_unit", json_number(row.derivative)},
                                 {"derivative_error", json_number(row.derivative_error)},
                                 {"elasticity", json_number(row.elasticity)},
                                 {"uncertainty", json_number(row.uncertainty)},
                                 {"shift_yr", json_number(row.shift)},
                                 {"rank_elasticity", place(row.by_elasticity)},
                                 {"rank_shift", place(row.by_shift)}});
    list.push_back(std::move(entry));
  }
  std::cout << study::json_text({{"title", title}, {"points", list}}) << "\n";
}

}  // namespace

void report_impacts(const ResultReader& result, const std::string& format) {
  const std::vector<Point> points = read_points(result);
  if (format == "csv")
    print_csv(points);
  else if (format == "json")
    print_json(points, result.title());
  else
    print_table(points, result.title());
}

}  // namespace nuloop::apps
