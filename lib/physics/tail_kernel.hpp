// The density of the radiative tail, for registers of the width that the including source is
// compiled for. See electron_kernel.hpp for what may be used here.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/pack.hpp"
#include "radiative_density.hpp"
#include "tail_lanes.hpp"

#include <cstddef>

namespace nuloop::physics::NULOOP_PACKS {

[[gnu::flatten]] void tail_at(const TailNodes& nodes) {
  const double* const y = nodes.y.data();
  const std::size_t size = nodes.y.size();
  const double g = nodes.recoil.gamma;
  for (std::size_t first = 0; first < size; first += pack_width) {
    Pack::Values own_y, tangents;
    for (std::size_t i = 0; i < pack_width; ++i) {
      const std::size_t n = first + i < size ? first + i : size - 1;
      own_y[i] = y[n];
      tangents[i] = nodes.tangents[n];
    }
    const Pack Q = g * Pack(tangents), lambda = 2 * Pack(own_y);
    const Pack da_dy = Q * (g - Q) * (g + Q) / g, v = (nodes.recoil.t + Q) / 2;
    const auto density = radiative_density(nodes.recoil, nodes.coefficients, Q, lambda, da_dy);
    for (std::size_t i = 0; i < pack_width && first + i < size; ++i) {
      RadiativeTail::Density& value = nodes.values[first + i];
      value.v = v[i];
      for (std::size_t k = 0; k < 3; ++k)
        value.in_y[k] = {density[k].c0[i], density[k].c1[i], density[k].c2[i]};
    }
  }
}

}  // namespace nuloop::physics::NULOOP_PACKS
