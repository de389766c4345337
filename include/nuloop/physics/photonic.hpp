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

/// Above this w = E/m_e (E = 51 MeV) the electron spectrum is evaluated with Quad. Its polynomials
/// grow like w^3 before they cancel: in double precision they leave an error of 1e-11 of dsigma/dT
/// here, which passes 1e-9 near 180 MeV.
inline constexpr double electron_double_w = 100.0;

/// Above this t = T/m_e (T = 51 MeV) the electromagnetic spectrum is evaluated with Quad: in double
/// precision its error, 3e-11 of dsigma/dT here, grows like t^3 and passes 1e-9 near 170 MeV.
inline constexpr double electromagnetic_double_t = 100.0;

/// What the electron spectrum needs of T alone.
template <class Real>
struct ElectronTerms {
  explicit ElectronTerms(const BasicRecoil<Real>& recoil);

  BasicRecoil<Real> recoil;
  Real virtual_soft;  // V(theta)
  Real infrared;      // 2 theta/beta - 2
  Real pauli;         // f2
  Real log_eta_minus_1;
  Real log_eta_plus_1;
  Real dilog_inverse_eta;
  Real dilog_inverse_eta2;
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
  ElectronTerms<double> terms_;
};

/// (dL, dR, dLR) of the electromagnetic-energy spectrum at fixed T, in closed form. The derivation
/// is the project's own: see lib/physics/README.md.
class ElectromagneticPhotonic {
 public:
  explicit ElectromagneticPhotonic(const Recoil& recoil);

  /// @param point any energy with w > t. Above the limit (excess > 0) virtual, soft and hard
  /// photons; below it (T_max < T < E) hard photons alone, log-divergent towards the limit.
  Structures operator()(const EnergyPoint& point) const;

  /// dL, dR, dLR above the limit, where every logarithm depends on T alone.
  const std::array<InverseEnergyQuadratic<double>, 3>& elastic() const { return elastic_; }

 private:
  Recoil recoil_;
  std::array<InverseEnergyQuadratic<double>, 3> elastic_;
};

}  // namespace nuloop::physics
