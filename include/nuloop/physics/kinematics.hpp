// Kinematics of nu e -> nu e (gamma) on an electron at rest.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <cmath>

namespace nuloop::physics {

/// Largest recoil energy of an elastic event, 2 E^2/(m_e + 2 E). Energies in MeV.
double max_recoil_MeV(double energy_MeV);

/// Smallest neutrino energy that gives the recoil T, [T + sqrt(T (T + 2 m_e))]/2. Energies in MeV.
double min_energy_MeV(double recoil_MeV);

/// Everything that depends on the recoil (or electromagnetic) energy T alone. Dimensionless, in
/// units of m_e: t = T/m_e, theta the rapidity of an electron of kinetic energy T.
template <class Real>
struct BasicRecoil {
  /// @param T_MeV T > 0. It is taken as exact whatever Real is, so that the same recoil can be
  /// constructed again with more digits.
  explicit BasicRecoil(double T_MeV)
      : recoil_MeV(T_MeV),
        t(Real(T_MeV) / electron_mass_MeV),
        gamma(1 + t),
        sinh_theta(root(t * (t + 2))),
        beta(sinh_theta / gamma),
        theta(2 * arsinh(root(t / 2))),
        eta(gamma + sinh_theta),
        eta_minus_1(t + sinh_theta),
        min_energy(eta_minus_1 / 2) {
    NULOOP_EXPECTS(T_MeV > 0.0);
  }

  double recoil_MeV;  ///< T
  Real t;
  Real gamma;        ///< 1 + t = cosh(theta)
  Real sinh_theta;   ///< momentum / m_e
  Real beta;         ///< velocity
  Real theta;        ///< rapidity
  Real eta;          ///< exp(theta)
  Real eta_minus_1;  ///< expm1(theta), without cancellation
  Real min_energy;   ///< E_min(T)/m_e = (eta - 1)/2

 private:
  static Real root(const Real& x) {
    using std::sqrt;
    return sqrt(x);
  }
  static Real arsinh(const Real& x) {
    using std::asinh;
    return asinh(x);
  }
};
using Recoil = BasicRecoil<double>;

/// A neutrino energy seen from the kinematic limit of a given recoil.
template <class Real>
struct BasicEnergyPoint {
  Real w;       ///< E/m_e
  Real excess;  ///< (E - E_min(T))/m_e; negative in the radiative tail. Kept apart from w because
                ///< the spectra have logarithmic singularities where it vanishes. Where the two
                ///< disagree by a rounding, the one of smaller modulus counts.
};
using EnergyPoint = BasicEnergyPoint<double>;

/// The neutrino energy E (MeV) with its excess over the limit of `recoil`. E and T are taken as
/// exact. The absolute error of the excess is a few 1e-16 times the smaller of E/m_e and 1.
EnergyPoint energy_point(double energy_MeV, const Recoil& recoil);

}  // namespace nuloop::physics
