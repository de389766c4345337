// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/warnings.hpp"

#include "nuloop/experiment/signal.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/physics/cross_section.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::setup {
namespace {

void warn_of_widths(const Job& job, std::vector<std::string>& list) {
  for (const Parameter& parameter : parameters()) {
    const auto* quantity = parameter.quantity();
    if (quantity == nullptr || std::isinf(quantity->widest))
      continue;
    const std::vector<double> values = values_of(job, parameter.key);
    if (values.empty())
      continue;
    const double most = *std::max_element(values.begin(), values.end());
    if (most <= quantity->widest)
      continue;
    list.push_back(quantity->dimension == io::Dimension::number
                       ? fmt::format("{} = {} is a factor on uncertainties; as published is 1",
                                     parameter.key, most)
                       : fmt::format("{} = {} is {:.4g} %; if {} % is meant, write \"{} %\"",
                                     parameter.key, most, 100.0 * most, most, most));
  }
}

// The experiments of a job, members of joint ones by themselves, each once.
std::vector<std::string> detectors_of(const Job& job, const World& world) {
  std::vector<std::string> list;
  const auto add = [&](const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end())
      list.push_back(name);
  };
  for (const std::string& name : names_of(job, "experiment")) {
    const auto& members = world.experiments.find(name)->members;
    if (members.empty())
      add(name);
    std::for_each(members.begin(), members.end(), add);
  }
  return list;
}

// A window of visible energy, and how its keys begin.
struct KnownWindow {
  std::string where;
  Window window;
  bool one_of_many = false;  // the job has several, of which these are the outer ends
};

// That of the job, if some of its detectors have it, and their own.
// @param decays whether detectors of inverse beta decays count.
std::vector<KnownWindow> windows_of(const Job& job, const World& world, bool decays = true) {
  std::vector<KnownWindow> list;
  const auto lows = values_of(job, "window.low"), highs = values_of(job, "window.high");
  const auto widths = values_of(job, "window.bin_width");
  if (!job.kind->integrates || lows.empty() || highs.empty() || widths.empty())
    return list;
  bool some_have_none = false;
  for (const std::string& name : detectors_of(job, world)) {
    const ExperimentEntry& entry = *world.experiments.find(name);
    if (entry.beta_decay && !decays)
      continue;
    if (entry.window)
      list.push_back({fmt::format("experiment {}: window", name), *entry.window});
    some_have_none = some_have_none || !entry.window;
  }
  if (some_have_none)
    list.push_back({"window",
                    {*std::min_element(lows.begin(), lows.end()),
                     *std::max_element(highs.begin(), highs.end()), widths.front()},
                    lows.size() + highs.size() + widths.size() > 3});
  return list;
}

// From the lowest end to the highest, in MeV; nothing of none.
std::pair<double, double> whole_window(const std::vector<KnownWindow>& windows) {
  std::pair<double, double> whole = {infinity, 0.0};
  for (const KnownWindow& known : windows)
    whole = {std::min(whole.first, known.window.low_MeV),
             std::max(whole.second, known.window.high_MeV)};
  return whole;
}

void warn_of_window(const KnownWindow& known, std::vector<std::string>& list) {
  constexpr double binding_MeV = 0.01;
  constexpr double rounding = 1e-9;
  const Window& window = known.window;
  const double low = window.low_MeV, high = window.high_MeV, width = window.bin_width_MeV;
  if (low < binding_MeV)
    list.push_back(
        fmt::format("{}.low = {} MeV: electrons count as free, though at energies "
                    "below {} MeV their binding in atoms matters",
                    known.where, low, binding_MeV));
  if (known.one_of_many || !window.edges_MeV.empty())
    return;  // then the last bin is one of many choices
  const double bins = (high - low) / width;
  if (bins < 2.0 - rounding)
    list.push_back(
        fmt::format("{}.bin_width = {} MeV: there are no two bins in the window from {} "
                    "to {} MeV, so that no shape is seen",
                    known.where, width, low, high));
  else if (std::abs(bins - std::round(bins)) > rounding)
    list.push_back(
        fmt::format("{}.bin_width = {} MeV does not divide the window from {} to {} MeV: "
                    "the last bin is shorter",
                    known.where, width, low, high));
}

void warn_of_windows(const Job& job, const World& world, std::vector<std::string>& list) {
  for (const KnownWindow& known : windows_of(job, world))
    warn_of_window(known, list);
}

