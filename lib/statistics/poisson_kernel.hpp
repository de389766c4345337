// Poisson variates by rejection, for registers of the width that the including source is compiled
// for.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lanes.hpp"
#include "poisson_lanes.hpp"

namespace nuloop::statistics::NULOOP_PACKS {
namespace {

/// The products of the lower 32 bits of each.
inline Pack::Bits product_of_low_halves(Pack::Bits a, Pack::Bits b) {
#if defined(__AVX512F__)
  return std::bit_cast<Pack::Bits>(
      _mm512_maskz_mul_epu32(0xff, std::bit_cast<__m512i>(a), std::bit_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return std::bit_cast<Pack::Bits>(
      _mm256_mul_epu32(std::bit_cast<__m256i>(a), std::bit_cast<__m256i>(b)));
#elif defined(__SSE2__)
  return std::bit_cast<Pack::Bits>(
      _mm_mul_epu32(std::bit_cast<__m128i>(a), std::bit_cast<__m128i>(b)));
#else
  constexpr std::uint64_t low_half = 0xffffffff;
  return (a & low_half) * (b & low_half);
#endif
}

/// Two uniform numbers in (0, 1): those of RandomStream, odd multiples of 2^-53.
struct Uniform {
  Pack u, v;
};

Pack uniform(Pack::Bits number) {
  constexpr std::uint64_t two_to_52 = 0x4330000000000000;
  const Pack whole = Pack(std::bit_cast<Pack::Values>((number >> 12) | two_to_52)) - 0x1p52;
  return (whole + 0.5) * 0x1p-52;
}

/// Philox4x32-10 (J. K. Salmon et al., SC11) under a key.
class Philox {
 public:
  explicit Philox(std::uint64_t seed) {
    auto first = static_cast<std::uint32_t>(seed), second = static_cast<std::uint32_t>(seed >> 32);
    for (std::size_t round = 0; round < rounds; ++round) {
      first_[round] = Pack::Bits{} + first;
      second_[round] = Pack::Bits{} + second;
      first += 0x9E3779B9u;
      second += 0xBB67AE85u;
    }
  }

  /// The block of each toy. Words stand in the lower halves; the upper ones hold what the next
  /// product ignores.
  Uniform operator()(std::uint32_t block, Pack::Bits toy, std::uint32_t stream) const {
    constexpr Pack::Bits none{};
    constexpr std::uint64_t low_half = 0xffffffff;
    const Pack::Bits multiplier_0 = none + 0xD2511F53u, multiplier_1 = none + 0xCD9E8D57u;
    Pack::Bits a = none + block, b = toy & low_half, c = toy >> 32, d = none + stream;
    for (std::size_t round = 0; round < rounds; ++round) {
      const Pack::Bits from_a = product_of_low_halves(multiplier_0, a);
      const Pack::Bits from_c = product_of_low_halves(multiplier_1, c);
      a = (from_c >> 32) ^ b ^ first_[round];
      b = from_c;
      c = (from_a >> 32) ^ d ^ second_[round];
      d = from_a;
    }
    return {uniform((b << 32) | (a & low_half)), uniform((d << 32) | (c & low_half))};
  }

 private:
  static constexpr std::size_t rounds = 10;
  Pack::Bits first_[rounds], second_[rounds];
};

/// ln k! - [(k + 1/2) ln k - k + ln(2 pi)/2]; the asymptotic series is good to 1e-12 from 10 on.
Pack stirling_error(Pack k) {
  const Pack r = 1.0 / (k * k);
  return (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - r / 1680.0) * r) * r) / k;
}

/// Is value <= P(k; mean)? k >= 10
Pack::Mask below_probability(Pack value, Pack k, Pack mean) {
  constexpr double two_pi = 6.283185307179586;
  // k ln(k/mean) - (k - mean): no term is larger than the square root of the mean.
  const Pack excess = (k - mean) / mean;
  const Pack deviance = mean * ((1.0 + excess) * log1p(excess) - excess);
  return log(value * sqrt(two_pi * k)) <= -deviance - stirling_error(k);
}

/// Items with their mean, and the count, edge and height of their last try.
struct List {
  std::uint32_t items[PoissonDraws::most];
  double means[PoissonDraws::most], counts[PoissonDraws::most];
  double edges[PoissonDraws::most], heights[PoissonDraws::most];
  std::size_t size = 0;

  void add(const List& from, std::size_t i) {
    items[size] = from.items[i];
    means[size] = from.means[i];
    counts[size] = from.counts[i];
    edges[size] = from.edges[i];
    heights[size++] = from.heights[i];
  }
  /// Fills the last pack with copies of the first item.
  void fill() {
    const std::size_t own = size;
    while (size % pack_width != 0)
      add(*this, 0);
    size = own;
  }
};

/// For each pack of a list, a bit for each item. They are looked at when all packs are done: a jump
/// that waits for the bits of one pack would hold up the next.
struct Bits {
  unsigned of_pack[PoissonDraws::most / pack_width];

