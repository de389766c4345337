// Tasks: chi2 and discovery times from rates that are known.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "inputs.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/rates.hpp"
#include "tasks.hpp"

#include <memory>

namespace nuloop::benchmarks {
namespace {

// The scenarios of Fig. 7's outer axes and their rates.
struct KnownRates {
  study::Inputs inputs;
  std::vector<study::Scenario> scenarios;
  std::vector<study::Rates> rates;
};

std::shared_ptr<KnownRates> fig7_rates() {
  auto known = std::make_shared<KnownRates>(KnownRates{inputs_of("fig7"), {}, {}});
  const study::Plan plan(known->inputs.job);
  study::RateCalculator calculator(known->inputs.world);
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const study::Task task = plan.task(index);
    for (std::size_t n = 0; n < task.points(); ++n) {
      known->scenarios.push_back(
          scenario_at(known->inputs.job, plan, task, n, known->inputs.world));
      calculator.prepare(known->scenarios.back());
      known->rates.push_back(calculator.rates(known->scenarios.back()));
    }
  }
  return known;
}

double chi_square(const study::Scenario& scenario, const study::Rates& rates) {
  return chi_square_curve(study::compare(rates, study::TheoryPull::off),
                          scenario)(scenario.exposure_yr);
}

double fig7_grid(const KnownRates& known, const std::vector<double>& flux_uncertainties,
                 const std::vector<double>& exposures_yr) {
  double sum = 0.0;
  for (std::size_t i = 0; i < known.scenarios.size(); ++i) {
    const auto comparison = study::compare(known.rates[i], study::TheoryPull::off);
    study::Scenario scenario = known.scenarios[i];
    for (const double uncertainty : flux_uncertainties) {
      scenario.flux_uncertainty = uncertainty;
      const auto curve = chi_square_curve(comparison, scenario);
      for (const double exposure_yr : exposures_yr)
        sum += curve(exposure_yr);
      sum += discovery_time_yr(curve, scenario);
    }
  }
  return sum;
}

// The last scenario at 0.5 %, 10 % and five years.
study::Scenario one_scenario(const KnownRates& known) {
  study::Scenario scenario = known.scenarios.back();
  scenario.flux_uncertainty = 0.005;
  scenario.background_uncertainty = 0.10;
  scenario.exposure_yr = 5.0;
  return scenario;
}

}  // namespace

std::vector<Task> statistics_tasks() {
  return {
      {"chi2", "chi2(t) with its comparison", 1.0, Task::Use::both,
       [] {
         const auto known = fig7_rates();
         return [known, scenario = one_scenario(*known)] {
           return chi_square(scenario, known->rates.back());
         };
       }},
      {"discovery_time", "root of chi2(t) = 25", 1.0, Task::Use::both,
       [] {
         const auto known = fig7_rates();
         const study::Scenario scenario = one_scenario(*known);
         return [curve = chi_square_curve(
                     study::compare(known->rates.back(), study::TheoryPull::off), scenario),
                 scenario] { return discovery_time_yr(curve, scenario); };
       }},
      {"fig7_chi2", "chi2 of the grid", 2400.0, Task::Use::both,
       [] {
         const auto known = fig7_rates();
         for (study::Scenario& scenario : known->scenarios)
           scenario.background_uncertainty = 0.10;
         return [known, flux_uncertainties = values_of(known->inputs.job, "flux_uncertainty"),
                 exposures_yr = values_of(known->inputs.job, "exposure")] {
           return fig7_grid(*known, flux_uncertainties, exposures_yr);
         };
       }},
  };
}

}  // namespace nuloop::benchmarks