// The experiments' own uncertainties, which no key of the job shows.
void warn_of_own_widths(const Job& job, const World& world, std::vector<std::string>& list) {
  constexpr double widest_signal = 0.2, widest_background = 2.0;
  if (!takes_any(*job.kind, Parameter::Role::uncertainty))
    return;
  const auto warn = [&](const std::string& what, double width, double most) {
    if (width > most)
      list.push_back(fmt::format("{} = {} is {:.4g} %; if {} % is meant, write \"{} %\"", what,
                                 width, 100.0 * width, width, width));
  };
  for (const std::string& name : detectors_of(job, world)) {
    const ExperimentEntry& entry = *world.experiments.find(name);
    for (const SignalUncertainty& one : entry.signal_uncertainties)
      warn(fmt::format("experiment {}: size of the uncertainty of {}", name, one.of), one.relative,
           widest_signal);
    warn(fmt::format("experiment {}: response_uncertainties.efficiency", name),
         entry.response_uncertainties.efficiency, widest_signal);
    if (entry.leak)
      warn(fmt::format("experiment {}: beta_decay_leak.uncertainty", name),
           entry.leak->relative_error, widest_background);
    const double threshold_MeV = entry.response.efficiency.threshold_MeV;
    if (entry.response_uncertainties.threshold_MeV > threshold_MeV)
      list.push_back(
          fmt::format("experiment {}: response_uncertainties.threshold = {:.6g} MeV is more than "
                      "the threshold, {:.6g} "
                      "MeV; is its unit right?",
                      name, entry.response_uncertainties.threshold_MeV, threshold_MeV));
    for (const std::string& background : entry.further_backgrounds)
      warn(fmt::format("background {}: uncertainty", background),
           world.sources.find(background)->relative_error, widest_background);
  }
}

// Where a spectrum begins and ends, in MeV.
std::pair<double, double> span_of(const experiment::SpectralShape& shape) {
  struct Visitor {
    std::pair<double, double> operator()(const experiment::ExponentialShape& s) const {
      return {s.low_MeV, s.high_MeV};
    }
    std::pair<double, double> operator()(const experiment::PowerLawShape& s) const {
      return {s.low_MeV, s.high_MeV};
    }
    std::pair<double, double> operator()(const experiment::LineShape& s) const {
      constexpr double widths = 5.0;
      return {s.energy_MeV - widths * s.width_MeV, s.energy_MeV + widths * s.width_MeV};
    }
    std::pair<double, double> operator()(const experiment::StepTable& s) const {
      return {s.edges_MeV.front(), s.edges_MeV.back()};
    }
    std::pair<double, double> operator()(const experiment::EnergyTable& s) const {
      return {s.energies_MeV.front(), s.energies_MeV.back()};
    }
  };
  return std::visit(Visitor{}, shape);
}

// Backgrounds with keys that change nothing, and those far outside of the windows, as energies in
// another unit are.
void warn_of_sources(const Job& job, const World& world, std::vector<std::string>& list) {
  constexpr double far = 2.0;  // resolution and energy scale move less
  const auto [low, high] = whole_window(windows_of(job, world));
  if (low >= high)
    return;
  for (const std::string& name : detectors_of(job, world))
    for (const std::string& background : world.experiments.find(name)->further_backgrounds) {
      if (const auto idle = world.idle_keys.find(background); idle != world.idle_keys.end())
        for (const IdleKey& one : idle->second)
          list.push_back(fmt::format("background {}: {} changes nothing: {}", background, one.key,
                                     one.reason));
      const experiment::BackgroundSource& source = *world.sources.find(background);
      const auto [first, last] = span_of(source.shape);
      if (source.decays.empty() && (far * last < low || first > far * high))
        list.push_back(fmt::format(
            "background {}: its spectrum from {:.6g} to {:.6g} MeV is outside of the window from "
            "{} to {} MeV; are its energies in MeV?",
            background, first, last, low, high));
    }
}

// What of a detector's response lies outside of the windows, where it changes nothing or takes all.
void warn_of_responses(const Job& job, const World& world, std::vector<std::string>& list) {
  const auto whole = whole_window(windows_of(job, world));
  const double low = whole.first, high = whole.second;
  if (low >= high)
    return;
  const std::string window = fmt::format("the window from {} to {} MeV", low, high);
  const auto warn_of_threshold = [&](const std::string& what, double threshold_MeV) {
    if (threshold_MeV > high)
      list.push_back(
          fmt::format("{} = {:.6g} MeV is above {}, of which little or nothing is recorded", what,
                      threshold_MeV, window));
  };
  for (const double threshold_MeV : values_of(job, "efficiency.threshold"))
    warn_of_threshold("efficiency.threshold", threshold_MeV);
  for (const std::string& name : detectors_of(job, world)) {
    const ExperimentEntry& entry = *world.experiments.find(name);
    if (values_of(job, "efficiency.threshold").empty())
      warn_of_threshold(fmt::format("experiment {}: efficiency.threshold", name),
                        entry.response.efficiency.threshold_MeV);
    if (entry.leak && entry.leak->captures > 0.0 &&
        (entry.leak->capture_energy_MeV < low / 2.0 || entry.leak->capture_energy_MeV > high * 2.0))
      list.push_back(
          fmt::format("experiment {}: beta_decay_leak.capture_energy = {:.6g} MeV is outside of "
                      "{}; is its unit "
                      "right?",
                      name, entry.leak->capture_energy_MeV, window));
  }
}

