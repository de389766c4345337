// nuloop rates: expected spectra of one experiment as CSV.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/prediction/rates.hpp"

#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <iostream>

namespace nuloop::apps {

int rates(const Words& words) {
  Options options("rates");
  if (!options.parse(words))
    return status::done;

  const setup::World world = load_world(options);
  const setup::Scenario scenario = make_scenario(options, world, "rates", {});
  prediction::RateCalculator calculator(world);
  calculator.prepare(scenario);
  const prediction::Rates rates = calculator.rates(scenario);
  const experiment::Binning bins = prediction::binning(scenario);
  std::cout << "bin_low_MeV,bin_high_MeV,signal_per_day,background_per_day\n";
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const auto i = static_cast<Eigen::Index>(bin);
    put("{},{},{},{}\n", bins.low_MeV(bin), bins.high_MeV(bin),
        finite(rates.tested.value[i], "signal"), finite(rates.background.value[i], "background"));
  }
  return status::done;
}

}  // namespace nuloop::apps
