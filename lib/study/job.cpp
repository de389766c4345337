// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/job.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;

constexpr double most_points = 1e6;  // of an axis: each rank holds its values
constexpr double most_scenarios = 1e12;

// Leaves of nested tables by their dotted key: window.low = ... and "window.low" = ... are one.
void flatten(const Node& table, const std::string& prefix,
             std::vector<std::pair<std::string, const Node*>>& leaves) {
  for (const auto& [name, node] : *table.table()) {
    const std::string key = prefix.empty() ? name : fmt::format("{}.{}", prefix, name);
    const auto parameter = find_parameter(key);
    const bool is_range = parameter && parameters()[*parameter].quantity() != nullptr;
    if (node.table() != nullptr && !node.table()->empty() && !is_range)
      flatten(node, key, leaves);
    else
      leaves.emplace_back(key, &node);
  }
}

std::vector<std::pair<std::string, const Node*>> parameter_leaves(const Node& table,
                                                                  const std::string& name) {
  if (table.table() == nullptr)
    io::fail(table.where, name, "wants a table");
  std::vector<std::pair<std::string, const Node*>> leaves;
  flatten(table, "", leaves);
  // In the order of the file, also where a dotted table is taken up again; --set comes last.
  const auto line = [](const auto& leaf) {
    const int number = leaf.second->where.line;
    return number > 0 ? number : std::numeric_limits<int>::max();
  };
  std::stable_sort(leaves.begin(), leaves.end(),
                   [&](const auto& a, const auto& b) { return line(a) < line(b); });
  std::set<std::string> seen;
  for (const auto& [key, node] : leaves) {
    if (!find_parameter(key))
      io::fail(node->where, fmt::format("{}.{}", name, io::to_toml_key(key)),
               "unknown key; " + io::suggestion(key, parameter_keys()));
    if (!seen.insert(key).second)
      io::fail(node->where, fmt::format("{}.{}", name, io::to_toml_key(key)), "is set twice");
  }
  return leaves;
}

// 0.23122 rather than 0.23122000000000001, so that points can be selected by the numbers that
// people write; anything that is not a short number up to rounding stays as it is.
double as_written(double value) {
  const std::string text = fmt::format("{:.12g}", value);
  double rounded = value;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  const double rounding = 4.0 * std::numeric_limits<double>::epsilon() * std::abs(value);
  return std::abs(rounded - value) <= rounding ? rounded : value;
}

std::vector<Value> read_range(const Node& node, const std::string& key,
                              const Parameter::Quantity& quantity) {
  TableReader table(node, key);
  const double from = table.quantity("from", quantity.dimension, quantity.range);
  const double to = table.quantity("to", quantity.dimension, quantity.range);
  const double points = table.number("points", Range::within(2.0, most_points));
  if (points != std::floor(points))
    io::fail(table.node("points").where, table.full_key("points"), "wants a whole number");
  const std::string spacing = table.has("spacing") ? table.text("spacing") : "linear";
  if (spacing != "linear" && spacing != "log")
    io::fail(table.node("spacing").where, table.full_key("spacing"), "wants \"linear\" or \"log\"");
  if (spacing == "log" && !(from > 0.0 && to > 0.0))
    io::fail(node.where, key, "logarithmic spacing wants from and to above zero");
  if (from == to)
    io::fail(node.where, key, "from and to are equal");
  table.finish();

  const auto count = static_cast<std::size_t>(points);
  std::vector<Value> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / (points - 1.0);
    values[i] = spacing == "log" ? std::exp(std::lerp(std::log(from), std::log(to), share))
                                 : as_written(std::lerp(from, to, share));
  }
  values.front() = from;
  values.back() = to;
  return values;
}

std::vector<Value> read_axis_values(const Node& node, const std::string& key,
                                    const Parameter& parameter, const World& world) {
  if (node.table() != nullptr) {
    if (parameter.quantity() == nullptr)
      io::fail(node.where, key, "wants a list of names");
    return read_range(node, key, *parameter.quantity());
  }
  if (node.array() == nullptr || node.array()->empty())
    io::fail(node.where, key, "wants a list with at least one value, or { from, to, points }");
  std::vector<Value> values;
  std::set<Value> seen;
  for (const Node& item : *node.array()) {
    values.push_back(parameter.read(item, key, world));
    if (!seen.insert(values.back()).second)
      io::fail(item.where, key, fmt::format("{} is listed twice", io::to_toml(item)));
  }
  return values;
}

Node value_node(const Parameter& parameter, const Value& value) {
  if (const auto* name = std::get_if<std::string>(&value))
    return {*name, {}};
  const double number = std::get<double>(value);
  const Dimension dimension = parameter.quantity()->dimension;
  if (dimension == Dimension::number)
    return {number, {}};
  return {io::format_quantity(number, dimension), {}};
}

