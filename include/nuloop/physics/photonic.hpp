// The photonic O(alpha) correction, exact in m_e: virtual, soft and hard photons together, in two
// observables. All functions are free of cut-offs and photon masses.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/kinematics.hpp"
#include "nuloop/physics/structures.hpp"

#include <array>
#include <cstddef>

namespace nuloop::physics {

/// What the detector measures as T.
enum class Observable {
  electron,        ///< kinetic energy of the electron; photons unseen
  electromagnetic  ///< T_e + E_gamma, as a calorimeter sees it
};

/// (dL, dR, dLR) of the electron spectrum at fixed T:
/// dsigma = norm alpha/pi [cL^2 dL + cR^2 dR + cL cR dLR].
/// O. Tomalak and R. J. Hill, Phys. Rev. D 101 (2020) 033006, arXiv:1907.03379.
class ElectronPhotonic {
 public:
  explicit ElectronPhotonic(const Recoil& recoil);

  /// @param point excess > 0 (below it the spectrum is zero; towards it, -> -infinity as a log).
  Structures operator()(const EnergyPoint& point) const;

 private:
  Recoil recoil_;
  double virtual_soft_;  // V(theta)
  double infrared_;      // 2 theta/beta - 2
  double pauli_;         // f2
  double log_eta_minus_1_;
  double log_eta_plus_1_;
  double dilog_inverse_eta_;
  double dilog_inverse_eta2_;
};

/// (dL, dR, dLR) of the electromagnetic-energy spectrum at fixed T, in closed form. The derivation
/// is the project's own: see lib/physics/README.md.
class ElectromagneticPhotonic {
 public:
  explicit ElectromagneticPhotonic(const Recoil& recoil);

  /// @param point any energy with w > t. Above the limit (excess > 0) virtual, soft and hard
  /// photons; below it (T_max < T < E) hard photons alone, log-divergent towards the limit.
  Structures operator()(const EnergyPoint& point) const;

 private:
  Recoil recoil_;
  std::array<InverseEnergyQuadratic, 3> elastic_;  // L, R, LR: every logarithm depends on T alone
};

}  // namespace nuloop::physics
