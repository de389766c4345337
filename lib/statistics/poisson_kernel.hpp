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
  return std::bit_cast<Pack::Bits>(_mm512_ternarylogic_epi64(
      std::bit_cast<__m512i>(a), std::bit_cast<__m512i>(b), std::bit_cast<__m512i>(c), 0x96));
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

  /// A block, in the lower half, of each toy.
  struct Place {
    Pack::Bits block, toy;
  };
  /// The two numbers of RandomStream.
  struct Words {
    Pack::Bits first, second;
  };

  /// Those of several packs: each round waits for the one before, but not for other packs. Words
  /// stand in the lower halves; the upper ones hold what the next product ignores.
  template <std::size_t packs>
  void operator()(const Place (&places)[packs], std::uint32_t stream, Words (&words)[packs]) const {
    constexpr Pack::Bits none{};
    constexpr std::uint64_t low_half = 0xffffffff;
    const Pack::Bits multiplier_0 = none + 0xD2511F53u, multiplier_1 = none + 0xCD9E8D57u;
    Pack::Bits a[packs], b[packs], c[packs], d[packs];
    for (std::size_t n = 0; n < packs; ++n) {
      a[n] = places[n].block;
      b[n] = places[n].toy;
      c[n] = places[n].toy >> 32;
      d[n] = none + stream;
    }
    for (std::size_t round = 0; round < rounds; ++round)
      for (std::size_t n = 0; n < packs; ++n) {
        const Pack::Bits from_a = product_of_low_halves(multiplier_0, a[n]);
        const Pack::Bits from_c = product_of_low_halves(multiplier_1, c[n]);
        a[n] = exclusive_or(from_c >> 32, b[n], first_[round]);
        b[n] = from_c;
        c[n] = exclusive_or(from_a >> 32, d[n], second_[round]);
        d[n] = from_a;
      }
    for (std::size_t n = 0; n < packs; ++n)
      words[n] = {(b[n] << 32) | (a[n] & low_half), (d[n] << 32) | (c[n] & low_half)};
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
  // Places of those that are not counts yet, of those whose probability is to be computed, and of
  // those that are refused.
  std::uint64_t open[most + pack_width], doubtful[most + pack_width], refused[most + pack_width];

  /// Fills the last pack of the means.
  void fill(std::size_t size) {
    for (; size % pack_width != 0; ++size)
      means[size] = means[0];
  }
};

/// The hat: its width b and slope a for a mean.
struct Hat {
  explicit Hat(Pack mean) : b(0.931 + 2.53 * sqrt(mean)), a(-0.059 + 0.02483 * b) {}
  Pack b, a;
};

/// 0.9277 - 3.6224/(b - 2) - 0.15/b. The terms in 1/b here and in inverse_alpha are not in the
/// paper. Without them the hat falls below the distribution, by up to 0.6 % for some counts at
/// means of 10 to 1000, and the squeeze above it by 0.4 %; with them both keep a distance of 1e-3
/// at all means. It grows with the mean, so that the squeeze of a lesser mean is one too.
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

/// exp(-x), 0 <= x <= 10, to a few units of the last digit.
inline Pack exp_of_minus(Pack x) {
  constexpr std::uint64_t bias = 1023, digits = 0x000fffffffffffff;
  constexpr double ln2_high = 0x1.62e42fefa38p-1, ln2_low = 0x1.ef35793c7673p-45;
  const Pack shifted = x * 0x1.71547652b82fep+0 + 0x1p52, n = shifted - 0x1p52;
  const Pack r = (n * ln2_high - x) + n * ln2_low;
  Pack sum = 1.0;  // of exp(r), |r| <= ln(2)/2
  for (int k = 14; k >= 1; --k)
    sum = 1.0 + sum * r * (1.0 / k);
  const Pack::Bits whole = std::bit_cast<Pack::Bits>(shifted.values()) & digits;
  return sum * Pack(std::bit_cast<Pack::Values>((bias - whole) << 52));
}

/// The least counts up to which the probability adds up to a uniform number. @param mean up to 10.
inline Pack inverted(Pack uniform, Pack mean) {
  Pack probability = exp_of_minus(mean), rest = uniform, count = 0.0;
  for (double k = 1.0;; ++k) {
    // A probability underflows before the loop can run on beyond the last uniform number.
    const Pack::Mask open = (rest > probability) & (probability > 0.0);
    if (bits_of(open) == 0)
      return count;
    count = select(open, k, count);
    rest = select(open, rest - probability, -1.0);
    probability = probability * (mean / k);
  }
}

/// A try for each of `size` items.
struct Try {
  const Philox& philox;
  std::uint32_t stream;
  std::size_t size;
  const double* means;
  double* counts;
  Pack limit;  ///< a squeeze of all means

