// The three coupling-independent functions into which every contribution splits.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/kinematics.hpp"

namespace nuloop::physics {

/// Factors of cL^2, cR^2 and cL cR in a cross section of neutrinos (crossed couplings give that of
/// antineutrinos).
struct Structures {
  double left;
  double right;
  double interference;

  Structures& operator+=(const Structures& other) {
    left += other.left;
    right += other.right;
    interference += other.interference;
    return *this;
  }
  friend Structures operator+(Structures a, const Structures& b) { return a += b; }
  friend Structures operator*(double factor, const Structures& s) {
    return {factor * s.left, factor * s.right, factor * s.interference};
  }
};

/// Tree-level structures I_L = 1, I_R = (1 - T/E)^2, I_LR = -m_e T/E^2, without regard to the
/// kinematic limit. arXiv:1907.03379, Sec. 2.
inline Structures born_structures(const Recoil& recoil, double w) {
  const double y = recoil.t / w;
  return {1.0, (1.0 - y) * (1.0 - y), -y / w};
}

/// A structure at fixed T as a quadratic in 1/w: c0 + c1/w + c2/w^2.
struct InverseEnergyQuadratic {
  double c0 = 0.0;
  double c1 = 0.0;
  double c2 = 0.0;

  double operator()(double inverse_w) const { return c0 + inverse_w * (c1 + inverse_w * c2); }
};

}  // namespace nuloop::physics
