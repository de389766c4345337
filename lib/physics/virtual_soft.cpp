// SPDX-License-Identifier: GPL-3.0-or-later
#include "virtual_soft.hpp"

#include "nuloop/physics/dilogarithm.hpp"

#include <cmath>

namespace nuloop::physics {
double virtual_soft(const Recoil& recoil) {
  const double theta = recoil.theta;
  const double eta = recoil.eta;
  const double inverse_beta = 1.0 / recoil.beta;
  const double log_eta_plus_1 = std::log1p(eta);

  const double f1 =
      -1.0 +
      inverse_beta * (0.25 * theta * (3.0 + 1.0 / recoil.gamma) -
                      0.25 * theta * (2.0 * log_eta_plus_1 - theta) +
                      0.5 * (dilogarithm(eta / (1.0 + eta)) - dilogarithm(1.0 / (1.0 + eta))));
  const double soft =
      1.0 + inverse_beta * (theta * (1.0 + 3.0 * theta - 2.0 * std::log(recoil.eta_minus_1) -
                                     2.0 * log_eta_plus_1) +
                            dilogarithm(1.0 / (eta * eta)) - dilogarithm_at_1);
  return 2.0 * f1 + soft;
}

double infrared_coefficient(const Recoil& recoil) {
  return 2.0 * recoil.theta / recoil.beta - 2.0;
}

double pauli_form_factor(const Recoil& recoil) {
  return recoil.theta / (2.0 * recoil.sinh_theta);
}

PauliStructures pauli_structures(const Recoil& recoil) {
  const double t = recoil.t;
  // I_LR + I_X and 2 (I_L + I_R + I_X), with I_X = [-3 - (1 - t/w)^2 + 2t/w + 2t/w^2 + (t/w)^2]/4.
  return {{-1.0, t, -0.5 * t}, {2.0, -2.0 * t, 2.0 * t * t + t}};
}

}  // namespace nuloop::physics
