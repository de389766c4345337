// Random numbers and Poisson variates by rejection, for registers of the width that the including
// source is compiled for.
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

inline Pack::Bits exclusive_or(Pack::Bits a, Pack::Bits b, Pack::Bits c) {
#if defined(__AVX512F__)
  return std::bit_cast<Pack::Bits>(
      _mm512_ternarylogic_epi64(std::bit_cast<__m512i>(a), std::bit_cast<__m512i>(b),
                                std::bit_cast<__m512i>(c), 0x96));
#else
  return a ^ b ^ c;
#endif
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

  /// The two numbers of RandomStream.
  struct Words {
    Pack::Bits first, second;
  };

  /// Those of a block of each toy, whose lower halves count. Words stand in the lower halves; the
  /// upper ones hold what the next product ignores.
  Words operator()(Pack::Bits block, Pack::Bits toy, std::uint32_t stream) const {
    constexpr Pack::Bits none{};
    constexpr std::uint64_t low_half = 0xffffffff;
    const Pack::Bits multiplier_0 = none + 0xD2511F53u, multiplier_1 = none + 0xCD9E8D57u;
    Pack::Bits a = block, b = toy, c = toy >> 32, d = none + stream;
    for (std::size_t round = 0; round < rounds; ++round) {
      const Pack::Bits from_a = product_of_low_halves(multiplier_0, a);
      const Pack::Bits from_c = product_of_low_halves(multiplier_1, c);
      a = exclusive_or(from_c >> 32, b, first_[round]);
      b = from_c;
      c = exclusive_or(from_a >> 32, d, second_[round]);
      d = from_a;
    }
    return {(b << 32) | (a & low_half), (d << 32) | (c & low_half)};
  }

 private:
  static constexpr std::size_t rounds = 10;
  Pack::Bits first_[rounds], second_[rounds];
};

/// 0, 1, 2, ...
inline Pack::Bits places() {
  Pack::Bits numbers{};
  for (std::size_t i = 0; i < pack_width; ++i)
    numbers[i] = i;
  return numbers;
}

/// 1 + the upper 52 bits of a number, as digits behind the point. RandomStream::uniform is
/// 2^-53 - 1 more; all sums with it are exact.
inline Pack mantissa(Pack::Bits number) {
  constexpr std::uint64_t one = 0x3ff0000000000000;
  return Pack(std::bit_cast<Pack::Values>((number >> 12) | one));
}

/// The items of one try, by their place.
struct Tries {
  static constexpr std::size_t most = PoissonDraws::most_toys;
  double means[most], counts[most];
  double edges[most], heights[most];
  std::uint64_t open[most + pack_width];  ///< places of those that are not counts yet
  std::uint64_t items[most];

  /// Fills the last pack of the means.
  void fill(std::size_t size) {
    for (; size % pack_width != 0; ++size)
      means[size] = means[0];
  }
};

/// Bits of the first values of a pack.
inline unsigned bits_within(std::size_t values) {
  return values < pack_width ? (1u << values) - 1 : (1u << pack_width) - 1;
}

/// The hat: its width b and slope a for a mean.
struct Hat {
  explicit Hat(Pack mean) : b(0.931 + 2.53 * sqrt(mean)), a(-0.059 + 0.02483 * b) {}
  Pack b, a;
};

/// 0.9277 - 3.6224/(b - 2) - 0.15/b. The terms in 1/b here and in inverse_alpha are not in the paper.
/// Without them the hat falls below the distribution, by up to 0.6 % for some counts at means of 10
/// to 1000, and the squeeze above it by 0.4 %; with them both keep a distance of 1e-3 at all means.
/// It grows with the mean, so that the squeeze of a lesser mean is one too.
inline Pack squeeze(const Hat& hat) {
  return 0.9277 - (3.7724 * hat.b - 0.3) / (hat.b * (hat.b - 2.0));
}

inline Pack least_of(const double* means, std::size_t size) {
  Pack least = load(means);
  for (std::size_t first = pack_width; first < size; first += pack_width)
    least = lesser(least, load(means + first));
  for (std::size_t i = 1; i < pack_width; ++i)
    least = select(Pack(least[i]) < least, least[i], least);
  return least;
}

