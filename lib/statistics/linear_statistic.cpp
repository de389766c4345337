// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/linear_statistic.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <cmath>

namespace nuloop::statistics {

LinearStatistic::LinearStatistic(const Comparison& comparison)
    : expected_(comparison.tested.value) {
  const Whitened whitened(comparison);
  // The residual r - P y of the difference at the minimum is (1 + P P^T)^-1 r, and chi2 there is
  // d^T C^-1 d.
  const Whitened::Minimum at = whitened.minimum(whitened.modes(comparison.widths()), 1.0);
  if (!(at.chi2 > 0.0))
    throw NumericalError("tested hypothesis and alternative are the same");
  weights_ = (whitened.weights() * at.residual.array()).matrix() / std::sqrt(at.chi2);
  response_ = at.response / std::sqrt(at.chi2);
}

void LinearStatistic::of_each(const Eigen::ArrayXXd& counts, const Eigen::MatrixXd& centres,
                              Eigen::ArrayXd& z) const {
  z.setZero(counts.rows());
  for (Eigen::Index i = 0; i < weights_.size(); ++i)
    z += weights_[i] * (counts.col(i) - expected_[i]);
  for (Eigen::Index k = 0; k < response_.size(); ++k)
    z -= response_[k] * centres.col(k).array();
}

}  // namespace nuloop::statistics
