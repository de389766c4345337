// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_lanes.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/pack.hpp"

namespace nuloop::physics {

ElectronLanes* electron_lanes(Registers registers) {
#ifdef NULOOP_WIDER_REGISTERS
  if (registers == Registers::avx512)
    return packs_of_8::electron_at;
  if (registers == Registers::avx2)
    return packs_of_4::electron_at;
#endif
  NULOOP_EXPECTS(registers == Registers::baseline);
  return NULOOP_PACKS::electron_at;
}

}  // namespace nuloop::physics
