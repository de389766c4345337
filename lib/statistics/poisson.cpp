// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/poisson.hpp"

#include "kernels.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace nuloop::statistics {
namespace {

static_assert(most_poisson_variates == PoissonDraws::most);

double by_inversion(double mean, RandomStream random) {
  double rest = random.uniform();
  double probability = std::exp(-mean);
  double k = 0.0;
  // The probability underflows before the loop can run on beyond the last uniform number.
  while (rest > probability && probability > 0.0) {
    rest -= probability;
    k += 1.0;
    probability *= mean / k;
  }
  return k;
}

}  // namespace

bool below_probability_of_few(double value, double k, double mean) {
  constexpr std::array<double, 10> factorial = {1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880};
  return value * factorial[static_cast<std::size_t>(k)] <= std::exp(-mean) * std::pow(mean, k);
}

void poisson(std::span<const double> means, const StreamKey& key, std::uint64_t first_toy,
             std::uint32_t first_block, Registers registers, std::span<double> counts) {
  NULOOP_EXPECTS(means.size() <= most_poisson_variates && counts.size() == means.size());
  kernels_for(registers).draw_poisson({.means = means.data(),
                                       .counts = counts.data(),
                                       .seed = key.seed,
                                       .stream = key.stream,
                                       .first_toy = first_toy,
                                       .first_block = first_block},
                                      means.size());
  for (std::size_t i = 0; i < means.size(); ++i) {
    NULOOP_EXPECTS(means[i] >= 0.0 && means[i] <= 1e15);
    if (means[i] < PoissonDraws::least)
      counts[i] = by_inversion(means[i], RandomStream(key, first_toy + i, first_block));
  }
}

}  // namespace nuloop::statistics