// Models of which nothing can be told.
void warn_of_models(const Job& job, std::vector<std::string>& list) {
  const auto references = models_of(job, "reference");
  if (!takes_any(*job.kind, Parameter::Role::discovery) || references.size() != 1 ||
      has_data_world(job))
    return;
  for (const physics::Model model : models_of(job))
    if (model == references.front() && free_parameters_of(model).empty())
      list.push_back(fmt::format("model {} is the reference too: the two do not differ",
                                 name_of(physics::model_names, model)));
}

// Members of a joint experiment that are one detector.
void warn_of_members(const Job& job, const World& world, std::vector<std::string>& list) {
  for (const std::string& name : names_of(job, "experiment")) {
    const auto& members = world.experiments.find(name)->members;
    for (std::size_t i = 0; i < members.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const auto &a = *world.experiments.find(members[i]),
                   &b = *world.experiments.find(members[j]);
        if (a.beta_decay.has_value() == b.beta_decay.has_value() &&
            a.detector.mass_t == b.detector.mass_t &&
            a.detector.baseline_m == b.detector.baseline_m && a.background == b.background)
          list.push_back(
              fmt::format("experiment {}: {} and {} have the same mass, baseline and "
                          "background; is it one detector, counted twice?",
                          name, members[j], members[i]));
      }
  }
}

// The cores' distances from the experiments of a job, each with what says it.
std::vector<std::pair<std::string, double>> baselines_of(const Job& job, const World& world) {
  std::vector<std::pair<std::string, double>> list;
  const auto set = values_of(job, "detector.baseline");
  for (const double baseline_m : set)
    list.emplace_back("detector.baseline", baseline_m);
  for (const std::string& name : detectors_of(job, world)) {
    const ExperimentEntry& entry = *world.experiments.find(name);
    if (set.empty())
      list.emplace_back(fmt::format("experiment {}: baseline", name), entry.detector.baseline_m);
    for (const FurtherCore& core : entry.further_cores)
      list.emplace_back(fmt::format("experiment {}: baseline of a further core", name),
                        core.baseline_m);
  }
  return list;
}

void warn_of_baselines(const Job& job, const World& world, std::vector<std::string>& list) {
  // A core measures some 3 m, and 3 km from one a tonne counts an event in some 50 days.
  constexpr double least_m = 3.0, most_m = 3000.0, unit = 1000.0;
  if (!job.kind->integrates)
    return;
  for (const auto& [key, baseline_m] : baselines_of(job, world)) {
    if (baseline_m >= least_m && baseline_m <= most_m)
      continue;
    const double meant_m = baseline_m < least_m ? baseline_m * unit : baseline_m / unit;
    list.push_back(fmt::format(
        "{} = {} m is {}{}", key, baseline_m,
        baseline_m < least_m ? "nearer than a core is wide" : "too far for events to be counted",
        meant_m >= least_m && meant_m <= most_m
            ? fmt::format("; if {0:.6g} m is meant, write \"{0:.6g} m\"", meant_m)
            : ""));
  }
}

