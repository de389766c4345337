// Tasks: chi2 and discovery times from rates that are known.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "inputs.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/analysis/toys.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/statistics/whitened.hpp"
#include "nuloop/sweep/study.hpp"
#include "tasks.hpp"

#include <memory>

namespace nuloop::benchmarks {
namespace {

using prediction::discovery_time_yr;
using prediction::pulls_of;
using prediction::widths;

// The scenarios of Fig. 7's outer axes and their rates.
struct KnownRates {
  setup::Inputs inputs;
  std::vector<setup::Scenario> scenarios;
  std::vector<prediction::Rates> rates;
};

std::shared_ptr<KnownRates> fig7_rates() {
  auto known = std::make_shared<KnownRates>(KnownRates{inputs_of("fig7"), {}, {}});
  const setup::Inputs& inputs = known->inputs;
  const sweep::Study study = analysis::make_study(inputs.job, inputs.world);
  const sweep::Plan& plan = study.plan;
  prediction::RateCalculator calculator(inputs.world);
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const sweep::Task task = plan.task(index);
    for (std::size_t n = 0; n < task.points(); ++n) {
      known->scenarios.push_back(
          analysis::scenario_at(inputs.job, inputs.world, study.point(task, n).at));
      calculator.prepare(known->scenarios.back());
      known->rates.push_back(calculator.rates(known->scenarios.back()));
    }
  }
  return known;
}

double chi_square(const setup::Scenario& scenario, const prediction::Rates& rates) {
  return chi_square_curve(rates, scenario)(scenario.time.exposure_yr);
}

double fig7_grid(const KnownRates& known, const std::vector<double>& flux_uncertainties,
                 const std::vector<double>& exposures_yr) {
  double sum = 0.0;
  for (std::size_t i = 0; i < known.scenarios.size(); ++i) {
    setup::Scenario scenario = known.scenarios[i];
    const statistics::Whitened comparison(prediction::expectation(known.rates[i], scenario));
    for (const double uncertainty : flux_uncertainties) {
      scenario.uncertainties.flux = uncertainty;
      const auto curve = comparison.curve(widths(pulls_of(scenario)));
      for (const double exposure_yr : exposures_yr)
        sum += curve(exposure_yr);
      sum += discovery_time_yr(curve, scenario);
    }
  }
  return sum;
}

// The last scenario at 0.5 %, 10 % and five years.
setup::Scenario one_scenario(const KnownRates& known) {
  setup::Scenario scenario = known.scenarios.back();
  scenario.uncertainties.flux = 0.005;
  scenario.uncertainties.background = 0.10;
  scenario.time.exposure_yr = 5.0;
  return scenario;
}

// Pseudo-experiments of 18 bins and two pulls, fitted.
Task toys(const std::string& name, statistics::Statistic statistic, double tail) {
  return {"toys/" + name, "pseudo-experiment", static_cast<double>(statistics::toys_per_block),
          Task::Use::both, [statistic, tail] {
            const auto known = fig7_rates();
            setup::Scenario scenario = one_scenario(*known);
            scenario.criterion.statistic = statistic;
            scenario.toys.tail = tail;
            prediction::RateCalculator calculator(known->inputs.world);
            calculator.prepare(scenario);
            const auto experiment = std::make_shared<analysis::ToyExperiment>(
                analysis::toy_experiment(scenario, calculator));
            return [experiment] {
              statistics::ToyTally tally = analysis::empty_tally(*experiment);
              run_toys(experiment->ensemble, *experiment->statistic, {1, 0}, 0,
                       statistics::toys_per_block, tally);
              return tally.mean().value;
            };
          }};
}

}  // namespace

std::vector<Task> statistics_tasks() {
  return {
      toys("plain", statistics::Statistic::reference, 0.0),
      toys("tails", statistics::Statistic::reference, 5.0),
      toys("poisson", statistics::Statistic::poisson, 0.0),
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
         const setup::Scenario scenario = one_scenario(*known);
         return [curve = chi_square_curve(known->rates.back(), scenario), scenario] {
           return discovery_time_yr(curve, scenario);
         };
       }},
      {"fig7_chi2", "chi2 of the grid", 2400.0, Task::Use::both,
       [] {
         const auto known = fig7_rates();
         for (setup::Scenario& scenario : known->scenarios)
           scenario.uncertainties.background = 0.10;
         return [known, flux_uncertainties = values_of(known->inputs.job, "flux_uncertainty"),
                 exposures_yr = values_of(known->inputs.job, "exposure")] {
           return fig7_grid(*known, flux_uncertainties, exposures_yr);
         };
       }},
  };
}

}  // namespace nuloop::benchmarks
