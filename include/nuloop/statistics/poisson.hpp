// Poisson variates of any mean, exact, and cheap when the mean changes with every draw.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/random_stream.hpp"

#include <cstdint>

namespace nuloop::statistics {

/// One Poisson variate.
/// Below a mean of 10 by inversion; above by transformed rejection with a squeeze, algorithm PTRS
/// of W. Hoermann, Insurance: Mathematics and Economics 12 (1993) 39, with its constants moved a
/// little so that hat and squeeze bound the distribution at every mean. Three in four need no
/// logarithm, and the set-up is one square root and three divisions. The logarithm of the
/// probability is written as a deviance, so that it keeps its digits at any mean: rounding changes
/// a probability by less than 1e-7 of itself, below a mean of 10 by some 1e-16 absolutely.
/// @param mean 0 to 1e15.
std::int64_t poisson(double mean, RandomStream& random);

}  // namespace nuloop::statistics
