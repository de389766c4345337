// What the kernels in registers share, besides pack.hpp. Nothing but what is inlined may be used in
// them: what the linker keeps once for the whole program must not need the wider registers. The
// sources lanes_*.cpp compile the kernels for registers of different width.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/pack.hpp"

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace nuloop::statistics::NULOOP_PACKS {
namespace {

/// Square root, correctly rounded.
inline Pack sqrt(Pack x) {
#if defined(__AVX512F__)
  return Pack(_mm512_maskz_sqrt_pd(0xff, x.values()));
#elif defined(__AVX2__)
  return Pack(_mm256_sqrt_pd(x.values()));
#elif defined(__SSE2__)
  return Pack(_mm_sqrt_pd(x.values()));
#else
  std::array<double, pack_width> roots;
  for (std::size_t i = 0; i < pack_width; ++i)
    roots[i] = std::sqrt(x[i]);
  return Pack(std::bit_cast<Pack::Values>(roots));
#endif
}

/// A bit for each value of a mask, the first one lowest.
inline unsigned bits_of(Pack::Mask mask) {
#if defined(__AVX512F__)
  return _mm512_movepi64_mask(std::bit_cast<__m512i>(mask));
#elif defined(__AVX2__)
  return static_cast<unsigned>(_mm256_movemask_pd(std::bit_cast<__m256d>(mask)));
#elif defined(__SSE2__)
  return static_cast<unsigned>(_mm_movemask_pd(std::bit_cast<__m128d>(mask)));
#else
  unsigned bits = 0;
  for (std::size_t i = 0; i < pack_width; ++i)
    bits |= mask[i] != 0 ? 1u << i : 0u;
  return bits;
#endif
}

inline Pack load(const double* from) {
  Pack::Values values;
  __builtin_memcpy(&values, from, sizeof values);
  return Pack(values);
}
inline void store(double* to, Pack pack) {
  const Pack::Values values = pack.values();
  __builtin_memcpy(to, &values, sizeof values);
}

}  // namespace
}  // namespace nuloop::statistics::NULOOP_PACKS
