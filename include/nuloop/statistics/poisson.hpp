// Poisson variates of any mean, exact, and cheap when the mean changes with every draw.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/random_stream.hpp"
#include "nuloop/statistics/registers.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nuloop::statistics {

/// At most so many variates at a time.
inline constexpr std::size_t most_poisson_variates = 256;

/// Poisson variates, one for each of several pseudo-experiments: counts[j] from means[j] and the
/// numbers of RandomStream(key, first_toy + j, first_block).
/// Below a mean of 10 by inversion; above by transformed rejection with a squeeze, algorithm PTRS
/// of W. Hoermann, Insurance: Mathematics and Economics 12 (1993) 39, with its constants moved a
/// little so that hat and squeeze bound the distribution at every mean. Three in four need no
/// logarithm; a try takes one square root and two divisions. The logarithm of the
/// probability is written as a deviance, so that it keeps its digits at any mean: rounding changes
/// a probability by less than 1e-7 of itself, below a mean of 10 by some 1e-16 absolutely.
/// All registers give the same counts.
/// @param means 0 to 1e15. @param registers available ones. @param counts whole numbers, as many.
void poisson(std::span<const double> means, const StreamKey& key, std::uint64_t first_toy,
             std::uint32_t first_block, Registers registers, std::span<double> counts);

}  // namespace nuloop::statistics
