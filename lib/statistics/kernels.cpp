// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/pack.hpp"

namespace nuloop::statistics {

Kernels kernels_for(Registers registers) {
#ifdef NULOOP_WIDER_REGISTERS
  if (registers == Registers::avx512)
    return {packs_of_8::expect_counts, packs_of_8::draw_words, packs_of_8::draw_poisson,
            packs_of_8::fit_poisson};
  if (registers == Registers::avx2)
    return {packs_of_4::expect_counts, packs_of_4::draw_words, packs_of_4::draw_poisson,
            packs_of_4::fit_poisson};
#endif
  NULOOP_EXPECTS(registers == Registers::baseline);
  return {NULOOP_PACKS::expect_counts, NULOOP_PACKS::draw_words, NULOOP_PACKS::draw_poisson,
          NULOOP_PACKS::fit_poisson};
}

}  // namespace nuloop::statistics
