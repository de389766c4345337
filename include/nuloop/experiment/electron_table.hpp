// The photonic part of the electron spectrum under a flux with knots, interpolated in T.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/experiment/flux_cells.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/foundation/team.hpp"
#include "nuloop/physics/cross_section.hpp"

#include <map>
#include <span>

#include <Eigen/Core>

namespace nuloop::experiment {

/// The photonic structures in stretches of T of 0.25 MeV. From an energy above the kinematic limits
/// of a stretch on, they are integrated over the flux's cells, which do not change with T: the
/// integrals are analytic in T, whatever the knots of the flux. Below that energy the structures
/// themselves are tabulated in T and in x, where E = E_min(T) + m_e x^5. A narrow flux far above
/// the limits has no cells that begin near them, and no table.
class ElectronTable {
 public:
  static constexpr int recoil_order = 14, x_order = 40;
  static constexpr int structures = static_cast<int>(physics::structure_count);

  using Structures = Eigen::Matrix<double, structures, 1>;
  using Integrals = Eigen::Matrix<double, structures, fissile_count>;

  /// The table at one T.
  struct AtRecoil {
    double near_end_MeV;  ///< the energy that divides
    Integrals far;        ///< integral over the flux above, by structure and isotope
    Integrals far_error;  ///< infinite if there is no table
    double x_end;         ///< x at the energy that divides
    Eigen::Matrix<double, structures, x_order> near_part;  ///< in Chebyshev polynomials of x
    Structures near_error;

    /// The structures (columns) below the energy that divides, times dE/dx in m_e.
    /// @param x each in [0, x_end].
    template <int size>
    Eigen::Matrix<double, size, structures> operator()(
        const Eigen::Array<double, size, 1>& x) const {
      return Chebyshev<x_order>::series_at<size, structures>(2.0 / x_end * x - 1.0, near_part);
    }
  };

  /// @param low_MeV the lower end of the flux. @param cells of the flux; kept by reference.
  ElectronTable(const FluxCells& cells, double low_MeV, double loop_scale_MeV)
      : cells_(cells), low_MeV_(low_MeV), loop_scale_MeV_(loop_scale_MeV) {}

  /// Whether there are stretches for T; at lower T there is to be no interpolation.
  static bool reaches(double recoil_MeV) { return recoil_MeV >= lowest_MeV; }

  /// Fills the stretches of all T that reaches(T) holds for, on all threads of a team.
  /// @throws Dissent
  void cover(std::span<const double> recoils_MeV, const Team& team = Team());

  /// @param recoil its T in a filled stretch.
  AtRecoil at(const physics::Recoil& recoil) const;

 private:
  static constexpr double length_MeV = 0.25, lowest_MeV = 2.0 * length_MeV;
  static constexpr double longest_near_MeV = 2.0 * length_MeV;

  struct Stretch {
    Panel recoils_MeV;
    double near_end_MeV;
    Eigen::Matrix<double, structures * fissile_count, recoil_order> far;
    Integrals far_error;
    Eigen::Matrix<double, structures * x_order, recoil_order> near_part;
    Structures near_error;
  };
  static long number_of(double recoil_MeV);
  Stretch filled(long number) const;

  const FluxCells& cells_;
  double low_MeV_;
  double loop_scale_MeV_;
  std::map<long, Stretch> stretches_;
};

}  // namespace nuloop::experiment
