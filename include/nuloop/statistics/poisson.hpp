// Poisson variates of any mean, exact, and cheap when the mean changes with every draw.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/registers.hpp"
#include "nuloop/statistics/random_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nuloop::statistics {

/// At most so many pseudo-experiments at a time.
inline constexpr std::size_t most_poisson_toys = 256;

/// The random numbers of a bin begin so many blocks behind those of the bin before.
inline constexpr std::uint32_t poisson_blocks_per_bin = std::uint32_t{1} << 16;

/// Poisson variates, one for each bin of several pseudo-experiments: that of bin i has the mean
/// means[i toys + j] in pseudo-experiment first_toy + j, and is drawn with the numbers of
/// RandomStream(key, first_toy + j, first_block + i poisson_blocks_per_bin).
/// Below a mean of 10 by inversion; above by transformed rejection with a squeeze, algorithm PTRS
/// of W. Hoermann, Insurance: Mathematics and Economics 12 (1993) 39, with its constants moved a
/// little so that hat and squeeze bound the distribution at every mean. A try takes one square root
/// and one division. The squeeze decides three in four. Of the others most are decided by the limit
/// that the acceptance has at high means, from which it differs by 5/b, b = 0.931 + 2.53
/// sqrt(mean); what is left is decided by the probability itself. Counts do not depend on who
/// decides. The logarithm of the probability is written as a deviance, so that it keeps its digits
/// at any mean: rounding changes a probability by less than 1e-7 of itself, below a mean of 10 by
/// some 1e-16 absolutely.
/// All registers give the same counts.
/// @param means 0 to 1e15; bins x toys. @param toys 1 to most_poisson_toys. @param registers
/// available ones. @param counts whole numbers; bins x toys.
void poisson(std::span<const double> means, std::size_t toys, const StreamKey& key,
             std::uint64_t first_toy, std::uint32_t first_block, Registers registers,
             std::span<double> counts);

/// The first numbers of RandomStream(key, first_toy + j) for several pseudo-experiments.
/// @param toys a multiple of 8. @param blocks of two numbers. @param words 2 blocks x toys.
void random_words(std::size_t toys, std::size_t blocks, const StreamKey& key,
                  std::uint64_t first_toy, Registers registers, std::span<std::uint64_t> words);

}  // namespace nuloop::statistics
