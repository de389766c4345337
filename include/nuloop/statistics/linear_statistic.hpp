// The test statistic in closed form, for counts of fixed Gaussian variance.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/test_statistic.hpp"

#include <Eigen/Core>

namespace nuloop::statistics {

/// The signed root z of q (see TestStatistic) for
///   chi2(mu, x) = sum_i (n_i - m_i - mu d_i - sum_k x_k p_ki)^2/v_i
///                 + sum_k ((x_k - a_k)/sigma_k)^2
/// with prior centres a. The variance v is the reference's counts, m the tested ones and d the
/// difference. With C = diag(v) + sum_k sigma_k^2 p_k p_k^T both minima are closed forms,
///   z = w.(n - m) - sum_k (w.p_k) a_k,   w = C^-1 d/sqrt(d^T C^-1 d).
/// If n is what the reference expects, z^2 is the chi2 of arXiv:2410.00107, eq. 13, which Whitened
/// computes.
class LinearStatistic final : public TestStatistic {
 public:
  /// @throws as Whitened, and if the difference is zero.
  explicit LinearStatistic(const Comparison& comparison);

  double operator()(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                    const Eigen::Ref<const Eigen::VectorXd>& centres) const override {
    return (weights_.array() * (counts - expected_)).sum() - response_.dot(centres);
  }

  void of_each(const Eigen::ArrayXXd& counts, const Eigen::MatrixXd& centres,
               Eigen::ArrayXd& z) const override;

  /// w: the change of z by one more event in a bin; 0 in an empty bin.
  const Eigen::VectorXd& weights() const { return weights_; }

  /// w.p_k: z falls by this if the prior's centre is one unit higher.
  const Eigen::VectorXd& response() const { return response_; }

 private:
  Eigen::ArrayXd expected_;
  Eigen::VectorXd weights_;
  Eigen::VectorXd response_;
};

}  // namespace nuloop::statistics
