// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/measurement.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/study/expectation.hpp"

#include <algorithm>
#include <iterator>

namespace nuloop::study {
namespace {

// The charge radius that changes the rate by about as much as there is.
constexpr double charge_radius_scale_cm2 = 1e-31;

statistics::ParameterRange range_of(const Parameter::Quantity& quantity) {
  const double scale = quantity.dimension == io::Dimension::area ? charge_radius_scale_cm2 : 1.0;
  return {quantity.range.low, quantity.range.high, scale};
}

}  // namespace

statistics::ParameterFit measure(const Scenario& scenario, const RateCalculator& calculator) {
  const auto keys = free_parameters_of(scenario.model);
  NULOOP_EXPECTS(keys.size() == 1);
  const Parameter::Quantity& quantity = *parameters()[*find_parameter(keys.front())].quantity();
  const auto chi2 = [&](double value) -> Bounded<double> {
    Scenario at = scenario;
    quantity.member(at) = value;
    const statistics::ChiSquareCurve curve = chi_square_curve(calculator.rates(at), at);
    return {curve(at.exposure_yr), curve.error(at.exposure_yr)};
  };
  std::vector<double> deltas;
  std::transform(confidence_levels.begin(), confidence_levels.end(), std::back_inserter(deltas),
                 statistics::delta_chi2);
  return statistics::fit_parameter(chi2, range_of(quantity), deltas);
}

}  // namespace nuloop::study
