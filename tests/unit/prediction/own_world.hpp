// What tests of experiments of one's own share: a world with files laid over configs/, points of
// it, and what they give. SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/prediction/expectation.hpp"
#include "nuloop/setup/job.hpp"

#include <map>
#include <string>

#include <Eigen/Dense>

namespace nuloop::test {

using prediction::Rates;
using setup::Scenario;
using setup::World;
using Real = long double;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using Changes = std::map<std::string, setup::Value>;
using Files = std::map<std::string, std::string>;

inline World world_with(const Files& own) {
  static const auto shipped = setup::read_configs(std::string(NULOOP_SOURCE) + "/configs");
  auto files = shipped;
  for (const auto& [name, text] : own)
    files.push_back({"own/" + name, "mine/" + name, text});
  return setup::build_world(files);
}

// NLO with flux 0.5 % and background 10 %, in bins of 1 MeV, and what a test changes.
inline Scenario point(const World& world, const std::string& experiment,
                      const Changes& changes = {}) {
  setup::Settings settings = setup::read_settings({&world.defaults}, world);
  const setup::Settings none(settings.size());
  const auto set = [&](const std::string& key, const setup::Value& value) {
    settings.at(setup::find_parameter(key).value()) = value;
  };
  setup::leave_to_experiments(settings, none, {experiment}, world);
  set("experiment", experiment);
  set("model", "nlo");
  set("flux_uncertainty", 0.005);
  set("window.bin_width", 1.0);
  for (const auto& [key, value] : changes)
    set(key, value);
  return setup::make_scenario(settings, world);
}

inline Rates rates(const World& world, const Scenario& scenario) {
  prediction::RateCalculator calculator(world);
  calculator.prepare(scenario);
  return calculator.rates(scenario);
}

inline double chi2(const World& world, const Scenario& scenario, double t_yr) {
  return prediction::chi_square_curve(rates(world, scenario), scenario)(t_yr);
}

}  // namespace nuloop::test
