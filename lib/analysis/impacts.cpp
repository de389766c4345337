// Jobs of kind "impacts": what the discovery time owes to each input.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/impacts.hpp"

#include "analyses.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/json_number.hpp"
#include "nuloop/sweep/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::analysis {
namespace {

constexpr const char* input_scale = "/impacts/input";
constexpr double impacts_point_s = 3e-3;

// Those under test and those of the data.
std::vector<physics::Model> compared_models(const Job& job) {
  std::vector<physics::Model> models = setup::models_of(job);
  for (const physics::Model model : setup::models_of(job, "reference"))
    models.push_back(model);
  return models;
}

class ImpactsWork : public Tabulated<Impacts> {
 public:
  explicit ImpactsWork(const Asked& asked)
      : Tabulated(asked),
        calculator_(asked.world, compared_models(asked.job),
                    setup::names_of(asked.job, "experiment")) {
    sweep::Scale inputs{input_scale, "input of the discovery time", {}, 0};
    for (const ImpactInput& input : calculator_.inputs()) {
      inputs.names.push_back(input.name);
      inputs.units.push_back(input.units);
    }
    inputs.length = inputs.names.size();
    scales_.push_back(std::move(inputs));

    table_.add(discovery_time_field(), &Impacts::time_yr);
    // Units of inputs differ from one to the next: they stand in /impacts/unit.
    const auto add = [&](const std::string& name, const std::string& units, const char* meaning,
                         auto member) {
      table_.add({"/impacts/" + name,
                  units,
                  meaning,
                  Depth::outer,
                  {input_scale},
                  sweep::Beyond::anything},
                 [member](const Impacts& impacts) {
                   std::vector<std::remove_cvref_t<decltype(std::declval<Impact>().*member)>> all;
                   for (const Impact& impact : impacts.inputs)
                     all.push_back(impact.*member);
                   return all;
                 });
    };
    add("value", "", "the input, in its unit", &Impact::value);
    add("derivative", "", "of the discovery time in Julian years, per unit of the input",
        &Impact::derivative);
    add("elasticity", "1", "d ln(discovery time)/d ln(input); NaN for an input of zero",
        &Impact::elasticity);
    add("uncertainty", "", "one sigma of the input, in its unit; NaN where none is known",
        &Impact::uncertainty);
    add("shift", std::string(io::common_spelling(io::Dimension::time)),
        "derivative times uncertainty", &Impact::shift);
  }

  sweep::Grain grain() const override { return {impacts_point_s, 0.0}; }
  double point_s(std::size_t) const override { return impacts_point_s; }

  sweep::Bound bound(const sweep::Layout& layout, std::size_t field, const sweep::TaskResult& a,
                     const sweep::TaskResult& b) const override {
    const std::string& path = layout.fields()[field].path;
    const auto part = [&](const std::string& name) { return sweep::both(layout, name, a, b); };
    // Of numbers that are taken from configs/ and multiplied a few times.
    constexpr double rounding = 64.0 * std::numeric_limits<double>::epsilon();
    if (path == "/impacts/value" || path == "/impacts/uncertainty")
      return {[own = part(path)](std::size_t n) { return rounding * own.largest(n); }};
    if (path != "/impacts/elasticity" && path != "/impacts/shift")
      return sweep::bound_by_errors(layout, field, a, b);
    // Each is the derivative times something: the relative bounds of the factors add up.
    return {[own = part(path), inputs = calculator_.inputs().size(),
             slope = part("/impacts/derivative"), slope_error = part("/impacts/derivative_error"),
             time = part("/discovery_time"), time_error = part("/discovery_time_error"),
             is_elasticity = path == "/impacts/elasticity"](std::size_t n) {
      const double of_time =
          is_elasticity ? time_error.sum(n / inputs) / time.largest(n / inputs) : 0.0;
      return own.largest(n) * (slope_error.sum(n) / slope.largest(n) + of_time + 2.0 * rounding);
    }};
  }
  void prepare(RateCalculator& calculator, const Scenario& scenario,
               const Team& team) const override {
    calculator_.prepare(calculator, scenario, team);
  }
  std::size_t sets_of_integrals(const Scenario& scenario) const override {
    return calculator_.signal_sets(scenario);
  }

