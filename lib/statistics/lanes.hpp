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

/// Bits of the first values of a pack.
inline unsigned bits_within(std::size_t values) {
  return values < pack_width ? (1u << values) - 1 : (1u << pack_width) - 1;
}

/// A bit for each value: a <= b.
inline unsigned bits_up_to(Pack a, Pack b) {
#if defined(__AVX512F__)
  return _mm512_cmp_pd_mask(a.values(), b.values(), _CMP_LE_OQ);
#else
  return bits_of(a <= b);
#endif
}

/// The lesser of each two.
inline Pack lesser(Pack a, Pack b) {
#if defined(__AVX512F__)
  return Pack(_mm512_maskz_min_pd(0xff, a.values(), b.values()));
#elif defined(__AVX2__)
  return Pack(_mm256_min_pd(a.values(), b.values()));
#elif defined(__SSE2__)
  return Pack(_mm_min_pd(a.values(), b.values()));
#else
  return select(a < b, a, b);
#endif
}

/// The whole numbers at or below values that are not negative.
inline Pack whole_part(Pack x) {
#if defined(__AVX512F__)
  return Pack(_mm512_maskz_roundscale_pd(0xff, x.values(), _MM_FROUND_TO_NEG_INF));
#elif defined(__AVX2__)
  return Pack(_mm256_floor_pd(x.values()));
#else
  return floor(x);
#endif
}

/// Writes the items whose bit is set to a list of `size` items, and returns its new size. The list
/// has room for a pack more. No jump depends on the bits.
inline std::size_t append(std::uint64_t* list, std::size_t size, Pack::Bits items, unsigned bits) {
#if defined(__AVX512F__)
  const __m512i packed =
      _mm512_maskz_compress_epi64(static_cast<__mmask8>(bits), std::bit_cast<__m512i>(items));
  __builtin_memcpy(list + size, &packed, sizeof packed);
  return size + static_cast<std::size_t>(__builtin_popcount(bits));
#else
  for (std::size_t i = 0; i < pack_width; ++i) {
    list[size] = items[i];
    size += bits >> i & 1;
  }
  return size;
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
inline Pack::Bits load(const std::uint64_t* from) {
  Pack::Bits bits;
  __builtin_memcpy(&bits, from, sizeof bits);
  return bits;
}
inline void store(std::uint64_t* to, Pack::Bits bits) {
  __builtin_memcpy(to, &bits, sizeof bits);
}

}  // namespace
}  // namespace nuloop::statistics::NULOOP_PACKS
