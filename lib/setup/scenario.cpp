// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/scenario.hpp"

#include "sites.hpp"

namespace nuloop::setup {
namespace {

// Energies per fission are chosen apart.
experiment::Reactor reactor_of(const ReactorSite& site) {
  return {site.thermal_power_GW,
          site.load_factor,
          site.fuel.fission_fractions,
          {},
          site.fuel.half_change};
}

// A single experiment.
Site site_of(const std::string& experiment, const World& world) {
  const ExperimentEntry& entry = *world.experiments.find(experiment);
  const auto given = [](const std::optional<experiment::EnergyTable>& table) {
    return table ? &*table : nullptr;
  };
  Site site{reactor_of(entry.reactor),
            entry.detector,
            {entry.resolution,
             {entry.threshold_MeV, entry.threshold_width_MeV, given(entry.efficiency)},
             given(entry.energy_scale)},
            {0.0, 1.0},
            {},
            {},
            entry.window,
            entry.signal_uncertainties,
            &entry.response_uncertainties,
            entry.lost_photons,
            entry.beta_decay,
            entry.leak,
            entry.reactor_on};
  if (!entry.background.empty())
    site.overburden = world.backgrounds.find(entry.background)->overburden;
  for (const FurtherCore& core : entry.further_cores)
    site.further_cores.push_back({reactor_of(core.reactor), core.baseline_m});
  const auto& sources = world.sources.entries();
  for (const std::string& name : entry.further_backgrounds)
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (sources[i].first == name)
        site.sources.push_back({&sources[i].second, i});
  return site;
}

}  // namespace

void set_fuel(experiment::Reactor& reactor, const experiment::Fuel& fuel) {
  reactor.fission_fractions = fuel.fission_fractions;
  reactor.half_change = fuel.half_change;
}

std::vector<Site> sites_of(const std::string& experiment, const World& world) {
  const ExperimentEntry& joint = *world.experiments.find(experiment);
  if (!joint.joint())
    return {site_of(experiment, world)};
  std::vector<Site> sites;
  const auto periods = static_cast<double>(joint.periods);
  for (std::size_t member = 0; member < joint.members.size(); ++member) {
    Site site = site_of(joint.members[member], world);
    site.detector_number = member;
    if (joint.fuel)
      set_fuel(site.reactor, *joint.fuel);
    const experiment::Fuel whole{site.reactor.fission_fractions, site.reactor.half_change};
    site.detector.time_share = 1.0 / periods;
    for (std::size_t n = 0; n < joint.periods; ++n) {
      const auto begin = static_cast<double>(n);
      set_fuel(site.reactor, whole.part(begin / periods, (begin + 1.0) / periods));
      sites.push_back(site);
    }
  }
  return sites;
}

void follow_calendar(Site& site) {
  if (!site.reactor_on)
    return;  // an error, of which the job's reading knows
  site.detector.time_share *= *site.reactor_on;
  site.reactor.load_factor /= *site.reactor_on;
  for (Core& core : site.further_cores)
    core.reactor.load_factor /= *site.reactor_on;
}

double Scenario::off_share() const {
  if (!time.follows_calendar)
    return time.reactor_off_share;
  const double on = site().reactor_on.value_or(1.0);
  return (1.0 - on) / on;
}

}  // namespace nuloop::setup
