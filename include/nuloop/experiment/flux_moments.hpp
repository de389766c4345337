// Integrals of a flux over all energies above a given one. Rates follow from them where the cross
// section is a quadratic in 1/E.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/experiment/reactor.hpp"

#include <algorithm>
#include <vector>

#include <Eigen/Core>

namespace nuloop::experiment {

inline constexpr int moment_count = 3 * static_cast<int>(fissile_count);

/// For each fissile isotope i, at 3 i + k: the integral of S_i(E) (m_e/E)^k over E, k = 0, 1, 2, in
/// antineutrinos per fission.
using MomentVector = Eigen::Array<double, moment_count, 1>;

class FluxMoments {
 public:
  static constexpr int isotopes = static_cast<int>(fissile_count);
  using IsotopeVector = Eigen::Array<double, isotopes, 1>;

  /// @param lowest_MeV > 0, the lowest energy that will be asked for.
  /// @param relative_tolerance of each piece of the integral, at least 1e-14.
  /// @throws NumericalError if it cannot be met.
  FluxMoments(const FluxModel& flux, double lowest_MeV, double relative_tolerance);

  /// The moments from this energy (or from the flux's lower end, if that is higher) to the flux's
  /// upper
  /// end; zero above it. The error includes the effect of a few roundings of the energy. A call is
  /// a search and a polynomial: the flux is integrated once, in the constructor.
  Bounded<MomentVector> above(double energy_MeV) const;

  /// The same of several energies (rows of `moments`), faster where no knot is between them.
  /// @return the largest error.
  template <int size>
  MomentVector above(const Eigen::Array<double, size, 1>& energies_MeV,
                     Eigen::Matrix<double, size, moment_count>& moments) const {
    if (const Piece* piece = common(energies_MeV.minCoeff(), energies_MeV.maxCoeff())) {
      moments = Chebyshev<order + 1>::template series_at<size, moment_count>(
          piece->variable<size>(energies_MeV), piece->series, piece->terms);
      return piece->error + piece->beyond_terms;
    }
    MomentVector error = MomentVector::Zero();
    for (Eigen::Index n = 0; n < size; ++n) {
      const Bounded<MomentVector> at = above(energies_MeV[n]);
      moments.row(n) = at.value.matrix().transpose();
      error = error.max(at.error);
    }
    return error;
  }

  /// The flux itself (columns: isotopes) at several energies (rows) between neighbouring knots, in
  /// antineutrinos per MeV and fission. @return the largest error.
  template <int size>
  IsotopeVector flux(const Eigen::Array<double, size, 1>& energies_MeV,
                     Eigen::Matrix<double, size, isotopes>& fluxes) const {
    if (const Piece* piece = common(energies_MeV.minCoeff(), energies_MeV.maxCoeff())) {
      fluxes = Chebyshev<order>::template series_at<size, isotopes>(
          piece->variable<size>(energies_MeV), piece->flux, std::min(piece->terms, order));
      return piece->flux_error;
    }
    IsotopeVector error = IsotopeVector::Zero();
    for (Eigen::Index n = 0; n < size; ++n) {
      const Piece* const piece = piece_of(energies_MeV[n]);
      if (piece == nullptr) {
        fluxes.row(n).setZero();
        continue;
      }
      using One = Eigen::Array<double, 1, 1>;
      fluxes.row(n) = Chebyshev<order>::template series_at<1, isotopes>(
          piece->variable<1>(One(energies_MeV[n])), piece->flux, order);
      error = error.max(piece->flux_error);
    }
    return error;
  }

 private:
  static constexpr int order = 12;
  using Values = Eigen::Matrix<double, MomentVector::RowsAtCompileTime, order>;
  using Series = Eigen::Matrix<double, MomentVector::RowsAtCompileTime, order + 1>;

  // What `above` is on a stretch of energies, as a series in Chebyshev polynomials.
  struct Piece {
    Panel energies_MeV;
    Series series;
    MomentVector error;
    MomentVector rounding{};                        // of the energy
    int terms = 0;                                  // of the series that matter
    MomentVector beyond_terms{};                    // bound on the others' sum
    Eigen::Matrix<double, isotopes, order> flux{};  // series of S_i(E) itself
    IsotopeVector flux_error{};

    template <int size>
    Eigen::Array<double, size, 1> variable(const Eigen::Array<double, size, 1>& at_MeV) const {
      return ((at_MeV - energies_MeV.centre()) / energies_MeV.half_width()).max(-1.0);
    }
  };

  // Null above the flux.
  const Piece* piece_of(double energy_MeV) const;

  // The piece that has all of [low, high], whose ends may be off by their rounding; null if none.
  const Piece* common(double low_MeV, double high_MeV) const;

  // Below those that are there already.
  void add_pieces(const FluxModel& flux, const Panel& energies_MeV, double tolerance, int depth);

  std::vector<Piece> pieces_;  // descending
};

}  // namespace nuloop::experiment
