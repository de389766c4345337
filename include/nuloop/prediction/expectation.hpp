// The inputs of a fit at one point of a study: expected counts and the pulls on them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/prediction/rates.hpp"
#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/curve.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::prediction {

/// A nuisance parameter of the tested model with a Gaussian prior around zero.
struct Pull {
  enum class Source {
    signal_rate,         ///< normalisation of the signal; number: the detector
    background_rate,     ///< normalisation of the cosmogenic background; number: the detector
    hadronic_loops,      ///< the light quarks' polarisation in the one-loop result
    angle,               ///< sin^2(theta_W) of LO, in the tested model
    common_signal_rate,  ///< normalisation of the signal at all sites
    flux_shape,          ///< uncertainty of the flux, each energy and isotope by itself; number: of
                         ///< an orthonormal combination of these
    flux_isotope,        ///< uncertainty of the flux, all energies together; number: the isotope
    flux_common,         ///< uncertainty of the flux, all energies and isotopes together
    flux_covariance,     ///< a mode of the flux's covariance; number: of an orthonormal combination
                         ///< of these
    flux_free,           ///< the whole flux, alike for all isotopes, in each bin of a free flux;
                         ///< number: of an orthonormal combination of these
    isotope_yield,       ///< yield of a cosmogenic isotope; number: the isotope
    source_rate,         ///< backgrounds known by their spectrum; number: of source_groups
    leak,                ///< inverse beta decays taken for scatterings; number: the site
    signal_group,        ///< the experiments' own uncertainties of the signal; number: of
                         ///< signal_groups
    energy_scale,        ///< relative; number: the detector
    resolution,          ///< relative; number: the detector
    response             ///< the experiments' own uncertainties of the response; number: of
                         ///< response_pulls
  };
  Source source;
  double sigma;
  std::size_t number = 0;
};

/// The pulls of a scenario: always the two of the paper (of each detector of a joint experiment),
/// and the others if their width is above zero.
std::vector<Pull> pulls_of(const Scenario& scenario);

/// Whether both are the same pulls, apart from their widths.
bool same_sources(const std::vector<Pull>& a, const std::vector<Pull>& b);

/// The widths of the pulls. Length: the number of pulls.
Eigen::VectorXd widths(const std::vector<Pull>& pulls);

/// Pulls as combinations of others that are independent and span all that those do to the rates.
/// Shape: others x pulls; empty without such pulls.
struct FluxCombinations {
  Eigen::MatrixXd shape;       ///< flux_shape: of the uncertainties of single energies and isotopes
  Eigen::MatrixXd covariance;  ///< flux_covariance: of the covariance's modes
  Eigen::MatrixXd free;        ///< flux_free: of the bins of a free flux
};
FluxCombinations flux_combinations(const Rates& rates, const std::vector<Pull>& pulls);

/// What one unit of each pull adds to the tested signal and to the background, events per day and
/// bin. @param combinations as of `expectation`.
std::vector<SignalAndBackground> responses(const Rates& rates, const std::vector<Pull>& pulls,
                                           const FluxCombinations& combinations);

/// What the scenario's model expects per year of exposure, and its reference in the world of the
/// data. The pulls are those of the fit. The bins of the
/// comparison are those of the rates, site after site. If there are data without reactor, their
/// bins follow in the same order and hold background alone.
/// @param rates of a scenario that has all of `pulls`.
/// @param reactor_off_share time without reactor per time with it, >= 0.
/// @param combinations flux_combinations of other rates, so that the pulls can be compared with
/// those there; null for those of these rates.
statistics::Comparison expectation(const Rates& rates, const std::vector<Pull>& pulls,
                                   double reactor_off_share = 0.0,
                                   const FluxCombinations* combinations = nullptr);

/// The same in bins that a statistic has terms for: others are counted together with these, as
/// statistics::groups_of says.
statistics::Comparison comparable(const Rates& rates, const std::vector<Pull>& pulls,
                                  double reactor_off_share, statistics::Statistic statistic);

/// The same with all pulls and data of the scenario, and its statistic.
statistics::Comparison expectation(const Rates& rates, const Scenario& scenario);

/// The numbers of bins that belong together in such a comparison: of each site with reactor, then
/// of each without.
std::vector<Eigen::Index> parts_of(const Rates& rates, double reactor_off_share);

/// The paper's chi2 of the scenario's model against the reference as a function of exposure in
/// years (arXiv:2410.00107, eq. 13).
statistics::ChiSquareCurve chi_square_curve(const Rates& rates, const Scenario& scenario);

/// Years until a curve reaches the scenario's discovery significance; infinity for never.
template <class Curve>
double discovery_time_yr(const Curve& curve, const Scenario& scenario) {
  return curve.reach(scenario.criterion.significance * scenario.criterion.significance);
}

/// The same with the scenario's own statistic. A pull on the angle of tree level is linear, which
/// Curves take exactly.
double discovery_time_yr(const Rates& rates, const Scenario& scenario);

}  // namespace nuloop::prediction