std::string resolve(const Job& job, const Node& axes) {
  std::string text = "[job]\n";
  text += "name = " + io::to_toml({job.name, {}}) + "\n";
  text += "title = " + io::to_toml({job.title, {}}) + "\n";
  text += "\n[axes]\n";
  for (const auto& [key, node] : parameter_leaves(axes, "axes"))
    text += io::to_toml_key(key) + " = " + io::to_toml(*node) + "\n";
  text += "\n[settings]\n";
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (job.settings[i])
      text += io::to_toml_key(parameters()[i].key) + " = " +
              io::to_toml(value_node(parameters()[i], *job.settings[i])) + "\n";
  return text;
}

// The numbers that a parameter takes anywhere in the job; empty if an experiment decides.
std::vector<double> values_of(const Job& job, std::string_view key) {
  std::vector<double> values;
  if (const Axis* axis = job.axis(key)) {
    for (const Value& value : axis->values)
      values.push_back(std::get<double>(value));
  } else if (const auto& setting = job.settings[*find_parameter(key)]) {
    values.push_back(std::get<double>(*setting));
  }
  return values;
}

// Where a job writes `key`; the whole document if it does not.
io::Location location_of(const Node& root, std::string_view key) {
  for (const char* section : {"axes", "settings"})
    if (const Node* table = root.find(section))
      for (const auto& [name, node] : parameter_leaves(*table, section))
        if (name == key)
          return node->where;
  return root.where;
}

void check_window(const Job& job, const Node& root) {
  const auto low = values_of(job, "window.low");
  const auto high = values_of(job, "window.high");
  const auto width = values_of(job, "window.bin_width");
  const double highest_low = *std::max_element(low.begin(), low.end());
  const double lowest_high = *std::min_element(high.begin(), high.end());
  const double narrowest = *std::min_element(width.begin(), width.end());
  const auto order = window_problem(highest_low, lowest_high, lowest_high);
  if (!order.empty())
    io::fail(location_of(root, "window.low"), "window.low", order);
  const auto bins = window_problem(*std::min_element(low.begin(), low.end()),
                                   *std::max_element(high.begin(), high.end()), narrowest);
  if (!bins.empty())
    io::fail(location_of(root, "window.bin_width"), "window.bin_width", bins);
}

void check_size(const Job& job, const Node& axes) {
  double scenarios = 1.0;
  for (const Axis& axis : job.axes)
    scenarios *= static_cast<double>(axis.values.size());
  if (scenarios > most_scenarios)
    io::fail(axes.where, "axes",
             fmt::format("{} scenarios are more than {}", scenarios, most_scenarios));
}

// What neither the job nor configs/analysis.toml says; experiments bring reactor, detector and
// background.
void check_complete(const Job& job, const Node& root) {
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    const std::string& key = parameters()[i].key;
    const bool by_experiment = key.starts_with("reactor.") || key.starts_with("detector.") ||
                               key == "background" || key == "background.muon_flux";
    if (!by_experiment && job.axis(key) == nullptr && !job.settings[i])
      io::fail(root.where, key, "is missing: it belongs in [axes] or [settings]");
  }
}

}  // namespace

const Axis* Job::axis(std::string_view key) const {
  for (const Axis& axis : axes)
    if (axis.definition().key == key)
      return &axis;
  return nullptr;
}

Settings read_settings(const std::vector<const Node*>& tables, const World& world) {
  Settings settings(parameters().size());
  for (const Node* table : tables)
    for (const auto& [key, node] : parameter_leaves(*table, "settings")) {
      const std::size_t index = *find_parameter(key);
      settings[index] = parameters()[index].read(*node, "settings." + io::to_toml_key(key), world);
    }
  return settings;
}

Job read_job(const Node& root, const World& world) {
  TableReader document(root, "");
  TableReader header = document.table("job");
  Job job;
  job.name = header.text("name");
  const auto unfit = [](unsigned char c) { return c == '/' || c < ' ' || c == 0x7f; };
  if (job.name.empty() || std::any_of(job.name.begin(), job.name.end(), unfit))
    io::fail(header.node("name").where, "job.name",
             "names the result file: no slashes, no control characters, not empty");
  job.title = header.text("title");
  header.finish();

  const Node& axes = document.node("axes");
  for (const auto& [key, node] : parameter_leaves(axes, "axes")) {
    const std::size_t index = *find_parameter(key);
    job.axes.push_back({index, read_axis_values(*node, "axes." + io::to_toml_key(key),
                                                parameters()[index], world)});
    check_size(job, axes);
  }

  static const Node empty{Node::Table{}, {}};
  const Node& settings = document.has("settings") ? document.node("settings") : empty;
  document.finish();
  job.settings = read_settings({&world.defaults, &settings}, world);
  for (const auto& [key, node] : parameter_leaves(settings, "settings"))
    if (job.axis(key) != nullptr)
      io::fail(node->where, "settings." + io::to_toml_key(key), "is an axis of this job already");
  for (const Axis& axis : job.axes)
    job.settings[axis.parameter].reset();

  check_complete(job, root);
  check_window(job, root);
  job.resolved = resolve(job, axes);
  return job;
}

}  // namespace nuloop::study