  /// Calls function(i) for each item whose bit is set, of `size`.
  template <class Function>
  void for_each(std::size_t size, const Function& function) const {
    for (std::size_t first = 0; first < size; first += pack_width) {
      unsigned bits = of_pack[first / pack_width];
      if (size - first < pack_width)
        bits &= (1u << (size - first)) - 1;
      for (; bits != 0; bits &= bits - 1)
        function(first + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }
};

/// The hat: its width b and slope a for a mean.
struct Hat {
  explicit Hat(Pack mean) : b(0.931 + 2.53 * sqrt(mean)), a(-0.059 + 0.02483 * b) {}
  Pack b, a;
};

/// A try for each item of the list: those that are to be tried again, and those to be decided on.
void draw(const PoissonDraws& draws, const Philox& philox, std::uint32_t attempt, List& list,
          Bits& refused, Bits& doubtful) {
  // Beyond it no count has a probability.
  constexpr double largest = 4e18;
  for (std::size_t first = 0; first < list.size; first += pack_width) {
    Pack::Bits toys{};
    for (std::size_t i = 0; i < pack_width; ++i)
      toys[i] = list.items[first + i];
    const Uniform random =
        philox(draws.first_block + attempt, draws.first_toy + toys, draws.stream);
    const Pack mean = load(list.means + first);
    const Hat hat(mean);
    const Pack u = random.u - 0.5, height = random.v, edge = 0.5 - abs(u);
    const Pack x = (2.0 * hat.a / edge + hat.b) * u + mean + 0.43;
    // 3.6224/(b - 2) + 0.15/b. The terms in 1/b here and in inverse_alpha are not in the paper.
    // Without them the hat falls below the distribution, by up to 0.6 % for some counts at means of
    // 10 to 1000, and the squeeze above it by 0.4 %; with them both keep a distance of 1e-3 at all
    // means.
    const Pack squeeze = 0.9277 - (3.7724 * hat.b - 0.3) / (hat.b * (hat.b - 2.0));
    const Pack::Mask possible = (x >= 0.0) & (x < largest);
    const Pack::Mask taken = possible & (edge >= 0.07) & (height <= squeeze);
    const Pack::Mask open = ~taken & (mean >= PoissonDraws::least);
    const Pack::Mask again = open & (~possible | ((edge < 0.013) & (height > edge)));
    refused.of_pack[first / pack_width] = bits_of(again);
    doubtful.of_pack[first / pack_width] = bits_of(open & ~again);
    store(list.counts + first, floor(x));
    store(list.edges + first, edge);
    store(list.heights + first, height);
  }
}

/// Which of the doubtful lie above the distribution.
void decide(const List& doubtful, Bits& refused) {
  for (std::size_t first = 0; first < doubtful.size; first += pack_width) {
    const Pack mean = load(doubtful.means + first), k = load(doubtful.counts + first);
    const Pack edge = load(doubtful.edges + first);
    const Hat hat(mean);
    const Pack inverse_alpha = 1.1239 + 1.1328 / (hat.b - 3.4) + 0.1 / hat.b;
    const Pack value =
        load(doubtful.heights + first) * inverse_alpha / (hat.a / (edge * edge) + hat.b);
    unsigned bits = bits_of(~below_probability(value, k, mean));
    for (std::size_t i = 0; i < pack_width; ++i)
      if (k[i] < 10.0)
        bits = (bits & ~(1u << i)) |
               (below_probability_of_few(value[i], k[i], mean[i]) ? 0u : 1u << i);
    refused.of_pack[first / pack_width] = bits;
  }
}

}  // namespace

void draw_poisson(const PoissonDraws& draws, std::size_t size) {
  const Philox philox(draws.seed);
  List lists[2], open;
  List *list = &lists[0], *next = &lists[1];
  for (std::size_t i = 0; i < size; ++i) {
    list->items[i] = static_cast<std::uint32_t>(i);
    list->means[i] = draws.means[i];
  }
  list->size = size;
  Bits refused, doubtful;
  for (std::uint32_t attempt = 0; list->size > 0; ++attempt) {
    list->fill();
    draw(draws, philox, attempt, *list, refused, doubtful);
    for (std::size_t i = 0; i < list->size; ++i)
      draws.counts[list->items[i]] = list->counts[i];
    next->size = open.size = 0;
    refused.for_each(list->size, [&](std::size_t i) { next->add(*list, i); });
    doubtful.for_each(list->size, [&](std::size_t i) { open.add(*list, i); });
    open.fill();
    decide(open, refused);
    refused.for_each(open.size, [&](std::size_t i) { next->add(open, i); });
    List* const done = list;
    list = next;
    next = done;
  }
}

}  // namespace nuloop::statistics::NULOOP_PACKS
