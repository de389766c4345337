// What a statistic is that tests one hypothesis against another.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

namespace nuloop::statistics {

/// A statistic that orders data by how little they look like the tested hypothesis of a Comparison
/// whose unit of exposure is that of the data. The counts are expected to be
///   m = tested + mu difference + sum_k x_k pulls_k
/// with Gaussian priors on the pulls. mu = 0 is the tested hypothesis, mu = 1 the alternative. The
/// product of mu and a pull is left out, as a product of two small numbers.
class TestStatistic {
 public:
  virtual ~TestStatistic() = default;

  /// The signed root z of
  ///   q = min over pulls of chi2(mu = 0) - min over mu and pulls of chi2,
  /// with the sign of the best mu. If the tested hypothesis is true and the asymptotic form holds,
  /// q follows a chi2 of one degree of freedom. |z| is then the two-sided significance, in sigma,
  /// at which the hypothesis is rejected, with p = erfc(|z|/sqrt(2)).
  /// @param counts per bin. @param centres of the pulls' priors. May be called concurrently.
  /// @throws NumericalError if the fit does not converge.
  virtual double operator()(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                            const Eigen::Ref<const Eigen::VectorXd>& centres) const = 0;

  /// The same for several data, each of them a row.
  /// @param counts data x bins. @param centres data x pulls. @param z of each of the data.
  virtual void of_each(const Eigen::ArrayXXd& counts, const Eigen::MatrixXd& centres,
                       Eigen::ArrayXd& z) const {
    z.resize(counts.rows());
    for (Eigen::Index i = 0; i < counts.rows(); ++i)
      z[i] = (*this)(counts.row(i).transpose(), centres.row(i).transpose());
  }

 protected:
  TestStatistic() = default;
  TestStatistic(const TestStatistic&) = default;
  TestStatistic& operator=(const TestStatistic&) = default;
};

}  // namespace nuloop::statistics
