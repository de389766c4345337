// Tables of what the points of a result say together, and of what follows from one point's numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "further_tables.hpp"

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/analysis/measurement.hpp"
#include "nuloop/analysis/report.hpp"
#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/row_major.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/physics/couplings.hpp"
#include "nuloop/physics/kinematics.hpp"
#include "nuloop/prediction/curves.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/statistics/between_points.hpp"
#include "nuloop/statistics/interval.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace nuloop::analysis {
namespace {

using setup::Result;
using statistics::Estimate;
using sweep::Depth;
using NumberList = std::vector<double>;
using ReportPointer = std::unique_ptr<Report>;

constexpr std::array<double, 2> wanted_sigmas = {3.0, 5.0};  // evidence and discovery
// Of the curves: points over the exposures of a job, and lines at most, each of which takes rates.
constexpr std::size_t curve_points = 300, most_curves = 1000;
constexpr std::size_t most_residuals = 10000;  // points

// The numbers along one axis of a table at every point of the others, which are row-major.
struct Lines {
  sweep::ResultTable others;  // without values
  NumberList along;
  std::vector<NumberList> values;  // one line per point of the others
};

// @throws InputError naming the table if there is no such axis, or fewer than `least` points on it.
Lines lines_of(const Result& result, const sweep::ResultTable& table, std::string_view key,
               std::size_t least, const char* what) {
  const auto found = std::find_if(table.axes.begin(), table.axes.end(),
                                  [&](const auto& axis) { return axis.key == key; });
  if (found == table.axes.end() || found->values.size() < least)
    throw InputError(fmt::format("{}: no {} without an axis {} of {} or more values", result.path(),
                                 what, key, least));
  const auto place = static_cast<std::size_t>(found - table.axes.begin());
  Lines lines;
  for (const sweep::Value& value : found->values)
    lines.along.push_back(std::get<double>(value));
  Indices extents, other_extents;
  for (std::size_t i = 0; i < table.axes.size(); ++i) {
    extents.push_back(table.axes[i].values.size());
    if (i != place) {
      lines.others.axes.push_back(table.axes[i]);
      other_extents.push_back(extents.back());
    }
  }
  lines.values.assign(size_of(other_extents), NumberList(lines.along.size()));
  const Indices strides = strides_of(other_extents);
  for (std::size_t n = 0; n < table.values.size(); ++n) {
    Indices at = indices_of(n, extents);
    const std::size_t along = at[place];
    at.erase(at.begin() + static_cast<std::ptrdiff_t>(place));
    lines.values[position_of(at, strides)][along] = table.values[n];
  }
  return lines;
}

// Of numbers that need not be.
std::string number_or_none(double value) {
  return std::isnan(value) ? "none" : number_text(value);
}

// A table of these rows, its columns being added.
class Columns {
 public:
  Columns(const Result& result, sweep::ResultTable rows)
      : report_(std::make_unique<PointReport>(result)), rows_(std::move(rows)) {}

  Columns& add(const std::string& name, const std::string& heading, NumberList values,
               std::string (*text)(double) = number_text) {
    if (rows_) {
      rows_->values = std::move(values);
      report_->add(*std::exchange(rows_, std::nullopt), name, heading, text);
    } else {
      report_->add({name, heading, std::move(values), text});
    }
    return *this;
  }
  Columns& add(const std::string& name, const std::string& heading,
               const std::vector<Estimate>& estimates) {
    NumberList values, errors;
    for (const auto& [value, error] : estimates) {
      values.push_back(value);
      errors.push_back(error);
    }
    add(name, heading, std::move(values));
    return add(name + "_error", "+-", std::move(errors));
  }
  ReportPointer finish() { return std::move(report_); }

