// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/scenarios.hpp"

#include "nuloop/analysis/toys.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/statistics/groups.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::analysis {
namespace {

using setup::Axis;
using setup::Column;
using setup::Job;
using setup::Scenario;
using setup::Value;

// Calls visit(scenario) for every combination of the window's axes, row-major; the scenarios hold
// nothing but the window.
template <class Visit>
void for_each_window(const Job& job, const Visit& visit) {
  std::vector<const Axis*> axes;
  Indices extents;
  for (const Axis& axis : job.axes)
    if (setup::shapes_the_bins(axis)) {
      axes.push_back(&axis);
      extents.push_back(axis.size());
    }
  const auto set = [](Scenario& scenario, const setup::Parameter& parameter, const Value& value) {
    if (parameter.has(setup::Parameter::Tag::bins))
      parameter.quantity()->member(scenario) = std::get<double>(value);
  };
  for (std::size_t n = 0; n < size_of(extents); ++n) {
    const Indices at = indices_of(n, extents);
    Scenario scenario;
    for (std::size_t i = 0; i < job.settings.size(); ++i)
      if (job.settings[i])
        set(scenario, setup::parameters()[i], *job.settings[i]);
    for (std::size_t i = 0; i < axes.size(); ++i)
      axes[i]->visit(at[i], [&](const Column& column, const Value& value) {
        set(scenario, setup::definition_of(column), value);
      });
    visit(scenario);
  }
}

// Whether a bin may be without background.
bool may_lack_background(const Scenario& s, const setup::World& world) {
  double highest_MeV = 0.0;  // that a decay of an isotope makes visible
  for (const experiment::CosmogenicIsotope& isotope : world.isotopes)
    for (const experiment::BetaBranch& branch : isotope.branches)
      highest_MeV = std::max(highest_MeV, branch.endpoint_MeV + branch.extra_visible_MeV);
  return std::any_of(s.sites.begin(), s.sites.end(), [&](const setup::Site& site) {
    return site.beta_decay || site.overburden.muon_flux_per_m2_s * s.backgrounds.scale == 0.0 ||
           site.window.value_or(s.window).high_MeV > highest_MeV;
  });
}

// The same with what is zero, and in less time.
Scenario simplified(Scenario s) {
  s.relative_tolerance = 1e-3;  // what is zero does not depend on it
  if (!setup::free_parameters_of(s.theory.model).empty())
    s.theory.model = physics::Model::lo;  // they are tree level, of whatever value
  // They are zero where the signal is.
  s.uncertainties.flux_shape_uncorrelated_scale = s.uncertainties.flux_shape_isotope_scale =
      s.uncertainties.flux_shape_common_scale = s.uncertainties.flux_shape_covariance_scale =
          s.uncertainties.flux_shape_free = 0.0;
  if (s.data)
    s.data = std::make_shared<const Scenario>(simplified(*s.data));
  return s;
}

// Where bins of a scenario are counted together: "9.7 to 10 MeV".
// @param drawn whether counts are drawn, of the model under test or of `truth`, if that is a third.
std::vector<std::string> ranges_counted_together(const Scenario& scenario,
                                                 const setup::World& world, bool drawn,
                                                 const physics::Model* truth) {
  const Scenario s = simplified(drawn ? with_tested_model(scenario) : scenario);
  prediction::RateCalculator calculator(world);
  calculator.prepare(s);
  const prediction::Rates rates = calculator.rates(s);
  const auto parts = prediction::parts_of(rates, 0.0);
  const auto expectation = [&](const prediction::Rates& of) {
    return prediction::expectation(of, prediction::pulls_of(s));
  };
  const Scenario nature =
      drawn ? simplified(in_nature(scenario, truth != nullptr ? *truth : s.theory.model)) : s;
  calculator.prepare(nature);
  const statistics::Comparison counted = expectation(calculator.rates(nature));
  const statistics::Groups groups =
      statistics::groups_of(s.criterion.statistic, expectation(rates), parts, &counted);
  std::vector<std::string> ranges;
  if (groups.empty())
    return ranges;
  auto group = groups.begin();
  for (std::size_t site = 0; site < parts.size(); ++site) {
    const auto end = group + parts[site], first = group;
    const experiment::Binning bins = prediction::binning(s, s.sites[site]);
    for (; group != end; ++group) {
      const auto last =
          std::find(std::make_reverse_iterator(end), std::make_reverse_iterator(group), *group)
              .base() -
          1;
      if (std::find(first, group, *group) == group && last != group)
        ranges.push_back(fmt::format("{:.6g} to {:.6g} MeV",
                                     bins.low_MeV(static_cast<std::size_t>(group - first)),
                                     bins.high_MeV(static_cast<std::size_t>(last - first))));
    }
  }
  return ranges;
}

}  // namespace