  /// The number of items that are left open. @param place of the random numbers of the pack that
  /// begins with an item.
  template <class Place>
  std::size_t operator()(const Place& place, Tries& tries) const {
    constexpr std::size_t both = 2 * pack_width;
    std::size_t open = 0, first = 0;
    for (; first + both <= size; first += both) {
      Philox::Words words[2];
      philox({place(first), place(first + pack_width)}, stream, words);
      open = draw(words[0], first, open, tries);
      open = draw(words[1], first + pack_width, open, tries);
    }
    for (; first < size; first += pack_width) {
      Philox::Words words[1];
      philox({place(first)}, stream, words);
      open = draw(words[0], first, open, tries);
    }
    return open;
  }

 private:
  std::size_t draw(const Philox::Words& random, std::size_t first, std::size_t open,
                   Tries& tries) const {
    const Pack mean = load(means + first);
    const Hat hat(mean);
    const Pack u = (mantissa(random.first) - 1.5) + 0x1p-53;
    const Pack height = mantissa(random.second) - (1.0 - 0x1p-53);
    const Pack edge = 0.5 - abs(u);
    const Pack x = (2.0 * hat.a / edge + hat.b) * u + mean + 0.43;
    Pack count = whole_part(x);
    const unsigned large = bits_up_to(PoissonDraws::least, mean);
    if (large != bits_within(pack_width))
      count = select(mean < PoissonDraws::least,
                     inverted(u + 0.5, lesser(mean, PoissonDraws::least)), count);
    store(counts + first, count);
    store(tries.edges + first, edge);
    store(tries.heights + first, height);
    // Not negative where the edge is this far.
    const unsigned taken = bits_up_to(0.07, edge) & bits_up_to(height, limit);
    return append(tries.open, open, places() + first, bits_within(size - first) & ~taken & large);
  }
};

inline Pack gather(const double* from, const std::uint64_t* places) {
  Pack::Values values;
  for (std::size_t i = 0; i < pack_width; ++i)
    values[i] = from[places[i]];
  return Pack(values);
}

/// Parts the open tries into those that are counts, those that are refused, and those of which the
/// probability has to tell.
struct Sieve {
  const double* limits;  ///< PoissonDraws::sieve
  double margin;         ///< of the least mean

  struct Found {
    std::size_t doubtful, refused;
  };

  Found operator()(std::size_t open, Tries& tries) const {
    Found found{};
    for (std::size_t i = open; i % pack_width != 0; ++i)
      tries.open[i] = tries.open[0];
    for (std::size_t first = 0; first < open; first += pack_width) {
      const std::uint64_t* const at = tries.open + first;
      const unsigned own = bits_within(open - first);
      const Pack edge = gather(tries.edges, at), height = gather(tries.heights, at);
      std::uint64_t cells[pack_width];
      constexpr std::uint64_t digits = 0x000fffffffffffff;
      store(cells, (std::bit_cast<Pack::Bits>((edge + 1.0).values()) & digits) >>
                       (52 - PoissonDraws::cell_bits));
      const unsigned taken = bits_up_to(height, gather(limits, cells) - margin);
      const unsigned kept =
          bits_up_to(height, gather(limits + PoissonDraws::sieve_size, cells) + margin);
      const Pack::Bits places = load(at);
      found.doubtful = append(tries.doubtful, found.doubtful, places, own & kept & ~taken);
      found.refused = append(tries.refused, found.refused, places, own & ~kept);
    }
    return found;
  }
};

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

/// Tries of which the probability has to tell.
struct Doubts {
  static constexpr std::size_t most = PoissonDraws::most_items + pack_width;
  std::uint64_t items[most];
  double means[most], counts[most], edges[most], heights[most];
  std::size_t size = 0;

  void add(std::uint64_t item, double mean, double count, double edge, double height) {
    items[size] = item;
    means[size] = mean;
    counts[size] = count;
    edges[size] = edge;
    heights[size++] = height;
  }

  /// Empties it, adds the items that are refused to a list of `refused` and returns its new size.
  std::size_t decide(std::uint64_t* list, std::size_t refused) {
    const std::size_t own = size;
    while (size % pack_width != 0)
      add(items[0], means[0], counts[0], edges[0], heights[0]);
    for (std::size_t first = 0; first < own; first += pack_width)
      refused = append(list, refused, load(items + first),
                       refused_from(first) & bits_within(own - first));
    size = 0;
    return refused;
  }

 private:
  unsigned refused_from(std::size_t first) const {
    // Beyond it no count has a probability.
    constexpr double largest = 4e18;
    const Pack edge = load(edges + first), height = load(heights + first);
    const Doubt doubt(load(means + first), load(counts + first), edge, height);
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
    return ~(possible & taken);
  }
};