// Muons as there are none anywhere on Earth: their units are in doubt.
void warn_of_muons(const Job& job, const World& world, std::vector<std::string>& list) {
  constexpr double least_GeV = 1.0, most_GeV = 1000.0;  // 4 at sea level, below 400 underground
  constexpr double most_per_m2_s = 1000.0;              // 200 at sea level
  std::set<std::string> names;
  for (const std::string& name : names_in_both_worlds(job, "background"))
    names.insert(name);
  for (const std::string& name : detectors_of(job, world))
    names.insert(world.experiments.find(name)->background);
  const auto warn_of_flux = [&](const std::string& what, double per_m2_s) {
    if (per_m2_s > most_per_m2_s)
      list.push_back(fmt::format(
          "{} = {:.6g} /m2/s: at sea level there are 200; is its unit right?", what, per_m2_s));
  };
  for (const std::string& name : names) {
    const BackgroundEntry* entry = world.backgrounds.find(name);
    if (entry == nullptr)
      continue;  // a detector of inverse beta decays has none
    const auto& [flux_per_m2_s, energy_GeV] = entry->overburden;
    warn_of_flux(fmt::format("background {}: muon_flux", name), flux_per_m2_s);
    if (flux_per_m2_s > 0.0 && (energy_GeV < least_GeV || energy_GeV > most_GeV))
      list.push_back(fmt::format(
          "background {}: mean_muon_energy = {:.6g} GeV: it is 4 GeV at sea level and less "
          "than 400 GeV deep underground; is its unit right?",
          name, energy_GeV));
  }
  for (const double flux_per_m2_s : values_of(job, "background.muon_flux"))
    warn_of_flux("background.muon_flux", flux_per_m2_s);
}

// What an experiment lists twice, and so counts twice.
void warn_of_doubles(const Job& job, const World& world, std::vector<std::string>& list) {
  if (!job.kind->integrates)
    return;
  for (const std::string& name : detectors_of(job, world)) {
    const ExperimentEntry& entry = *world.experiments.find(name);
    std::set<std::pair<std::string, double>> cores = {
        {entry.reactor.title, entry.detector.baseline_m}};
    for (const FurtherCore& core : entry.further_cores)
      if (!cores.emplace(core.reactor.title, core.baseline_m).second)
        list.push_back(fmt::format(
            "experiment {}: core {} is there twice, {} m away; is it one core, counted twice?",
            name, core.reactor.title, core.baseline_m));
    std::set<std::string> uncertain;
    for (const SignalUncertainty& one : entry.signal_uncertainties)
      if (!uncertain.insert(one.of).second)
        list.push_back(fmt::format(
            "experiment {}: signal_uncertainties has {} twice; is it one, counted twice?", name,
            one.of));
  }
}

// Cores and targets as there are none.
void warn_of_sites(const Job& job, const World& world, std::vector<std::string>& list) {
  constexpr double most_GW = 10.0;  // 4.6 of any core
  // A core of 100 kW makes an event a year in 10 kg that are 10 m away.
  constexpr double least_GW = 1e-4, least_t = 1e-4;
  // Far ones are larger: 20 000 t at 50 km.
  constexpr double most_t = 200.0, far_m = 1000.0;
  // Avogadro's number times Z/A: 0.38 of the heaviest elements, 0.99 of hydrogen.
  constexpr double least_per_t = 2.2e29, most_per_t = 6.1e29;
  const auto warn_of_power = [&](const std::string& what, double power_GW) {
    if (power_GW > most_GW)
      list.push_back(fmt::format("{} = {:.6g} GW: no core has more than 5 GW; is its unit right?",
                                 what, power_GW));
    if (power_GW < least_GW)
      list.push_back(
          fmt::format("{} = {:.6g} GW: too little for events to be counted; is its unit right?",
                      what, power_GW));
  };
  const auto warn_of_mass = [&](const std::string& what, double mass_t, double baseline_m) {
    if (mass_t < least_t)
      list.push_back(fmt::format(
          "{} = {:.6g} t: too little for events to be counted; is its unit right?", what, mass_t));
    if (mass_t > most_t && baseline_m < far_m)
      list.push_back(
          fmt::format("{0} = {1:.6g} t: no target near a core has as much; if {1:.6g} kg "
                      "is meant, write \"{1:.6g} kg\"",
                      what, mass_t));
  };
  const auto warn_of_particles = [&](const std::string& what, double per_t, double least) {
    if (per_t < least || per_t > most_per_t)
      list.push_back(
          fmt::format("{} = {:.6g} /t: a tonne of any matter has {:.2g} to {:.2g}; is "
                      "its unit right?",
                      what, per_t, least, most_per_t));
  };
  if (!job.kind->integrates)
    return;
  for (const std::string& name : detectors_of(job, world)) {
    const ExperimentEntry& entry = *world.experiments.find(name);
    const std::string who = fmt::format("experiment {}: ", name);
    for (const FurtherCore& core : entry.further_cores)
      if (core.reactor.load_factor == 0.0)
        list.push_back(
            fmt::format("{}core {} does not run while data are taken", who, core.reactor.title));
    if (entry.reactor.load_factor == 0.0)
      list.push_back(
          fmt::format("{}core {} does not run while data are taken", who, entry.reactor.title));
    if (values_of(job, "detector.mass").empty())
      warn_of_mass(who + "mass", entry.detector.mass_t, entry.detector.baseline_m);
    warn_of_particles(who + "electrons", entry.detector.electrons_per_t, least_per_t);
    warn_of_particles(who + "protons", entry.detector.protons_per_t, 0.0);
    warn_of_power(who + "thermal_power of its reactor", entry.reactor.thermal_power_GW);
    for (const FurtherCore& core : entry.further_cores)
      warn_of_power(who + "thermal_power of a further core", core.reactor.thermal_power_GW);
  }
  const auto names = detectors_of(job, world);
  for (const double mass_t : values_of(job, "detector.mass"))
    warn_of_mass("detector.mass", mass_t,
                 world.experiments.find(names.front())->detector.baseline_m);
  for (const double power_GW : values_of(job, "reactor.thermal_power"))
    warn_of_power("reactor.thermal_power", power_GW);
  for (const double per_t : values_of(job, "detector.electrons"))
    warn_of_particles("detector.electrons", per_t, least_per_t);
}

