// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/job.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/setup/problems.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::setup {
namespace {

using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;

constexpr double most_points = 1e6;  // of an axis: each rank holds its values
constexpr double most_scenarios = 1e12;
constexpr double most_integrals = 1e6;     // sets of them: each rank holds their schedule
constexpr double most_inner_points = 1e8;  // of a task, which is held in memory
constexpr double most_bin_edges = 1e7;     // of all windows
constexpr double most_toy_points = 4e9;    // each has its stream of random numbers

// Leaves of nested tables by their dotted key: window.low = ... and "window.low" = ... are one.
void flatten(const Node& table, const std::string& prefix,
             std::vector<std::pair<std::string, const Node*>>& leaves) {
  for (const auto& [name, node] : *table.table()) {
    const std::string key = prefix.empty() ? name : fmt::format("{}.{}", prefix, name);
    const auto parameter = find_parameter(key);
    const bool is_range = (parameter && parameters()[*parameter].quantity() != nullptr) ||
                          key.find(',') != std::string::npos;
    if (node.table() != nullptr && !node.table()->empty() && !is_range)
      flatten(node, key, leaves);
    else
      leaves.emplace_back(key, &node);
  }
}

// Keys of which a word is the last part ("mass": detector.mass).
std::vector<std::string> longer_keys(const std::string& word, const Kind* kind) {
  std::vector<std::string> keys = parameter_keys(kind);
  std::erase_if(keys, [&](const std::string& key) {
    return !key.ends_with("." + word) || parameters()[*find_parameter(key)].of_data;
  });
  return keys;
}

std::string suggested_parameters(const std::string& word, const Kind* kind) {
  const auto longer = longer_keys(word, kind);
  return longer.empty() ? io::suggestion(word, parameter_keys(kind))
                        : fmt::format("did you mean \"{}\"?", fmt::join(longer, "\" or \""));
}

// @param kind whose keys may occur; those of all kinds if there is none.
std::vector<std::pair<std::string, const Node*>> parameter_leaves(const Node& table,
                                                                  const std::string& name,
                                                                  const Kind* kind) {
  if (table.table() == nullptr)
    io::fail(table.where, name, "wants a table");
  auto leaves = leaves_of(table);
  // In the order of the file, also where a dotted table is taken up again. What --set replaces
  // keeps its place; what it adds comes last.
  const auto place = [](const auto& leaf) {
    const int number = leaf.second->where.place;
    return number > 0 ? number : std::numeric_limits<int>::max();
  };
  std::stable_sort(leaves.begin(), leaves.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  std::set<std::string> seen;
  io::Problems problems;
  for (const auto& [keys, node] : leaves)
    for (const std::string& key : name == "axes" ? axis_keys(keys) : std::vector{keys})
      problems.none_in([&, &place = *node] {
        const std::string shown = fmt::format("{}.{}", name, io::to_toml_key(key));
        if (!find_parameter(key))
          io::fail(place.where, shown, "unknown key; " + suggested_parameters(key, kind));
        if (kind && !parameters()[*find_parameter(key)].matters_to(*kind))
          io::fail(place.where, shown,
                   fmt::format("means nothing to a job of kind \"{}\"", kind->name));
        if (!seen.insert(key).second)
          io::fail(place.where, shown, "is set twice");
      });
  problems.raise();
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
  if (table.has("step"))
    io::fail(table.node("step").where, table.full_key("step"),
             "unknown key; a range wants points, how many values there are from end to end");
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

// One list or range per key, as [range, range], or one list of values per point.
std::vector<Column> read_zipped_axis(const Node& node, const std::string& shown,
                                     const std::vector<std::string>& keys, const World& world) {
  const Node::Array* items = node.array();
  if (items == nullptr || items->empty())
    io::fail(node.where, shown,
             "wants a list of points, each a list with a value per key, or a list of ranges, one "
             "per key");
  std::vector<std::vector<Value>> columns(keys.size());
  std::vector<std::size_t> indices;
  for (const std::string& key : keys)
    indices.push_back(*find_parameter(key));
  if (items->front().table() != nullptr) {
    if (items->size() != keys.size())
      io::fail(node.where, shown, fmt::format("wants {} ranges, one per key", keys.size()));
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const auto* quantity = parameters()[indices[k]].quantity();
      if (quantity == nullptr)
        io::fail((*items)[k].where, shown, keys[k] + " is a name and has no range");
      columns[k] = read_range((*items)[k], shown, *quantity);
      if (columns[k].size() != columns[0].size())
        io::fail((*items)[k].where, shown, "the ranges have different numbers of points");
      if (static_cast<double>(columns[0].size() * keys.size()) > most_points)
        io::fail(node.where, shown,
                 fmt::format("{} points of {} keys are more than {} values", columns[0].size(),
                             keys.size(), most_points));
    }
  } else {
    for (const Node& point : *items) {
      if (point.array() == nullptr || point.array()->size() != keys.size())
        io::fail(point.where, shown, fmt::format("wants {} values, one per key", keys.size()));
      for (std::size_t k = 0; k < keys.size(); ++k)
        columns[k].push_back(parameters()[indices[k]].read((*point.array())[k], shown, world));
    }
  }
  const Parameter& first = parameters()[indices[0]];
  std::vector<Column> axis;
  for (std::size_t k = 0; k < keys.size(); ++k)
    axis.push_back(column_of(indices[k], std::move(columns[k])));
  for (std::size_t k = 1; k < keys.size(); ++k) {
    const Parameter& parameter = parameters()[indices[k]];
    for (const std::string& key : {keys[0], keys[k]})
      if (parameters()[*find_parameter(key)].role == Parameter::Role::exposure)
        io::fail(node.where, shown,
                 fmt::format("{} cannot move with other keys: give it an axis of its own", key));
    if (parameter.is_statistical() != first.is_statistical())
      io::fail(node.where, shown,
               fmt::format("{} and {} cannot move together: only one of them changes the rates; "
                           "give each an axis",
                           keys[0], keys[k]));
  }
  const std::vector<Value>& names = axis.front().values;
  if (std::set<Value>(names.begin(), names.end()).size() < names.size())
    io::fail(
        node.where, shown,
        keys[0] +
            " has a value twice; put a key first whose values all differ: it names the points");
  return axis;
}

Node value_node(const Parameter& parameter, const Value& value) {
  if (const auto* name = std::get_if<std::string>(&value))
    return {*name, {}};
  const double number = std::get<double>(value);
  const Dimension dimension = parameter.quantity()->dimension;
  if (io::canonical_unit(dimension).empty())
    return {number, {}};
  return {io::format_quantity(number, dimension), {}};
}

std::string resolve(const Job& job, const Node& axes) {
  std::string text = "[job]\n";
  text += "name = " + io::to_toml({job.name, {}}) + "\n";
  text += "title = " + io::to_toml({job.title, {}}) + "\n";
  text += fmt::format("kind = \"{}\"\n", job.kind->name);
  if (!job.store_rates)
    text += "store_rates = false\n";
  text += "\n[axes]\n";
  for (const auto& [key, node] : parameter_leaves(axes, "axes", job.kind))
    text += io::to_toml_key(key) + " = " + io::to_toml(*node) + "\n";
  text += "\n[settings]\n";
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (job.settings[i])
      text += io::to_toml_key(parameters()[i].key) + " = " +
              io::to_toml(value_node(parameters()[i], *job.settings[i])) + "\n";
  return text;
}

// Where a job writes `key`; the whole document if it does not.
io::Location location_of(const Node& root, std::string_view key) {
  for (const char* section : {"axes", "settings"})
    if (const Node* table = root.find(section))
      for (const auto& [name, node] : parameter_leaves(*table, section, nullptr))
        for (const std::string& one : axis_keys(name))
          if (one == key)
            return node->where;
  return root.where;
}

bool is_on_an_axis(const Job& job, std::size_t parameter) {
  return std::any_of(job.axes.begin(), job.axes.end(), [&](const Axis& axis) {
    return any_parameter(axis, [&](const Parameter& p) { return &p == &parameters()[parameter]; });
  });
}

bool has_value(const Job& job, std::size_t parameter) {
  return job.settings[parameter] || is_on_an_axis(job, parameter);
}

// The keys must have all free parameters of these models, and no others.
void check_free_parameters(const Job& job, const std::vector<physics::Model>& models,
                           const Node& root) {
  std::set<std::string> wanted;
  for (const physics::Model model : models)
    for (std::string& key : free_parameters_of(model)) {
      if (!has_value(job, *find_parameter(key)))
        io::fail(location_of(root, "model"), key,
                 fmt::format("is missing: model \"{}\" has it as a free parameter",
                             name_of(physics::model_names, model)));
      wanted.insert(std::move(key));
    }
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (const std::string& key = parameters()[i].key;
        parameters()[i].has(Parameter::Tag::free) && has_value(job, i) && wanted.count(key) == 0)
      io::fail(location_of(root, key), key,
               "is no free parameter of the model under test nor of the reference");
}

// A measurement is of one parameter, which has one unit; the reference, and other kinds, want
// values.
void check_models(const Job& job, const Node& root) {
  std::vector<physics::Model> models = models_of(job);
  const auto references = models_of(job, "reference");
  if (job.kind->measures) {
    if (models.size() != 1 || free_parameters_of(models.front()).size() != 1)
      io::fail(location_of(root, "model"), "model",
               "wants one model with one free parameter: \"free-charge-radius\" or "
               "\"free-sin2-theta-w\"");
    if (std::find(references.begin(), references.end(), models.front()) != references.end())
      io::fail(location_of(root, "reference"), "reference",
               "has the parameter that is measured; data need one whose parameters are given");
    models.clear();
  }
  models.insert(models.end(), references.begin(), references.end());
  check_free_parameters(job, models, root);
}

// The models that are tested, of which a pull on the angle of LO asks something.
void check_angle(const Job& job, const Node& root) {
  constexpr std::string_view key = "lo.sin2_theta_w_uncertainty";
  const auto widths = values_of(job, key);
  if (std::none_of(widths.begin(), widths.end(), [](double width) { return width > 0.0; }))
    return;
  const auto tested = names_of(job, "toys.tested");  // none but in pseudo-experiments
  for (const std::string& hypothesis : tested.empty() ? std::vector<std::string>{"model"} : tested)
    for (const physics::Model model : models_of(job, hypothesis)) {
      const std::string problem = angle_problem(model, *job.kind);
      if (!problem.empty())
        io::fail(location_of(root, key), std::string(key), problem);
    }
}

// The axis along which more than one key of the window moves, or null.
const Axis* window_axis(const Job& job) {
  for (const Axis& axis : job.axes) {
    int keys = 0;
    for (const Column& column : axis.columns)
      keys += definition_of(column).has(Parameter::Tag::bins) ? 1 : 0;
    if (keys > 1)
      return &axis;
  }
  return nullptr;
}

// The values of a key of the window at the n-th point of `together`.
std::vector<double> window_values(const Job& job, std::string_view key, const Axis* together,
                                  std::size_t n) {
  std::vector<double> values;
  if (together != nullptr)
    together->visit(n, [&](const Column& column, const Value& value) {
      if (column.key == key)
        values.push_back(std::get<double>(value));
    });
  return values.empty() ? values_of(job, key) : values;
}

void check_window(const Job& job, const Node& root, const Axis* together, std::size_t n) {
  const auto low = window_values(job, "window.low", together, n);
  const auto high = window_values(job, "window.high", together, n);
  const auto width = window_values(job, "window.bin_width", together, n);
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
  double edges =
      (*std::max_element(high.begin(), high.end()) - *std::min_element(low.begin(), low.end())) /
      narrowest;
  for (const Axis& axis : job.axes)
    if (shapes_the_bins(axis))
      edges *= static_cast<double>(axis.size());
  if (job.store_rates && edges > most_bin_edges)  // otherwise the result holds none
    io::fail(location_of(root, "window.bin_width"), "window.bin_width",
             fmt::format("the windows have more than {} bins in all", most_bin_edges));
}

// Tables of the experiments' responses are never extrapolated, in either world.
void check_coverage(const Job& job, const Node& root, const World& world) {
  const auto low = values_of(job, "window.low");
  const auto high = values_of(job, "window.high");
  std::vector<double> scales = values_of(job, "detector.energy_scale");
  if (scales.empty())
    scales.push_back(1.0);
  for (const double scale : values_of(job, "data.detector.energy_scale"))
    scales.push_back(scale);
  const MeasuredEnergies window{*std::min_element(low.begin(), low.end()),
                                *std::max_element(high.begin(), high.end()),
                                *std::min_element(scales.begin(), scales.end()),
                                *std::max_element(scales.begin(), scales.end())};
  for (const char* key : {"experiment", "data.experiment"})
    for (const std::string& experiment : names_of(job, key))
      if (const std::string problem = coverage_problem(experiment, window, world); !problem.empty())
        io::fail(location_of(root, key), key, problem);
}

// What moves together is checked point by point, the rest at its extremes.
void check_windows(const Job& job, const Node& root) {
  const Axis* together = window_axis(job);
  for (std::size_t n = 0; n < (together != nullptr ? together->size() : 1); ++n)
    check_window(job, root, together, n);
}

// What would take more memory or time than any machine has, before it is reserved or spent.
void check_size(const Job& job, const Node& axes) {
  double scenarios = 1.0, integrals = 1.0, inner_points = 1.0;
  for (const Axis& axis : job.axes) {
    const auto size = static_cast<double>(axis.size());
    scenarios *= size;
    if (axis.depth != sweep::Depth::outer)
      inner_points *= size;
    if (axis.divides_groups)
      integrals *= size;
  }
  const auto check = [&](double number, double most, const char* what) {
    if (number > most)
      io::fail(axes.where, "axes", fmt::format("{} {} are more than {}", number, what, most));
  };
  check(scenarios, most_scenarios, "scenarios");
  check(inner_points, most_inner_points, "points of uncertainties and exposure");
  if (job.kind->fills_all_threads)
    check(scenarios, most_toy_points, "points of pseudo-experiments");
  check(integrals, most_integrals, "sets of integrals");
}

// Numbers of which not every value makes sense.
void check_steps(const Job& job, const Node& root) {
  for (const Parameter& parameter : parameters()) {
    const auto* quantity = parameter.quantity();
    if (quantity == nullptr || quantity->step == 0.0)
      continue;
    for (const double value : values_of(job, parameter.key))
      if (std::fmod(value, quantity->step) != 0.0)
        io::fail(
            location_of(root, parameter.key), parameter.key,
            fmt::format("{} is not a {}", value,
                        quantity->step == 1.0 ? "whole number"
                                              : fmt::format("multiple of {}", quantity->step)));
  }
}

// What joint experiments do not take.
void check_joint(const Job& job, const Node& root, const World& world) {
  std::vector<std::size_t> given;
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (has_value(job, i))
      given.push_back(i);
  for (const std::string& experiment : names_of(job, "experiment")) {
    const KeyProblem problem = joint_problem(experiment, given, *job.kind, world);
    const std::string key = problem.parameter ? parameters()[*problem.parameter].key : "experiment";
    if (!problem.text.empty())
      io::fail(location_of(root, key), key, problem.text);
    const ExperimentEntry& entry = *world.experiments.find(experiment);
    const bool stores_rates = job.store_rates && job.kind->rates_are_optional;
    // Those that take no joint experiment need the bins of the job.
    if ((entry.window || entry.beta_decay) &&
        (stores_rates ||
         (job.store_rates && job.kind->integrates && !job.kind->why_no_joint.empty())))
      io::fail(location_of(root, "experiment"), "experiment",
               fmt::format("\"{}\" has {} of its own, which a job of kind \"{}\" takes{}",
                           experiment, entry.window ? "a window" : "a channel", job.kind->name,
                           stores_rates ? " with store_rates = false in [job] only" : " not"));
    if (stores_rates && entry.joint())
      io::fail(location_of(root, "experiment"), "experiment",
               fmt::format("\"{}\" is a joint experiment, whose rates a result cannot hold: [job] "
                           "wants store_rates = false",
                           experiment));
  }
}

// Time off is counted once.
void check_time_off(const Job& job, const Node& root, const World& world) {
  const auto times = names_of(job, "reactor_time");
  const auto shares = values_of(job, "reactor_off.share");
  const TimeOff time{std::find(times.begin(), times.end(), "calendar") != times.end(),
                     !values_of(job, "reactor.load_factor").empty(),
                     shares.empty() ? 0.0 : *std::max_element(shares.begin(), shares.end())};
  for (const std::string& experiment : names_of(job, "experiment")) {
    const auto [parameter, text] = time_problem(experiment, time, world);
    if (parameter)
      io::fail(location_of(root, parameters()[*parameter].key), parameters()[*parameter].key, text);
  }
}

// Single fission fractions are of a fuel that stays the same.
void check_fuels(const Job& job, const Node& root, const World& world) {
  const auto given =
      std::find_if(parameters().begin(), parameters().end(), [&](const Parameter& p) {
        return p.isotope && !p.of_data && p.matters_to(*job.kind) && !values_of(job, p.key).empty();
      });
  if (given == parameters().end())
    return;
  const char* const chosen_by = names_of(job, "fuel").empty() ? "experiment" : "fuel";
  Settings point = job.settings;
  point[*find_parameter("experiment")] = names_of(job, "experiment").front();
  for (const std::string& name : names_of(job, chosen_by)) {
    point[*find_parameter(chosen_by)] = name;
    const std::string problem = fuel_problem(make_scenario(point, world));
    if (!problem.empty())
      io::fail(location_of(root, given->key), given->key, problem);
  }
}

bool has_all_isotopes(const experiment::FluxModel& flux) {
  for (std::size_t i = 0; i < experiment::fissile_count; ++i)
    if (!flux.has(i))
      return false;
  return true;
}

// What is wrong with a scenario of these settings; nothing if all is well.
void check_scenario(const Settings& settings, const Kind& kind, const Node& root,
                    const World& world) {
  const Scenario scenario = make_scenario(settings, world);
  const auto fail_unless_empty = [&](const std::string& key, const std::string& problem) {
    const auto& name = settings[*find_parameter(key)];
    if (!problem.empty())
      io::fail(location_of(root, key), key,
               fmt::format("{}{}", name ? fmt::format("\"{}\" ", std::get<std::string>(*name)) : "",
                           problem));
  };
  const auto check_fissions = [&](const Scenario& in, bool of_data) {
    const std::string problem = fission_problem(in);
    for (std::size_t i = 0; i < settings.size() && !problem.empty(); ++i)
      if (const Parameter& p = parameters()[i];
          settings[i] && p.of_data.has_value() == of_data && p.isotope)
        io::fail(location_of(root, p.key), p.key, problem);
  };
  check_fissions(scenario, false);
  fail_unless_empty("flux", flux_problem(scenario));
  if (!scenario.data)
    return;
  check_fissions(*scenario.data, true);
  fail_unless_empty(settings[*find_parameter("data.flux")] ? "data.flux" : "flux",
                    flux_problem(*scenario.data));
  const bool draws = takes_any(kind, Parameter::Role::toys);
  fail_unless_empty("data.experiment", data_problem(scenario, draws));
}

// A flux must have what the reactors and the uncertainties of every point ask of it, and the world
// of the data must have the bins of the fit.
void check_scenarios(const Job& job, const Node& root, const World& world) {
  const auto matters = [](const Parameter& parameter) {
    return parameter.has(Parameter::Tag::flux_use);
  };
  // Most jobs ask for nothing special, and their axes may be long.
  const auto scales = values_of(job, "flux_shape.covariance_scale");
  const auto takes_fissions_away = [&](const Parameter& parameter) {
    if (!parameter.isotope)
      return false;
    const auto fractions = values_of(job, parameter.key);
    return std::find(fractions.begin(), fractions.end(), 0.0) != fractions.end();
  };
  if (names_of(job, "data.experiment").empty() &&
      std::none_of(parameters().begin(), parameters().end(), takes_fissions_away) &&
      std::all_of(scales.begin(), scales.end(), [](double scale) { return scale == 0.0; }) &&
      std::all_of(world.fluxes.entries().begin(), world.fluxes.entries().end(),
                  [](const auto& flux) { return has_all_isotopes(flux.second.model); }))
    return;
  // Points on the axes that matter, one after the other.
  std::vector<const Axis*> axes;
  for (const Axis& axis : job.axes)
    if (any_parameter(axis, matters))
      axes.push_back(&axis);
  std::vector<std::size_t> at(axes.size(), 0);
  Settings settings = job.settings;
  std::size_t moved = 0;
  do {
    for (std::size_t a = 0; a < axes.size(); ++a)
      axes[a]->visit(at[a], [&](const Column& column, const Value& value) {
        settings[column.parameter] = value;
      });
    check_scenario(settings, *job.kind, root, world);
    for (moved = 0; moved < axes.size() && ++at[moved] == axes[moved]->size(); ++moved)
      at[moved] = 0;
  } while (moved < axes.size());
}

const Kind* read_kind(TableReader& header, const Kinds& kinds) {
  const std::string name = header.text("kind");
  const Kind* kind = find_kind(kinds, name);
  if (kind == nullptr)
    io::fail(header.node("kind").where, "job.kind",
             fmt::format("unknown \"{}\"; {}", name, io::suggestion(name, names_of(kinds))));
  return kind;
}

// A key of a job that stands in no section.
void check_sections(const Node& root) {
  for (const auto& [key, node] : *root.table())
    if (find_parameter(key) || !longer_keys(key, nullptr).empty())
      io::fail(node.where, key,
               fmt::format("belongs into [settings] or [axes], as settings.{}",
                           find_parameter(key) ? key : longer_keys(key, nullptr).front()));
}

Job read_header(TableReader header, const Kinds& kinds) {
  Job job;
  job.name = header.text("name");
  const auto unfit = [](unsigned char c) { return c == '/' || c < ' ' || c == 0x7f; };
  if (job.name.empty() || std::any_of(job.name.begin(), job.name.end(), unfit))
    io::fail(header.node("name").where, "job.name",
             "names the result file: no slashes, no control characters, not empty");
  job.title = header.text("title");
  if (header.has("configs"))
    header.text("configs");  // load_inputs has read what it names
  job.kind = header.has("kind") ? read_kind(header, kinds) : kinds.front();
  if (header.has("store_rates")) {
    const Node& store = header.node("store_rates");
    if (!std::holds_alternative<bool>(store.value) || !job.kind->rates_are_optional)
      io::fail(store.where, "job.store_rates", "wants true or false, in a job of kind \"reach\"");
    job.store_rates = std::get<bool>(store.value);
  }
  header.finish();
  return job;
}

Axis read_axis(const Node& node, const std::string& written, const Kind& kind, const World& world) {
  const auto keys = axis_keys(written);
  const std::string shown = "axes." + io::to_toml_key(written);
  const std::size_t index = *find_parameter(keys.front());
  return axis_of(keys.size() > 1
                     ? read_zipped_axis(node, shown, keys, world)
                     : std::vector{column_of(
                           index, read_axis_values(node, shown, parameters()[index], world))},
                 kind);
}

void read_axes(Job& job, const Node& axes, const World& world) {
  io::Problems problems;
  for (const auto& [written, node] : parameter_leaves(axes, "axes", job.kind)) {
    problems.none_in([&, &keys = written, &values = *node] {
      job.axes.push_back(read_axis(values, keys, *job.kind, world));
    });
    if (!problems.none_in([&] { check_size(job, axes); }))
      break;
  }
  problems.raise();
}

// Those of the job, and of the configs where it has none.
void read_all_settings(Job& job, const Node& settings, const World& world) {
  io::Problems problems;
  for (const auto& [key, node] : parameter_leaves(settings, "settings", job.kind))
    if (is_on_an_axis(job, *find_parameter(key)))
      problems.none_in([&, &name = key, &place = *node] {
        io::fail(place.where, "settings." + io::to_toml_key(name),
                 "is an axis of this job already");
      });
  problems.none_in([&] { job.settings = read_settings({&world.defaults, &settings}, world); });
  problems.raise();
  leave_to_experiments(job.settings, read_settings({&settings}, world),
                       names_in_both_worlds(job, "experiment"), world);
  for (const Axis& axis : job.axes)
    for (const Column& column : axis.columns)
      job.settings[column.parameter].reset();
  // What the configs set for other kinds of jobs.
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (!parameters()[i].matters_to(*job.kind))
      job.settings[i].reset();
}

// A job has every key that its kind needs. An experiment has those of reactor, detector and
// background, and configs/couplings.toml those of the loops; they are not asked for.
// @param elsewhere keys that neither axes nor settings have to have.
void check_complete(const Job& job, const std::vector<std::string>& elsewhere,
                    const io::Location& where) {
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    const std::string& key = parameters()[i].key;
    const bool brought = parameters()[i].has(Parameter::Tag::brought) ||
                         std::find(elsewhere.begin(), elsewhere.end(), key) != elsewhere.end();
    if (parameters()[i].matters_to(*job.kind) && !brought && !has_value(job, i))
      io::fail(where, key, "is missing: it belongs in [axes] or [settings]");
  }
}

void check_job(const Job& job, const std::vector<std::string>& elsewhere, const Node& root,
               const World& world) {
  check_complete(job, elsewhere, root.where);
  io::Problems problems;
  problems.none_in([&] { check_steps(job, root); });
  problems.none_in([&] { check_joint(job, root, world); });
  problems.none_in([&] { check_models(job, root); });
  problems.none_in([&] { check_angle(job, root); });
  if (job.kind->integrates)
    problems.none_in([&] { check_windows(job, root); });
  problems.raise();
  if (job.kind->integrates) {
    check_coverage(job, root, world);
    check_fuels(job, root, world);
    check_time_off(job, root, world);
    check_scenarios(job, root, world);
  }
}

}  // namespace

