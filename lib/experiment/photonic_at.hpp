// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/cross_section.hpp"

#include <array>

#include <Eigen/Core>

namespace nuloop::experiment {

/// The photonic structures dL, dR, dLR (columns) at several energies (rows) above the limit.
template <int size>
Eigen::Matrix<double, size, 3> photonic_at(const physics::BasisAtRecoil& basis,
                                           const std::array<physics::EnergyPoint, size>& points) {
  std::array<physics::Structures, size> structures;
  basis.photonic(points, structures);
  Eigen::Matrix<double, size, 3> values;
  for (int n = 0; n < size; ++n) {
    const auto& [left, right, interference] = structures[static_cast<std::size_t>(n)];
    values.row(n) << left, right, interference;
  }
  return values;
}

}  // namespace nuloop::experiment
