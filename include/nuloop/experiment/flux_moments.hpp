// Integrals of a flux over all energies above a given one. Rates follow from them where the cross
// section is a quadratic in 1/E.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/experiment/reactor.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::experiment {

/// For each fissile isotope i, at 3 i + k: the integral of S_i(E) (m_e/E)^k over E, k = 0, 1, 2, in
/// antineutrinos per fission.
using MomentVector = Eigen::Array<double, 3 * static_cast<int>(fissile_count), 1>;

class FluxMoments {
 public:
  /// @param lowest_MeV > 0, the lowest energy that will be asked for.
  /// @param relative_tolerance of each piece of the integral, at least 1e-14.
  /// @throws NumericalError if it cannot be met.
  FluxMoments(const FluxModel& flux, double lowest_MeV, double relative_tolerance);

  /// The moments from this energy (or from the flux's lower end, if that is higher) to the flux's
  /// upper
  /// end; zero above it. The error includes the effect of a few roundings of the energy. A call is
  /// a search and a polynomial: the flux is integrated once, in the constructor.
  Bounded<MomentVector> above(double energy_MeV) const;

 private:
  static constexpr int order = 12;
  using Values = Eigen::Matrix<double, MomentVector::RowsAtCompileTime, order>;
  using Series = Eigen::Matrix<double, MomentVector::RowsAtCompileTime, order + 1>;

  // What `above` is on a stretch of energies, as a series in Chebyshev polynomials.
  struct Piece {
    Panel energies_MeV;
    Series series;
    MomentVector error;
    MomentVector rounding;  // of the energy
  };

  // Below those that are there already.
  void add_pieces(const FluxModel& flux, const Panel& energies_MeV, double tolerance, int depth);

  std::vector<Piece> pieces_;  // descending
};

}  // namespace nuloop::experiment
