// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/detector.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace nuloop::experiment {

namespace {

// Points that panels must end at, for a function that changes over a few widths around an edge.
constexpr std::array widths_around_an_edge = {-8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0};

}  // namespace

double Resolution::sigma_MeV(double visible_MeV) const {
  return std::sqrt(visible_MeV * (stochastic * stochastic + visible_MeV * constant * constant) +
                   noise_MeV * noise_MeV);
}

double EfficiencyCurve::operator()(double visible_MeV) const {
  double share = table != nullptr ? (*table)(visible_MeV) : 1.0;
  if (threshold_MeV == 0.0)
    return share;
  const double above_MeV = visible_MeV - threshold_MeV;
  if (width_MeV == 0.0)
    return above_MeV >= 0.0 ? share : 0.0;
  return share * 0.5 * std::erfc(-above_MeV / (std::numbers::sqrt2 * width_MeV));
}

double Response::visible_MeV(double deposited_MeV) const {
  return scale != nullptr ? deposited_MeV * (*scale)(deposited_MeV) : deposited_MeV;
}

double Response::deposited_MeV(double visible_MeV) const {
  if (scale == nullptr)
    return visible_MeV;
  const auto& energies = scale->energies_MeV;
  const auto& ratios = scale->values;
  const auto above =
      std::partition_point(energies.begin(), energies.end(), [&](const double& energy) {
        return energy * ratios[static_cast<std::size_t>(&energy - energies.data())] <= visible_MeV;
      });
  if (above == energies.begin())
    return visible_MeV / ratios.front();
  if (above == energies.end())
    return visible_MeV / ratios.back();
  // Between two points the ratio is p + q T, and T (p + q T) is the visible energy.
  const auto i = static_cast<std::size_t>(above - energies.begin());
  const double q = (ratios[i] - ratios[i - 1]) / (energies[i] - energies[i - 1]);
  const double p = ratios[i] - q * energies[i];
  return 2.0 * visible_MeV / (p + std::sqrt(p * p + 4.0 * q * visible_MeV));
}

Binning::Binning(double low_MeV, double high_MeV, double width_MeV) {
  NULOOP_EXPECTS(low_MeV > 0.0 && high_MeV > low_MeV && width_MeV > 0.0);
  // A remainder below a millionth of a bin is rounding, not a bin.
  const double count = std::max(1.0, std::ceil((high_MeV - low_MeV) / width_MeV - 1e-6));
  for (int i = 0; i < static_cast<int>(count); ++i)
    edges_MeV_.push_back(low_MeV + i * width_MeV);
  edges_MeV_.push_back(high_MeV);
}

Binning::Binning(std::vector<double> edges_MeV) : edges_MeV_(std::move(edges_MeV)) {
  NULOOP_EXPECTS(edges_MeV_.size() > 1 && edges_MeV_.front() > 0.0 &&
                 std::is_sorted(edges_MeV_.begin(), edges_MeV_.end()));
}

BinResponse::BinResponse(double low_MeV, double high_MeV, const Response& response)
    : low_MeV_(low_MeV), high_MeV_(high_MeV), response_(response) {
  for (const double visible_MeV : visible_ranges_MeV())
    ranges_MeV_.push_back(response.deposited_MeV(visible_MeV));
  const double first = ranges_MeV_.front(), last = ranges_MeV_.back();
  const auto split_at = [&](double deposited_MeV) {
    if (deposited_MeV > first && deposited_MeV < last)
      ranges_MeV_.push_back(deposited_MeV);
  };
  const EfficiencyCurve& efficiency = response.efficiency;
  if (efficiency.table != nullptr)
    for (const double visible_MeV : efficiency.table->energies_MeV)
      split_at(response.deposited_MeV(visible_MeV));
  if (efficiency.threshold_MeV > 0.0)
    for (const double widths : widths_around_an_edge)
      if (const double at_MeV = efficiency.threshold_MeV + widths * efficiency.width_MeV;
          at_MeV > 0.0)
        split_at(response.deposited_MeV(at_MeV));
  if (response.scale != nullptr)
    for (const double deposited_MeV : response.scale->energies_MeV)
      split_at(deposited_MeV);
  std::sort(ranges_MeV_.begin(), ranges_MeV_.end());
  ranges_MeV_.erase(std::unique(ranges_MeV_.begin(), ranges_MeV_.end()), ranges_MeV_.end());
}

std::vector<double> BinResponse::visible_ranges_MeV() const {
  const Resolution& resolution = response_.resolution;
  if (resolution.perfect())
    return {low_MeV_, high_MeV_};
  constexpr double reach = 8.0;
  // The lowest visible energy at which a fluctuation of `reach` sigma gets to the lower edge.
  const double constant = 1.0 + reach * resolution.constant;
  const double stochastic = reach * resolution.stochastic;
  const double edge_MeV = std::max(low_MeV_ - reach * resolution.noise_MeV, 0.0);
  const double root =
      (std::sqrt(stochastic * stochastic + 4.0 * constant * edge_MeV) - stochastic) /
      (2.0 * constant);
  const double middle = 0.5 * (low_MeV_ + high_MeV_);
  const double near = low_MeV_ + reach * resolution.sigma_MeV(low_MeV_);
  double far = high_MeV_;
  for (int step = 0; step < 20; ++step)  // fixed point of E = high + reach sigma(E)
    far = high_MeV_ + reach * resolution.sigma_MeV(far);
  return {std::max(root * root, 1e-3 * low_MeV_),
          low_MeV_,
          std::min(near, middle),
          std::max(high_MeV_ - reach * resolution.sigma_MeV(high_MeV_), middle),
          high_MeV_,
          far};
}

double BinResponse::of_line(double deposited_MeV) const {
  const bool contributes =
      deposited_MeV >= ranges_MeV_.front() && deposited_MeV < ranges_MeV_.back();
  return contributes ? (*this)(deposited_MeV) : 0.0;
}

double BinResponse::operator()(double deposited_MeV) const {
  const double visible_MeV = response_.visible_MeV(deposited_MeV);
  const double recorded = response_.efficiency(visible_MeV);
  if (response_.resolution.perfect())
    return recorded;
  const double scale = 1.0 / (std::numbers::sqrt2 * response_.resolution.sigma_MeV(visible_MeV));
  // The difference of the complementary functions on the side where both are small.
  const double below = scale * (visible_MeV - low_MeV_), above = scale * (visible_MeV - high_MeV_);
  return recorded * (above > 0.0 ? 0.5 * (std::erfc(above) - std::erfc(below))
                                 : 0.5 * (std::erfc(-below) - std::erfc(-above)));
}

}  // namespace nuloop::experiment