std::vector<std::string> axis_keys(const std::string& written) {
  std::vector<std::string> keys;
  std::size_t at = 0;
  while (at <= written.size()) {
    const std::size_t comma = std::min(written.find(',', at), written.size());
    std::string key = written.substr(at, comma - at);
    key.erase(0, key.find_first_not_of(' '));
    key.erase(key.find_last_not_of(' ') + 1);
    keys.push_back(std::move(key));
    at = comma + 1;
  }
  return keys;
}

std::vector<std::string> names_of(const Job& job, std::string_view key) {
  const std::size_t wanted = *find_parameter(key);
  std::vector<std::string> names;
  const auto add = [&](const Value& value) {
    const auto& name = std::get<std::string>(value);
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  };
  for (const Axis& axis : job.axes)
    for (std::size_t n = 0; n < axis.size(); ++n)
      axis.visit(n, [&](const Column& column, const Value& value) {
        if (column.parameter == wanted)
          add(value);
      });
  if (const auto& setting = job.settings[wanted])
    add(*setting);
  return names;
}

std::vector<std::string> names_in_both_worlds(const Job& job, const std::string& key) {
  std::vector<std::string> names = names_of(job, key);
  for (std::string& name : names_of(job, "data." + key))
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  return names;
}

bool has_data_world(const Job& job) {
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (parameters()[i].of_data && has_value(job, i))
      return true;
  return false;
}

