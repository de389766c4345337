// The electron spectrum, for registers of the width that the including source is compiled for.
// Nothing but what is inlined may be used here: what the linker keeps once for the whole program
// must not need the wider registers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "electron_lanes.hpp"
#include "electron_structures.hpp"
#include "nuloop/foundation/pack.hpp"

#include <cstddef>

namespace nuloop::physics::NULOOP_PACKS {

[[gnu::flatten]] void electron_at(const ElectronEnergies& energies) {
  const EnergyPoint* const points = energies.points.data();
  const std::size_t size = energies.points.size();
  for (std::size_t first = 0; first < size; first += pack_width) {
    Pack::Values w, excess;
    for (std::size_t i = 0; i < pack_width; ++i) {
      const EnergyPoint& point = points[first + i < size ? first + i : size - 1];
      w[i] = point.w;
      excess[i] = point.excess;
    }
    const auto pack = electron_structures(energies.terms, energies.pauli,
                                          BasicEnergyPoint<Pack>{Pack(w), Pack(excess)});
    for (std::size_t i = 0; i < pack_width && first + i < size; ++i)
      energies.values[first + i] = {pack.left[i], pack.right[i], pack.interference[i]};
  }
}

}  // namespace nuloop::physics::NULOOP_PACKS
