// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/report.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/io/quantity.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/setup/parameters.hpp"
#include "nuloop/sweep/coordinates.hpp"
#include "nuloop/sweep/json_number.hpp"
#include "nuloop/sweep/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::analysis {
namespace {

// With the unit of its numbers, for people.
std::string heading_of(const std::string& key) {
  const auto parameter = setup::find_parameter(key);
  const auto* quantity = parameter ? setup::parameters()[*parameter].quantity() : nullptr;
  const auto unit = quantity != nullptr ? io::canonical_unit(quantity->dimension) : "";
  return unit.empty() ? key : fmt::format("{} ({})", key, unit);
}

bool same_value(const io::Node& a, const io::Node& b) {
  const auto number = [](const io::Node& node) {
    const auto* whole = std::get_if<std::int64_t>(&node.value);
    const auto* real = std::get_if<double>(&node.value);
    return whole != nullptr  ? std::optional(static_cast<double>(*whole))
           : real != nullptr ? std::optional(*real)
                             : std::nullopt;
  };
  return number(a) ? number(a) == number(b) : io::to_toml(a) == io::to_toml(b);
}

// What an analysis assumes where a job says nothing; empty if the result does not hold it.
io::Node defaults_of(const setup::Result& result) {
  const char* const name = "analysis.toml";
  for (const auto& [file, text] : result.used_configs())
    if (file == name)
      return io::parse_toml({name, fmt::format("{}: {}", result.path(), name), text});
  return {};
}

// "experiment tao-30m, flux mueller", of what no axis has: what a reader wants to know of any
// result, and what this one has other than most.
std::string settings_text(const setup::Result& result) {
  const io::Node& job = result.job();
  const io::Node defaults = defaults_of(result);
  const io::Node* settings = job.find("settings");
  if (settings == nullptr)
    return "";
  std::vector<std::string> words;
  const auto add = [&](std::string_view key, const io::Node& node) {
    words.push_back(
        fmt::format("{} {}", key, node.text() != nullptr ? *node.text() : io::to_toml(node)));
  };
  for (const setup::Parameter& parameter : setup::parameters())
    if (const io::Node* node = settings->find(parameter.key);
        node != nullptr && parameter.has(setup::Parameter::Tag::headline))
      add(parameter.key, *node);
  const auto leaves = defaults.table() != nullptr
                          ? setup::leaves_of(defaults)
                          : std::vector<std::pair<std::string, const io::Node*>>();
  const std::map<std::string, const io::Node*> usual_values(leaves.begin(), leaves.end());
  for (const setup::Parameter& parameter : setup::parameters()) {
    const io::Node* node = settings->find(parameter.key);
    const auto usual = usual_values.find(parameter.key);
    if (node != nullptr && !parameter.has(setup::Parameter::Tag::headline) &&
        (parameter.of_data ||
         (!leaves.empty() && (usual == usual_values.end() || !same_value(*node, *usual->second)))))
      add(parameter.key, *node);
  }
  return words.empty() ? "" : fmt::format("{}\n", fmt::join(words, ", "));
}

// What a selection of a key wants: a name, and the number that the text is in the key's unit, or
// with one of its own as in a job ("0.5 %").
struct Wanted {
  std::string name;
  std::optional<double> number;

  Wanted(const std::string& key, const std::string& text) : name(text) {
    double value = 0.0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status == std::errc() && end == text.data() + text.size()) {
      number = value;
      return;
    }
    const auto parameter = setup::find_parameter(key);
    const auto* quantity = parameter ? setup::parameters()[*parameter].quantity() : nullptr;
    if (quantity == nullptr || status != std::errc())
      return;
    try {
      number = io::parse_quantity(text, quantity->dimension);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{} = {}: {}", key, text, error.what()));
    }
  }

  bool is(const Value& value) const {
    if (const auto* text = std::get_if<std::string>(&value))
      return *text == name;
    return number && sweep::same_coordinate(*number, std::get<double>(value));
  }
};

}  // namespace

void Report::print_summary(std::ostream&) const {
  throw InputError("results of this kind have no summary");
}

void Report::select(const std::string&, const std::string&) {
  throw InputError("of results of this kind nothing can be selected");
}

PointReport::PointReport(const setup::Result& result)
    : title_(result.title()), settings_(settings_text(result)) {}

void PointReport::select(const std::string& key, const std::string& value) {
  const auto names = keys();
  const auto found = std::find(names.begin(), names.end(), key);
  if (found == names.end())
    throw InputError(fmt::format("there is no \"{}\"; {}", key, io::suggestion(key, names)));
  const auto at = static_cast<std::size_t>(found - names.begin());
  std::vector<std::size_t> rows;
  std::set<std::string> others;
  const Wanted wanted(key, value);
  each_shown([&](std::size_t row) {
    const Value is = coordinates(row)[at];
    if (wanted.is(is))
      rows.push_back(row);
    else
      others.insert(text_of(is));
  });
  if (rows.empty())
    throw InputError(
        fmt::format("no point has {} = {}; there are: {}", key, value, fmt::join(others, ", ")));
  selected_ = std::move(rows);
}

void PointReport::print_summary(std::ostream& out) const {
  out << title_ << "\n" << settings_ << "\n" << fmt::format("{} points\n", shown());
  for (const Column& column : columns_)
    print_summary(out, column);
}

// "experiment = tao-30m, reactor.thermal_power (GW) = 4.6"
std::string PointReport::place(std::size_t row) const {
  const auto names = keys();
  const auto at = coordinates(row);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < at.size(); ++i)
    words.push_back(fmt::format("{} = {}", heading_of(names[i]), text_of(at[i])));
  return fmt::format("{}", fmt::join(words, ", "));
}

