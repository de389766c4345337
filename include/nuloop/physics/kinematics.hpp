// Kinematics of nu e -> nu e (gamma) on an electron at rest.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace nuloop::physics {

/// Largest recoil energy of an elastic event, 2 E^2/(m_e + 2 E). Energies in MeV.
double max_recoil_MeV(double energy_MeV);

/// Smallest neutrino energy that gives the recoil T, [T + sqrt(T (T + 2 m_e))]/2. Energies in MeV.
double min_energy_MeV(double recoil_MeV);

/// Everything that depends on the recoil (or electromagnetic) energy T alone. Dimensionless, in
/// units of m_e: t = T/m_e, theta the rapidity of an electron of kinetic energy T.
struct Recoil {
  /// @param recoil_MeV T > 0.
  explicit Recoil(double recoil_MeV);

  double t;
  double gamma;        ///< 1 + t = cosh(theta)
  double sinh_theta;   ///< momentum / m_e
  double beta;         ///< velocity
  double theta;        ///< rapidity
  double eta;          ///< exp(theta)
  double eta_minus_1;  ///< expm1(theta), without cancellation
  double min_energy;   ///< E_min(T)/m_e = (eta - 1)/2
};

/// A neutrino energy seen from the kinematic limit of a given recoil.
struct EnergyPoint {
  double w;       ///< E/m_e
  double excess;  ///< (E - E_min(T))/m_e; negative in the radiative tail. Kept apart from w because
                  ///< the spectra have logarithmic singularities where it vanishes.
};

/// The neutrino energy E (MeV) as seen from the limit of `recoil`.
EnergyPoint energy_point(double energy_MeV, const Recoil& recoil);

}  // namespace nuloop::physics
