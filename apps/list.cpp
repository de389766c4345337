// nuloop list: what there is to choose from.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <iostream>
#include <map>

#include <fmt/ranges.h>

namespace nuloop::apps {
namespace {

void list_experiments(const study::World& world) {
  for (const auto& [name, entry] : world.experiments.entries())
    if (entry.joint())
      put("  {:<16} {}: {} fitted together\n", name, entry.title,
          fmt::join(entry.members, " and "));
    else
      put("  {:<16} {}: {} t at {} m from {}, background {}\n", name, entry.title,
          entry.detector.mass_t, entry.detector.baseline_m, entry.reactor.title, entry.background);
}

void list_models(const study::World&) {
  const std::map<physics::Model, const char*> meanings = {
      {physics::Model::lo, "tree level"},
      {physics::Model::lo_cr, "tree level and charge radius, linear"},
      {physics::Model::lo_cr_shift, "tree level at a shifted weak mixing angle"},
      {physics::Model::nlo, "complete one-loop result"},
      {physics::Model::free_charge_radius, "as lo+cr, at any charge radius free.charge_radius"},
      {physics::Model::free_sin2_theta_w, "tree level at any free.sin2_theta_w"},
      {physics::Model::free_couplings, "tree level at any couplings free.c_l, free.c_r"}};
  for (const auto& [name, model] : physics::model_names)
    put("  {:<20} {}\n", name, meanings.at(model));
}

void list_fluxes(const study::World& world) {
  for (const auto& [name, entry] : world.fluxes.entries())
    put("  {:<16} {}; {} to {} MeV\n", name, entry.title, entry.model.low_MeV(),
        entry.model.high_MeV());
}

void list_fuels(const study::World& world) {
  for (const auto& [name, entry] : world.fuels.entries()) {
    const auto& shares = entry.fission_fractions;
    put("  {:<16} {}:", name, entry.title);
    for (std::size_t i = 0; i < shares.size(); ++i)
      put("{} {} {}", i == 0 ? "" : ",", experiment::fissile_names[i], shares[i]);
    std::cout << "\n";
  }
}

void list_energies_per_fission(const study::World& world) {
  for (const auto& [name, energies_MeV] : world.energies_per_fission_MeV.entries()) {
    put("  {:<16}", name);
    for (std::size_t i = 0; i < energies_MeV.size(); ++i)
      put("{} {} {} MeV", i == 0 ? "" : ",", experiment::fissile_names[i], energies_MeV[i]);
    std::cout << "\n";
  }
}

void list_backgrounds(const study::World& world) {
  for (const auto& [name, entry] : world.backgrounds.entries())
    put("  {:<16} {}; {} muons/m2/s, {} GeV\n", name, entry.title,
        entry.overburden.muon_flux_per_m2_s, entry.overburden.mean_muon_energy_GeV);
}

void list_keys(const study::World&) {
  for (const study::Parameter& parameter : study::parameters()) {
    const auto* quantity = parameter.quantity();
    const auto unit = quantity != nullptr ? io::canonical_unit(quantity->dimension) : "name";
    put("  {:<32} {}{}\n", parameter.key, parameter.long_name,
        unit.empty() ? "" : fmt::format(" ({})", unit));
  }
}

}  // namespace

int list(const Words& words) {
  const std::vector<std::pair<std::string, void (*)(const study::World&)>> lists = {
      {"experiments", list_experiments},
      {"models", list_models},
      {"fluxes", list_fluxes},
      {"fuels", list_fuels},
      {"energies", list_energies_per_fission},
      {"backgrounds", list_backgrounds},
      {"keys", list_keys}};
  Options options("list");
  if (!options.parse(words))
    return status::done;

  const study::World world = load_world();
  if (options.has("what")) {
    (*named(lists, options.text("what"), "list"))(world);
    return status::done;
  }
  for (const auto& [name, print] : lists) {
    std::cout << name << "\n";
    print(world);
  }
  return status::done;
}

}  // namespace nuloop::apps
