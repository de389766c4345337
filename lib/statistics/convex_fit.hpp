// The least sum of bin terms and priors over what the expectation depends on linearly.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/statistic.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// The rows with these numbers. Eigen 3.4 and 5 have no common name for "all columns".
inline Eigen::MatrixXd rows_of(const Eigen::MatrixXd& matrix,
                               const std::vector<Eigen::Index>& numbers) {
  return matrix(numbers, Eigen::seqN(Eigen::Index{0}, matrix.cols()));
}

/// F(y) = sum_i f(n_i, m_i) + sum_{k < priors} y_k^2 with m = expected + columns y.
struct ConvexProblem {
  Statistic statistic;
  Eigen::Ref<const Eigen::ArrayXd> counts;
  Eigen::Ref<const Eigen::ArrayXd> variances;   ///< of `reference`; others ignore it
  Eigen::Ref<const Eigen::ArrayXd> expected;    ///< at y = 0
  Eigen::Ref<const Eigen::ArrayXd> difference;  ///< counts - expected at y = 0
  Eigen::Ref<const Eigen::MatrixXd> columns;    ///< bins x variables
  Eigen::Index priors;                          ///< variables from there on are free
};

struct ConvexMinimum {
  Eigen::VectorXd y;          ///< in: where to start. Shorter than the columns: others stay at 0
  Eigen::ArrayXd expected;    ///< m there
  Eigen::ArrayXd difference;  ///< n - m there
  Eigen::ArrayXd slopes;      ///< df/dm there
  Eigen::ArrayXd curvatures;  ///< d2f/dm2 there
  double value = 0.0;         ///< F there
  double error = 0.0;         ///< bound on F - min F and on the rounding of F
};

/// Newton's method from minimum.y with exact derivatives.
/// @throws NumericalError if a bin expects nothing or less at the start and its term needs more, or
/// if the minimum is not found.
void minimise(const ConvexProblem& problem, ConvexMinimum& minimum);

}  // namespace nuloop::statistics
