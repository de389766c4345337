// What several tasks work on: the world of configs/, the experiments and the nominal one-loop
// result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/experiment/signal.hpp"
#include "nuloop/setup/inputs.hpp"
#include "nuloop/setup/world.hpp"

#include <array>
#include <string>
#include <vector>

namespace nuloop::benchmarks {

inline constexpr physics::Neutrino antineutrino = {physics::Flavour::electron,
                                                   physics::Helicity::antineutrino};

/// Models of Fig. 7.
inline constexpr std::array<physics::Model, 3> models = {physics::Model::lo, physics::Model::lo_cr,
                                                         physics::Model::nlo};

inline const setup::World& world() {
  static const setup::World world =
      setup::build_world(setup::read_configs(setup::configs_folder()));
  return world;
}

/// A job of jobs/, with assignments as of --set, read by this process alone.
inline setup::Inputs inputs_of(const std::string& job,
                               const std::vector<std::string>& assignments = {}) {
  return analysis::load_inputs(parallel::Communicator(),
                               std::string(NULOOP_SOURCE) + "/jobs/" + job + ".toml", assignments);
}

/// Fig. 7's window with bins of that width, perfect resolution, tolerance of configs/analysis.toml.
inline experiment::SignalShape fig7_shape(physics::Observable observable, const std::string& flux,
                                          const experiment::Binning& binning) {
  return {observable, world().fluxes.find(flux)->model, binning,
          {},         world().one_loop.scale_MeV,       1e-10};
}

inline physics::Expansion expansion(physics::Model model) {
  constexpr double sin2_theta_w = 0.2334;  // configs/analysis.toml
  return physics::expand(model, antineutrino, sin2_theta_w, world().one_loop);
}

inline experiment::Reactor reactor_of(const setup::ExperimentEntry& entry) {
  return {entry.reactor.thermal_power_GW, entry.reactor.load_factor,
          entry.reactor.fuel.fission_fractions, *world().energies_per_fission_MeV.find("ma-2013")};
}

}  // namespace nuloop::benchmarks
