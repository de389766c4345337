// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/pack.hpp"

namespace nuloop::physics {

Kernels kernels_for(Registers registers) {
#ifdef NULOOP_WIDER_REGISTERS
  if (registers == Registers::avx512)
    return {packs_of_8::electron_at, packs_of_8::tail_at};
  if (registers == Registers::avx2)
    return {packs_of_4::electron_at, packs_of_4::tail_at};
#endif
  NULOOP_EXPECTS(registers == Registers::baseline);
  return {NULOOP_PACKS::electron_at, NULOOP_PACKS::tail_at};
}

}  // namespace nuloop::physics
