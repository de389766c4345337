// nuloop show: what is known of an experiment, and what it counts, as a text or as a figure.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/sweep/json_text.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "script.hpp"
#include "verbs.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::apps {
namespace {

void show_core(const std::string& title, const experiment::Reactor& reactor, double baseline_m) {
  put("  core            {}: {} GW x {:.6g}, {} m away\n", title, reactor.thermal_power_GW,
      reactor.load_factor, baseline_m);
  const auto& [middle, half_change] = std::pair{reactor.fission_fractions, reactor.half_change};
  const bool burns_up = half_change != experiment::PerFissile<double>{};
  put("                  fission fractions");
  for (std::size_t i = 0; i < experiment::fissile_count; ++i)
    if (burns_up)
      put(" {} {:.4g} to {:.4g}", experiment::fissile_names[i], middle[i] - half_change[i],
          middle[i] + half_change[i]);
    else
      put(" {} {}", experiment::fissile_names[i], middle[i]);
  put("\n");
}

// Its points, or the first and last of a table that is longer than a line has room for.
void show_table(const char* name, const experiment::EnergyTable& table) {
  constexpr std::size_t most_points = 12;
  const auto& [energies, values] = table;
  if (values.size() > most_points)
    put("  {:<16}{:.6g} at {} MeV to {:.6g} at {} MeV, {} points\n", name, values.front(),
        energies.front(), values.back(), energies.back(), values.size());
  else
    put("  {:<16}{:.6g} at {} MeV\n", name, fmt::join(values, ", "), fmt::join(energies, ", "));
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
      show_table(name, *table);
}

void show_site(const setup::ExperimentEntry& entry, const setup::Site& site) {
  show_core(entry.reactor.title, site.reactor, site.detector.baseline_m);
  for (std::size_t i = 0; i < site.further_cores.size(); ++i)
    show_core(entry.further_cores[i].reactor.title, site.further_cores[i].reactor,
              site.further_cores[i].baseline_m);
  const experiment::Detector& detector = site.detector;
  if (site.reactor_on)
    put("  time            {:.6g} of it with a core that runs\n", *site.reactor_on);
  if (detector.live_time != 1.0)
    put("  live time       {:.6g}\n", detector.live_time);
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
  if (site.energy_scale != 1.0)
    put("  measured        {:.6g} of the visible energy\n", site.energy_scale);
  if (site.lost_photons > 0.0)
    put("  photons         {:.4g} of them are lost\n", site.lost_photons);
  if (const auto& leak = site.leak)
    put("  decays seen     {:.4g} of inverse beta decays by their prompt energy alone{}, known to "
        "{:.4g} %\n",
        leak->prompt,
        leak->captures > 0.0 ? fmt::format(", {:.4g} by a capture of {} MeV alone", leak->captures,
                                           leak->capture_energy_MeV)
                             : "",
        100.0 * leak->relative_error);
  if (!entry.background.empty())
    put("  muons           {}: {} /m2/s, {} GeV\n", entry.background,
        site.overburden.muon_flux_per_m2_s, site.overburden.mean_muon_energy_GeV);
}

// Of all antineutrinos of a fission, whatever the detector records.
void show_cross_sections(const setup::Scenario& scenario) {
  const experiment::BetaDecayBasis basis({*scenario.flux.model,
                                          {0.5, physics::highest_spectrum_energy_MeV, 1e3},
                                          {},
                                          *scenario.site().beta_decay,
                                          scenario.relative_tolerance});
  put("  cross sections per fission, cm2\n");
  for (std::size_t i = 0; i < experiment::fissile_count; ++i)
    put("    {:<34}{:>12.4e}\n", experiment::fissile_names[i],
        basis.per_fission_cm2()[i].value.sum());
}

// Events per day in each bin, by what makes them.
struct Counts {
  using Rows = std::vector<std::pair<std::string, experiment::Spectrum>>;
  Rows signals;  // the same with each of these models
  Rows parts_of_signal;
  Rows backgrounds;
  experiment::Spectrum background;
};

Counts counts_of(const setup::Scenario& scenario, const setup::World& world) {
  prediction::RateCalculator calculator(world);
  Counts counts;
  setup::Scenario of_model = scenario;
  std::vector<physics::Model> models = {physics::Model::lo, physics::Model::lo_cr,
                                        physics::Model::nlo};
  const bool decays = scenario.site().beta_decay.has_value();
  if (decays)  // the same with all of them
    models.resize(1);
  for (const physics::Model model : models) {
    of_model.theory.model = model;
    calculator.prepare(of_model);
    counts.signals.emplace_back(name_of(physics::model_names, model),
                                calculator.rates(of_model).tested);
  }
  const auto by_isotope = calculator.rates_by_isotope(of_model);
  if (decays)
    for (std::size_t i = 0; i < by_isotope.tested.size(); ++i)
      counts.parts_of_signal.emplace_back(experiment::fissile_names[i], by_isotope.tested[i]);
  else
    for (std::size_t i = 0; i < by_isotope.background.size(); ++i)
      counts.backgrounds.emplace_back(world.isotopes[i].name, by_isotope.background[i]);
  for (const setup::Source& source : scenario.site().sources)
    counts.backgrounds.emplace_back(world.sources.entries()[source.number].first,
                                    calculator.of_source(of_model, scenario.site(), source));
  prediction::Rates rates = calculator.rates(of_model);
  if (rates.leak)
    counts.backgrounds.emplace_back("inverse beta decays", std::move(*rates.leak));
  counts.background = std::move(rates.background);
  return counts;
}

void show_rate(std::string_view name, const experiment::Spectrum& spectrum) {
  put("    {:<34}{:>12.4f}\n", name, finite(spectrum.value.sum(), name));
}

void show_rates(const setup::Scenario& scenario, const Counts& counts) {
  const experiment::Binning bins = prediction::binning(scenario);
  put("  events per day, {} to {} MeV\n", bins.low_MeV(0), bins.high_MeV(bins.size() - 1));
  for (const auto& [model, spectrum] : counts.signals)
    show_rate(scenario.site().beta_decay ? "signal" : "signal, " + model, spectrum);
  for (const auto& [isotope, spectrum] : counts.parts_of_signal)
    show_rate("  of " + isotope, spectrum);
  for (const auto& [name, spectrum] : counts.backgrounds)
    show_rate(name, spectrum);
  show_rate("background, all of it", counts.background);
}

// --- The figure ----------------------------------------------------------------------------------

using nlohmann::ordered_json;

ordered_json json_of(const Counts::Rows& rows) {
  ordered_json all = ordered_json::object();
  for (const auto& [name, spectrum] : rows)
    all[name] = std::vector<double>(spectrum.value.begin(), spectrum.value.end());
  return all;
}

ordered_json json_of_core(const std::string& title, const experiment::Reactor& reactor,
                          double baseline_m) {
  return {{"title", title},
          {"thermal_power_GW", reactor.thermal_power_GW},
          {"load_factor", reactor.load_factor},
          {"baseline_m", baseline_m}};
}

ordered_json json_of_cores(const setup::ExperimentEntry& entry, const setup::Site& site) {
  ordered_json cores = {json_of_core(entry.reactor.title, site.reactor, site.detector.baseline_m)};
  for (std::size_t i = 0; i < site.further_cores.size(); ++i)
    cores.push_back(json_of_core(entry.further_cores[i].reactor.title,
                                 site.further_cores[i].reactor, site.further_cores[i].baseline_m));
  return cores;
}

// What the detector does at energies from `low` to `high`; empty lists where it does nothing.
ordered_json json_of_response(const experiment::Response& response, double low_MeV,
                              double high_MeV) {
  constexpr int steps = 400;
  const auto& [resolution, efficiency, scale] = response;
  const bool has_efficiency = efficiency.threshold_MeV > 0.0 || efficiency.table != nullptr;
  std::vector<double> energies, widths, shares, scales;
  for (int i = 0; i <= steps; ++i) {
    const double energy_MeV = low_MeV + (high_MeV - low_MeV) * i / steps;
    energies.push_back(energy_MeV);
    if (!resolution.perfect())
      widths.push_back(resolution.sigma_MeV(energy_MeV) / energy_MeV);
    if (has_efficiency)
      shares.push_back(efficiency(energy_MeV));
    if (scale != nullptr)
      scales.push_back((*scale)(energy_MeV));
  }
  return {{"energies_MeV", energies},
          {"relative_resolution", widths},
          {"efficiency", shares},
          {"energy_scale", scales}};
}

// All that plots/experiment.py draws.
std::string description(const std::string& name, const setup::ExperimentEntry& entry,
                        const setup::Scenario& scenario, const setup::World& world,
                        const Counts& counts) {
  const setup::Site& site = scenario.site();
  const experiment::Binning bins = prediction::binning(scenario);
  std::vector<double> edges;
  for (std::size_t bin = 0; bin < bins.size(); ++bin)
    edges.push_back(bins.low_MeV(bin));
  edges.push_back(bins.high_MeV(bins.size() - 1));
  std::string flux;
  for (const auto& [known, candidate] : world.fluxes.entries())
    if (&candidate.model == scenario.flux.model)
      flux = known;
  ordered_json muons;
  if (!entry.background.empty())
    muons = {{"name", entry.background},
             {"flux_per_m2_s", site.overburden.muon_flux_per_m2_s},
             {"mean_energy_GeV", site.overburden.mean_muon_energy_GeV}};
  return sweep::json_text(
      {{"name", name},
       {"title", entry.title},
       {"counts", site.beta_decay ? "inverse beta decays" : "scattered electrons"},
       {"flux", flux},
       {"observable", name_of(physics::observable_names, scenario.theory.observable)},
       {"sin2_theta_w", scenario.theory.sin2_theta_w},
       {"cores", json_of_cores(entry, site)},
       {"mass_t", site.detector.mass_t},
       {"recorded_share", site.detector.recorded_share()},
       {"muons", muons},
       {"edges_MeV", edges},
       {"signals", json_of(counts.signals)},
       {"backgrounds", json_of(counts.backgrounds)},
       {"response", json_of_response(site.response, edges.front(), edges.back())},
       {"creator", fmt::format("nuloop {} ({})", io::version(), io::git_revision())}});
}

// The script reads the description from a file without a name, which ends with it.
[[noreturn]] void draw(const std::string& text, const std::string& size) {
  std::FILE* file = std::tmpfile();
  if (file == nullptr || std::fputs(text.c_str(), file) < 0 || std::fflush(file) != 0)
    throw MachineError(
        fmt::format("the description of a figure cannot be written ({})", std::strerror(errno)));
  std::rewind(file);
  become_script("experiment.py", {fmt::format("/dev/fd/{}", fileno(file)), "--size", size});
}

}  // namespace

int show(const Words& words) {
  Options options("show");
  if (!options.parse(words))
    return status::done;
  const std::string size = figure_size(options);
  const setup::World world = load_world(options);
  const setup::Scenario scenario = make_scenario(options, world, "rates", {"model"});
  const std::string name = options.text("experiment");
  const setup::ExperimentEntry& entry = *world.experiments.find(name);
  const Counts counts = counts_of(scenario, world);
  if (options.has("figure"))
    draw(description(name, entry, scenario, world, counts), size);
  put("{}: {} ({})\n", name, entry.title, place_text(entry.where));
  show_site(entry, scenario.site());
  if (scenario.site().beta_decay)
    show_cross_sections(scenario);
  show_rates(scenario, counts);
  return status::done;
}

}  // namespace nuloop::apps
