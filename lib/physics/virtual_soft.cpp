// SPDX-License-Identifier: GPL-3.0-or-later
#include "virtual_soft.hpp"

#include "nuloop/physics/dilogarithm.hpp"

#include <cmath>

namespace nuloop::physics {

template <class Real>
Real virtual_soft(const BasicRecoil<Real>& recoil) {
  using std::log, std::log1p;
  const Real theta = recoil.theta;
  const Real eta = recoil.eta;
  const Real inverse_beta = 1 / recoil.beta;
  const Real log_eta_plus_1 = log1p(eta);

  const Real f1 =
      -1 + inverse_beta *
               (theta / 4 * (3 + 1 / recoil.gamma) - theta / 4 * (2 * log_eta_plus_1 - theta) +
                (dilogarithm(eta / (1 + eta)) - dilogarithm(1 / (1 + eta))) / 2);
  const Real soft =
      1 +
      inverse_beta * (theta * (1 + 3 * theta - 2 * log(recoil.eta_minus_1) - 2 * log_eta_plus_1) +
                      dilogarithm(1 / (eta * eta)) - dilogarithm_at_1<Real>());
  return 2 * f1 + soft;
}

template <class Real>
Real infrared_coefficient(const BasicRecoil<Real>& recoil) {
  return 2 * recoil.theta / recoil.beta - 2;
}

template <class Real>
Real pauli_form_factor(const BasicRecoil<Real>& recoil) {
  return recoil.theta / (2 * recoil.sinh_theta);
}

template <class Real>
PauliStructures<Real> pauli_structures(const BasicRecoil<Real>& recoil) {
  const Real t = recoil.t;
  // I_LR + I_X and 2 (I_L + I_R + I_X), with I_X = [-3 - (1 - t/w)^2 + 2t/w + 2t/w^2 + (t/w)^2]/4.
  return {{-1, t, -t / 2}, {2, -2 * t, 2 * t * t + t}};
}

template double virtual_soft(const Recoil&);
template DoubleDouble virtual_soft(const BasicRecoil<DoubleDouble>&);
template double infrared_coefficient(const Recoil&);
template DoubleDouble infrared_coefficient(const BasicRecoil<DoubleDouble>&);
template double pauli_form_factor(const Recoil&);
template DoubleDouble pauli_form_factor(const BasicRecoil<DoubleDouble>&);
template PauliStructures<double> pauli_structures(const Recoil&);
template PauliStructures<DoubleDouble> pauli_structures(const BasicRecoil<DoubleDouble>&);

}  // namespace nuloop::physics