/// A try for each item from the words of its place: the number of those that it leaves open.
template <class Words>
std::size_t draw(const Words& words, std::size_t size, const double* means, double* counts,
                 Pack limit, Tries& tries) {
  std::size_t open = 0;
  for (std::size_t first = 0; first < size; first += pack_width) {
    const Philox::Words random = words(first);
    const Pack mean = load(means + first);
    const Hat hat(mean);
    const Pack u = (mantissa(random.first) - 1.5) + 0x1p-53;
    const Pack height = mantissa(random.second) - (1.0 - 0x1p-53);
    const Pack edge = 0.5 - abs(u);
    const Pack x = (2.0 * hat.a / edge + hat.b) * u + mean + 0.43;
    // Not negative where the edge is this far.
    const unsigned taken = bits_up_to(0.07, edge) & bits_up_to(height, limit);
    open = append(tries.open, open, places() + first,
                  bits_within(size - first) & ~taken & bits_up_to(PoissonDraws::least, mean));
    store(counts + first, whole_part(x));
    store(tries.edges + first, edge);
    store(tries.heights + first, height);
  }
  return open;
}

inline Pack gather(const double* from, const std::uint64_t* places) {
  Pack::Values values;
  for (std::size_t i = 0; i < pack_width; ++i)
    values[i] = from[places[i]];
  return Pack(values);
}

/// An open try. Its logarithms are taken of the square of value/P.
struct Doubt {
  Doubt(Pack mean, Pack count, Pack edge, Pack height) : m(mean), k(count) {
    const Hat hat(m);
    const Pack square = edge * edge, narrow = hat.b - 3.4, product = hat.b * narrow;
    // inverse_alpha = 1.1239 + 1.1328/(b - 3.4) + 0.1/b
    over = height * square * (1.1239 * product + 1.1328 * hat.b + 0.1 * narrow);
    under = product * (hat.a + hat.b * square);
  }

  /// Bits of value <= P(k; mean), value = over/under. k >= 10
  unsigned below_probability() const {
    constexpr double two_pi = 6.283185307179586;
    // One division for all that is divided by under, k and k + m.
    const Pack sum = k + m, squares = under * under;
    const Pack inverse = 1.0 / (squares * (k * sum)), inverse_k = inverse * squares * sum;
    const Pack v = (k - m) * (inverse * squares * k);
    const Pack value = log(over * over * (two_pi * k) * (inverse * (k * sum)));
    return bits_up_to(0.5 * value, -deviance(v) - stirling_error(inverse_k));
  }

  /// k ln(k/m) - (k - m), v = (k - m)/(k + m): no term is larger than the square root of the mean.
  Pack deviance(Pack v) const {
    const Pack square = v * v;
    Pack sum = 1.0 / 17;  // of 2 artanh(v)
    for (int n = 15; n >= 3; n -= 2)
      sum = sum * square + 1.0 / n;
    const Pack near = (k - m) * v + 2.0 * k * (v * square * sum);
    const Pack::Mask far = abs(v) > 0.1;
    if (bits_of(far) == 0)
      return near;
    const Pack excess = (k - m) / m;
    return select(far, m * ((1.0 + excess) * log1p(excess) - excess), near);
  }

  /// ln k! - [(k + 1/2) ln k - k + ln(2 pi)/2]; the asymptotic series is good to 1e-12 from 10 on.
  static Pack stirling_error(Pack inverse) {
    const Pack r = inverse * inverse;
    return (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0) * r) * r) * r) * inverse;
  }

  Pack m, k;
  Pack over, under;
};

/// Leaves in `tries.open` those of the open tries that are refused, and returns their number.
std::size_t decide(const double* means, const double* counts, std::size_t open, Tries& tries) {
  // Beyond it no count has a probability.
  constexpr double largest = 4e18;
  std::size_t refused = 0;
  for (std::size_t i = open; i % pack_width != 0; ++i)
    tries.open[i] = tries.open[0];
  for (std::size_t first = 0; first < open; first += pack_width) {
    const std::uint64_t* const at = tries.open + first;
    const Pack edge = gather(tries.edges, at), height = gather(tries.heights, at);
    const Doubt doubt(gather(means, at), gather(counts, at), edge, height);
    const unsigned possible = bits_up_to(0.0, doubt.k) & bits_up_to(doubt.k, largest) &
                              (bits_up_to(0.013, edge) | bits_up_to(height, edge));
    unsigned taken = doubt.below_probability();
    if (const unsigned few = possible & bits_up_to(doubt.k, 9.0); few != 0)
      for (std::size_t i = 0; i < pack_width; ++i)
        if ((few >> i & 1) != 0)
          taken = (taken & ~(1u << i)) |
                  (below_probability_of_few(doubt.over[i] / doubt.under[i], doubt.k[i], doubt.m[i])
                       ? 1u << i
                       : 0u);
    const unsigned own = bits_within(open - first);
    refused = append(tries.open, refused, load(at), own & ~(possible & taken));
  }
  return refused;
}

/// Items are refused again and again: first all of a bin, then those of all bins together.
class Rejection {
 public:
  explicit Rejection(const PoissonDraws& draws) : draws_(draws), philox_(draws.seed) {}

