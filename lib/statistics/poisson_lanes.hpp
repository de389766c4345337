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
  static constexpr double least = 10.0;            ///< a mean below has no count of use

  const double* means;  ///< bins x toys
  double* counts;       ///< bins x toys
  std::size_t bins;
  std::size_t toys;
  std::uint64_t seed;
  std::uint32_t stream;
  std::uint64_t first_toy;
  std::uint32_t first_block;
  std::uint32_t blocks_per_bin;
};

/// Is value <= P(k; mean) for a whole number k below 10?
bool below_probability_of_few(double value, double k, double mean);

/// Draws, and returns the least of the means.
using DrawPoisson = double(const PoissonDraws& draws);

/// The numbers of RandomStream: those of block i of pseudo-experiment first_toy + j are words[2 i][j]
/// and words[2 i + 1][j].
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
