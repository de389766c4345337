// The electromagnetic-energy spectrum T = T_e + E_gamma: the radiative density of
// radiative_density.hpp integrated over a in (0, t) for T < T_max, with virtual and soft photons,
// and over (a1, t), a1 = t - 2w(w - t), for T > T_max.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/dilogarithm.hpp"
#include "nuloop/physics/photonic.hpp"
#include "radiative_density.hpp"
#include "virtual_soft.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

#include <boost/math/quadrature/gauss.hpp>

namespace nuloop::physics {
namespace {

template <class Real>
using RadiativeIntegrals = std::array<Real, radiative_terms>;

// Antiderivatives in Q of Lambda Q^n, n = 0, 2, 4, -2, -4, up to constants; v = Q/g.
struct Primitives {
  Primitives(double g, double Q, double a) {
    const double v = Q / g, v2 = v * v, g3 = g * g * g;
    const double one_plus_2a = 1.0 + 2.0 * a;  // g^2 (1 - v^2), exactly
    const double lambda = std::log((g + Q) * (g + Q) / one_plus_2a);
    const double log_1mv2 = std::log(one_plus_2a / (g * g));
    const double log_v2 = 2.0 * std::log(v);
    p0 = g * (v * lambda + log_1mv2);
    p2 = g3 * (v * v2 * lambda + v2 + log_1mv2) / 3.0;
    p4 = g3 * g * g * (v2 * v2 * v * lambda + 0.5 * v2 * v2 + v2 + log_1mv2) / 5.0;
    m2 = (-lambda / v + log_v2 - log_1mv2) / g;
    m4 = (-lambda / (v * v2) + log_v2 - log_1mv2 - 1.0 / v2) / (3.0 * g3);
  }
  double p0, p2, p4, m2, m4;
};

// The dilogarithms in the integral of Lambda/(Q a).
double dilogarithms(const Recoil& recoil, double Q, double a) {
  const double g = recoil.gamma, beta = recoil.beta;
  const double y = beta + Q / g;
  const double u = 2.0 * a / (g * g * y);
  const double one_minus_beta = 1.0 / (g * g * (1.0 + beta));
  return dilogarithm(u / (1.0 + beta)) - dilogarithm(-u / one_minus_beta) +
         dilogarithm(y / (1.0 + beta)) - dilogarithm(-y / one_minus_beta);
}

// Integrals over a in (0, t) of the thirteen terms of the density, ln a -> 0 at the lower end where
// it cancels against the soft photons.
RadiativeIntegrals<double> elastic_integrals(const Recoil& recoil) {
  const double t = recoil.t;
  const double q2 = t * (t + 2.0);  // Q^2 at a = 0; Q = t at a = t
  const Primitives upper(recoil.gamma, recoil.sinh_theta, 0.0);
  const Primitives lower(recoil.gamma, t, t);
  const double j0 = upper.p0 - lower.p0, j2 = upper.p2 - lower.p2, j4 = upper.p4 - lower.p4;
  const double dilogs = dilogarithms(recoil, recoil.sinh_theta, 0.0) - dilogarithms(recoil, t, t);
  const double log_t = std::log(t);
  return {
      log_t,
      t / (1.0 + 2.0 * t),
      0.5 * std::log1p(2.0 * t),
      1.0 / (t * q2),
      0.5 * std::log1p(2.0 / t),
      0.5 * t * t,
      t,
      (2.0 * recoil.theta * log_t + dilogs) / recoil.sinh_theta,
      upper.m4 - lower.m4,
      upper.m2 - lower.m2,
      0.25 * (q2 * q2 * j0 - 2.0 * q2 * j2 + j4),
      0.5 * (q2 * j0 - j2),
      j0,
  };
}

// The same over (a1, t), 0 < a1 < t, with length = t - a1. The rational terms are elementary; those
// with Lambda are integrated in y, Q = g tanh y, Lambda = 2y, by a Gauss rule that is exact to
// rounding here, because the differences of their antiderivatives cancel as a1 -> t.
template <class Real>
RadiativeIntegrals<Real> tail_integrals(Real t, Real w, Real a1, Real length) {
  using Rule = boost::math::quadrature::gauss<Real, 30>;
  const Real g = 1 + t, sinh_theta = std::sqrt(t * (t + 2));
  const Real Q1 = 2 * w - t;
  const Real log_range = std::log(t / a1);
  const Real log_slope = 4 * std::asinh(std::sqrt(t / 2)) / sinh_theta;  // Lambda/Q at a = 0

  const Real y0 = std::log1p(2 * t) / 2;
  const Real half =
      std::log1p(2 * (w - t) / (g + t)) / 2 + std::log1p(2 * length / (1 + 2 * a1)) / 4;
  RadiativeIntegrals<Real> sum = {log_range,
                                  length / ((1 + 2 * a1) * (1 + 2 * t)),
                                  std::log1p(2 * length / (1 + 2 * a1)) / 2,
                                  length / (t * t * Q1 * Q1),
                                  std::log1p(2 * length / (t * t)) / 2,
                                  length * (t + a1) / 2,
                                  length,
                                  log_slope * log_range};
  const auto add = [&](Real y, Real weight) {
    const Real tanh_y = std::tanh(y), Q = g * tanh_y, Q2 = Q * Q;
    const Real a = (sinh_theta - Q) * (sinh_theta + Q) / 2;
    const Real da = weight * Q * g * (1 - tanh_y * tanh_y);
    const Real slope = 2 * y / Q;
    sum[7] += da * (slope - log_slope) / a;
    sum[8] += da * slope / (Q2 * Q2);
    sum[9] += da * slope / Q2;
    sum[10] += da * slope * a * a;
    sum[11] += da * slope * a;
    sum[12] += da * slope;
  };
  const Real centre = y0 + half;
  for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
    add(centre - half * Rule::abscissa()[i], half * Rule::weights()[i]);
    add(centre + half * Rule::abscissa()[i], half * Rule::weights()[i]);
  }
  return sum;
}

template <class Real>
Structures tail_structures(const Recoil& recoil, const EnergyPoint& point) {
  const Real t = recoil.t, w = point.w;
  const Real length = 2 * w * (w - t);  // t - a1
  // Towards the limit a1 vanishes and is taken from the excess: 2w(w - t) - t factorises into
  // 2 (w - w_min)(w - t + w_min).
  const Real a1 = 2 * length < t ? t - length : -2 * point.excess * (w - t + recoil.min_energy);
  const auto coefficients = radiative_coefficients<Real>(t);
  const auto integrals = tail_integrals<Real>(t, w, a1, length);
  std::array<Real, 3> sum = {};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < radiative_terms; ++k) {
      const auto& powers = coefficients[i][k];
      sum[i] += (powers[0] / (w * w) + powers[1] / w + powers[2]) * integrals[k];
    }
  return {static_cast<double>(sum[0]), static_cast<double>(sum[1]), static_cast<double>(sum[2])};
}

}  // namespace

