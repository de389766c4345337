// The density of the radiative tail as polynomials in the visible energy and along the tail. They
// do not depend on the flux, so that its knots cost no further values of the density.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/foundation/team.hpp"
#include "nuloop/physics/photonic.hpp"

#include <map>
#include <span>

#include <Eigen/Core>

namespace nuloop::experiment {

/// The density of physics::RadiativeTail in its variable y, times the distance w_min - v from its
/// pole. It is tabulated in cells of T, each half as long as its lower edge. Singularities are at T
/// = 0 and below, so that the coefficients of Chebyshev polynomials fall like 10^-k.
class TailTable {
 public:
  static constexpr int recoil_order = 14, y_order = 24;

  /// c0, c1, c2 of the quadratics in 1/w of dL, then of dR and dLR.
  static constexpr int functions = 9;
  using Functions = Eigen::Matrix<double, functions, 1>;

  /// The table at one T.
  struct AtRecoil {
    Panel y;                                                 ///< from v = t to v = w_min
    Eigen::Matrix<double, functions, y_order> coefficients;  ///< of Chebyshev polynomials of y
    int terms;                                               ///< how many of them are set
    Functions left_out;       ///< bound on the error of each function at any y
    Eigen::Array3d rounding;  ///< for dL, dR, dLR: the same of the sum at w = v

    /// The functions (columns) at some y.
    template <int size>
    Eigen::Matrix<double, size, functions> operator()(
        const Eigen::Array<double, size, 1>& some_y) const {
      return Chebyshev<y_order>::series_at<size, functions>((some_y - y.centre()) / y.half_width(),
                                                            coefficients, terms);
    }
  };

  /// Whether there are cells for T; at lower T the density is to be evaluated directly.
  static bool reaches(double recoil_MeV) { return recoil_MeV >= lowest_MeV; }

  /// Fills the cells of all T that reaches(T) holds for, on all threads of a team. What is in a
  /// cell depends on nothing else. @throws Dissent
  void cover(std::span<const double> recoils_MeV, const Team& team = Team());

  /// @param recoil its T in a filled cell. @param allowed the error of dL, dR and dLR, times the
  /// distance from the pole, that terms may cause which are left out; none if 0.
  AtRecoil at(const physics::Recoil& recoil, double allowed = 0.0) const;

 private:
  static constexpr double lowest_MeV = 0.1;

  struct Cell {
    Panel recoils_MeV;
    Eigen::Matrix<double, functions * y_order, recoil_order> coefficients;
    // Bounds on what is left out by so many terms of the series in T (columns), and in y.
    Eigen::Matrix<double, functions, recoil_order + 1> beyond_recoil;
    Eigen::Matrix<double, functions, y_order + 1> beyond_y;
    Eigen::Array3d rounding;
  };
  static Panel cell_of(double recoil_MeV);
  static Cell filled(const Panel& recoils_MeV);

  std::map<double, Cell> cells_;  // by lower edge
};

}  // namespace nuloop::experiment
