// Virtual and soft photons on an elastic event; depends on T alone. Real: double or
// DoubleDouble.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/kinematics.hpp"
#include "nuloop/physics/structures.hpp"

namespace nuloop::physics {

/// V(theta) = 2 f1 + delta_soft with the photon-mass logarithms cancelled and
/// (2 theta/beta - 2) ln(2 eps/m) removed. arXiv:1907.03379, vertex form factor and soft factor.
template <class Real>
Real virtual_soft(const BasicRecoil<Real>& recoil);

/// 2 theta/beta - 2, the coefficient of the infrared logarithm.
template <class Real>
Real infrared_coefficient(const BasicRecoil<Real>& recoil);

/// f2 = theta/(2 sinh theta), the Pauli form factor in units of alpha/pi. arXiv:1907.03379.
template <class Real>
Real pauli_form_factor(const BasicRecoil<Real>& recoil);

/// Contribution of the Pauli form factor and of G_A = F1 - F2 in units of f2, as quadratics in 1/w.
template <class Real>
struct PauliStructures {
  InverseEnergyQuadratic<Real> left_right;  // the same for L and R
  InverseEnergyQuadratic<Real> interference;
};
template <class Real>
PauliStructures<Real> pauli_structures(const BasicRecoil<Real>& recoil);

}  // namespace nuloop::physics
