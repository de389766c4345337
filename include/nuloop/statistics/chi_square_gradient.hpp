// The derivatives of the minimum of an Asimov chi2 with respect to all its inputs.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/bounded.hpp"
#include "nuloop/statistics/decompositions.hpp"

#include <Eigen/Core>

namespace nuloop::statistics {

/// The inputs of an Asimov comparison, per unit of exposure. Also used for their derivatives with
/// respect to something, and, in a Bounded, for bounds on the numerical errors of either.
struct Compared {
  Eigen::ArrayXd difference;       ///< r, per bin
  Eigen::ArrayXd variance;         ///< v, per bin; 0 in empty bins alone
  Eigen::MatrixXd pulls;           ///< bins x pulls: change of the tested counts per unit of each
  Eigen::VectorXd pull_variances;  ///< sigma_k^2

  static Compared zero(Eigen::Index bins, Eigen::Index pulls);
  Compared& operator+=(const Compared& other);
  Compared& operator-=(const Compared& other);
  Compared& operator*=(double factor);
  /// Absolute values, entry by entry.
  Compared abs() const;
};

/// Derivatives of
///   chi2 = sum_i t (r_i - sum_k x_k p_ki)^2/v_i + sum_k (x_k/sigma_k)^2,
/// minimised over the pulls x, with respect to r, v, p, sigma and t. At the minimum chi2 does not
/// change with x to first order (envelope theorem): these are the derivatives at fixed pulls, and
/// they are exact. With rho = r - sum_k x_k p_k:
///   dchi2/dr_i = 2 t rho_i/v_i            dchi2/dv_i = -t rho_i^2/v_i^2
///   dchi2/dp_ki = -2 t x_k rho_i/v_i      dchi2/dt = sum_i rho_i^2/v_i
///   dchi2/dsigma_k^2 = -(x_k/sigma_k^2)^2 = -(t sum_i p_ki rho_i/v_i)^2, finite at sigma_k = 0.
class ChiSquareGradient {
 public:
  /// @param exposure t > 0.
  /// @throws NumericalError if a number is not finite, or if a bin without variance has a
  /// difference or a pull.
  ChiSquareGradient(const Bounded<Compared>& compared, const Bounded<double>& exposure);

  double chi_square() const { return chi_square_; }

  /// dchi2/dt.
  Bounded<double> along_exposure() const;

  /// dchi2/dtheta if the inputs change by `change` per unit of theta. The bound holds to first
  /// order in all numerical errors.
  Bounded<double> along(const Bounded<Compared>& change) const;

  /// dchi2/ds for further data with a share s >= 0 of the exposure: the contribution of these data
  /// at the pulls of the minimum. @param rows the further bins, with the same pulls; their
  /// pull_variances are not used.
  Bounded<double> along_share(const Bounded<Compared>& rows) const;

  /// The derivatives themselves, in the shapes of the inputs.
  Compared entries() const;

  /// The pulls at the minimum.
  const Eigen::VectorXd& pulls() const { return pulls_; }

 private:
  // A bound on the numerical error of a.rho, or of a.y.
  double rho_error(const Eigen::VectorXd& a) const;
  double y_error(const Eigen::VectorXd& a) const;

  double exposure_;
  double chi_square_;
  Eigen::ArrayXd weight_;     // sqrt(t/v)
  Eigen::ArrayXd rho_;        // residuals times weight
  Eigen::VectorXd sigmas_;    // of the pulls
  Eigen::VectorXd pulls_;     // x = sigma y
  Eigen::VectorXd leverage_;  // t sum_i p_ki rho_i/v_i
  Eigen::VectorXd leverage_error_;
  double relative_error_;  // of t/v
  // The least-squares problem A y = b, and bounds on the lengths of db - dA y and dA^T residual.
  Eigen::HouseholderQR<Eigen::MatrixXd> qr_;
  double length_;  // of its residual
  double direct_error_;
  double cross_error_;
};

}  // namespace nuloop::statistics
