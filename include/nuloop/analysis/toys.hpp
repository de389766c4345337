// Pseudo-experiments at one point of a study, and their tally.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/prediction/expectation.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/setup/parameters.hpp"
#include "nuloop/statistics/toys.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nuloop::analysis {

using prediction::RateCalculator;
using setup::Scenario;

/// One hypothesis against another, and the truth that pseudo-experiments are drawn from.
struct ToyExperiment {
  std::unique_ptr<statistics::TestStatistic> statistic;
  statistics::ToyEnsemble ensemble;
  double significance;  ///< sqrt(chi2) of the tested hypothesis on the other one's Asimov data
  double z_expected;    ///< z of the truth's Asimov data
};

/// @param calculator prepared for the scenario, and for the world of its data.
/// @throws NumericalError if tested hypothesis and alternative are the same.
ToyExperiment toy_experiment(const Scenario& scenario, const RateCalculator& calculator);

/// The hypotheses, exchanged if necessary: `model` is the tested one. Both are those of the fit, in
/// its world.
Scenario with_tested_model(const Scenario& scenario);

/// What counts are drawn from if that model is true: in the world of the data, if there is one.
Scenario in_nature(const Scenario& scenario, physics::Model model);

/// An empty tally for that experiment: its thresholds are toy_thresholds() and, last, its
/// significance.
statistics::ToyTally empty_tally(const ToyExperiment& experiment);

/// Coordinates of the stored numbers.
std::vector<double> toy_probabilities();      ///< of the quantiles of z: -2, -1, 0, 1, 2 sigma
std::vector<double> toy_levels();             ///< of the critical values of |z|
std::vector<double> toy_thresholds();         ///< in sigma
std::vector<double> toy_histogram_offsets();  ///< of z - z_expected
std::vector<std::string> toy_moment_names();  ///< as in ToyTally::numbers
std::vector<std::string> toy_tail_names();    ///< as in ToyTally::tails

}  // namespace nuloop::analysis