ElectromagneticPhotonic::ElectromagneticPhotonic(const Recoil& recoil) : recoil_(recoil) {
  const auto coefficients = radiative_coefficients(recoil.t);
  const double t = recoil.t;
  const RadiativeIntegrals<double> integrals = elastic_integrals(recoil);
  const double factor = virtual_soft(recoil) + infrared_coefficient(recoil) * std::numbers::ln2;
  const double f2 = pauli_form_factor(recoil);
  const PauliStructures pauli = pauli_structures(recoil);

  // Factorised part on the Born structures 1, (1 - t/w)^2, -t/w^2, and the Pauli part.
  elastic_ = {
      {{factor, 0.0, 0.0}, {factor, -2.0 * t * factor, t * t * factor}, {0.0, 0.0, -t * factor}}};
  const std::array<InverseEnergyQuadratic, 3> flips = {pauli.left_right, pauli.left_right,
                                                       pauli.interference};
  for (std::size_t i = 0; i < 3; ++i) {
    auto& structure = elastic_[i];
    structure.c0 += f2 * flips[i].c0;
    structure.c1 += f2 * flips[i].c1;
    structure.c2 += f2 * flips[i].c2;
    for (std::size_t k = 0; k < radiative_terms; ++k) {
      structure.c0 += coefficients[i][k][2] * integrals[k];
      structure.c1 += coefficients[i][k][1] * integrals[k];
      structure.c2 += coefficients[i][k][0] * integrals[k];
    }
  }
}

Structures ElectromagneticPhotonic::operator()(const EnergyPoint& point) const {
  NULOOP_EXPECTS(point.w > recoil_.t);
  if (point.excess >= 0.0) {
    const double inverse_w = 1.0 / point.w;
    return {elastic_[0](inverse_w), elastic_[1](inverse_w), elastic_[2](inverse_w)};
  }
  // Towards w = t, and at small t, the tail's terms cancel to a rest that wants more digits.
  const bool cancels = point.w - recoil_.t < 0.02 * point.w || recoil_.t < 0.5;
  return cancels ? tail_structures<long double>(recoil_, point)
                 : tail_structures<double>(recoil_, point);
}

}  // namespace nuloop::physics
