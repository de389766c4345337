// Vertex correction and soft photons with a photon mass lambda, by numerical integration of the
// one-loop Feynman-parameter integrals and of the eikonal factor. Units m_e = 1, alpha/pi.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proof/amplitude.hpp"
#include "proof/quadrature.hpp"

#include <cmath>

namespace nuloop::proof {

/// Feynman parameters of the vertex at q^2 = -2t: x, y of the electron lines and z of the photon
/// with x = u xi, y = u (1 - xi), z = 1 - u, dx dy dz -> u du dxi. The denominator is
/// u^2 delta(xi) + lambda^2 (1 - u), delta = 1 + 2t xi (1 - xi).
inline double delta(double t, double xi) {
  return 1.0 + 2.0 * t * xi * (1.0 - xi);
}

/// Int_0^1 f(xi) dxi. In z with 2 xi - 1 = tanh(z)/kappa, where delta is proportional to
/// 1 - tanh^2 z, its zeros do not come near the path however large t.
template <class F>
double over_xi(const F& f, double t) {
  const double kappa = std::sqrt(0.5 * t / (1.0 + 0.5 * t));
  const double end = std::atanh(kappa);
  const auto in_z = [&](double z) {
    const double v = std::tanh(z);
    return f(0.5 * (1.0 + v / kappa)) * (1.0 - v * v) / (2.0 * kappa);
  };
  return gauss<30>(in_z, -end, end);
}

/// Numerator of gamma^mu in the vertex, Peskin and Schroeder (6.47), at q^2 = -2t.
inline double dirac_numerator(double t, double u, double xi) {
  return -2.0 + 2.0 * u + u * u - 2.0 * t * (1.0 - u + u * u * xi * (1.0 - xi));
}

/// F1(-2t) on the mass shell, F1(0) = 0: Peskin and Schroeder (6.56). u = lambda sinh(v) resolves
/// both u ~ lambda and u ~ 1.
inline double dirac_form_factor(double t, double lambda) {
  const double lambda2 = lambda * lambda;
  const auto in_xi = [&](double xi) {
    const double d = delta(t, xi);
    const auto in_v = [&](double v) {
      const double u = lambda * std::sinh(v);
      const double mass = lambda2 * (1.0 - u);
      const double bracket = -std::log(d) + dirac_numerator(t, u, xi) / (u * u * d + mass) -
                             dirac_numerator(0.0, u, xi) / (u * u + mass);
      return u * bracket * lambda * std::cosh(v);
    };
    return gauss_on_panels<20>(in_v, 0.0, std::asinh(1.0 / lambda), 1.0);
  };
  return 0.5 * over_xi(in_xi, t);
}

/// F2(-2t), infrared finite: (1/2) Int 2 z (1 - z)/(u^2 delta) u du dxi.
inline double pauli_form_factor(double t) {
  const auto in_xi = [&](double xi) {
    const auto in_u = [&](double u) { return 2.0 * (1.0 - u) / delta(t, xi); };
    return gauss<10>(in_u, 0.0, 1.0);
  };
  return 0.5 * over_xi(in_xi, t);
}

/// With anticommuting gamma5, G_A = F1 - F2: the test "the axial form factor is F1 - F2".
inline FormFactors form_factors(double t, double lambda) {
  const double f1 = dirac_form_factor(t, lambda), f2 = pauli_form_factor(t);
  return {f1, f2, f1 - f2};
}

/// delta_s(eps, lambda) = Int_{|k| < eps} d^3k/(4 pi omega) eikonal, omega^2 = k^2 + lambda^2, in
/// the rest frame of one of the electrons: its product with the photon is omega, that of the other
/// g omega - sinh(theta) k cos. The angle is integrated in the logarithm of that product.
inline double soft_factor(double t, double eps, double lambda) {
  const double g = 1.0 + t, sinh_theta = std::sqrt(t * (t + 2.0));
  const auto in_v = [&](double v) {
    const double k = lambda * std::sinh(v), omega = lambda * std::cosh(v);
    const double sv = sinh_theta * std::tanh(v);  // other.k/omega runs over g -+ sv
    const double range = std::log1p(2.0 * sv / (g - sv));
    const auto in_log = [&](double log_ratio) {
      const double other = (g - sv) * std::exp(log_ratio);
      return eikonal_factor(g, omega, other * omega) * other / (2.0 * sv);
    };
    return k * k * gauss<30>(in_log, 0.0, range);  // dk/omega = dv
  };
  return gauss_on_panels<20>(in_v, 0.0, std::asinh(eps / lambda), 1.0);
}

/// Elastic cross section at tree level, as (I_L, I_R, I_LR): dsigma/dT = m/(4 pi) I.
inline Triple born_spectrum(const Momenta& elastic) {
  const double w = elastic.k[0].real();
  return squared(born_amplitude(elastic)) / (8.0 * w * w);
}

/// Its O(alpha) correction by the vertex, on the scale of dL, dR, dLR.
inline Triple vertex_spectrum(const Momenta& elastic, const FormFactors& form) {
  const double w = elastic.k[0].real();
  return interference(born_amplitude(elastic), vertex_amplitude(elastic, form)) / (8.0 * w * w);
}

}  // namespace nuloop::proof
