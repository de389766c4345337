// What a fit compares at one point of a study: expected counts and the pulls on them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/asimov.hpp"
#include "nuloop/study/rates.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::study {

/// A nuisance of the tested model with a Gaussian prior around zero.
struct Pull {
  enum class Source {
    signal_rate,      ///< normalisation of the signal
    background_rate,  ///< normalisation of the background
    hadronic_loops    ///< the light quarks' polarisation in the one-loop result
  };
  Source source;
  double sigma;
};

/// The pulls that a scenario asks for: the two of the paper always, others where their width is
/// above zero.
std::vector<Pull> pulls_of(const Scenario& scenario);

/// Whether both are the same pulls, at whatever widths.
bool same_sources(const std::vector<Pull>& a, const std::vector<Pull>& b);

/// Their widths. Length: the number of pulls.
Eigen::VectorXd widths(const std::vector<Pull>& pulls);

/// Counts per bin and year of exposure.
struct Expectation {
  statistics::Counts reference;   ///< signal of the reference hypothesis
  statistics::Counts tested;      ///< signal of the tested model
  statistics::Counts difference;  ///< reference - tested; their common errors cancel
  statistics::Counts background;
  Eigen::MatrixXd responses;        ///< bins x pulls: what a unit of each adds to the tested counts
  Eigen::MatrixXd response_errors;  ///< bounds on their numerical errors
};

Expectation expectation(const Rates& rates, const std::vector<Pull>& pulls);

/// chi2 of the paper: tested against reference with variance reference + background
/// (arXiv:2410.00107, chi2 definition).
statistics::AsimovComparison compare(const Expectation& expectation);

/// chi2 of the scenario's model against the reference as a function of exposure in years.
statistics::ChiSquareCurve chi_square_curve(const Rates& rates, const Scenario& scenario);

/// Years until the curve reaches the scenario's discovery significance; infinity for never.
double discovery_time_yr(const statistics::ChiSquareCurve& curve, const Scenario& scenario);

}  // namespace nuloop::study
