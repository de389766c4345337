// What an experiment would measure: the free parameter of a model fitted to expected data.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/interval.hpp"
#include "nuloop/study/rates.hpp"

#include <array>

namespace nuloop::study {

/// Of the intervals that a measurement gives.
inline constexpr std::array<double, 3> confidence_levels = {0.68, 0.90, 0.95};

/// Fits the one free parameter of the scenario's model to the counts that its reference expects,
/// at its exposure, in canonical units: chi2 is that of `chi_square_curve` at each value, all pulls
/// profiled. Intervals are those of `confidence_levels`, connected with the best fit; the charge
/// radius may take any value, sin^2(theta_W) those in (0, 1).
/// @param calculator has the integrals of the scenario. May be called concurrently.
/// @throws NumericalError if the counts do not depend on the parameter.
statistics::ParameterFit measure(const Scenario& scenario, const RateCalculator& calculator);

}  // namespace nuloop::study
