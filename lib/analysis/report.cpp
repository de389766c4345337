// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/report.hpp"

#include "nuloop/sweep/json_number.hpp"
#include "nuloop/sweep/json_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::analysis {

void PointReport::add(sweep::ResultTable table, std::string name, std::string heading,
                      std::string (*text)(double)) {
  columns_.push_back({std::move(name), std::move(heading), std::move(table.values), text});
  table.values.clear();
  axes_ = std::move(table);
}

void PointReport::add_sparse(std::string name, std::string heading, std::vector<double> values,
                             std::vector<std::string> texts) {
  sparse_ = {std::move(name), std::move(heading), std::move(values), nullptr};
  sparse_texts_ = std::move(texts);
}

void PointReport::print_csv(std::ostream& out) const {
  std::vector<std::string> header = keys();
  for (const Column& column : columns_)
    header.push_back(column.name);
  if (!sparse_.values.empty())
    header.push_back(sparse_.name);
  out << fmt::format("{}\n", fmt::join(header, ","));
  for (std::size_t row = 0; row < rows(); ++row) {
    std::vector<std::string> cells;
    for (const Value& value : coordinates(row))
      cells.push_back(csv_cell(text_of(value)));
    for (const Column& column : columns_)
      cells.push_back(fmt::format("{}", column.values[row]));
    if (!sparse_.values.empty())
      cells.push_back(std::isnan(sparse_.values[row]) ? ""
                                                      : fmt::format("{}", sparse_.values[row]));
    out << fmt::format("{}\n", fmt::join(cells, ","));
  }
}

void PointReport::print_json(std::ostream& out) const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  const auto names = keys();
  for (std::size_t row = 0; row < rows(); ++row) {
    nlohmann::ordered_json entry;
    const auto at = coordinates(row);
    for (std::size_t i = 0; i < at.size(); ++i)
      std::visit([&](const auto& value) { entry[names[i]] = value; }, at[i]);
    for (const Column& column : columns_)
      entry[column.name] = sweep::json_number(column.values[row]);
    if (!sparse_.values.empty())
      entry[sparse_.name] = sweep::json_number(sparse_.values[row]);
    list.push_back(std::move(entry));
  }
  out << sweep::json_text({{"title", title_}, {rows_name_, list}}) << "\n";
}

void PointReport::print_table(std::ostream& out) const {
  std::vector<std::vector<std::string>> cells = {keys()};
  for (const Column& column : columns_)
    cells[0].push_back(column.heading);
  if (!sparse_.values.empty())
    cells[0].push_back(sparse_.heading);
  for (std::size_t row = 0; row < rows(); ++row) {
    std::vector<std::string> line;
    for (const Value& value : coordinates(row))
      line.push_back(text_of(value));
    for (const Column& column : columns_)
      line.push_back(column.text(column.values[row]));
    if (!sparse_.values.empty())
      line.push_back(sparse_texts_[row]);
    cells.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(cells[0].size(), 0);
  for (const auto& line : cells)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  out << title_ << "\n\n";
  for (std::size_t n = 0; n < cells.size(); ++n) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i)
      line += fmt::format("{:<{}}  ", cells[n][i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
    if (n == 0)
      out << std::string(line.size(), '-') << "\n";
  }
}

std::vector<double> slice(const sweep::ResultTable& table, std::size_t n) {
  const std::size_t length = table.axes.back().values.size();
  std::vector<double> values;
  for (std::size_t i = n; i < table.values.size(); i += length)
    values.push_back(table.values[i]);
  return values;
}

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

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string cell = "\"";
  for (const char c : text)
    cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

std::string text_of(const Value& value) {
  if (const auto* name = std::get_if<std::string>(&value))
    return *name;
  return fmt::format("{}", std::get<double>(value));
}

}  // namespace nuloop::analysis
