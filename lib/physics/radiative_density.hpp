// The density of radiative events in a = p'.k/m_e^2 at fixed electromagnetic energy. With
// Q = |q|/m_e, Q^2 = t^2 + 2t - 2a, g = 1 + t and Lambda = ln[(g + Q)/(g - Q)],
//   w^2 dF/da = r0/a + r1/(1+2a)^2 + r2/(1+2a) + r3/Q^4 + r4/Q^2 + r5 a + r6
//             + Lambda/Q [ l0/a + l1/Q^4 + l2/Q^2 + l3 a^2 + l4 a + l5 ],
// every coefficient a quadratic in w.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/photonic.hpp"

#include <array>

namespace nuloop::physics {

/// For L, R, LR; t > 0.
std::array<RadiativeCoefficients, 3> radiative_coefficients(double t);

}  // namespace nuloop::physics
