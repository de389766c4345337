// Integrals of flux x function over fixed ranges of energy. They need the function at a few
// energies, and no further values of the flux.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/experiment/reactor.hpp"

#include <array>
#include <cstddef>
#include <tuple>
#include <vector>

#include <Eigen/Core>

namespace nuloop::experiment {

/// Cells whose lengths are powers of two times a shortest one, counted from the flux's upper end. A
/// function is interpolated in each cell by polynomials, and the flux has been integrated against
/// these polynomials once. Steps and knots of the flux then cost nothing.
class FluxCells {
 public:
  static constexpr int order = 16;  // the highest

  struct Cell {
    Panel energies_MeV;
    PerFissile<double> flux;  ///< its integral

    /// Where the function is to be known: n is 8, 12 or `order`.
    template <int n>
    Eigen::Array<double, n, 1> nodes_MeV() const {
      return energies_MeV.centre() +
             energies_MeV.half_width() * Eigen::Map<const Eigen::Array<double, n, 1>>(
                                             Chebyshev<n>::instance().nodes().data());
    }

    /// Integral of flux x functions over the cell (rows: functions, columns: isotopes) from their
    /// values (columns) at the nodes (rows). The error is that of what the polynomial leaves out.
    template <int functions, int n>
    Bounded<Eigen::Array<double, functions, fissile_count>> operator()(
        const Eigen::Matrix<double, n, functions>& values) const {
      using Column = Eigen::Array<double, functions, 1>;
      const Eigen::Matrix<double, functions, sums> sum =
          values.transpose().lazyProduct(std::get<Factors<n>>(factors));
      const auto last = sum.template rightCols<4>().array().abs();
      const Column left_out = beyond_coefficients<Column>(last.col(0) + last.col(1),  //
                                                          last.col(2) + last.col(3));
      const Eigen::Map<const Eigen::RowVector<double, fissile_count>> total(flux.data());
      return {sum.template leftCols<fissile_count>(), left_out.matrix() * total};
    }

    // For n values of a function: the integral of flux x function for each isotope, and the last
    // four coefficients of its polynomial.
    static constexpr int sums = fissile_count + 4;
    template <int n>
    using Factors = Eigen::Matrix<double, n, sums>;
    std::tuple<Factors<8>, Factors<12>, Factors<order>> factors;
  };

  /// @param lowest_MeV the lowest energy that has to be covered.
  /// @throws NumericalError where the flux cannot be integrated.
  FluxCells(const FluxModel& flux, double lowest_MeV);

  /// Neighbouring cells, ascending to the flux's upper end, each at least a third as far above
  /// `limit_MeV` as it is long: there a function that is analytic above the limit is interpolated
  /// well. They start as low as that allows, but not below `low_MeV`.
  std::vector<const Cell*> above(double limit_MeV, double low_MeV) const;

  /// The flux's upper end.
  double high_MeV() const { return high_MeV_; }

 private:
  double edge_MeV(std::size_t k) const;

  double high_MeV_;
  std::vector<std::vector<Cell>> levels_;  // by length; descending energies
};

}  // namespace nuloop::experiment
