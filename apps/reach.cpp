// nuloop reach: the discovery time of one experiment as CSV.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/prediction/curves.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <iostream>

namespace nuloop::apps {

int reach(const Words& words) {
  Options options("reach");
  if (!options.parse(words))
    return status::done;

  const setup::World world = load_world(options);
  const setup::Scenario scenario = make_scenario(options, world, "reach", {"exposure"});
  prediction::RateCalculator calculator(world);
  calculator.prepare(scenario);
  const double time_yr = prediction::discovery_time_yr(calculator, scenario);
  std::string_view observable;
  for (const auto& [name, value] : physics::observable_names)
    if (value == scenario.theory.observable)
      observable = name;
  std::cout << "experiment,model,observable,sin2_theta_w,flux_uncertainty,background_uncertainty,"
               "discovery_time_yr\n";
  put("{},{},{},{},{},{},{}\n", options.text("experiment"), options.text("model"), observable,
      scenario.theory.sin2_theta_w, scenario.uncertainties.flux, scenario.uncertainties.background,
      time_yr);
  return status::done;
}

}  // namespace nuloop::apps
