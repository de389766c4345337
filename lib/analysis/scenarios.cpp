// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/scenarios.hpp"

#include "nuloop/foundation/special_values.hpp"
#include "nuloop/prediction/rates.hpp"

#include <algorithm>
#include <variant>

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

}  // namespace

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
      axes_.push_back({&axis, numbers, numbers && all(axis, [](const Parameter& p) {
                                         return !p.has(Parameter::Tag::integrals) &&
                                                (p.role == Parameter::Role::rates ||
                                                 p.role == Parameter::Role::cross_section ||
                                                 p.role == Parameter::Role::discovery);
                                       })});
    }
}

const Scenario& ScenarioSeries::at(const Indices& at) {
  // Integrals depend on the distance where neutrinos disappear.
  same_integrals_ = at_ && scenario_.survival.certain();
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