 protected:
  Impacts outcome(const Point& point, const Row&) const override {
    return calculator_(point.calculator, point.scenario);
  }

 private:
  ImpactCalculator calculator_;
};

// One input at one point, with its places in the two rankings, from 1; 0 where it has none.
struct InputRow {
  std::string input;
  std::string unit;
  double value, derivative, derivative_error, elasticity, uncertainty, shift;
  std::size_t by_elasticity = 0;
  std::size_t by_shift = 0;
};

struct RankedPoint {
  std::vector<sweep::Value> coordinates;
  double time_yr;
  std::vector<InputRow> rows;  // by elasticity
};

// Places of the rows in the order of the sizes of a column; those without one have none.
void rank(std::vector<InputRow>& rows, double InputRow::*column, std::size_t InputRow::*place) {
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

std::vector<RankedPoint> read_points(const setup::Result& result, const sweep::ResultTable& times) {
  const auto column = [&](const char* name) {
    return result.table(std::string("/impacts/") + name, Depth::outer, {}, {input_scale});
  };
  const sweep::ResultTable values = column("value"), derivatives = column("derivative"),
                           errors = column("derivative_error"), elasticities = column("elasticity"),
                           uncertainties = column("uncertainty"), shifts = column("shift");
  const std::vector<std::string> units = result.texts("/impacts/unit");
  const auto& names = values.axes.back().values;
  if (units.size() != names.size())
    throw InputError(result.path() + ": /impacts/unit is not as long as /impacts/input");
  std::vector<RankedPoint> points;
  for (std::size_t n = 0; n < times.values.size(); ++n) {
    RankedPoint point{times.coordinates(n), times.values[n], {}};
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t at = n * names.size() + i;
      point.rows.push_back({std::get<std::string>(names[i]), units[i], values.values[at],
                            derivatives.values[at], errors.values[at], elasticities.values[at],
                            uncertainties.values[at], shifts.values[at]});
    }
    rank(point.rows, &InputRow::elasticity, &InputRow::by_elasticity);
    rank(point.rows, &InputRow::shift, &InputRow::by_shift);
    std::stable_sort(
        point.rows.begin(), point.rows.end(), [](const InputRow& a, const InputRow& b) {
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

std::string text_or_blank(double value, const char* format) {
  return std::isnan(value) ? "" : fmt::format(fmt::runtime(format), value);
}

// What the discovery time of each point owes to its inputs, ranked.
class ImpactsReport : public Report {
 public:
  explicit ImpactsReport(const setup::Result& result) : title_(result.title()) {
    const sweep::ResultTable times = result.table("/discovery_time", Depth::inner);
    keys_ = times.keys();
    points_ = read_points(result, times);
  }
  void print_table(std::ostream& out) const override;
  void print_csv(std::ostream& out) const override;
  void print_json(std::ostream& out) const override;

 private:
  std::string title_;
  std::vector<std::string> keys_;
  std::vector<RankedPoint> points_;
};

void ImpactsReport::print_table(std::ostream& out) const {
  out << title_ << "\n";
  for (const RankedPoint& point : points_) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < keys_.size(); ++i)
      words.push_back(fmt::format("{} = {}", keys_[i], text_of(point.coordinates[i])));
    out << fmt::format("\n{}\ndiscovery time: {}\n", fmt::join(words, ", "),
                       time_text(point.time_yr));
    if (!std::isfinite(point.time_yr))
      continue;
    out << fmt::format("\n  {:<38}{:>14} {:<12}{:>12}{:>14}{:>14}{:>6}\n", "input", "value", "",
                       "d ln T/d ln", "one sigma", "shift (yr)", "rank");
    for (const InputRow& row : point.rows) {
      if (row.derivative == 0.0 || (std::isnan(row.elasticity) && std::isnan(row.shift)))
        continue;
      std::string line =
          fmt::format("  {:<38}{:>14} {:<12}{:>12}{:>14}{:>14}{:>6}", row.input,
                      text_or_blank(row.value, "{:.6g}"), row.unit == "1" ? "" : row.unit,
                      text_or_blank(row.elasticity, "{:+.3g}"),
                      text_or_blank(row.uncertainty, "{:.3g}"), text_or_blank(row.shift, "{:+.3g}"),
                      row.by_shift > 0 ? fmt::format("{}", row.by_shift) : std::string());
      line.erase(line.find_last_not_of(' ') + 1);
      out << line << "\n";
    }
  }
}

void ImpactsReport::print_csv(std::ostream& out) const {
  out << fmt::format(
      "{}{}discovery_time_yr,input,unit,value,derivative_yr_per_unit,"
      "derivative_error,elasticity,uncertainty,shift_yr,rank_elasticity,rank_shift\n",
      fmt::join(keys_, ","), keys_.empty() ? "" : ",");
  const auto place = [](std::size_t n) { return n > 0 ? fmt::format("{}", n) : std::string(); };
  for (const RankedPoint& point : points_)
    for (const InputRow& row : point.rows) {
      for (const sweep::Value& coordinate : point.coordinates)
        out << csv_cell(text_of(coordinate)) << ",";
      out << fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", point.time_yr, row.input, row.unit,
                         row.value, row.derivative, row.derivative_error, row.elasticity,
                         row.uncertainty, row.shift, place(row.by_elasticity), place(row.by_shift));
    }
}

void ImpactsReport::print_json(std::ostream& out) const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  const auto place = [](std::size_t n) {
    return n > 0 ? nlohmann::ordered_json(n) : nlohmann::ordered_json(nullptr);
  };
  for (const RankedPoint& point : points_) {
    nlohmann::ordered_json entry;
    for (std::size_t i = 0; i < keys_.size(); ++i)
      std::visit([&](const auto& v) { entry[keys_[i]] = v; }, point.coordinates[i]);
    entry["discovery_time_yr"] = sweep::json_number(point.time_yr);
    if (std::isnan(point.time_yr))
      entry["failed"] = true;
    entry["inputs"] = nlohmann::ordered_json::array();
    for (const InputRow& row : point.rows)
      entry["inputs"].push_back({{"input", row.input},
                                 {"unit", row.unit},
                                 {"value", sweep::json_number(row.value)},
                                 {"derivative_yr_per_unit", sweep::json_number(row.derivative)},
                                 {"derivative_error", sweep::json_number(row.derivative_error)},
                                 {"elasticity", sweep::json_number(row.elasticity)},
                                 {"uncertainty", sweep::json_number(row.uncertainty)},
                                 {"shift_yr", sweep::json_number(row.shift)},
                                 {"rank_elasticity", place(row.by_elasticity)},
                                 {"rank_shift", place(row.by_shift)}});
    list.push_back(std::move(entry));
  }
  out << sweep::json_text({{"title", title_}, {"points", list}}) << "\n";
}

}  // namespace

constinit const Analysis impacts_analysis = {
    .kind = {.name = "impacts",
             .takes =
                 [](const Parameter& parameter) {
                   using Role = Parameter::Role;
                   return parameter.role == Role::cross_section || parameter.role == Role::rates ||
                          parameter.role == Role::discovery ||
                          (parameter.role == Role::uncertainty &&
                           !parameter.has(Parameter::Tag::correlation));
                 }},
    .work = [](const Asked& asked) -> std::unique_ptr<sweep::Work> {
      return std::make_unique<ImpactsWork>(asked);
    },
    .report = [](const setup::Result& result) -> std::unique_ptr<Report> {
      return std::make_unique<ImpactsReport>(result);
    }};

}  // namespace nuloop::analysis
