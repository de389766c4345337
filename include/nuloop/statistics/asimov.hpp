// Asimov chi2 with pulls, in closed form, and the exposure at which it reaches a threshold.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// chi2_min as a function of exposure t:
///   chi2(t) = slope t + sum_k amplitude_k t/(1 + stiffness_k t),
/// every term non-negative, so it never decreases and nothing cancels.
struct ChiSquareCurve {
  double slope;  ///< what no pull can absorb, per unit of exposure
  struct Saturating {
    double amplitude;
    double stiffness;  ///< >= 0
  };
  std::vector<Saturating> saturating;  ///< one per pull

  /// @param exposure >= 0.
  double operator()(double exposure) const;

  /// Its value for t -> infinity; may be infinite.
  double limit() const;

  /// The exposure at which it reaches `threshold` > 0; infinity if it never does.
  /// @throws NumericalError if the root is not found to 12 digits.
  double reach(double threshold) const;
};

/// Compares a tested expectation with a reference one,
///   chi2 = sum_i (t r_i - sum_k x_k t p_ki)^2/(t v_i) + sum_k (x_k/sigma_k)^2,
/// minimised over the pulls x. All arrays are per unit of exposure and of equal length (bins).
class AsimovComparison {
 public:
  /// @param difference r_i, reference minus tested expectation.
  /// @param variance v_i >= 0; bins with v_i = 0 must be empty in every other array too.
  /// @param pulls one column p_k or more: what a unit of pull k adds to the tested expectation.
  /// @throws NumericalError if a number is not finite or a bin has no variance but something to
  /// compare.
  AsimovComparison(const Eigen::ArrayXd& difference, const Eigen::ArrayXd& variance,
                   const Eigen::MatrixXd& pulls);

  /// @param sigmas a-priori uncertainty of each pull, >= 0.
  ChiSquareCurve curve(const Eigen::VectorXd& sigmas) const;

 private:
  double slope_;                // squared distance of the difference from the pulls' span
  double rounding_;             // lengths below this are zero
  Eigen::VectorXd projection_;  // of the difference on an orthonormal basis of that span
  Eigen::MatrixXd triangular_;  // the pulls in that basis
};

/// The comparison of the paper: M against LO with variance N_LO + B, one pull on the signal and one
/// on the background. arXiv:2410.00107, chi2 definition.
/// @param reference,tested,background counts per unit of exposure, by bin.
AsimovComparison compare_with_reference(const Eigen::ArrayXd& reference,
                                        const Eigen::ArrayXd& tested,
                                        const Eigen::ArrayXd& background);

}  // namespace nuloop::statistics
