// The derivatives of the minimum of an Asimov chi2 with respect to all its inputs.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/whitened.hpp"

#include <Eigen/Core>

namespace nuloop::statistics {

/// Derivatives of the chi2 of a Comparison with the reference's counts v as variances,
///   chi2 = sum_i t (d_i - sum_k x_k p_ki)^2/v_i + sum_k (x_k/sigma_k)^2,
/// minimised over the pulls x, with respect to the difference d, v, p, sigma and t. At the minimum
/// chi2 does not change with x to first order (envelope theorem): these are the derivatives at
/// fixed pulls, and they are exact. With rho = d - sum_k x_k p_k:
///   dchi2/dd_i = 2 t rho_i/v_i            dchi2/dv_i = -t rho_i^2/v_i^2
///   dchi2/dp_ki = -2 t x_k rho_i/v_i      dchi2/dt = sum_i rho_i^2/v_i
///   dchi2/dsigma_k^2 = -(x_k/sigma_k^2)^2 = -(t sum_i p_ki rho_i/v_i)^2, finite at sigma_k = 0.
class ChiSquareGradient {
 public:
  /// @param exposure t > 0. @throws as Whitened.
  ChiSquareGradient(const Comparison& comparison, const Bounded<double>& exposure);

  double chi_square() const { return chi_square_; }

  /// dchi2/dt.
  Bounded<double> along_exposure() const;

  /// dchi2/dtheta if the comparison changes by `change` per unit of theta. The tested counts do not
  /// matter beside the difference. The bound holds to first order in all numerical errors.
  Bounded<double> along(const Comparison& change) const;

  /// dchi2/ds for further data with a share s >= 0 of the exposure: the contribution of these data
  /// at the pulls of the minimum. @param rows the further bins, with the same pulls; their
  /// pull_variances are not used.
  Bounded<double> along_share(const Comparison& rows) const;

  /// The pulls at the minimum.
  const Eigen::VectorXd& pulls() const { return pulls_; }

 private:
  // A bound on the numerical error of a.rho, or of a.y.
  double rho_error(const Eigen::VectorXd& a) const;
  double y_error(const Eigen::VectorXd& a) const;

  Whitened whitened_;
  Eigen::VectorXd sigmas_;
  Whitened::Modes modes_;
  double exposure_;
  double chi_square_;
  double length_;             // sqrt(chi2)
  Eigen::ArrayXd softness_;   // 1/(1 + t s^2), per singular value s
  Eigen::ArrayXd weight_;     // sqrt(t/v)
  Eigen::ArrayXd rho_;        // residuals times weight
  Eigen::VectorXd pulls_;     // x = sigma y
  Eigen::VectorXd leverage_;  // t sum_i p_ki rho_i/v_i
  Eigen::VectorXd leverage_error_;
  double relative_error_;  // of t/v
  // Of the least-squares problem A y = b whose rows are the bins and then the priors, with the
  // residuals rho and -y: bounds on the lengths of db - dA y and dA^T residual.
  double direct_error_;
  double cross_error_;
};

}  // namespace nuloop::statistics