 private:
  std::unique_ptr<PointReport> report_;
  std::optional<sweep::ResultTable> rows_;  // until the first column has taken them
};

// f(i-th value, its error) for each of two datasets.
template <class F>
std::vector<Estimate> estimates(const NumberList& values, const NumberList& errors, const F& f) {
  std::vector<Estimate> list;
  for (std::size_t i = 0; i < values.size(); ++i)
    list.push_back(f(Estimate{values[i], errors[i]}));
  return list;
}

Estimate over(const Estimate& a, double b) {
  return {a.value / b, a.error / b};
}

// The exposures at which lines reach each of the significances, as reached(exposures, line, sigma)
// has it.
template <class Reached>
ReportPointer times(const Result& result, const Lines& lines, const Reached& reached) {
  Columns columns(result, lines.others);
  for (const double sigma : wanted_sigmas) {
    NumberList years;
    for (const NumberList& line : lines.values)
      years.push_back(reached(lines.along, line, sigma));
    columns.add(fmt::format("years_to_{}_sigma", sigma), fmt::format("{} sigma (yr)", sigma),
                std::move(years), years_text);
  }
  return columns.finish();
}

// The scenarios of a result's points, made anew, and what computes their rates.
class Scenarios {
 public:
  explicit Scenarios(const Result& result)
      : world_(setup::build_world(setup::configs_of(result))),
        job_(setup::job_of(result, world_, kinds())),
        calculator_(world_) {}

  // At a row of a table whose axes are the job's; `more` overrules these. Prepared for its rates.
  setup::Scenario at(const sweep::ResultTable& table, std::size_t row,
                     const std::vector<std::pair<std::string, double>>& more) {
    setup::Settings settings = job_.settings;
    const auto keys = table.keys();
    const auto coordinates = table.coordinates(row);
    for (std::size_t i = 0; i < keys.size(); ++i)
      settings[*setup::find_parameter(keys[i])] = coordinates[i];
    for (const auto& [key, value] : more)
      settings[*setup::find_parameter(key)] = value;
    setup::Scenario scenario = setup::make_scenario(settings, world_);
    calculator_.make_room();
    calculator_.prepare(scenario);
    return scenario;
  }
  const prediction::RateCalculator& calculator() const { return calculator_; }
  const setup::Job& job() const { return job_; }

 private:
  setup::World world_;
  setup::Job job_;
  prediction::RateCalculator calculator_;
};

// Per bin of a fit, over the signal that the tested model expects: data - tested, the same after
// the pulls that fit best, and the standard deviation of the data.
struct Residuals {
  NumberList whole, after_pulls, statistical;

