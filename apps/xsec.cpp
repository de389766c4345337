// nuloop xsec: differential or total cross sections as CSV.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/physics/total_cross_section.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <iostream>
#include <vector>

namespace nuloop::apps {
namespace {

// s2 as a column of a table: empty for a model that does not use it.
std::string tree_level_column(const setup::Scenario& scenario) {
  using Angle = physics::ModelRow::Angle;
  const Angle angle = physics::row_of(scenario.theory.model).angle;
  if (angle == Angle::none)
    return "";
  return fmt::format(
      "{}", angle == Angle::own ? scenario.theory.free.sin2_theta_w : scenario.theory.sin2_theta_w);
}

}  // namespace

int xsec(const Words& words) {
  Options options("xsec");
  if (!options.parse(words))
    return status::done;
  const bool total = options.has("total");

  const setup::World world = load_world(options);
  const setup::Scenario scenario =
      make_scenario(options, world, "cross-section", {"flavour", "energy", "recoil"});
  const std::string flavour = options.has("flavour") ? options.text("flavour") : "nuebar_e";
  const physics::Neutrino* neutrino = named(physics::neutrino_names, flavour, "--flavour");
  const auto energies =
      options.numbers("energy", physics::lowest_energy_MeV, physics::highest_energy_MeV);
  const auto recoils = total ? std::vector<double>()
                             : options.numbers("recoil", physics::lowest_recoil_MeV, infinity);
  const physics::Expansion expansion =
      physics::expand(scenario.theory.model, *neutrino, scenario.theory.sin2_theta_w,
                      scenario.theory.one_loop, scenario.theory.free);

  std::cout << "model,observable,flavour,sin2_theta_w,energy_MeV," << (total ? "" : "recoil_MeV,")
            << (options.has("parts") ? "born,loops,photonic," : "")
            << (total ? "total_cross_section_cm2,error_cm2\n" : "cross_section_cm2_per_MeV\n");
  const std::string sin2 = tree_level_column(scenario);
  const auto print_point = [&](double energy) {
    put("{},{},{},{},{},", options.text("model"), options.text("observable"), flavour, sin2,
        energy);
  };
  const auto print_parts = [&](const auto& value) {
    if (options.has("parts"))
      put("{},{},{},", value.born, value.loops, value.photonic);
  };
  for (const double energy : energies) {
    if (total) {
      const physics::TotalCrossSection value = physics::total_cross_section(
          expansion, scenario.theory.observable, energy, scenario.theory.one_loop.scale_MeV);
      print_point(energy);
      print_parts(value);
      put("{},{}\n", finite(value.total(), "cross section"), value.error);
    }
    for (const double recoil : recoils) {
      const physics::CrossSection value =
          physics::cross_section(expansion, scenario.theory.observable, energy, recoil,
                                 scenario.theory.one_loop.scale_MeV);
      print_point(energy);
      put("{},", recoil);
      print_parts(value);
      put("{}\n", finite(value.total(), "cross section"));
    }
  }
  return status::done;
}

}  // namespace nuloop::apps