std::vector<std::string> bins_counted_together(const Job& job, const setup::World& world) {
  constexpr std::size_t most_looked_at = 64;
  std::vector<std::string> list;
  if (!job.kind->integrates || !setup::takes_any(*job.kind, setup::Parameter::Role::uncertainty))
    return list;
  std::vector<const Axis*> outer, named;
  for (const Axis& axis : job.axes)
    if (axis.depth == sweep::Depth::outer)
      outer.push_back(&axis);
  const auto is_name = [](const Axis& axis) {
    return setup::definition_of(axis.column()).quantity() == nullptr;
  };
  Indices extents;
  for (const Axis* axis : outer)
    extents.push_back(is_name(*axis) ? axis->size() : 1);
  for (std::size_t n = 0; n < std::min(size_of(extents), most_looked_at); ++n) {
    const Indices at = indices_of(n, extents);
    const Scenario scenario = scenario_at(job, world, at);
    if (!may_lack_background(scenario, world) &&
        !(scenario.data && may_lack_background(*scenario.data, world)))
      continue;
    const bool draws = setup::takes_any(*job.kind, setup::Parameter::Role::toys);
    const auto ranges = ranges_counted_together(
        scenario, world, draws,
        draws ? std::get_if<physics::Model>(&scenario.toys.truth) : nullptr);
    if (ranges.empty())
      continue;
    std::vector<std::string> point;
    for (std::size_t i = 0; i < outer.size(); ++i)
      if (is_name(*outer[i]))
        point.push_back(fmt::format("{} {}", setup::definition_of(outer[i]->column()).key,
                                    std::get<std::string>(outer[i]->column().values[at[i]])));
    list.push_back(fmt::format(
        "{}{}bins from {} are counted as one, because in some of them one hypothesis alone expects "
        "events",
        fmt::join(point, ", "), point.empty() ? "" : ": ", fmt::join(ranges, " and from ")));
  }
  return list;
}

Scenario scenario_at(const Job& job, const setup::World& world, const Indices& at) {
  setup::Settings settings = job.settings;
  std::size_t outer = 0;
  for (const Axis& axis : job.axes) {
    if (axis.depth == sweep::Depth::outer) {
      axis.visit(at[outer++], [&](const Column& column, const Value& value) {
        settings[column.parameter] = value;
      });
      continue;
    }
    for (const Column& column : axis.columns)
      settings[column.parameter] = *std::max_element(column.values.begin(), column.values.end());
  }
  return setup::make_scenario(settings, world);
}

ScenarioSeries::ScenarioSeries(const Job& job, const setup::World& world)
    : job_(&job), world_(&world) {
  using setup::Parameter;
  const auto all = [](const Axis& axis, const auto& of) {
    return std::all_of(axis.columns.begin(), axis.columns.end(),
                       [&](const Column& column) { return of(setup::definition_of(column)); });
  };
  for (const Axis& axis : job.axes)
    if (axis.depth == sweep::Depth::outer) {
      const bool numbers = all(axis, [](const Parameter& p) { return p.quantity() != nullptr; });
      axes_.push_back(
          {&axis, numbers && !setup::has_data_world(job),
           numbers && all(axis, [](const Parameter& p) {
             return !p.has(Parameter::Tag::integrals) &&
                    (p.role == Parameter::Role::rates || p.role == Parameter::Role::cross_section ||
                     p.role == Parameter::Role::data || p.role == Parameter::Role::discovery);
           })});
    }
}

const Scenario& ScenarioSeries::at(const Indices& at) {
  // Integrals depend on the distance where neutrinos disappear.
  same_integrals_ = at_ && scenario_.flux.survival.certain() &&
                    (!scenario_.data || scenario_.data->flux.survival.certain());
  bool numbers = at_.has_value();
  for (std::size_t i = 0; i < axes_.size(); ++i)
    if (at_ && at[i] != (*at_)[i]) {
      numbers = numbers && axes_[i].numbers;
      same_integrals_ = same_integrals_ && axes_[i].same_integrals;
    }
  if (!numbers) {
    scenario_ = scenario_at(*job_, *world_, at);
  } else {
    // Names are applied before numbers, and each number has a place of its own.
    for (std::size_t i = 0; i < axes_.size(); ++i)
      if (at[i] != (*at_)[i])
        axes_[i].axis->visit(at[i], [&](const Column& column, const Value& value) {
          setup::definition_of(column).apply(scenario_, *world_, value);
        });
  }
  at_ = at;
  return scenario_;
}

std::size_t most_bins(const Job& job) {
  std::size_t bins = 0;
  for_each_window(job, [&](const Scenario& scenario) {
    bins = std::max(bins, prediction::binning(scenario).size());
  });
  return bins;
}

BinEdges bin_edges(const Job& job, std::size_t bins) {
  BinEdges edges;
  for_each_window(job, [&](const Scenario& scenario) {
    const experiment::Binning binning = prediction::binning(scenario);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      edges.low.push_back(bin < binning.size() ? binning.low_MeV(bin) : nan);
      edges.high.push_back(bin < binning.size() ? binning.high_MeV(bin) : nan);
    }
  });
  return edges;
}

}  // namespace nuloop::analysis