  void add(const setup::Scenario& scenario, const prediction::Rates& rates) {
    const statistics::Comparison comparison =
        prediction::expectation(rates, prediction::pulls_of(scenario), scenario.off_share());
    const statistics::Whitened whitened(comparison);
    const double t = scenario.time.exposure_yr;
    const auto minimum = whitened.minimum(whitened.modes(comparison.widths()), t);
    const Eigen::ArrayXd root = comparison.reference.value.sqrt();
    for (Eigen::Index bin = 0; bin < rates.tested.value.size(); ++bin) {
      const double signal = experiment::days_per_year * rates.tested.value[bin];
      whole.push_back(comparison.difference.value[bin] / signal);
      after_pulls.push_back(root[bin] * minimum.residual[bin] / signal);
      statistical.push_back(root[bin] / std::sqrt(t) / signal);
    }
  }
};

// Of all points. @param more what a point's settings have besides its coordinates, by its row.
template <class More>
ReportPointer residuals(const Result& result, sweep::ResultTable points, const More& more) {
  if (points.values.size() > most_residuals)
    throw InputError(fmt::format("{}: has {} points; residuals of at most {} are computed",
                                 result.path(), points.values.size(), most_residuals));
  Scenarios scenarios(result);
  Residuals found;
  std::size_t bins = 0;
  for (std::size_t row = 0; row < points.values.size(); ++row) {
    const setup::Scenario scenario = scenarios.at(points, row, more(scenarios.job(), row));
    const prediction::Rates rates = scenarios.calculator().rates(scenario);
    found.add(scenario, rates);
    bins = static_cast<std::size_t>(rates.tested.value.size());
    if (found.whole.size() != (row + 1) * bins)
      throw InputError(
          fmt::format("{}: no residuals: its points have different bins", result.path()));
  }
  sweep::ResultTable::Coordinate bin{"bin", {}, {}};
  for (std::size_t i = 0; i < bins; ++i)
    bin.values.emplace_back(static_cast<double>(i));
  points.axes.push_back(std::move(bin));
  return Columns(result, std::move(points))
      .add("residual", "(data - tested)/tested signal", std::move(found.whole))
      .add("residual_after_pulls", "after the pulls", std::move(found.after_pulls))
      .add("statistical_error", "statistics", std::move(found.statistical))
      .finish();
}

// --- Pseudo-experiments ------------------------------------------------------------------------

sweep::ResultTable of_toys(const Result& result, const std::string& name, const char* scale) {
  return result.table("/toys/" + name, Depth::innermost, {fmt::format("/toys/{}", scale)});
}

// The values of the last axis, row by row.
NumberList last_coordinate(const sweep::ResultTable& table) {
  NumberList values;
  for (std::size_t n = 0; n < table.values.size(); ++n)
    values.push_back(
        std::get<double>(table.axes.back().values[n % table.axes.back().values.size()]));
  return values;
}

ReportPointer p_values(const Result& result) {
  sweep::ResultTable p = of_toys(result, "p_value", "threshold");
  const NumberList errors = of_toys(result, "p_value_error", "threshold").values;
  const NumberList thresholds = last_coordinate(p), values = p.values;
  NumberList gaussian;
  for (const double threshold : thresholds)
    gaussian.push_back(statistics::gaussian_tail(threshold, 0.0));
  std::size_t row = 0;
  const auto ratios =
      estimates(values, errors, [&](const Estimate& tail) { return over(tail, gaussian[row++]); });
  return Columns(result, std::move(p))
      .add("p_value", "p", estimates(values, errors, [](const Estimate& tail) { return tail; }))
      .add("gaussian_p_value", "of a normal z", gaussian)
      .add("ratio", "ratio", ratios)
      .add("sigma", "in sigma", estimates(values, errors, statistics::gaussian_sigma))
      .finish();
}

ReportPointer critical_values(const Result& result) {
  sweep::ResultTable z = of_toys(result, "critical", "level");
  const NumberList errors = of_toys(result, "critical_error", "level").values, values = z.values;
  NumberList asymptotic;
  for (const double level : last_coordinate(z))
    asymptotic.push_back(statistics::delta_chi2(level));
  const auto rises = estimates(values, errors, [](const Estimate& root) {
    return Estimate{root.value * root.value, 2.0 * root.value * root.error};
  });
  std::vector<Estimate> ratios;
  for (std::size_t row = 0; row < rises.size(); ++row)
    ratios.push_back(over(rises[row], asymptotic[row]));
  return Columns(result, std::move(z))
      .add("rise", "rise of chi2", rises)
      .add("asymptotic_rise", "asymptotic", asymptotic)
      .add("ratio", "ratio", ratios)
      .finish();
}

ReportPointer times_of_quantiles(const Result& result) {
  return times(result,
               lines_of(result, of_toys(result, "quantile", "probability"), "exposure", 2, "times"),
               statistics::stays_above);
}

// The charge radius of the data, in cm^2: that of the reference, which the tested ones deviate
// from.
double radius_of_data(const Result& result) {
  const io::Node* settings = result.job().find("settings");
  const io::Node* reference = settings != nullptr ? settings->find("reference") : nullptr;
  const std::string name =
      reference != nullptr && reference->text() != nullptr ? *reference->text() : "";
  if (name == "lo+cr")
    return physics::charge_radius_cm2(physics::Flavour::electron);
  if (name == "lo")
    return 0.0;
  throw InputError(
      fmt::format("{}: no intervals: its reference is not one of lo and lo+cr, whose "
                  "charge radius is known",
                  result.path()));
}

ReportPointer intervals(const Result& result) {
  constexpr const char* parameter = "free.charge_radius";
  const auto along = [&](const sweep::ResultTable& table) {
    return lines_of(result, table, parameter, 2, "intervals");
  };
  const double best = radius_of_data(result);
  const Lines critical = along(of_toys(result, "critical", "level"));
  const Lines errors = along(of_toys(result, "critical_error", "level"));
  const Lines roots = along(result.table("/toys/significance", Depth::innermost));
  if (!std::is_sorted(roots.along.begin(), roots.along.end()))
    throw InputError(fmt::format("{}: no intervals: {} does not rise", result.path(), parameter));
  const auto& levels = critical.others.axes.back().values;
  std::array<std::vector<Estimate>, 2> toys;
  std::array<NumberList, 2> asymptotic;
  for (std::size_t row = 0; row < critical.values.size(); ++row) {
    const double level = std::get<double>(levels[row % levels.size()]);
    const NumberList& root = roots.values[row / levels.size()];
    std::vector<statistics::TestedValue> tested;
    for (std::size_t i = 0; i < root.size(); ++i)
      tested.push_back({roots.along[i], root[i], {critical.values[row][i], errors.values[row][i]}});
    const auto found = statistics::feldman_cousins(tested, best);
    for (auto& one : tested)
      one.critical = {std::sqrt(statistics::delta_chi2(level)), 0.0};
    const auto expected = statistics::feldman_cousins(tested, best);
    toys[0].push_back(found.low);
    toys[1].push_back(found.high);
    asymptotic[0].push_back(expected.low.value);
    asymptotic[1].push_back(expected.high.value);
  }
  return Columns(result, critical.others)
      .add("low_cm2", "low (cm2)", toys[0])
      .add("high_cm2", "high (cm2)", toys[1])
      .add("asymptotic_low_cm2", "asymptotic low (cm2)", asymptotic[0])
      .add("asymptotic_high_cm2", "asymptotic high (cm2)", asymptotic[1])
      .finish();
}

// --- Measurements ------------------------------------------------------------------------------

ReportPointer times_of_fits(const Result& result) {
  return times(
      result,
      lines_of(result, result.table("/measurement/chi2_min", Depth::outer), "exposure", 2, "times"),
      [](const NumberList& exposure, const NumberList& chi2, double sigma) {
        return statistics::reached(exposure, chi2, sigma * sigma);
      });
}

// At the best fit, where a prior on the angle is no pull.
ReportPointer residuals_of_fits(const Result& result) {
  const sweep::ResultTable best = result.table("/measurement/best_fit", Depth::outer);
  return residuals(result, best, [&](const setup::Job& job, std::size_t row) {
    const std::string key = setup::free_parameters_of(setup::models_of(job).front()).front();
    return std::vector<std::pair<std::string, double>>{{key, best.values[row]},
                                                       {"lo.sin2_theta_w_uncertainty", 0.0}};
  });
}

ReportPointer zero_excluded(const Result& result) {
  std::vector<Lines> ends;
  for (const char* name : {"low", "high"})
    ends.push_back(lines_of(result,
                            result.table(fmt::format("/measurement/interval_{}", name),
                                         Depth::outer, {"/measurement/level"}),
                            "exposure", 2, "times"));
  NumberList times;
  for (std::size_t row = 0; row < ends[0].values.size(); ++row) {
    NumberList below = ends[1].values[row];
    for (double& value : below)
      value = -value;
    times.push_back(std::min(statistics::stays_above(ends[0].along, ends[0].values[row], 0.0),
                             statistics::stays_above(ends[1].along, below, 0.0)));
  }
  return Columns(result, ends[0].others)
      .add("years_to_exclude_zero", "zero excluded (yr)", std::move(times), years_text)
      .finish();
}

// --- Reach -------------------------------------------------------------------------------------

// The two innermost numbers of a pair of axes at every point of the others.
struct Planes {
  sweep::ResultTable others;
  NumberList first, second;
  std::vector<NumberList> values;  // by the first axis, then by the second
};

Planes planes_of(const Result& result, const sweep::ResultTable& table, const char* first,
                 const char* second, const char* what) {
  const Lines lines = lines_of(result, table, second, 3, what);
  Planes planes{{}, {}, lines.along, {}};
  for (std::size_t n = 0; n < lines.along.size(); ++n) {
    sweep::ResultTable one = lines.others;
    for (const NumberList& line : lines.values)
      one.values.push_back(line[n]);
    Lines across = lines_of(result, one, first, 3, what);
    if (n == 0) {
      planes.first = across.along;
      planes.values.assign(across.values.size(),
                           NumberList(across.along.size() * lines.along.size()));
      planes.others = std::move(across.others);
    }
    for (std::size_t row = 0; row < across.values.size(); ++row)
      for (std::size_t i = 0; i < across.along.size(); ++i)
        planes.values[row][i * lines.along.size() + n] = across.values[row][i];
  }
  return planes;
}

ReportPointer one_bin_laws(const Result& result) {
  const Planes planes = planes_of(result, result.table("/discovery_time", Depth::inner),
                                  "flux_uncertainty", "background_uncertainty", "law of one bin");
  std::array<NumberList, 5> columns;
  for (const NumberList& times : planes.values) {
    const auto law = statistics::one_bin_law(planes.first, planes.second, times);
    const std::array numbers = law ? std::array{law->at_zero, law->slopes[0], law->slopes[1],
                                                law->never_from(0), law->never_from(1)}
                                   : std::array{nan, nan, nan, nan, nan};
    for (std::size_t i = 0; i < numbers.size(); ++i)
      columns[i].push_back(numbers[i]);
  }
  return Columns(result, planes.others)
      .add("rate_per_yr", "1/time without pulls (1/yr)", columns[0], number_or_none)
      .add("flux_slope_per_yr", "less per squared flux uncertainty", columns[1], number_or_none)
      .add("background_slope_per_yr", "less per squared background uncertainty", columns[2],
           number_or_none)
      .add("never_from_flux_uncertainty", "never from flux", columns[3], number_or_none)
      .add("never_from_background_uncertainty", "never from background", columns[4], number_or_none)
      .finish();
}

// The rise of chi2 at the edge of a region of both couplings.
ReportPointer regions(const Result& result) {
  planes_of(result, result.table("/chi2", Depth::innermost), "free.c_l", "free.c_r", "regions");
  sweep::ResultTable::Coordinate level{"level", {}, {}};
  NumberList rises;
  for (const double confidence : confidence_levels) {
    level.values.emplace_back(confidence);
    rises.push_back(statistics::delta_chi2_of_two(confidence));
  }
  return Columns(result, {{std::move(level)}, {}}).add("rise", "rise of chi2", rises).finish();
}

ReportPointer least_chi2(const Result& result) {
  const Planes planes = planes_of(result, result.table("/chi2", Depth::innermost), "free.c_l",
                                  "free.c_r", "least chi2");
  const auto value_at = [](const NumberList& axis, double place) {
    const auto low = std::min(static_cast<std::size_t>(place), axis.size() - 2);
    return std::lerp(axis[low], axis[low + 1], place - static_cast<double>(low));
  };
  std::array<NumberList, 3> columns;
  for (const NumberList& chi2 : planes.values) {
    const auto least = statistics::least_on_grid(chi2, planes.second.size());
    columns[0].push_back(least ? least->value : nan);
    columns[1].push_back(least ? value_at(planes.first, least->at[0]) : nan);
    columns[2].push_back(least ? value_at(planes.second, least->at[1]) : nan);
  }
  return Columns(result, planes.others)
      .add("least_chi2", "least chi2", columns[0], number_or_none)
      .add("c_l", "at c_L", columns[1], number_or_none)
      .add("c_r", "at c_R", columns[2], number_or_none)
      .finish();
}

ReportPointer residuals_of_points(const Result& result) {
  return residuals(
      result, result.table("/chi2", Depth::innermost),
      [](const setup::Job&, std::size_t) { return std::vector<std::pair<std::string, double>>(); });
}

// Exposures over those of the job, which are among them.
NumberList fine_exposures(const NumberList& known) {
  NumberList fine = known;
  const double low = std::log(known.front()), high = std::log(known.back());
  for (std::size_t i = 1; i + 1 < curve_points; ++i)
    fine.push_back(std::exp(std::lerp(low, high, static_cast<double>(i) / (curve_points - 1.0))));
  std::sort(fine.begin(), fine.end());
  fine.erase(std::unique(fine.begin(), fine.end()), fine.end());
  return fine;
}

ReportPointer curves(const Result& result) {
  const Lines lines =
      lines_of(result, result.table("/chi2", Depth::innermost), "exposure", 2, "curves");
  if (lines.values.size() > most_curves)
    throw InputError(fmt::format("{}: has {} curves; at most {} are computed", result.path(),
                                 lines.values.size(), most_curves));
  if (!std::is_sorted(lines.along.begin(), lines.along.end()))
    throw InputError(fmt::format("{}: no curves: exposure does not rise", result.path()));
  const auto exposures = fine_exposures(lines.along);
  Scenarios scenarios(result);
  prediction::Curves of_rates;
  NumberList chi2, errors;
  for (std::size_t row = 0; row < lines.values.size(); ++row) {
    const setup::Scenario scenario =
        scenarios.at(lines.others, row, {{"exposure", lines.along.back()}});
    const prediction::Rates rates = scenarios.calculator().rates(scenario);
    of_rates.begin(rates, scenarios.calculator());
    of_rates.with(scenario, [&](const auto& curve) {
      for (const double years : exposures) {
        chi2.push_back(curve(years));
        errors.push_back(curve.error(years));
      }
    });
  }
  sweep::ResultTable rows = lines.others;
  rows.axes.push_back({"exposure", {exposures.begin(), exposures.end()}, {}});
  NumberList significance;
  for (const double value : chi2)
    significance.push_back(std::sqrt(value));
  return Columns(result, std::move(rows))
      .add("chi2", "chi2", std::move(chi2))
      .add("chi2_error", "error bound", std::move(errors))
      .add("significance", "sqrt(chi2)", std::move(significance))
      .finish();
}

// --- Cross sections ----------------------------------------------------------------------------

ReportPointer thresholds(const Result& result) {
  const sweep::Axis* axis = sweep::find_axis(result.axes(), "recoil");
  if (axis == nullptr)
    throw InputError(fmt::format("{}: no thresholds without an axis recoil", result.path()));
  sweep::ResultTable rows{{{"recoil", axis->values(), {}}}, {}};
  NumberList energies;
  for (const sweep::Value& recoil : axis->values())
    energies.push_back(physics::min_energy_MeV(std::get<double>(recoil)));
  return Columns(result, std::move(rows))
      .add("lowest_energy_MeV", "lowest energy without a photon (MeV)", std::move(energies))
      .finish();
}

}  // namespace