std::vector<double> values_of(const Job& job, std::string_view key) {
  const std::size_t wanted = *find_parameter(key);
  std::vector<double> values;
  for (const Axis& axis : job.axes)
    for (std::size_t n = 0; n < axis.size(); ++n)
      axis.visit(n, [&](const Column& column, const Value& value) {
        if (column.parameter == wanted)
          values.push_back(std::get<double>(value));
      });
  if (const auto& setting = job.settings[wanted])
    values.push_back(std::get<double>(*setting));
  return values;
}

std::vector<physics::Model> models_of(const Job& job, std::string_view key) {
  std::vector<physics::Model> models;
  for (const std::string& name : names_of(job, key))
    models.push_back(*find_named(physics::model_names, name));
  return models;
}

bool shapes_the_bins(const Axis& axis) {
  return any_parameter(axis, [](const Parameter& p) { return p.has(Parameter::Tag::bins); });
}

Column column_of(std::size_t parameter, std::vector<Value> values) {
  const Parameter& definition = parameters()[parameter];
  const auto* quantity = definition.quantity();
  return {parameter,
          definition.key,
          definition.dataset,
          definition.long_name,
          quantity != nullptr ? std::optional(quantity->dimension) : std::nullopt,
          std::move(values)};
}

Axis axis_of(std::vector<Column> columns, const Kind& kind) {
  Axis axis{std::move(columns)};
  axis.depth = definition_of(axis.column()).depth(kind);
  axis.divides_groups =
      kind.integrates && axis.depth == sweep::Depth::outer &&
      any_parameter(axis, [](const Parameter& p) { return p.has(Parameter::Tag::integrals); });
  return axis;
}

