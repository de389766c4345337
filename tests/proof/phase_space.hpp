// The photonic correction (dL, dR, dLR) by integration of the amplitudes over phase space: the
// azimuth by the trapezoidal rule, the two other variables by Gauss-Legendre, mostly in logarithms.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proof/kinematics.hpp"

namespace nuloop::proof {

/// Photon mass and soft cut, in m_e. Neither may matter: the photon mass leaves a term linear in
/// lambda, and the eikonal approximation is subtracted under the integral, so that eps drops out
/// identically up to (lambda/eps)^2.
struct Regulator {
  double lambda = 1e-13;
  double eps = 1e-3;
};

/// |M|^2/e^2 averaged over the azimuth of the neutrino around q, with the weight that makes
///   d(dL, dR, dLR) = density dT_e domega da.
/// From dsigma = |M|^2 dPhi_3/(4 w), with S = (p' + k_gamma)^2 = 1 + 2a:
///   d^3k'/[(2 pi)^3 2w'] = dT da/(8 pi^2 w),
///   8 pi dPhi_2(p', k_gamma) = (2a/S) (dcos/2) (dphi/2 pi) = (domega/|q|) (dphi/2 pi),
/// and dsigma = m/(4 pi) (alpha/pi) d. The average is exact: a trigonometric polynomial of
/// degree 2.
Triple radiative_density(const RadiativePoint& at, int azimuths = 4);

/// The same integrated over omega, at fixed t = T_e + E_gamma: a function of a.
Triple density_at_fixed_sum(double w, double t, double a);

/// The same integrated over a, at fixed T_e: a function of omega.
Triple density_at_fixed_electron(double w, double t_e, double omega);

/// Where the limits of a change their form, at fixed T_e: photons below full() go in all
/// directions; the end of the photon spectrum is w - t_e.
struct PhotonLimits {
  double forward;   ///< beyond it, a < t limits
  double backward;  ///< beyond it, a > smallest_a limits
  double full() const { return std::min(forward, backward); }
};
PhotonLimits photon_limits(double w, double t_e);

/// Hard photons with a > a_min, p'.k_gamma, at fixed T_e + E_gamma; no subtraction.
Triple hard_electromagnetic(double w, double t, double a_min);

/// The whole correction at t < t_max, and in the radiative tail t_max < t < w.
Triple electromagnetic_spectrum(double w, double t, const Regulator& regulator = {});
Triple electron_spectrum(double w, double t_e, const Regulator& regulator = {});

}  // namespace nuloop::proof
