// The density of the radiative tail at many y, as many at a time as a register holds numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/photonic.hpp"

#include <array>
#include <span>

namespace nuloop::physics {

struct TailNodes {
  const Recoil& recoil;
  const std::array<RadiativeCoefficients<double>, 3>& coefficients;  ///< of L, R, LR
  std::span<const double> y;
  const double* tangents;          ///< tanh y
  RadiativeTail::Density* values;  ///< as many
};

using TailAt = void(const TailNodes& nodes);

namespace packs_of_2 {
TailAt tail_at;
}
namespace packs_of_4 {
TailAt tail_at;
}
namespace packs_of_8 {
TailAt tail_at;
}

}  // namespace nuloop::physics
