// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/warnings.hpp"

#include "nuloop/physics/cross_section.hpp"
#include "nuloop/physics/kinematics.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

// Beyond these a width is hardly meant. Those of factors are on published uncertainties.
struct Widest {
  std::string_view key;
  double width;
  bool is_factor = false;
};
constexpr Widest widest[] = {{"flux_uncertainty", 0.2},
                             {"background_uncertainty", 2.0},
                             {"theory.hadronic_3_gamma_uncertainty", 2.0},
                             {"theory.hadronic_gamma_gamma_uncertainty", 2.0},
                             {"energy_scale_uncertainty", 0.2},
                             {"resolution_uncertainty", 1.0},
                             {"flux_shape.uncorrelated_scale", 10.0, true},
                             {"flux_shape.isotope_scale", 10.0, true},
                             {"flux_shape.common_scale", 10.0, true},
                             {"isotope_yields.scale", 10.0, true}};

void warn_of_widths(const Job& job, std::vector<std::string>& list) {
  for (const Widest& row : widest) {
    const std::vector<double> values = values_of(job, row.key);
    if (values.empty())
      continue;
    const double most = *std::max_element(values.begin(), values.end());
    if (most <= row.width)
      continue;
    list.push_back(
        row.is_factor
            ? fmt::format("{} = {} is a factor on uncertainties; as published is 1", row.key, most)
            : fmt::format("{} = {} is {:.4g} %; if {} % is meant, write \"{} %\"", row.key, most,
                          100.0 * most, most, most));
  }
}

// The names that a job gives to a choice.
std::vector<std::string> names_of_choice(const Job& job, std::string_view key) {
  std::vector<Value> values;
  for (const Axis& axis : job.axes)
    for (const Column& column : axis.columns)
      if (column.key == key)
        values = column.values;
  if (const auto parameter = find_parameter(key);
      values.empty() && parameter && job.settings[*parameter])
    values = {*job.settings[*parameter]};
  std::vector<std::string> names;
  for (const Value& value : values)
    names.push_back(std::get<std::string>(value));
  return names;
}

// The flux of the world that begins first, or ends last.
template <class Before>
const FluxEntry& outermost(const World& world, const Before& before) {
  return std::min_element(
             world.fluxes.entries().begin(), world.fluxes.entries().end(),
             [&](const auto& a, const auto& b) { return before(a.second.model, b.second.model); })
      ->second;
}

void warn_of_fluxes(const Job& job, const World& world, std::vector<std::string>& list) {
  constexpr double least_share = 1e-3;
  const auto low = values_of(job, "window.low"), high = values_of(job, "window.high");
  const auto sin2_theta_w = values_of(job, "lo.sin2_theta_w");
  if (!job.kind->integrates || low.empty() || high.empty() || sin2_theta_w.empty())
    return;
  const double low_MeV = *std::min_element(low.begin(), low.end());
  const double high_MeV = *std::max_element(high.begin(), high.end());
  const auto single =
      std::find_if(world.experiments.entries().begin(), world.experiments.entries().end(),
                   [](const auto& entry) { return !entry.second.joint(); });
  const Yardstick yardstick{single->second.reactor.fission_fractions, sin2_theta_w.front(), low_MeV,
                            high_MeV};
  const auto& first =
      outermost(world, [](const auto& a, const auto& b) { return a.low_MeV() < b.low_MeV(); });
  const auto& last =
      outermost(world, [](const auto& a, const auto& b) { return a.high_MeV() > b.high_MeV(); });
  for (const std::string& name : names_of_choice(job, "flux")) {
    const experiment::FluxModel& flux = world.fluxes.find(name)->model;
    if (flux.low_MeV() > first.model.low_MeV())
      if (const double share = missing_share(flux, first.model, yardstick).below;
          share > least_share)
        list.push_back(fmt::format(
            "flux {} begins at {} MeV and is zero below: {:.3g} % of the events of the window from "
            "{} MeV on are missing",
            name, flux.low_MeV(), 100.0 * share, low_MeV));
    if (flux.high_MeV() < last.model.high_MeV())
      if (const double share = missing_share(flux, last.model, yardstick).above;
          share > least_share)
        list.push_back(fmt::format(
            "flux {} ends at {} MeV and is zero above: {:.3g} % of the events of the window up to "
            "{} MeV are missing",
            name, flux.high_MeV(), 100.0 * share, high_MeV));
  }
}

}  // namespace

std::vector<std::string> warnings(const Job& job, const World& world) {
  std::vector<std::string> list;
  warn_of_widths(job, list);
  warn_of_fluxes(job, world, list);
  return list;
}

MissingShare missing_share(const experiment::FluxModel& flux, const experiment::FluxModel& other,
                           const Yardstick& yardstick) {
  const auto& [fission_fractions, sin2_theta_w, low_MeV, high_MeV] = yardstick;
  const physics::Expansion tree = physics::expand(
      physics::Model::lo, {physics::Flavour::electron, physics::Helicity::antineutrino},
      sin2_theta_w, {});
  const auto at = [&tree](double energy_MeV, double recoil_MeV) {
    return physics::cross_section(tree, physics::Observable::electron, energy_MeV, recoil_MeV, 1.0)
        .born;
  };
  const double begin = std::max(other.low_MeV(), physics::min_energy_MeV(low_MeV));
  const double step = (other.high_MeV() - begin) / 2000.0;
  MissingShare missing;
  double all = 0.0;
  for (double energy = begin + 0.5 * step; energy < other.high_MeV(); energy += step) {
    const double highest = std::min(high_MeV, 0.999999 * physics::max_recoil_MeV(energy));
    if (highest <= low_MeV)
      continue;
    // Simpson's rule is exact for the tree level, which is quadratic in T.
    const double cross_section =
        (highest - low_MeV) / 6.0 *
        (at(energy, low_MeV) + 4.0 * at(energy, 0.5 * (low_MeV + highest)) + at(energy, highest));
    const auto spectra = other(energy);
    const double events = cross_section * std::inner_product(spectra.begin(), spectra.end(),
                                                             fission_fractions.begin(), 0.0);
    all += events;
    missing.below += energy < flux.low_MeV() ? events : 0.0;
    missing.above += energy > flux.high_MeV() ? events : 0.0;
  }
  if (all > 0.0) {
    missing.below /= all;
    missing.above /= all;
  }
  return missing;
}

}  // namespace nuloop::setup
