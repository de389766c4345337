// The density of radiative events in a = p'.k/m_e^2 at fixed electromagnetic energy. With
// Q = |q|/m_e, Q^2 = t^2 + 2t - 2a, g = 1 + t and Lambda = ln[(g + Q)/(g - Q)],
//   w^2 dF/da = r0/a + r1/(1+2a)^2 + r2/(1+2a) + r3/Q^4 + r4/Q^2 + r5 a + r6
//             + Lambda/Q [ l0/a + l1/Q^4 + l2/Q^2 + l3 a^2 + l4 a + l5 ],
// every coefficient a quadratic in w.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/photonic.hpp"

#include <array>
#include <cstddef>

namespace nuloop::physics {

/// Of L, R, LR; t > 0.
// Rows: r0..r6, l0..l5. Columns: powers 1, w, w^2.
template <class Real>
std::array<RadiativeCoefficients<Real>, 3> radiative_coefficients(const Real& t) {
  const Real t2 = t * t, t3 = t2 * t, t4 = t2 * t2, t5 = t4 * t;
  const Real g = 1 + t, g3 = g * g * g;
  const Real c = t3 * (t + 2) * (t2 - 4 * t - 6);  // common to r3 and l1 of L and R
  const Real d = t3 * (t + 2);                     // of LR

  const RadiativeCoefficients<Real> left = {{
      {0, 0, -2},
      {(2 * t + 1) / (16 * g), -1 / (4 * g), -(2 * t + 3) / (4 * g)},
      {(4 * t3 - 10 * t - 5) / (32 * g3), (8 * t3 + 14 * t2 + 7 * t + 2) / (8 * g3),
       (4 * t3 + 4 * t2 + 1) / (8 * g3)},
      {3 * t2 * c / (32 * g), -3 * t * c / (8 * g), 3 * c / (8 * g)},
      {-t3 * (11 * t5 + 8 * t4 - 104 * t3 - 250 * t2 - 206 * t - 56) / (32 * g3),
       t2 * (8 * t5 + 8 * t4 - 73 * t3 - 188 * t2 - 160 * t - 44) / (8 * g3),
       -t * (6 * t5 + 8 * t4 - 59 * t3 - 168 * t2 - 152 * t - 44) / (8 * g3)},
      {(5 * t - 11) / 16, -0.5, 0},
      {(8 * t3 - 26 * t2 - 7 * t + 3) / 32, -g * (5 * t - 16) / 8, (3 * t - 1) / 8},
      {0, 0, g},
      {-3 * t2 * c / 64, 3 * t * c / 16, -3 * c / 16},
      {t3 * (6 * t3 - 9 * t2 - 47 * t - 28) / 32, -t2 * (9 * t3 - 12 * t2 - 72 * t - 44) / 16,
       t * (7 * t3 - 8 * t2 - 64 * t - 44) / 16},
      {-3.0 / 16, 0, 0},
      {-(3 * t2 - 9 * t - 5) / 16, 3 * t / 8, -1.0 / 8},
      {-t2 * (9 * t2 - 24 * t - 28) / 64, (3 * t3 - 6 * t2 - 15 * t - 8) / 8,
       -(2 * t2 - 2 * t - 3) / 8},
  }};
  const RadiativeCoefficients<Real> right = {{
      {-2 * t2, 4 * t, -2},
      {-(2 * t + 1) * (4 * t2 + 4 * t - 1) / (16 * g), (4 * t2 + 6 * t + 1) / (4 * g),
       -(2 * t + 3) / (4 * g)},
      {(16 * t5 + 48 * t4 + 60 * t3 + 32 * t2 - 2 * t - 5) / (32 * g3),
       -(8 * t4 + 16 * t3 + 14 * t2 + 9 * t + 2) / (8 * g3), (4 * t3 + 4 * t2 + 1) / (8 * g3)},
      {3 * t2 * c / (32 * g), -3 * t * c / (8 * g), 3 * c / (8 * g)},
      {-t3 * (3 * t5 + 8 * t4 - 48 * t3 - 170 * t2 - 174 * t - 56) / (32 * g3),
       t2 * (4 * t5 + 8 * t4 - 45 * t3 - 148 * t2 - 144 * t - 44) / (8 * g3),
       -t * (6 * t5 + 8 * t4 - 59 * t3 - 168 * t2 - 152 * t - 44) / (8 * g3)},
      {-(3 * t + 11) / 16, 0.5, 0},
      {(14 * t2 + 57 * t + 3) / 32, -(t2 + 9 * t + 16) / 8, (3 * t - 1) / 8},
      {t2 * g, -2 * t * g, g},
      {-3 * t2 * c / 64, 3 * t * c / 16, -3 * c / 16},
      {t3 * g * (2 * t2 - 3 * t - 28) / 32, -t2 * (5 * t3 - 4 * t2 - 56 * t - 44) / 16,
       t * (7 * t3 - 8 * t2 - 64 * t - 44) / 16},
      {-3.0 / 16, 0, 0},
      {(t2 + 9 * t + 5) / 16, -t / 8, -1.0 / 8},
      {-t * (t3 + 8 * t2 + 68 * t + 64) / 64, g * (t2 + t + 8) / 8, -(2 * t2 - 2 * t - 3) / 8},
  }};
  const RadiativeCoefficients<Real> interference = {{
      {2 * t, 0, 0},
      {-(2 * t + 1) / (4 * g), -t / g, 1 / g},
      {(8 * t3 + 18 * t2 + 16 * t + 5) / (8 * g3), t * (2 * t2 + 2 * t + 1) / (2 * g3),
       -(2 * t2 + 2 * t + 1) / (2 * g3)},
      {3 * t2 * d / (8 * g), -3 * t * d / (2 * g), 3 * d / (2 * g)},
      {-t3 * (2 * t + 1) * (2 * t2 + 5 * t + 4) / (8 * g3),
       t2 * (3 * t3 + 8 * t2 + 8 * t + 2) / (2 * g3),
       -t * (3 * t3 + 8 * t2 + 8 * t + 2) / (2 * g3)},
      {0, 0, 0},
      {(t - 19) / 8, 0, 0},
      {-t * g, 0, 0},
      {-3 * t2 * d / 16, 3 * t * d / 4, -3 * d / 4},
      {t3 * (5 * t + 4) / 16, -t2 * (2 * t + 1) / 2, t * (2 * t + 1) / 2},
      {0, 0, 0},
      {1.0 / 8, 0, 0},
      {-(t2 - 8 * t - 8) / 8, t / 4, -1.0 / 4},
  }};
  return {left, right, interference};
}

/// The same in powers of u = 2w - t, the neutrino's energies before and after added up. Crossing
/// turns u into -u, and L into R: L has constant + linear u + square u^2, R has -linear, and LR
/// interference + interference_square u^2.
template <class Real>
struct CrossingCoefficients {
  explicit CrossingCoefficients(const Real& t);

