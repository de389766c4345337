// The three coupling-independent functions into which every contribution splits.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/kinematics.hpp"

namespace nuloop::physics {

/// Factors of cL^2, cR^2 and cL cR in a cross section of neutrinos (crossed couplings give that of
/// antineutrinos).
template <class Real>
struct BasicStructures {
  Real left;
  Real right;
  Real interference;

  BasicStructures& operator+=(const BasicStructures& other) {
    left += other.left;
    right += other.right;
    interference += other.interference;
    return *this;
  }
  friend BasicStructures operator+(BasicStructures a, const BasicStructures& b) { return a += b; }
  friend BasicStructures operator*(const Real& factor, const BasicStructures& s) {
    return {factor * s.left, factor * s.right, factor * s.interference};
  }
};
using Structures = BasicStructures<double>;

/// Tree-level structures I_L = 1, I_R = (1 - T/E)^2, I_LR = -m_e T/E^2, without regard to the
/// kinematic limit. arXiv:1907.03379, Sec. 2; arXiv:2410.00107, eq. 7. Wide: Real, or several
/// energies side by side.
template <class Real, class Wide>
BasicStructures<Wide> born_structures(const BasicRecoil<Real>& recoil, const Wide& w) {
  const Wide y = recoil.t / w;
  return {1, (1 - y) * (1 - y), -y / w};
}

/// A structure at fixed T as a quadratic in 1/w: c0 + c1/w + c2/w^2.
template <class Real>
struct InverseEnergyQuadratic {
  Real c0;
  Real c1;
  Real c2;

  template <class Wide>
  Wide operator()(const Wide& inverse_w) const {
    return c0 + inverse_w * (c1 + inverse_w * c2);
  }
};

}  // namespace nuloop::physics
