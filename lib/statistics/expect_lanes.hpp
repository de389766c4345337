// What pseudo-experiments expect, as many at a time as a register holds numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace nuloop::statistics {

/// Means of counts with thrown pulls: the larger of 0 and nominal + sum_k normal_k slope_k.
struct ThrownMeans {
  std::size_t bins;
  std::size_t toys;
  std::size_t pulls;      ///< at least one
  const double* nominal;  ///< bins
  const double* slopes;   ///< bins x pulls
  const double* normals;  ///< pulls x toys
  double* means;          ///< bins x toys
  double limit;
};

/// Computes them. Are all at most the limit?
using ExpectCounts = bool(const ThrownMeans& means);

namespace packs_of_2 {
ExpectCounts expect_counts;
}
namespace packs_of_4 {
ExpectCounts expect_counts;
}
namespace packs_of_8 {
ExpectCounts expect_counts;
}

}  // namespace nuloop::statistics
