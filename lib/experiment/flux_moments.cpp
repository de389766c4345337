// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/flux_moments.hpp"

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace nuloop::experiment {

FluxMoments::FluxMoments(const FluxModel& flux, double lowest_MeV, double relative_tolerance) {
  NULOOP_EXPECTS(lowest_MeV > 0.0 && relative_tolerance >= 1e-14);
  const double low = std::max(lowest_MeV, flux.low_MeV());
  if (low >= flux.high_MeV())
    return;
  // Short pieces, geometrically at low energies where powers of 1/E vary, and towards the upper
  // end, where all that is above is to keep its digits.
  constexpr double longest_MeV = 0.75;
  std::vector<double> edges = {low};
  while (edges.back() < flux.high_MeV())
    edges.push_back(std::min({edges.back() + longest_MeV, 1.5 * edges.back(), flux.high_MeV()}));
  double rest = 0.5 * (edges.back() - edges[edges.size() - 2]);
  while (rest > 1e-8) {
    edges.push_back(flux.high_MeV() - rest);
    rest *= 0.25;
  }
  for (const double knot : flux.knots_MeV())
    if (knot > low)
      edges.push_back(knot);
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  for (std::size_t i = edges.size() - 1; i > 0; --i)
    add_pieces(flux, {edges[i - 1], edges[i]}, relative_tolerance, 0);
}

void FluxMoments::add_pieces(const FluxModel& flux, const Panel& energies_MeV, double tolerance,
                             int depth) {
  const auto& chebyshev = Chebyshev<order>::instance();
  const double half_width = energies_MeV.half_width();
  std::array<double, order> energies;
  std::array<PerFissile<double>, order> fluxes;
  std::transform(chebyshev.nodes().begin(), chebyshev.nodes().end(), energies.begin(),
                 [&](double x) { return energies_MeV.centre() + half_width * x; });
  flux(energies, fluxes);
  Values values;
  for (int n = 0; n < order; ++n) {
    const auto at = static_cast<std::size_t>(n);
    const double inverse_w = physics::electron_mass_MeV / energies[at];
    for (std::size_t i = 0; i < fissile_count; ++i)
      values.col(n).segment<3>(3 * static_cast<Eigen::Index>(i)) =
          half_width * fluxes[at][i] * Eigen::Vector3d(1.0, inverse_w, inverse_w * inverse_w);
  }
  const Values c = values * chebyshev.coefficients();

  // The coefficients fall geometrically; what is left out is less than twice the last two, and the
  // piece is two long.
  const MomentVector left_out =
      4.0 * (c.col(order - 1).cwiseAbs() + c.col(order - 2).cwiseAbs()).array();
  Series primitive = Series::Zero();  // T_j integrates to T_(j+1)/(2j + 2) - T_(j-1)/(2j - 2)
  primitive.col(1) = c.col(0) - 0.5 * c.col(2);
  for (int j = 2; j <= order; ++j)
    primitive.col(j) = c.col(j - 1) / (2.0 * j);
  for (int j = 2; j + 1 < order; ++j)
    primitive.col(j) -= c.col(j + 1) / (2.0 * j);
  const MomentVector at_end = primitive.rowwise().sum();
  MomentVector whole = at_end;
  for (int j = 1; j <= order; ++j)
    whole -= (j % 2 == 0 ? 1.0 : -1.0) * primitive.col(j).array();

  constexpr int max_depth = 24;
  if (!whole.isFinite().all() || depth == max_depth)
    throw NumericalError("an integral of the flux does not converge");
  if (left_out.maxCoeff() > tolerance * whole.maxCoeff()) {
    const auto [left, right] = energies_MeV.halves();
    add_pieces(flux, right, tolerance, depth + 1);
    add_pieces(flux, left, tolerance, depth + 1);
    return;
  }
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const Bounded<MomentVector> rest = above(energies_MeV.high);  // its rounding is no error: an edge
  Piece piece{energies_MeV, -primitive, left_out, {}};
  if (!pieces_.empty())
    piece.error += pieces_.back().error;
  piece.series.col(0) = (rest.value + at_end).matrix();
  piece.error += epsilon * (4.0 * whole + 0.5 * rest.value);
  piece.rounding = 4.0 * epsilon * energies_MeV.high / half_width * values.rowwise().maxCoeff();
  piece.terms = order + 1;
  piece.beyond_terms.setZero();
  while (piece.terms > 2) {
    const MomentVector beyond =
        piece.beyond_terms + piece.series.col(piece.terms - 1).array().abs();
    if ((beyond > epsilon * whole).any())
      break;
    piece.beyond_terms = beyond;
    --piece.terms;
  }
  for (Eigen::Index i = 0; i < isotopes; ++i) {
    piece.flux.row(i) = c.row(3 * i) / half_width;
    const double beyond = piece.flux.row(i).tail(std::max(0, order - piece.terms)).cwiseAbs().sum();
    piece.flux_error[i] =
        left_out[3 * i] / half_width + beyond + 8.0 * epsilon * piece.flux.row(i).cwiseAbs().sum();
  }
  pieces_.push_back(piece);
}

const FluxMoments::Piece* FluxMoments::piece_of(double energy_MeV) const {
  if (pieces_.empty() || energy_MeV >= pieces_.front().energies_MeV.high)
    return nullptr;
  const auto found = std::partition_point(pieces_.begin(), pieces_.end(), [&](const Piece& p) {
    return p.energies_MeV.low > energy_MeV;
  });
  return found == pieces_.end() ? &pieces_.back() : &*found;
}

const FluxMoments::Piece* FluxMoments::common(double low_MeV, double high_MeV) const {
  const Piece* const piece = piece_of(0.5 * (low_MeV + high_MeV));
  if (piece == nullptr)
    return nullptr;
  const double rounding_MeV = 1e-15 * high_MeV;
  const bool has = low_MeV >= piece->energies_MeV.low - rounding_MeV &&
                   high_MeV <= piece->energies_MeV.high + rounding_MeV;
  return has ? piece : nullptr;
}

Bounded<MomentVector> FluxMoments::above(double energy_MeV) const {
  const Piece* const piece = piece_of(energy_MeV);
  if (piece == nullptr)
    return {MomentVector::Zero(), MomentVector::Zero()};
  const Panel& range = piece->energies_MeV;
  const double x = std::max(-1.0, (energy_MeV - range.centre()) / range.half_width());
  return {piece->series.lazyProduct(Chebyshev<order>::polynomials<order + 1>(x)).array(),
          piece->error};
}

}  // namespace nuloop::experiment
