// Poisson-likelihood fits of several data, as many at a time as a register holds numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace nuloop::statistics {

/// What is to be fitted: as ConvexProblem with Statistic::poisson, for `lanes` data side by side.
struct PoissonFits {
  static constexpr std::size_t lanes = 8;
  static constexpr std::size_t most_priors = 5;
  static constexpr double fewest = 0.5;  ///< counts, unless there are none

  std::size_t bins;
  std::size_t priors;        ///< variables with a prior, at most most_priors; one more is free
  const double* columns;     ///< bins x (priors + 1): what a unit of each variable adds
  const double* counts;      ///< bins x lanes
  const double* expected;    ///< bins x lanes, where all variables are zero
  const double* difference;  ///< bins x lanes: counts - expected, which may be known better
  double* roots;             ///< lanes
};

/// For each of the data the signed root z of
///   q = min F(y, mu = 0) - min F(y, mu),  F = sum_i 2 (m_i - n_i + n_i ln(n_i/m_i)) + sum_k y_k^2,
/// with the sign of the best mu. It is NaN where counts are below `fewest` but not zero, or not
/// finite; where a bin expects nothing to begin with, or where F is least and there are no counts;
/// and where a minimum is not found in a few steps. Both minima exceed the true ones by at most
/// 1e-15. What happens to one of the data does not depend on the others.
using FitPoisson = void(const PoissonFits& fits);

namespace packs_of_2 {
FitPoisson fit_poisson;
}
namespace packs_of_4 {
FitPoisson fit_poisson;
}
namespace packs_of_8 {
FitPoisson fit_poisson;
}

}  // namespace nuloop::statistics
