// The electron spectrum at many energies, as many at a time as a register holds numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/photonic.hpp"
#include "virtual_soft.hpp"

#include <span>

namespace nuloop::physics {

struct ElectronEnergies {
  const ElectronTerms<double>& terms;
  PauliStructures<double> pauli;        ///< at the same T
  std::span<const EnergyPoint> points;  ///< above the limit
  Structures* values;                   ///< as many
};

using ElectronAt = void(const ElectronEnergies& energies);

namespace packs_of_2 {
ElectronAt electron_at;
}
namespace packs_of_4 {
ElectronAt electron_at;
}
namespace packs_of_8 {
ElectronAt electron_at;
}

}  // namespace nuloop::physics