constinit const std::array<FurtherTable, 4> toys_tables = {
    {{"p-values", "p values by threshold, beside those of a normal z, and in sigma", p_values},
     {"critical-values", "critical rises of chi2 by confidence level, beside the asymptotic ones",
      critical_values},
     {"times", "when the quantiles of z pass 3 and 5 sigma for good", times_of_quantiles},
     {"intervals", "intervals of Feldman and Cousins on the charge radius", intervals}}};

constinit const std::array<FurtherTable, 3> measurement_tables = {
    {{"residuals", "what the best fit leaves in each bin, computed anew", residuals_of_fits},
     {"times", "when the best fit is rejected at 3 and 5 sigma", times_of_fits},
     {"zero-excluded", "from when on zero is outside of the intervals", zero_excluded}}};

constinit const std::array<FurtherTable, 5> reach_tables = {
    {{"residuals", "what the pulls leave of the difference in each bin, computed anew",
      residuals_of_points},
     {"curves", "chi2 on a fine grid of exposures, computed anew", curves},
     {"one-bin-law", "1/time as a function of both uncertainties in one bin, and where it is zero",
      one_bin_laws},
     {"regions", "the rise of chi2 at the edge of regions of free.c_l and free.c_r", regions},
     {"least-chi2", "the least chi2 over free.c_l and free.c_r", least_chi2}}};

constinit const std::array<FurtherTable, 1> cross_section_tables = {
    {{"thresholds", "the lowest energy with each recoil", thresholds}}};

}  // namespace nuloop::analysis