/// Items are refused again and again: first all of a bin, then those of all bins together.
class Rejection {
 public:
  explicit Rejection(const PoissonDraws& draws) : draws_(draws), philox_(draws.seed) {}

  void operator()() {
    for (std::size_t bin = 0; bin < draws_.bins; ++bin)
      first_try(bin);
    finish(lists_[0]);
    for (std::uint32_t attempt = 1; size_ > 0; ++attempt)
      next_try(attempt);
  }

 private:
  // An item: the bin above, the toy in the lowest eight bits.
  static constexpr unsigned toy_bits = 8;
  static constexpr std::uint64_t toy_mask = (1u << toy_bits) - 1;
  static_assert(PoissonDraws::most_toys == 1u << toy_bits);

  void first_try(std::size_t bin) {
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
    const auto place = [&](std::size_t first) {
      return Philox::Place{Pack::Bits{} + block, draws_.first_toy + first + places()};
    };
    const auto item = [&](std::uint64_t toy) { return bin << toy_bits | toy; };
    try_once(place, toys, means, counts, item, lists_[0]);
    for (std::size_t i = 0; i < toys && !whole; ++i)
      draws_.counts[begin + i] = counts[i];
  }

  // Adds the items that are refused to the list.
  template <class Place, class Item>
  void try_once(const Place& place, std::size_t size, const double* means, double* counts,
                const Item& item, std::uint64_t* list) {
    const Pack least = least_of(means, size);
    const Hat hat(select(least < PoissonDraws::least, PoissonDraws::least, least));
    const Try one{philox_, draws_.stream, size, means, counts, squeeze(hat)};
    const Pack margin = PoissonDraws::margin / hat.b + PoissonDraws::margin_at_infinity;
    const Sieve sieve{draws_.sieve, margin[0]};
    const Sieve::Found found = sieve(one(place, tries_), tries_);
    for (std::size_t i = 0; i < found.refused; ++i)
      list[size_++] = item(tries_.refused[i]);
    for (std::size_t i = 0; i < found.doubtful; ++i) {
      const std::uint64_t at = tries_.doubtful[i];
      doubts_.add(item(at), means[at], counts[at], tries_.edges[at], tries_.heights[at]);
    }
  }

  // Decides what is left of a try of all items.
  void finish(std::uint64_t* list) {
    size_ = doubts_.decide(list, size_);
    store(list + size_, Pack::Bits{});
  }

  std::size_t index(std::uint64_t item) const {
    return (item >> toy_bits) * draws_.toys + (item & toy_mask);
  }

  void next_try(std::uint32_t attempt) {
    std::uint64_t* const next = lists_[attempt % 2];
    const std::uint64_t* const list = lists_[(attempt + 1) % 2];
    const std::size_t all = size_;
    size_ = 0;
    for (std::size_t begin = 0; begin < all; begin += Tries::most)
      try_some(attempt, list + begin, all - begin < Tries::most ? all - begin : Tries::most, next);
    finish(next);
  }

  void try_some(std::uint32_t attempt, const std::uint64_t* list, std::size_t size,
                std::uint64_t* next) {
    for (std::size_t i = 0; i < size; ++i)
      tries_.means[i] = draws_.means[index(list[i])];
    tries_.fill(size);
    const auto place = [&](std::size_t first) {
      const Pack::Bits items = load(list + first), steps = Pack::Bits{} + draws_.blocks_per_bin;
      return Philox::Place{
          draws_.first_block + attempt + product_of_low_halves(items >> toy_bits, steps),
          draws_.first_toy + (items & toy_mask)};
    };
    try_once(
        place, size, tries_.means, tries_.counts, [&](std::uint64_t at) { return list[at]; }, next);
    for (std::size_t i = 0; i < size; ++i)
      draws_.counts[index(list[i])] = tries_.counts[i];
  }

  const PoissonDraws& draws_;
  Philox philox_;
  Tries tries_;
  std::uint64_t lists_[2][PoissonDraws::most_items + pack_width];  // their last packs are full
  std::size_t size_ = 0;                                           // of the list that grows
  Doubts doubts_;
};

}  // namespace

void draw_poisson(const PoissonDraws& draws) {
  Rejection{draws}();
}

void draw_words(const WordDraws& draws) {
  const Philox philox(draws.seed);
  for (std::size_t block = 0; block < draws.blocks; ++block)
    for (std::size_t first = 0; first < draws.toys; first += pack_width) {
      Philox::Words random[1];
      philox({{Pack::Bits{} + block, draws.first_toy + first + places()}}, draws.stream, random);
      std::uint64_t* const words = draws.words + 2 * block * draws.toys + first;
      store(words, random[0].first);
      store(words + draws.toys, random[0].second);
    }
}

}  // namespace nuloop::statistics::NULOOP_PACKS