std::vector<std::pair<std::string, const Node*>> leaves_of(const Node& table) {
  std::vector<std::pair<std::string, const Node*>> leaves;
  flatten(table, "", leaves);
  return leaves;
}

Settings read_settings(const std::vector<const Node*>& tables, const World& world) {
  Settings settings(parameters().size());
  io::Problems problems;
  for (const Node* table : tables)
    for (const auto& [key, node] : parameter_leaves(*table, "settings", nullptr))
      problems.none_in([&, &name = key, &written = *node] {
        const std::size_t index = *find_parameter(name);
        settings[index] =
            parameters()[index].read(written, "settings." + io::to_toml_key(name), world);
      });
  problems.raise();
  return settings;
}

void leave_to_experiments(Settings& settings, const Settings& own,
                          const std::vector<std::string>& experiments, const World& world) {
  const bool some_have_their_own =
      std::any_of(experiments.begin(), experiments.end(), [&](const std::string& name) {
        const ExperimentEntry* entry = world.experiments.find(name);
        return entry != nullptr &&
               (entry->has_resolution ||
                std::any_of(entry->members.begin(), entry->members.end(),
                            [&](const std::string& member) {
                              return world.experiments.find(member)->has_resolution;
                            }));
      });
  if (!some_have_their_own)
    return;
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (parameters()[i].has(Parameter::Tag::resolution) && !parameters()[i].of_data && !own[i])
      settings[i].reset();
}

Job read_job(const Node& root, const World& world, const Kinds& kinds) {
  TableReader document(root, "");
  Job job = read_header(document.table("job"), kinds);
  static const Node empty{Node::Table{}, {}};
  const Node& axes = document.node("axes");
  const Node& settings = document.has("settings") ? document.node("settings") : empty;
  check_sections(root);
  document.finish();

  io::Problems problems;
  problems.none_in([&] { read_axes(job, axes, world); });
  problems.none_in([&] { read_all_settings(job, settings, world); });
  problems.raise();
  check_job(job, {}, root, world);
  job.resolved = resolve(job, axes);
  return job;
}

Job read_point(const Node& root, const Kind& kind, const std::vector<std::string>& elsewhere,
               const World& world) {
  TableReader document(root, "");
  const Node& settings = document.node("settings");
  document.finish();
  Job job;
  job.kind = &kind;
  job.store_rates = false;
  read_all_settings(job, settings, world);
  check_job(job, elsewhere, root, world);
  return job;
}

}  // namespace nuloop::setup