// A correlation between members of joint experiments, where there is none.
void warn_of_correlation(const Job& job, const World& world, std::vector<std::string>& list) {
  const auto shares = values_of(job, "flux_correlation");
  const auto names = names_of(job, "experiment");
  const bool none_joint = std::none_of(names.begin(), names.end(), [&](const std::string& name) {
    return world.experiments.find(name)->joint();
  });
  const double most = shares.empty() ? 0.0 : *std::max_element(shares.begin(), shares.end());
  if (most > 0.0 && none_joint)
    list.push_back(
        fmt::format("flux_correlation = {} changes nothing: it is between members of a joint "
                    "experiment, such as tao-30m+cloud-25mwe, and there is none",
                    most));
}

// A key that is set where it changes nothing.
void warn_of_no_effect(const Job& job, const World& world, std::vector<std::string>& list) {
  const auto is_set = [&](const char* key, double neutral) {
    const auto values = values_of(job, key);
    return std::any_of(values.begin(), values.end(), [&](double one) { return one != neutral; });
  };
  const auto none_has = [&](const auto& has) {
    const auto names = detectors_of(job, world);
    return std::none_of(names.begin(), names.end(), [&](const std::string& name) {
      return has(*world.experiments.find(name));
    });
  };
  const bool no_further =
      none_has([](const ExperimentEntry& e) { return !e.further_backgrounds.empty(); });
  const bool no_signal =
      none_has([](const ExperimentEntry& e) { return !e.signal_uncertainties.empty(); });
  const bool no_response = none_has([](const ExperimentEntry& e) {
    const ResponseUncertainties& known = e.response_uncertainties;
    return known.efficiency > 0.0 || known.threshold_MeV > 0.0 || known.scale;
  });
  const auto observables = names_of(job, "observable");
  const bool no_photons =
      std::find(observables.begin(), observables.end(), "electromagnetic") == observables.end();
  struct Row {
    const char* key;
    double neutral;
    bool idle;
    const char* reason;
  };
  const Row rows[] = {
      {"further_backgrounds.scale", 1.0, no_further, "no experiment has further_backgrounds"},
      {"further_backgrounds.uncertainty_scale", 1.0, no_further,
       "no experiment has further_backgrounds"},
      {"signal_uncertainties.scale", 1.0, no_signal, "no experiment has signal_uncertainties"},
      {"response_uncertainties.scale", 1.0, no_response,
       "no experiment has response_uncertainties"},
      {"detector.lost_photons", 0.0, no_photons, "the observable electron misses all photons"},
      {"oscillation.sin2_2theta", 0.0, !is_set("oscillation.delta_m2", 0.0),
       "it wants oscillation.delta_m2 too"},
      {"oscillation.delta_m2", 0.0, !is_set("oscillation.sin2_2theta", 0.0),
       "it wants oscillation.sin2_2theta too"}};
  for (const Row& row : rows)
    if (row.idle && is_set(row.key, row.neutral))
      list.push_back(fmt::format("{} changes nothing: {}", row.key, row.reason));
}

// A load factor and a share of time without reactor that both count the same stops.
void warn_of_time_off(const Job& job, const World& world, std::vector<std::string>& list) {
  const auto shares = values_of(job, "reactor_off.share");
  if (shares.empty())
    return;
  const double share = *std::max_element(shares.begin(), shares.end());
  double load = 1.0;
  for (const double given : values_of(job, "reactor.load_factor"))
    load = std::min(load, given);
  if (values_of(job, "reactor.load_factor").empty())
    for (const std::string& name : names_of(job, "experiment")) {
      const ExperimentEntry& entry = *world.experiments.find(name);
      for (const std::string& member : entry.members)
        load = std::min(load, world.experiments.find(member)->reactor.load_factor);
      if (!entry.joint())
        load = std::min(load, entry.reactor.load_factor);
    }
  if (share > 0.0 && load < 1.0)
    list.push_back(fmt::format(
        "reactor_off.share = {0} with a load factor of {1}: if the reactor does not run "
        "at full power because it stops, its stops count twice, and the signal is that "
        "of {2:.3g} of full power in calendar time; write load factor 1 and share "
        "{3:.4g} for stops alone",
        share, load, load / (1.0 + share), (1.0 - load) / load));
}

