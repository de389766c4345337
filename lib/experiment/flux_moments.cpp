// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/flux_moments.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <algorithm>

namespace nuloop::experiment {
namespace {

Integral<MomentVector> moments(const FluxModel& flux, const Panel& energies_MeV, double tolerance) {
  const auto integrand = [&](double energy_MeV) {
    const PerFissile<double> values = flux(energy_MeV);
    const double inverse_w = physics::electron_mass_MeV / energy_MeV;
    MomentVector powers;
    for (std::size_t i = 0; i < fissile_count; ++i)
      powers.segment<3>(3 * static_cast<Eigen::Index>(i)) << values[i], values[i] * inverse_w,
          values[i] * inverse_w * inverse_w;
    return powers;
  };
  return integrate<MomentVector>(integrand, {energies_MeV}, tolerance);
}

}  // namespace

FluxMoments::FluxMoments(const FluxModel& flux, double lowest_MeV, double relative_tolerance)
    : flux_(flux), tolerance_(relative_tolerance) {
  NULOOP_EXPECTS(lowest_MeV > 0.0);
  const double low = std::max(lowest_MeV, flux.low_MeV());
  if (low >= flux.high_MeV())
    return;
  // Short pieces, geometrically at low energies where powers of 1/E vary, so that a single rule
  // does for each of them and for any part of it.
  constexpr double longest_MeV = 0.75;
  std::vector<double> edges = {low};
  while (edges.back() < flux.high_MeV())
    edges.push_back(std::min({edges.back() + longest_MeV, 1.5 * edges.back(), flux.high_MeV()}));
  for (const double knot : flux.knots_MeV())
    if (knot > low)
      edges.push_back(knot);
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());

  Integral<MomentVector> above{MomentVector::Zero(), MomentVector::Zero()};
  for (std::size_t i = edges.size() - 1; i > 0; --i) {
    const Panel panel{edges[i - 1], edges[i]};
    pieces_.push_back({panel, above});
    above += moments(flux, panel, tolerance_);
  }
  std::reverse(pieces_.begin(), pieces_.end());
}

Integral<MomentVector> FluxMoments::above(double energy_MeV) const {
  if (pieces_.empty() || energy_MeV >= pieces_.back().energies_MeV.high)
    return {MomentVector::Zero(), MomentVector::Zero()};
  const auto piece = std::find_if(pieces_.begin(), pieces_.end(),
                                  [&](const Piece& p) { return energy_MeV < p.energies_MeV.high; });
  const double low = std::max(energy_MeV, piece->energies_MeV.low);
  Integral<MomentVector> sum = moments(flux_, {low, piece->energies_MeV.high}, tolerance_);
  sum += piece->above;
  return sum;
}

}  // namespace nuloop::experiment
