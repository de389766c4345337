// Random numbers, as many at a time as a register holds.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace nuloop::statistics {

/// What is to be drawn: for each bin and pseudo-experiment the count of a mean up to 1e15. Bin i of
/// pseudo-experiment first_toy + j takes its numbers from block first_block + i blocks_per_bin on.
struct PoissonDraws {
  static constexpr std::size_t most_toys = 256;
  static constexpr std::size_t most_items = 4096;  ///< bins times toys
  static constexpr double least = 10.0;            ///< a mean below is inverted

  /// A try at the edge e, u = +-(1/2 - e), is accepted if its height is below a function of mean
  /// and u. With the width b of the hat it lies within 5/b of its limit at high means,
  ///   exp(-z^2/2)/sqrt(2 pi) (A/e^2 + 2.53)/1.1239,  z = (2 A/e + 2.53)(1/2 - e),
  /// A = 0.02483 2.53, at all means from 10 on. The sieve has the least and largest values of this
  /// limit in cells of e.
  static constexpr unsigned cell_bits = 10;
  static constexpr std::size_t cells = 1u << cell_bits;  ///< to a unit of e, which is at most 1/2
  static constexpr std::size_t sieve_size = cells / 2 + 1;
  static constexpr double margin = 5.1, margin_at_infinity = 1e-3;

  const double* means;  ///< bins x toys
  double* counts;       ///< bins x toys
  std::size_t bins;
  std::size_t toys;
  std::uint64_t seed;
  std::uint32_t stream;
  std::uint64_t first_toy;
  std::uint32_t first_block;
  std::uint32_t blocks_per_bin;
  const double* sieve;  ///< sieve_size least values, then as many largest ones
};

/// Is value <= P(k; mean) for a whole number k below 10?
bool below_probability_of_few(double value, double k, double mean);

using DrawPoisson = void(const PoissonDraws& draws);

/// The numbers of RandomStream: those of block i of pseudo-experiment first_toy + j are words[2
/// i][j] and words[2 i + 1][j].
struct WordDraws {
  std::uint64_t* words;  ///< 2 blocks x toys
  std::size_t blocks;    ///< from 0 on
  std::size_t toys;      ///< a multiple of 8
  std::uint64_t seed;
  std::uint32_t stream;
  std::uint64_t first_toy;
};

using DrawWords = void(const WordDraws& draws);

namespace packs_of_2 {
DrawPoisson draw_poisson;
DrawWords draw_words;
}  // namespace packs_of_2
namespace packs_of_4 {
DrawPoisson draw_poisson;
DrawWords draw_words;
}  // namespace packs_of_4
namespace packs_of_8 {
DrawPoisson draw_poisson;
DrawWords draw_words;
}  // namespace packs_of_8

}  // namespace nuloop::statistics