// The flux of the world that begins first, or ends last.
template <class Before>
const FluxEntry& outermost(const World& world, const Before& before) {
  return std::min_element(
             world.fluxes.entries().begin(), world.fluxes.entries().end(),
             [&](const auto& a, const auto& b) { return before(a.second.model, b.second.model); })
      ->second;
}

// Events of a flux in a window of visible energy, by what fissions, at tree level: up to a factor.
experiment::PerFissile<double> events_by_isotope(const experiment::FluxModel& flux,
                                                 const experiment::PerFissile<double>& fractions,
                                                 const experiment::Binning& window,
                                                 const World& world, double sin2_theta_w) {
  constexpr double tolerance = 1e-6;
  const experiment::SignalBasis basis({physics::Observable::electromagnetic,
                                       flux,
                                       window,
                                       {},
                                       world.one_loop.scale_MeV,
                                       tolerance});
  const auto tree = physics::expand(physics::Model::lo,
                                    {physics::Flavour::electron, physics::Helicity::antineutrino},
                                    sin2_theta_w, world.one_loop);
  const experiment::Reactor reactor{1.0, 1.0, fractions, {1.0, 1.0, 1.0, 1.0}};
  const auto spectra = basis.events_per_day_by_isotope(tree, reactor, {1.0, 1.0, 1.0});
  experiment::PerFissile<double> events;
  std::transform(spectra.begin(), spectra.end(), events.begin(),
                 [](const experiment::Spectrum& spectrum) { return spectrum.value.sum(); });
  return events;
}

void warn_of_fluxes(const Job& job, const World& world, std::vector<std::string>& list) {
  constexpr double least_share = 1e-3;
  const auto sin2_theta_w = values_of(job, "lo.sin2_theta_w");
  const auto whole = whole_window(windows_of(job, world, false));
  const double low_MeV = whole.first, high_MeV = whole.second;
  if (low_MeV >= high_MeV || sin2_theta_w.empty())
    return;
  const experiment::Binning window(low_MeV, high_MeV, high_MeV - low_MeV);
  const auto single =
      std::find_if(world.experiments.entries().begin(), world.experiments.entries().end(),
                   [](const auto& entry) { return !entry.second.joint(); });
  const auto events_of = [&](const experiment::FluxModel& flux) {
    const auto events = events_by_isotope(flux, single->second.reactor.fuel.fission_fractions,
                                          window, world, sin2_theta_w.front());
    return std::accumulate(events.begin(), events.end(), 0.0);
  };
  // Of the events of a wider flux, those that it has between two energies.
  const auto warn = [&](const experiment::FluxModel& wider, double from_MeV, double to_MeV,
                        const std::string& what) {
    if (from_MeV >= to_MeV)
      return;
    const double share = events_of(wider.restricted(from_MeV, to_MeV)) / events_of(wider);
    if (share > least_share)
      list.push_back(
          fmt::format("{}: {:.3g} % of the events of the window from {} to {} MeV are missing",
                      what, 100.0 * share, low_MeV, high_MeV));
  };
  const auto& first =
      outermost(world, [](const auto& a, const auto& b) { return a.low_MeV() < b.low_MeV(); });
  const auto& last =
      outermost(world, [](const auto& a, const auto& b) { return a.high_MeV() > b.high_MeV(); });
  constexpr double odd_factor = 3.0;
  const io::Node* usual_name = world.defaults.find("flux");
  const auto* usual = usual_name != nullptr ? world.fluxes.find(*usual_name->text()) : nullptr;
  for (const std::string& name : names_in_both_worlds(job, "flux")) {
    const experiment::FluxModel& flux = world.fluxes.find(name)->model;
    if (high_MeV > flux.high_MeV())
      list.push_back(
          fmt::format("window.high = {} MeV: flux {} ends at {} MeV, above which there is only "
                      "background",
                      high_MeV, name, flux.high_MeV()));
    constexpr double most_of_a_correction = 0.5;
    if (const double most = world.fluxes.find(name)->largest_correction;
        most > most_of_a_correction)
      list.push_back(
          fmt::format("flux {}: a correction changes it by {:.4g} % between 2 and 8 MeV, where "
                      "published ones change less than 10 %; is what it says of values right?",
                      name, 100.0 * most));
    if (usual != nullptr && &usual->model != &flux) {
      const double ratio = events_of(flux) / events_of(usual->model);
      if (ratio > odd_factor || ratio < 1.0 / odd_factor)
        list.push_back(
            fmt::format("flux {} makes {:.3g} times the events of flux {} in the window from "
                        "{} to {} MeV; are its units right?",
                        name, ratio, *usual_name->text(), low_MeV, high_MeV));
    }
    warn(first.model, first.model.low_MeV(), std::min(flux.low_MeV(), first.model.high_MeV()),
         fmt::format("flux {} begins at {} MeV and is zero below", name, flux.low_MeV()));
    warn(last.model, std::max(flux.high_MeV(), last.model.low_MeV()), last.model.high_MeV(),
         fmt::format("flux {} ends at {} MeV and is zero above", name, flux.high_MeV()));
  }
}

