// Virtual and soft photons on an elastic event; depends on T alone.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/kinematics.hpp"
#include "nuloop/physics/structures.hpp"

namespace nuloop::physics {

/// V(theta) = 2 f1 + delta_soft with the photon-mass logarithms cancelled and
/// (2 theta/beta - 2) ln(2 eps/m) removed. arXiv:1907.03379, vertex form factor and soft factor.
double virtual_soft(const Recoil& recoil);

/// 2 theta/beta - 2, the coefficient of the infrared logarithm.
double infrared_coefficient(const Recoil& recoil);

/// f2 = theta/(2 sinh theta), the Pauli form factor in units of alpha/pi.
double pauli_form_factor(const Recoil& recoil);

/// Contribution of the Pauli form factor and of G_A = F1 - F2 in units of f2, as quadratics in 1/w.
struct PauliStructures {
  InverseEnergyQuadratic left_right;  // the same for L and R
  InverseEnergyQuadratic interference;
};
PauliStructures pauli_structures(const Recoil& recoil);

}  // namespace nuloop::physics
