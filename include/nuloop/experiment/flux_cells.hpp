// Integrals of flux x function over fixed ranges of energy. They need the function at a few
// energies, and no further values of the flux.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/experiment/reactor.hpp"

#include <array>
#include <cstddef>
#include <vector>

#include <Eigen/Core>

namespace nuloop::experiment {

/// Cells whose lengths are powers of two times a shortest one, counted from the flux's upper end. A
/// function is interpolated in each cell by polynomials, and the flux has been integrated against
/// these polynomials once. Steps and knots of the flux then cost nothing.
class FluxCells {
 public:
  static constexpr int order = 16;

  struct Cell {
    Panel energies_MeV;
    PerFissile<double> flux;                              ///< its integral
    Eigen::Matrix<double, order, fissile_count> weights;  ///< of the function at the nodes

    std::array<double, order> nodes_MeV() const;

    /// Integral of flux x functions over the cell (rows: functions, columns: isotopes) from their
    /// values at the nodes.
    template <int functions>
    Bounded<Eigen::Array<double, functions, fissile_count>> operator()(
        const Eigen::Matrix<double, functions, order>& values) const {
      const Eigen::Matrix<double, functions, 1> left_out = left_out_of(values);
      const Eigen::Map<const Eigen::RowVector<double, fissile_count>> total(flux.data());
      return {values.lazyProduct(weights), left_out * total};
    }
  };

  /// @param lowest_MeV the lowest energy that has to be covered.
  /// @throws NumericalError where the flux cannot be integrated.
  FluxCells(const FluxModel& flux, double lowest_MeV);

  /// Neighbouring cells, ascending to the flux's upper end, each at least half as far above
  /// `limit_MeV` as it is long: there a function that is analytic above the limit is interpolated
  /// well. They start as low as that allows, but not below `low_MeV`.
  std::vector<const Cell*> above(double limit_MeV, double low_MeV) const;

  /// The flux's upper end.
  double high_MeV() const { return high_MeV_; }

 private:
  // The coefficients fall geometrically: what is left out is less than twice the last two.
  template <int functions>
  static Eigen::Matrix<double, functions, 1> left_out_of(
      const Eigen::Matrix<double, functions, order>& values) {
    return 2.0 * values.lazyProduct(last_two()).cwiseAbs().rowwise().sum();
  }
  static const Eigen::Matrix<double, order, 2>& last_two();

  double edge_MeV(std::size_t k) const;

  double high_MeV_;
  std::vector<std::vector<Cell>> levels_;  // by length; descending energies
};

}  // namespace nuloop::experiment
