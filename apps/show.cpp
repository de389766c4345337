// nuloop show: what is known of an experiment, and what it counts.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <string>
#include <string_view>

#include <fmt/ranges.h>

namespace nuloop::apps {
namespace {

void show_core(const std::string& title, const experiment::Reactor& reactor, double baseline_m) {
  put("  core            {}: {} GW x {}, {} m away\n", title, reactor.thermal_power_GW,
      reactor.load_factor, baseline_m);
  put("                  fission fractions");
  for (std::size_t i = 0; i < experiment::fissile_count; ++i)
    put(" {} {}", experiment::fissile_names[i], reactor.fission_fractions[i]);
  put("\n");
}

void show_response(const experiment::Response& response) {
  const auto& [resolution, efficiency, scale] = response;
  if (!resolution.perfect())
    put("  resolution      {}/sqrt(T/MeV) (+) {} (+) {} MeV/T\n", resolution.stochastic,
        resolution.constant, resolution.noise_MeV);
  if (efficiency.threshold_MeV > 0.0)
    put("  efficiency      half at {} MeV, width {} MeV\n", efficiency.threshold_MeV,
        efficiency.width_MeV);
  for (const auto& [name, table] :
       {std::pair{"efficiency", efficiency.table}, std::pair{"energy scale", scale}})
    if (table != nullptr)
      put("  {:<16}{} at {} MeV\n", name, fmt::join(table->values, ", "),
          fmt::join(table->energies_MeV, ", "));
}

void show_site(const setup::ExperimentEntry& entry, const setup::Site& site) {
  show_core(entry.reactor.title, site.reactor, site.detector.baseline_m);
  for (std::size_t i = 0; i < site.further_cores.size(); ++i)
    show_core(entry.further_cores[i].reactor.title, site.further_cores[i].reactor,
              site.further_cores[i].baseline_m);
  const experiment::Detector& detector = site.detector;
  put("  target          {} t, {:.4g} electrons\n", detector.mass_t,
      detector.mass_t * detector.electrons_per_t);
  if (site.beta_decay)
    put("  counts          inverse beta decays of {:.4g} protons\n",
        detector.mass_t * detector.protons_per_t);
  for (const setup::SignalUncertainty& one : site.signal_uncertainties)
    put("  uncertainty     {:.4g} % of the signal, {}{}{}\n", 100.0 * one.relative, one.of,
        one.correlation_group.empty() ? "" : ", in common with ", one.correlation_group);
  if (detector.recorded_share() != 1.0)
    put("  recorded        {:.4g} of all events: efficiency {}, dead time {}\n",
        detector.recorded_share(), detector.efficiency, detector.dead_time);
  show_response(site.response);
  if (!entry.background.empty())
    put("  muons           {}: {} /m2/s, {} GeV\n", entry.background,
        site.overburden.muon_flux_per_m2_s, site.overburden.mean_muon_energy_GeV);
}

void show_rate(std::string_view name, const experiment::Spectrum& spectrum) {
  put("    {:<34}{:>12.4f}\n", name, spectrum.value.sum());
}

// Of all antineutrinos of a fission, whatever the detector records.
void show_cross_sections(const setup::Scenario& scenario) {
  const experiment::BetaDecayBasis basis({*scenario.flux,
                                          {0.5, physics::highest_spectrum_energy_MeV, 1e3},
                                          {},
                                          *scenario.site().beta_decay,
                                          scenario.relative_tolerance});
  put("  cross sections per fission, cm2\n");
  for (std::size_t i = 0; i < experiment::fissile_count; ++i)
    put("    {:<34}{:>12.4e}\n", experiment::fissile_names[i],
        basis.per_fission_cm2()[i].value.sum());
}

void show_rates(const setup::Scenario& scenario, const setup::World& world) {
  prediction::RateCalculator calculator(world);
  const experiment::Binning bins = prediction::binning(scenario);
  put("  events per day, {} to {} MeV\n", bins.low_MeV(0), bins.high_MeV(bins.size() - 1));
  setup::Scenario of_model = scenario;
  std::vector<physics::Model> models = {physics::Model::lo, physics::Model::lo_cr,
                                        physics::Model::nlo};
  if (scenario.site().beta_decay)  // the same with all of them
    models.resize(1);
  for (const physics::Model model : models) {
    of_model.model = model;
    calculator.prepare(of_model);
    show_rate(scenario.site().beta_decay
                  ? "signal"
                  : fmt::format("signal, {}", name_of(physics::model_names, model)),
              calculator.rates(of_model).tested);
  }
  const auto by_isotope = calculator.rates_by_isotope(of_model);
  if (scenario.site().beta_decay)
    for (std::size_t i = 0; i < by_isotope.tested.size(); ++i)
      show_rate(fmt::format("  of {}", experiment::fissile_names[i]), by_isotope.tested[i]);
  else
    for (std::size_t i = 0; i < by_isotope.background.size(); ++i)
      show_rate(world.isotopes[i].name, by_isotope.background[i]);
  for (const setup::Source& source : scenario.site().sources)
    show_rate(world.sources.entries()[source.number].first,
              calculator.of_source(of_model, scenario.site(), source));
  show_rate("background, all of it", calculator.rates(of_model).background);
}

}  // namespace

int show(const Words& words) {
  Options options("show");
  if (!options.parse(words))
    return status::done;
  const setup::World world = load_world(options);
  const setup::Scenario scenario = make_scenario(options, world, "rates", {"model"});
  const std::string name = options.text("experiment");
  const setup::ExperimentEntry& entry = *world.experiments.find(name);
  put("{}: {} ({})\n", name, entry.title, place_text(entry.where));
  show_site(entry, scenario.site());
  if (scenario.site().beta_decay)
    show_cross_sections(scenario);
  show_rates(scenario, world);
  return status::done;
}

}  // namespace nuloop::apps