  double operator()() {
    Pack least = draws_.means[0];
    for (std::size_t bin = 0; bin < draws_.bins; ++bin)
      least = lesser(least, first_try(bin));
    store(lists_[0] + size_, Pack::Bits{});
    for (std::uint32_t attempt = 1; size_ > 0; ++attempt)
      next_try(attempt);
    return least[0];
  }

 private:
  // An item: the bin above, the toy in the lowest eight bits.
  static constexpr unsigned toy_bits = 8;
  static constexpr std::uint64_t toy_mask = (1u << toy_bits) - 1;
  static_assert(PoissonDraws::most_toys == 1u << toy_bits);

  Pack first_try(std::size_t bin) {
    const std::size_t toys = draws_.toys, begin = bin * toys;
    const double* means = draws_.means + begin;
    double* counts = draws_.counts + begin;
    const bool whole = toys % pack_width == 0;
    if (!whole) {
      for (std::size_t i = 0; i < toys; ++i)
        tries_.means[i] = means[i];
      tries_.fill(toys);
      means = tries_.means;
      counts = tries_.counts;
    }
    const auto block = draws_.first_block + static_cast<std::uint32_t>(bin) * draws_.blocks_per_bin;
    const Pack least = least_of(means, toys);
    const auto words = [&](std::size_t first) {
      return philox_(Pack::Bits{} + block, draws_.first_toy + first + places(), draws_.stream);
    };
    const std::size_t open = draw(words, toys, means, counts, limit_of(least), tries_);
    const std::size_t refused = decide(means, counts, open, tries_);
    for (std::size_t i = 0; i < refused; ++i)
      lists_[0][size_ + i] = bin << toy_bits | tries_.open[i];
    size_ += refused;
    for (std::size_t i = 0; i < toys && !whole; ++i)
      draws_.counts[begin + i] = counts[i];
    return least;
  }

  static Pack limit_of(Pack least) {
    return squeeze(Hat(select(least < PoissonDraws::least, PoissonDraws::least, least)));
  }

  std::size_t index(std::uint64_t item) const {
    return (item >> toy_bits) * draws_.toys + (item & toy_mask);
  }

  void next_try(std::uint32_t attempt) {
    std::uint64_t* const next = lists_[attempt % 2];
    const std::uint64_t* const list = lists_[(attempt + 1) % 2];
    std::size_t left = 0;
    for (std::size_t begin = 0; begin < size_; begin += Tries::most) {
      const std::size_t size = size_ - begin < Tries::most ? size_ - begin : Tries::most;
      left += try_some(attempt, list + begin, size, next + left);
    }
    store(next + left, Pack::Bits{});
    size_ = left;
  }

  std::size_t try_some(std::uint32_t attempt, const std::uint64_t* list, std::size_t size,
                       std::uint64_t* next) {
    for (std::size_t i = 0; i < size; ++i)
      tries_.means[i] = draws_.means[index(list[i])];
    tries_.fill(size);
    const auto words = [&](std::size_t first) {
      const Pack::Bits items = load(list + first);
      const Pack::Bits bins = items >> toy_bits;
      return philox_(draws_.first_block + attempt +
                         product_of_low_halves(bins, Pack::Bits{} + draws_.blocks_per_bin),
                     draws_.first_toy + (items & toy_mask), draws_.stream);
    };
    const Pack limit = limit_of(least_of(tries_.means, size));
    const std::size_t open = draw(words, size, tries_.means, tries_.counts, limit, tries_);
    for (std::size_t i = 0; i < size; ++i)
      draws_.counts[index(list[i])] = tries_.counts[i];
    const std::size_t refused = decide(tries_.means, tries_.counts, open, tries_);
    for (std::size_t i = 0; i < refused; ++i)
      next[i] = list[tries_.open[i]];
    return refused;
  }

  const PoissonDraws& draws_;
  Philox philox_;
  Tries tries_;
  std::uint64_t lists_[2][PoissonDraws::most_items + pack_width];  // their last packs are full
  std::size_t size_ = 0;
};

}  // namespace

double draw_poisson(const PoissonDraws& draws) {
  return Rejection(draws)();
}

void draw_words(const WordDraws& draws) {
  const Philox philox(draws.seed);
  for (std::size_t block = 0; block < draws.blocks; ++block)
    for (std::size_t first = 0; first < draws.toys; first += pack_width) {
      const Philox::Words random =
          philox(Pack::Bits{} + block, draws.first_toy + first + places(), draws.stream);
      std::uint64_t* const words = draws.words + 2 * block * draws.toys + first;
      store(words, random.first);
      store(words + draws.toys, random.second);
    }
}

}  // namespace nuloop::statistics::NULOOP_PACKS
