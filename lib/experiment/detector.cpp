// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/detector.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nuloop::experiment {

double Resolution::sigma_MeV(double visible_MeV) const {
  return std::sqrt(visible_MeV * (stochastic * stochastic + visible_MeV * constant * constant));
}

Binning::Binning(double low_MeV, double high_MeV, double width_MeV) {
  NULOOP_EXPECTS(low_MeV > 0.0 && high_MeV > low_MeV && width_MeV > 0.0);
  // A remainder below a millionth of a bin is rounding, not a bin.
  const double count = std::max(1.0, std::ceil((high_MeV - low_MeV) / width_MeV - 1e-6));
  for (int i = 0; i < static_cast<int>(count); ++i)
    edges_MeV_.push_back(low_MeV + i * width_MeV);
  edges_MeV_.push_back(high_MeV);
}

BinResponse::BinResponse(double low_MeV, double high_MeV, const Resolution& resolution)
    : low_MeV_(low_MeV), high_MeV_(high_MeV), resolution_(resolution) {
  if (resolution.perfect()) {
    ranges_MeV_ = {low_MeV, high_MeV};
    return;
  }
  constexpr double reach = 8.0;
  // The lowest true energy at which a fluctuation of `reach` sigma gets to the lower edge.
  const double constant = 1.0 + reach * resolution.constant;
  const double stochastic = reach * resolution.stochastic;
  const double root = (std::sqrt(stochastic * stochastic + 4.0 * constant * low_MeV) - stochastic) /
                      (2.0 * constant);
  ranges_MeV_ = {std::max(root * root, 1e-3 * low_MeV), low_MeV};
  const double middle = 0.5 * (low_MeV + high_MeV);
  const double near = low_MeV + reach * resolution.sigma_MeV(low_MeV);
  ranges_MeV_.push_back(std::min(near, middle));
  ranges_MeV_.push_back(std::max(high_MeV - reach * resolution.sigma_MeV(high_MeV), middle));
  ranges_MeV_.push_back(high_MeV);
  double far = high_MeV;
  for (int step = 0; step < 20; ++step)  // fixed point of E = high + reach sigma(E)
    far = high_MeV + reach * resolution.sigma_MeV(far);
  ranges_MeV_.push_back(far);
  ranges_MeV_.erase(std::unique(ranges_MeV_.begin(), ranges_MeV_.end()), ranges_MeV_.end());
}

double BinResponse::operator()(double visible_MeV) const {
  if (resolution_.perfect())
    return 1.0;
  const double scale = 1.0 / (std::numbers::sqrt2 * resolution_.sigma_MeV(visible_MeV));
  // The difference of the complementary functions on the side where both are small.
  const double below = scale * (visible_MeV - low_MeV_), above = scale * (visible_MeV - high_MeV_);
  return above > 0.0 ? 0.5 * (std::erfc(above) - std::erfc(below))
                     : 0.5 * (std::erfc(-below) - std::erfc(-above));
}

}  // namespace nuloop::experiment