  /// Those of L, R, LR in powers of w.
  std::array<RadiativeCoefficients<Real>, 3> in_energy(const Real& t) const {
    std::array<RadiativeCoefficients<Real>, 3> powers;
    const Real t2 = t * t;
    for (std::size_t k = 0; k < radiative_terms; ++k) {
      const Real sum = constant[k] + t2 * square[k], slope = t * linear[k];
      const Real twice = 2 * linear[k], bend = 4 * t * square[k];
      powers[0][k] = {sum - slope, twice - bend, 4 * square[k]};
      powers[1][k] = {sum + slope, -twice - bend, 4 * square[k]};
      powers[2][k] = {interference[k] + t2 * interference_square[k],
                      -4 * t * interference_square[k], 4 * interference_square[k]};
    }
    return powers;
  }

  std::array<Real, radiative_terms> constant, linear, square, interference, interference_square;
};

template <class Real>
CrossingCoefficients<Real>::CrossingCoefficients(const Real& t) {
  const Real t2 = t * t, t3 = t2 * t, g = 1 + t, inverse_g = 1 / g;
  const Real inverse_g3 = inverse_g * inverse_g * inverse_g, zero = 0.0;
  const Real d = t3 * (t + 2), c = d * (t2 - 4 * t - 6), e = t3 * (t2 - 2 * t - 4);
  const Real half_g = g / 2;
  constant = {-t2 / 2,
              -g * (2 * t - 1) / 16,
              (((4 * t + 12) * t + 4) * t - 5) * inverse_g / 32,
              zero,
              -c * inverse_g / 32,
              (t - 11) / 16,
              (((t - 5) * t + 25) * t + 3) / 32,
              t2 * half_g / 2,
              zero,
              c / 64,
              Real(-0.1875),
              (10 + 18 * t - t2) / 32,
              -t * (((t - 4) * t + 26) * t + 32) / 64};
  linear = {-t,
            -(2 * t + 1) / 8,
            (2 * t2 + 2 * t + 1) * inverse_g / 8,
            zero,
            e * inverse_g / 8,
            Real(-0.25),
            (8 + 5 * t - t2) / 8,
            t * half_g,
            zero,
            -e / 16,
            zero,
            t / 8,
            (((t - 4) * t - 12) * t - 8) / 16};
  square = {Real(-0.5),
            -(2 * t + 3) * inverse_g / 16,
            (4 * t3 + 4 * t2 + 1) * inverse_g3 / 32,
            3 * c * inverse_g / 32,
            -t * (((((6 * t + 8) * t - 59) * t - 168) * t - 152) * t - 44) * inverse_g3 / 32,
            zero,
            (3 * t - 1) / 32,
            half_g / 2,
            -3 * c / 64,
            t * (((7 * t - 8) * t - 64) * t - 44) / 64,
            zero,
            Real(-0.03125),
            (3 + 2 * t - 2 * t2) / 32};
  interference = {2 * t,
                  -g / 4,
                  (2 * t2 + 6 * t + 5) * inverse_g / 8,
                  zero,
                  -d * inverse_g / 8,
                  zero,
                  (t - 19) / 8,
                  -t * g,
                  zero,
                  d / 16,
                  zero,
                  Real(0.125),
                  (16 + 16 * t - t2) / 16};
  interference_square = {zero,
                         inverse_g / 4,
                         -(2 * t2 + 2 * t + 1) * inverse_g3 / 8,
                         3 * d * inverse_g / 8,
                         -t * (((3 * t + 8) * t + 8) * t + 2) * inverse_g3 / 8,
                         zero,
                         zero,
                         zero,
                         -3 * d / 16,
                         t * (2 * t + 1) / 8,
                         zero,
                         zero,
                         Real(-0.0625)};
}

/// The terms of the density at Q in (0, sinh theta), times a factor, without their coefficients;
/// lambda is Lambda at Q. Wide: Real, or several Q side by side.
template <class Real, class Wide>
std::array<Wide, radiative_terms> terms_of_density(const BasicRecoil<Real>& recoil, const Wide& Q,
                                                   const Wide& lambda, const Wide& factor) {
  const Wide a = (recoil.sinh_theta - Q) * (recoil.sinh_theta + Q) / 2;
  const Wide slope = factor * lambda / Q;
  const Wide inverse_a = 1 / a, inverse_Q2 = 1 / (Q * Q), inverse_Q4 = inverse_Q2 * inverse_Q2;
  const Wide inverse_1_plus_2a = 1 / (1 + 2 * a);
  return {
      factor * inverse_a,
      factor * inverse_1_plus_2a * inverse_1_plus_2a,
      factor * inverse_1_plus_2a,
      factor * inverse_Q4,
      factor * inverse_Q2,
      factor * a,
      factor,
      slope * inverse_a,
      slope * inverse_Q4,
      slope * inverse_Q2,
      slope * a * a,
      slope * a,
      slope,
  };
}

/// dF/da at Q, times a factor; arguments as above.
template <class Real, class Wide>
std::array<InverseEnergyQuadratic<Wide>, 3> radiative_density(
    const BasicRecoil<Real>& recoil, const std::array<RadiativeCoefficients<Real>, 3>& coefficients,
    const Wide& Q, const Wide& lambda, const Wide& factor) {
  const auto terms = terms_of_density(recoil, Q, lambda, factor);
  std::array<InverseEnergyQuadratic<Wide>, 3> density;
  for (std::size_t i = 0; i < 3; ++i) {
    Wide c0 = 0, c1 = 0, c2 = 0;
    for (std::size_t k = 0; k < radiative_terms; ++k) {
      c0 += coefficients[i][k][2] * terms[k];
      c1 += coefficients[i][k][1] * terms[k];
      c2 += coefficients[i][k][0] * terms[k];
    }
    density[i] = {c0, c1, c2};
  }
  return density;
}

}  // namespace nuloop::physics
