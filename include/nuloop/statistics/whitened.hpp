// A comparison in units of its standard deviations, with pulls that are independent of each other.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/curve.hpp"
#include "nuloop/statistics/decompositions.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// Pulls in units of the widths of their priors, turned so that they act independently of each
/// other. Pulls that change nothing drop out.
struct TurnedPulls {
  Eigen::MatrixXd columns;   ///< bins x turned: what a unit of each adds; its prior has width 1
  Eigen::MatrixXd to_pulls;  ///< pulls x turned: what a unit of each is in the given pulls
};

/// @throws NumericalError if a number is not finite, or if a bin whose variance is not above zero
/// has a difference, a tested count or a pull. Bins that have none of these are empty: they count
/// for nothing.
void check_bins(const Comparison& comparison, const Eigen::ArrayXd& variance);

/// With r_i = (n_i - m_i)/sqrt(v_i) and P_ik = p_ki sigma_k/sqrt(v_i) the sum
///   chi2 = sum_i (t (n_i - m_i) - sum_k x_k t p_ki)^2/(t v_i) + sum_k (x_k/sigma_k)^2
/// (arXiv:2410.00107, eq. 13, where v_i = n_i) is t |r - P y|^2 + |y|^2 with y_k = x_k/sigma_k.
/// From the singular values s_k of P = U S V^T and the components c_k = u_k.r follows its minimum
/// over the pulls,
///   chi2 = t |r - U U^T r|^2 + sum_k t c_k^2/(1 + t s_k^2).
/// No term is negative and no matrix is inverted, so that nothing cancels. Lengths within rounding
/// of |r| are zero: the pulls cover the difference there.
class Whitened {
 public:
  /// The variances are the reference's counts. @throws as check_bins.
  explicit Whitened(const Comparison& comparison) : Whitened(comparison, comparison.reference) {}

  /// @param variance v_i per unit of exposure. @throws as check_bins.
  Whitened(const Comparison& comparison, const Counts& variance);

  /// How many pulls there are.
  Eigen::Index pulls() const { return qr_.cols(); }

  /// 1/sqrt(v_i); 0 in empty bins.
  const Eigen::ArrayXd& weights() const { return weights_; }

  /// The numbers of the bins that are not empty.
  std::vector<Eigen::Index> occupied() const;

  /// Bounds on numerical errors, without rounding: the length of that of r, the length of that of
  /// each p_k/sqrt(v), and the largest relative one of a variance.
  double difference_error() const { return difference_error_; }
  const Eigen::VectorXd& pull_errors() const { return pull_errors_; }
  double variance_error() const { return variance_error_; }

  /// P for widths sigma >= 0 of the pulls, which may be others than those of the comparison.
  struct Modes {
    SingularValues svd;          ///< of R diag(sigma), where p/sqrt(v) = Q R
    Eigen::VectorXd components;  ///< c_k, as many as there are singular values
  };
  /// @throws as SingularValues.
  Modes modes(const Eigen::VectorXd& widths) const;

  /// chi2 as a function of exposure.
  ChiSquareCurve curve(const Eigen::VectorXd& widths) const;

  struct Minimum {
    double chi2;
    Eigen::VectorXd residual;  ///< r - P y, per bin
    Eigen::VectorXd response;  ///< sum_i residual_i p_ki/sqrt(v_i), per pull
    Eigen::VectorXd shifts;    ///< y_k, the pulls in units of their widths
  };

  /// The minimum of chi2 over the pulls. @param exposure t >= 0.
  Minimum minimum(const Modes& modes, double exposure) const;

  /// @param pulls rows p_i of the comparison in counts, of any bins.
  TurnedPulls turned(const Eigen::MatrixXd& pulls, const Eigen::VectorXd& widths) const;

  /// Q^T a of a vector over the bins. Its first rank() numbers are along the pulls.
  Eigen::VectorXd rotated(Eigen::VectorXd a) const;
  Eigen::Index rank() const { return triangular_.rows(); }

 private:
  Eigen::ArrayXd weights_;
  Eigen::HouseholderQR<Eigen::MatrixXd> qr_;  // of p/sqrt(v)
  Eigen::MatrixXd triangular_;                // R
  Eigen::VectorXd rotated_;                   // Q^T r
  double rounding_;                           // lengths below it are zero
  double slope_;                              // |r - U U^T r|^2
  double difference_error_;
  Eigen::VectorXd pull_errors_;
  double variance_error_;
};

}  // namespace nuloop::statistics
