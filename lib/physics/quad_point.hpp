// To the arithmetic of 113 bits and back.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/kinematics.hpp"
#include "nuloop/physics/quad.hpp"
#include "nuloop/physics/structures.hpp"

namespace nuloop::physics {

/// The point of this excess. Its w is made anew: cancelling terms magnify the rounding of one that
/// was computed with fewer digits.
inline BasicEnergyPoint<Quad> quad_point(const BasicRecoil<Quad>& recoil, double excess) {
  return {recoil.min_energy + excess, excess};
}

inline Structures as_double(const BasicStructures<Quad>& s) {
  return {static_cast<double>(s.left), static_cast<double>(s.right),
          static_cast<double>(s.interference)};
}

}  // namespace nuloop::physics
