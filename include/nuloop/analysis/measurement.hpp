// The measurement that an experiment would make: a model's free parameter, fitted to expected data.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/prediction/rates.hpp"
#include "nuloop/statistics/interval.hpp"

#include <array>

namespace nuloop::analysis {

using prediction::RateCalculator;
using setup::Scenario;

/// The confidence levels of the intervals of a measurement.
inline constexpr std::array<double, 3> confidence_levels = {0.68, 0.90, 0.95};

/// Fits the one free parameter of the scenario's model, in canonical units, to the counts that its
/// reference expects at its exposure. At each value chi2 is the one of `chi_square_curve`, with all
/// pulls profiled. The intervals have the `confidence_levels`, and are connected with the best fit.
/// The charge radius may have any value, sin^2(theta_W) any in (0, 1).
/// @param calculator has the integrals of the scenario. May be called concurrently.
/// @throws NumericalError if the counts do not depend on the parameter.
statistics::ParameterFit measure(const Scenario& scenario, const RateCalculator& calculator);

}  // namespace nuloop::analysis