void PointReport::print_summary(std::ostream& out, const Column& column) const {
  using Found = std::pair<double, std::size_t>;  // value, row
  std::optional<Found> least, most;
  std::size_t endless = 0, failed = 0;
  each_shown([&](std::size_t row) {
    const double value = column.value(row);
    if (std::isnan(value)) {
      ++failed;
      return;
    }
    if (std::isinf(value)) {
      ++endless;
      return;
    }
    if (!least || value < least->first)
      least = {value, row};
    if (!most || value >= most->first)
      most = {value, row};
  });
  out << column.heading << "\n";
  if (least)
    for (const auto& [name, found] : {std::pair("smallest", *least), std::pair("largest", *most)})
      out << fmt::format("  {:<8}  {} at {}\n", name, column.text(found.first),
                         place(found.second));
  if (endless > 0)
    out << fmt::format("  {}     {}\n", column.text(infinity), endless);
  if (failed > 0)
    out << "  failed    " << failed << "\n";
}

void PointReport::add(sweep::ResultTable table, std::string name, std::string heading,
                      std::string (*text)(double)) {
  columns_.push_back({std::move(name), std::move(heading), std::move(table.values), text});
  table.values.clear();
  axes_ = std::move(table);
}

void PointReport::add(sweep::ResultTable rows, sweep::StreamedNumbers values, std::string name,
                      std::string heading, std::string (*text)(double)) {
  columns_.push_back({std::move(name),
                      std::move(heading),
                      {},
                      text,
                      std::make_shared<const sweep::StreamedNumbers>(std::move(values))});
  axes_ = std::move(rows);
}

void PointReport::add_sparse(std::string name, std::string heading,
                             std::map<std::size_t, Cell> cells) {
  sparse_name_ = std::move(name);
  sparse_heading_ = std::move(heading);
  sparse_ = std::move(cells);
}

const PointReport::Cell* PointReport::sparse(std::size_t row) const {
  const auto found = sparse_.find(row);
  return found == sparse_.end() ? nullptr : &found->second;
}

void PointReport::print_csv(std::ostream& out) const {
  std::vector<std::string> header = keys();
  for (const Column& column : columns_)
    header.push_back(column.name);
  if (!sparse_name_.empty())
    header.push_back(sparse_name_);
  out << fmt::format("{}\n", fmt::join(header, ","));
  each_shown([&](std::size_t row) {
    std::vector<std::string> line;
    for (const Value& value : coordinates(row))
      line.push_back(csv_cell(text_of(value)));
    for (const Column& column : columns_)
      line.push_back(fmt::format("{}", column.value(row)));
    if (!sparse_name_.empty())
      line.push_back(sparse(row) != nullptr ? fmt::format("{}", sparse(row)->value) : "");
    out << fmt::format("{}\n", fmt::join(line, ","));
  });
}

// Written row by row: a result may have millions.
void PointReport::print_json(std::ostream& out) const {
  out << fmt::format("{{\n  \"title\": {},\n  {}: [", sweep::json_text(title_),
                     sweep::json_text(rows_name_));
  const auto names = keys();
  const char* before = "\n    ";
  each_shown([&](std::size_t row) {
    nlohmann::ordered_json entry;
    const auto at = coordinates(row);
    for (std::size_t i = 0; i < at.size(); ++i)
      std::visit([&](const auto& value) { entry[names[i]] = value; }, at[i]);
    for (const Column& column : columns_)
      entry[column.name] = sweep::json_number(column.value(row));
    if (!sparse_name_.empty())
      entry[sparse_name_] = sweep::json_number(sparse(row) != nullptr ? sparse(row)->value : nan);
    if (std::any_of(columns_.begin(), columns_.end(),
                    [&](const Column& column) { return std::isnan(column.value(row)); }))
      entry["failed"] = true;
    out << before;
    for (const char c : sweep::json_text(entry)) {
      out << c;
      if (c == '\n')
        out << "    ";
    }
    before = ",\n    ";
  });
  out << (shown() > 0 ? "\n  ]\n}\n" : "]\n}\n");
}

std::vector<std::string> PointReport::headings() const {
  std::vector<std::string> line;
  for (const std::string& key : keys())
    line.push_back(heading_of(key));
  for (const Column& column : columns_)
    line.push_back(column.heading);
  if (!sparse_name_.empty())
    line.push_back(sparse_heading_);
  return line;
}

std::vector<std::string> PointReport::cells(std::size_t row) const {
  std::vector<std::string> line;
  for (const Value& value : coordinates(row))
    line.push_back(text_of(value));
  for (const Column& column : columns_)
    line.push_back(column.text(column.value(row)));
  if (!sparse_name_.empty())
    line.push_back(sparse(row) != nullptr ? sparse(row)->text : "");
  return line;
}

// The rows are made twice, for the widths and to be printed: a result may have millions.
void PointReport::print_table(std::ostream& out) const {
  const auto header = headings();
  std::vector<std::size_t> widths(header.size(), 0);
  const auto widen = [&](const std::vector<std::string>& line) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  };
  const auto padded = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i)
      line += fmt::format("{:<{}}  ", cells[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  widen(header);
  each_shown([&](std::size_t row) { widen(cells(row)); });
  const std::string heads = padded(header);
  out << title_ << "\n"
      << settings_ << "\n"
      << heads << "\n"
      << std::string(heads.size(), '-') << "\n";
  each_shown([&](std::size_t row) { out << padded(cells(row)) << "\n"; });
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
  return years >= 1e4 || years < 1.0 ? fmt::format("{:.3g}", years) : fmt::format("{:.2f}", years);
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
