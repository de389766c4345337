// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/poisson.hpp"

#include "kernels.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace nuloop::statistics {
namespace {

static_assert(most_poisson_toys == PoissonDraws::most_toys);

// The limit of the acceptance at high means, see PoissonDraws.
double acceptance(double edge) {
  constexpr double two_pi = 6.283185307179586, slope = 0.02483 * 2.53;
  const double z = (2.0 * slope / edge + 2.53) * (0.5 - edge);
  return std::exp(-0.5 * z * z) / std::sqrt(two_pi) * (slope / (edge * edge) + 2.53) / 1.1239;
}

using Sieve = std::array<double, 2 * PoissonDraws::sieve_size>;

Sieve make_sieve() {
  // In a cell the limit differs from a straight line by less than a quarter of margin_at_infinity.
  const auto at = [](std::size_t edge) {
    return edge == 0 ? 0.0 : acceptance(static_cast<double>(edge) / PoissonDraws::cells);
  };
  Sieve sieve;
  for (std::size_t cell = 0; cell < PoissonDraws::sieve_size; ++cell) {
    const auto [least, largest] = std::minmax({at(cell), at(cell + 1)});
    sieve[cell] = least;
    sieve[PoissonDraws::sieve_size + cell] = largest;
  }
  return sieve;
}

}  // namespace

bool below_probability_of_few(double value, double k, double mean) {
  constexpr std::array<double, 10> factorial = {1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880};
  return value * factorial[static_cast<std::size_t>(k)] <= std::exp(-mean) * std::pow(mean, k);
}

void poisson(std::span<const double> means, std::size_t toys, const StreamKey& key,
             std::uint64_t first_toy, std::uint32_t first_block, Registers registers,
             std::span<double> counts) {
  NULOOP_EXPECTS(toys > 0 && toys <= most_poisson_toys && means.size() % toys == 0);
  NULOOP_EXPECTS(counts.size() == means.size());
  static const Sieve sieve = make_sieve();
  DrawPoisson* const draw = kernels_for(registers).draw_poisson;
  const std::size_t bins = means.size() / toys, at_once = PoissonDraws::most_items / toys;
  for (std::size_t bin = 0; bin < bins; bin += at_once)
    draw({.means = means.data() + bin * toys,
          .counts = counts.data() + bin * toys,
          .bins = std::min(at_once, bins - bin),
          .toys = toys,
          .seed = key.seed,
          .stream = key.stream,
          .first_toy = first_toy,
          .first_block = first_block + static_cast<std::uint32_t>(bin) * poisson_blocks_per_bin,
          .blocks_per_bin = poisson_blocks_per_bin,
          .sieve = sieve.data()});
}

void random_words(std::size_t toys, std::size_t blocks, const StreamKey& key,
                  std::uint64_t first_toy, Registers registers, std::span<std::uint64_t> words) {
  NULOOP_EXPECTS(toys % 8 == 0 && words.size() == 2 * blocks * toys);
  kernels_for(registers).draw_words({.words = words.data(),
                                     .blocks = blocks,
                                     .toys = toys,
                                     .seed = key.seed,
                                     .stream = key.stream,
                                     .first_toy = first_toy});
}

}  // namespace nuloop::statistics
