// The electron spectrum at fixed T: the published closed form, arXiv:1907.03379, written in
// eta = exp(theta) and s = 1 + 2w (Mandelstam s/m_e^2).
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dilogarithm_series.hpp"
#include "nuloop/physics/photonic.hpp"
#include "virtual_soft.hpp"

#include <cmath>

namespace nuloop::physics {
namespace {

// The transcendental functions of the non-factorisable part; Wide is Real, or several of them.
template <class Wide>
struct Logs {
  Wide A;   // ln[2 eta w'/(eta (s - eta))]
  Wide C;   // ln[(s - 1) eta/(s - eta)]
  Wide D;   // ln[(eta - 1)/(eta (s - eta))]
  Wide DD;  // the dilogarithms
};

template <class Polynomials, class Wide>
Wide remainder(const Polynomials& p, const Logs<Wide>& log, const Wide& s, const Wide& smh) {
  return p.constant(s) + log.A * p.a(s) + log.D * p.d(s) + log.C * p.c(s) + log.DD * p.dd(s) +
         smh * p.rational(s);
}

template <class Real, class Wide>
BasicStructures<Wide> electron_structures(const ElectronTerms<Real>& terms,
                                          const PauliStructures<Real>& pauli,
                                          const BasicEnergyPoint<Wide>& point) {
  using std::log, std::log1p;
  const Real theta = terms.recoil.theta;
  const Real eta = terms.recoil.eta;
  const Real em1 = terms.recoil.eta_minus_1;
  const Real dilog_1 = dilogarithm_at_1<Real>();
  const Wide w = point.w;
  const Wide s = 1 + 2 * w;
  const Wide smh = 2 * point.excess;  // s - eta
  const Wide q = eta * smh + em1;     // 2 eta w', w' = w - t
  const Wide log_smh = log(smh), log_q = log(q), log_2w = log(2 * w), log_s = log(s);

  // The dilogarithms of -ratio and -ratio/eta^2, ratio = (eta s - 1)/(s - eta): what is added to 1
  // factorises, 1 + ratio = (eta + 1)(s - 1)/(s - eta), 1 + ratio/eta^2 = (eta + 1) q/(eta^2 smh).
  const Wide log_ratio = log(eta * s - 1) - log_smh;
  const Wide near = dilogarithm_of_negative<Wide>(
      log_ratio - 2 * theta, terms.log_eta_plus_1 - 2 * theta + log_q - log_smh);
  const Wide far =
      dilogarithm_of_negative<Wide>(log_ratio, terms.log_eta_plus_1 + log_2w - log_smh);

  // Factorisable part: virtual and soft photons, and the infrared part of the hard ones.
  const Wide hard = -1 + theta + log_2w - log_q +
                    (dilog_1 -
                     theta * (1 + 2 * (3 * theta + log_smh - log_q - terms.log_eta_minus_1 -
                                       2 * terms.log_eta_plus_1)) -
                     terms.dilog_inverse_eta2 - near + far) /
                        terms.recoil.beta;
  const Wide factorised =
      terms.virtual_soft + hard + terms.infrared * (terms.log_eta_minus_1 + log_smh - log_q);

  // log1p keeps A and C accurate where T -> 0 makes them small.
  Logs<Wide> logs{
      log1p(em1 / (eta * smh)), log1p(s * em1 / smh), terms.log_eta_minus_1 - theta - log_smh,
      dilog_1 - terms.dilog_inverse_eta + dilogarithm_of_fraction<Wide>(-log_s, log_2w - log_s) -
          dilogarithm_of_fraction<Wide>(theta - log_s, log_smh - log_s) + theta * (log_s - theta)};
  const Wide inverse_s = 1 / s, inverse_w = 1 / w;
  const Wide scale = inverse_w * inverse_w / 4;
  const Logs<Wide> right_logs{logs.A * q * q, logs.C * inverse_s * inverse_s, logs.D, logs.DD};
  const Logs<Wide> interference_logs{logs.A, logs.C * inverse_s, logs.D, logs.DD};

  const Wide pauli_left_right = terms.pauli * pauli.left_right(inverse_w);
  return factorised * born_structures(terms.recoil, w) +
         BasicStructures<Wide>{pauli_left_right, pauli_left_right,
                               terms.pauli * pauli.interference(inverse_w)} +
         scale * BasicStructures<Wide>{remainder(terms.left, logs, s, smh),
                                       remainder(terms.right, right_logs, s, smh * inverse_s),
                                       remainder(terms.interference, interference_logs, s, smh)};
}

}  // namespace
}  // namespace nuloop::physics
