// Momenta of the elastic and of the radiative reaction, the electron p being at rest; m_e = 1.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proof/amplitude.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::proof {

/// nu(w) e -> nu e with recoil t < t_max.
inline Momenta elastic_momenta(double w, double t) {
  const double q = std::sqrt(t * (t + 2.0));
  const double along = (w * t + t) / q;  // k.q/|q| from (k - q)^2 = 0
  const double across = std::sqrt(std::max(0.0, (w - along) * (w + along)));
  Momenta m;
  m.p = four_vector(1.0, 0.0, 0.0, 0.0);
  m.p_out = four_vector(1.0 + t, 0.0, 0.0, q);
  m.k = four_vector(w, across, 0.0, along);
  m.k_out = m.k + m.p - m.p_out;
  m.photon.setZero();
  return m;
}

/// What fixes nu(w) e -> nu e gamma up to rotations: everything but the azimuth of the neutrino
/// around q = p' + k_gamma - p is an invariant. q lies on the z axis, p' in the plane (x, z).
struct RadiativePoint {
  double w;      ///< neutrino energy
  double t_e;    ///< kinetic energy of the electron
  double omega;  ///< energy of the photon = p.k_gamma
  double a;      ///< p'.k_gamma

  double t() const { return t_e + omega; }
  /// |q|^2 = q0^2 - q^2 with q0 = t and q^2 = 2 a - 2 t.
  double q() const { return std::sqrt(t() * (t() + 2.0) - 2.0 * a); }
};

/// Smallest a at given t, where the neutrino is scattered backwards; negative if t < t_max, when
/// the limit is a = 0.
inline double smallest_a(double w, double t) {
  return t - 2.0 * w * (w - t);
}

inline Momenta radiative_momenta(const RadiativePoint& at, double azimuth) {
  const double q = at.q(), t = at.t();
  const double e_out = 1.0 + at.t_e;
  const double p_out2 = at.t_e * (at.t_e + 2.0);
  const double eta = e_out + std::sqrt(p_out2);
  const double dot3 = e_out * at.omega - at.a;  // p'.k_gamma of three-vectors
  // |p' x k_gamma|/|q|, and the neutrino's momentum along and across q
  const double x = std::sqrt(std::max(0.0, (at.a - at.omega / eta) * (at.omega * eta - at.a))) / q;
  const double along = (at.w * t + t - at.a) / q;
  const double across = std::sqrt(std::max(0.0, (t - at.a) * (at.a - smallest_a(at.w, t)))) / q;
  Momenta m;
  m.p = four_vector(1.0, 0.0, 0.0, 0.0);
  m.p_out = four_vector(e_out, x, 0.0, (p_out2 + dot3) / q);
  m.photon = four_vector(at.omega, -x, 0.0, (at.omega * at.omega + dot3) / q);
  m.k = four_vector(at.w, across * std::cos(azimuth), across * std::sin(azimuth), along);
  m.k_out = m.k + m.p - m.p_out - m.photon;
  return m;
}

}  // namespace nuloop::proof