// Standard deviations of a flux, each weighed with the events that it is of.
class WeighedDeviations {
 public:
  // @param weights events by isotope and bin.
  WeighedDeviations(const experiment::PerFissile<std::vector<double>>& relative,
                    const experiment::PerFissile<std::vector<double>>& weights) {
    double all = 0.0;
    for (const auto& events : weights)
      all += std::accumulate(events.begin(), events.end(), 0.0);
    for (std::size_t i = 0; i < relative.size(); ++i) {
      double least = infinity, sum = 0.0, events = 0.0;
      for (std::size_t bin = 0; bin < relative[i].size(); ++bin) {
        const double one = relative[i][bin], weight = weights[i][bin] / all;
        sum += weight * one;
        events += weight;
        if (one == 0.0 || weight < least_weight)
          continue;
        least = std::min(least, one);
        most_ = std::max(most_, one);
      }
      mean_ += sum;
      least_ = std::min(least_, least);
      falls_ = falls_ || least * events < sum / most_fall;
    }
  }

  bool none() const { return !(mean_ > 0.0); }
  bool of_a_correlation() const { return least_ == 1.0 && most_ == 1.0; }
  // Whether any published flux has such.
  bool usual() const {
    return mean_ <= most_mean && most_ <= 1.0 && least_ >= least_usual && !falls_;
  }
  std::string text() const {
    return fmt::format(
        "{:.4g} % of the flux on average over events, {:.4g} to {:.4g} % in its bins",
        100.0 * mean_, 100.0 * least_, 100.0 * most_);
  }

 private:
  // Published: 2 to 5 % on average, in no bin less than 1 %, in few above 8 MeV as much as 100 %.
  // They grow with energy; in absolute numbers they fall as the flux does.
  static constexpr double most_mean = 0.1, least_usual = 0.002, most_fall = 5.0;
  static constexpr double least_weight = 1e-5;  // of all events: what is below decides nothing

  double mean_ = 0.0, least_ = infinity, most_ = 0.0;
  bool falls_ = false;  // far below the isotope's mean in some bin
};

// Uncertainties of one's own that are far from those of any flux: as squares are that are not
// squared, or relative numbers that are absolute.
void warn_of_flux_uncertainties(const Job& job, const World& world,
                                std::vector<std::string>& list) {
  const auto [low_MeV, high_MeV] = whole_window(windows_of(job, world));
  const auto sin2_theta_w = values_of(job, "lo.sin2_theta_w");
  const auto is_set = [&](const char* key) {
    const auto scales = values_of(job, key);
    return std::any_of(scales.begin(), scales.end(), [](double scale) { return scale > 0.0; });
  };
  if (low_MeV >= high_MeV || sin2_theta_w.empty() ||
      !(is_set("flux_shape.covariance_scale") || is_set("flux_shape.uncorrelated_scale") ||
        is_set("flux_shape.isotope_scale") || is_set("flux_shape.common_scale")))
    return;
  const experiment::Binning window(low_MeV, high_MeV, high_MeV - low_MeV);
  const auto& fractions =
      world.experiments.find(detectors_of(job, world).front())->reactor.fuel.fission_fractions;
  for (const std::string& name : names_of(job, "flux")) {
    const FluxEntry& flux = *world.fluxes.find(name);
    if (flux.other_meanings.empty())
      continue;
    const experiment::FluxUncertainties& known = flux.uncertainties;
    experiment::PerFissile<std::vector<double>> weights;
    for (std::size_t bin = 0; bin < known.bins(); ++bin) {
      const auto part = known.part(flux.model, bin);
      const auto events =
          part ? events_by_isotope(*part, fractions, window, world, sin2_theta_w.front())
               : experiment::PerFissile<double>{};
      for (std::size_t i = 0; i < events.size(); ++i)
        weights[i].push_back(events[i]);
    }
    const WeighedDeviations said(known.relative, weights);
    if (said.none() || said.usual())
      continue;
    std::string meant;
    for (const OtherMeaning& other : flux.other_meanings)
      if (const WeighedDeviations then(other.relative, weights);
          then.usual() && !said.of_a_correlation())
        meant += fmt::format("; if {}, they are {}", other.what, then.text());
    if (said.of_a_correlation())
      meant = "; a correlation has kind = \"correlation\"";
    list.push_back(
        fmt::format("flux {}: its uncertainties are {}, those of published fluxes 2 to "
                    "5 % on average{}",
                    name, said.text(), meant));
  }
}

