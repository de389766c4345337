// Poisson variates by rejection, as many at a time as a register holds numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace nuloop::statistics {

/// What is to be drawn: for each item the count of a mean up to 1e15 from the numbers of the
/// pseudo-experiment first_toy + item, from first_block on.
struct PoissonDraws {
  static constexpr std::size_t most = 256;  ///< items
  static constexpr double least = 10.0;     ///< a mean below has no count of use

  const double* means;  ///< by item
  double* counts;       ///< by item
  std::uint64_t seed;
  std::uint32_t stream;
  std::uint64_t first_toy;
  std::uint32_t first_block;
};

/// Is value <= P(k; mean) for a whole number k below 10?
bool below_probability_of_few(double value, double k, double mean);

/// Draws for items 0 to size - 1, at most PoissonDraws::most.
using DrawPoisson = void(const PoissonDraws& draws, std::size_t size);

namespace packs_of_2 {
DrawPoisson draw_poisson;
}
namespace packs_of_4 {
DrawPoisson draw_poisson;
}
namespace packs_of_8 {
DrawPoisson draw_poisson;
}

}  // namespace nuloop::statistics