// Reads a text from its beginning.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t skip_blanks() {
    const std::size_t count = std::min(rest_.find_first_not_of(" \t\r"), rest_.size());
    rest_.remove_prefix(count);
    return count;
  }
  bool take(char wanted) {
    const bool there = rest_.starts_with(wanted);
    rest_.remove_prefix(there ? 1 : 0);
    return there;
  }
  std::string_view digits() {
    const std::string_view found =
        rest_.substr(0, std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
    rest_.remove_prefix(found.size());
    return found;
  }

 private:
  std::string_view rest_;
};

// The decimals that the items of a list would be, "0.5" of "[0,5]", if its numbers are whole, stand
// in pairs, and no blank is within a pair, as one is between pairs; else none.
std::vector<std::string> decimals_of(std::string_view written) {
  constexpr std::size_t most_before = 2, most_behind = 4;  // digits of what could be a decimal
  Scanner scanner(written);
  std::vector<std::string> decimals;
  if (!scanner.take('['))
    return {};
  do {
    const std::size_t blanks = scanner.skip_blanks();
    const std::string_view before = scanner.digits();
    const bool joined = scanner.take(',');
    const std::string_view behind = scanner.digits();
    if (before.empty() || before.size() > most_before || !joined || behind.empty() ||
        behind.size() > most_behind || (!decimals.empty() && blanks == 0))
      return {};
    decimals.push_back(fmt::format("{}.{}", before, behind));
    scanner.skip_blanks();
  } while (scanner.take(','));
  const bool closed = scanner.take(']');
  scanner.skip_blanks();
  return closed && (scanner.at_end() || scanner.take('#')) ? decimals : std::vector<std::string>{};
}

}  // namespace

std::vector<std::string> decimal_commas(const io::TextFile& file) {
  std::vector<std::string> list;
  std::istringstream lines(file.text);
  const bool of_a_file = file.text.find('\n') != std::string::npos;  // not one --set
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::size_t sign = line.find('=');
    if (sign == std::string::npos || sign == 0)
      continue;
    const std::size_t value = std::min(line.find_first_not_of(" \t", sign + 1), line.size());
    const auto decimals = decimals_of(std::string_view(line).substr(value));
    if (decimals.empty())
      continue;
    const std::size_t key = std::min(line.find_first_not_of(" \t"), sign);
    const std::size_t end = line.find_last_not_of(" \t", sign - 1) + 1;
    list.push_back(fmt::format(
        "{}: {}: a comma stands between values, of which there are {} here; if decimals are "
        "meant, write [{}], and else a blank behind each comma",
        io::Location{file.name, of_a_file ? number : 0}.text(), line.substr(key, end - key),
        2 * decimals.size(), fmt::join(decimals, ", ")));
  }
  return list;
}

std::vector<std::string> warnings(const Job& job, const World& world) {
  std::vector<std::string> list;
  warn_of_widths(job, list);
  warn_of_own_widths(job, world, list);
  warn_of_windows(job, world, list);
  warn_of_sources(job, world, list);
  warn_of_responses(job, world, list);
  warn_of_models(job, list);
  warn_of_members(job, world, list);
  warn_of_baselines(job, world, list);
  warn_of_doubles(job, world, list);
  warn_of_muons(job, world, list);
  warn_of_sites(job, world, list);
  warn_of_correlation(job, world, list);
  warn_of_no_effect(job, world, list);
  warn_of_time_off(job, world, list);
  warn_of_fluxes(job, world, list);
  warn_of_flux_uncertainties(job, world, list);
  return list;
}

}  // namespace nuloop::setup
