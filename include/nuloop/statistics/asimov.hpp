// Asimov chi2 with pulls, in closed form, and the exposure at which it reaches a threshold.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/bounded.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// Counts per unit of exposure, by bin.
using Counts = Bounded<Eigen::ArrayXd>;

/// To which fraction of itself an exposure that reaches a threshold is found.
inline constexpr double reach_tolerance = 1e-12;

/// chi2_min as a function of exposure t:
///   chi2(t) = slope t + sum_k amplitude_k t/(1 + stiffness_k t),
/// every term non-negative, so it never decreases and nothing cancels.
struct ChiSquareCurve {
  double slope;  ///< of the part that no pull can absorb, per unit of exposure
  struct Saturating {
    double amplitude;
    double stiffness;  ///< >= 0
    double pull_error =
        0.0;  ///< its part in sum_k x_k |delta p_k/sqrt(v)|, over t/(1 + stiffness t)
  };
  std::vector<Saturating> saturating;  ///< one per pull

  /// Bounds on the numerical errors of what is compared.
  double difference_error = 0.0;  ///< |delta r/sqrt(v)|
  double variance_error = 0.0;    ///< max_i delta v_i/v_i

  /// @param exposure >= 0.
  double operator()(double exposure) const;

  /// Bound on the numerical error of chi2 at that exposure, to first order in the errors of its
  /// inputs:
  ///   2 sqrt(t chi2) |delta residual| + chi2 delta v/v,
  /// because the length of the residual r - sum_k x_k p_k is at most sqrt(chi2/t).
  double error(double exposure) const;

  /// The value of chi2 for t -> infinity; may be infinite.
  double limit() const;

  /// The exposure at which chi2 reaches `threshold` > 0; infinity if it never does.
  /// @throws NumericalError if the root is not found to reach_tolerance.
  double reach(double threshold) const;

  /// Bound on the numerical error of `exposure` as the root of chi2 = threshold: the error of chi2
  /// over its slope there. Infinite if the exposure is.
  double reach_error(double exposure) const;
};

/// Compares a tested expectation with a reference one,
///   chi2 = sum_i (t r_i - sum_k x_k t p_ki)^2/(t v_i) + sum_k (x_k/sigma_k)^2,
/// minimised over the pulls x (arXiv:2410.00107, eq. 13). All arrays are per unit of exposure and
/// of equal length (bins).
class AsimovComparison {
 public:
  /// @param difference r_i, reference minus tested expectation.
  /// @param variance v_i >= 0; bins with v_i = 0 must be empty in every other array too.
  /// @param pulls one or more columns p_k: the change of the tested expectation per unit of pull k.
  /// @throws NumericalError if a number is not finite, or if a bin without variance has a
  /// difference or a pull.
  AsimovComparison(const Counts& difference, const Counts& variance,
                   const Bounded<Eigen::MatrixXd>& pulls);

  /// The same of exact numbers.
  AsimovComparison(const Eigen::ArrayXd& difference, const Eigen::ArrayXd& variance,
                   const Eigen::MatrixXd& pulls);

  /// How many pulls there are.
  Eigen::Index pulls() const { return triangular_.cols(); }

  /// @param sigmas a-priori uncertainty of each pull, >= 0.
  ChiSquareCurve curve(const Eigen::VectorXd& sigmas) const;

  /// The pulls x at the minimum, per pull in its own unit.
  /// @param exposure >= 0.
  Eigen::VectorXd pulls_at_minimum(const Eigen::VectorXd& sigmas, double exposure) const;

 private:
  double slope_;                // squared distance of the difference from the pulls' span
  double rounding_;             // lengths below this are zero
  Eigen::VectorXd projection_;  // of the difference on an orthonormal basis of that span
  Eigen::MatrixXd triangular_;  // the pulls in that basis
  double difference_error_;
  Eigen::VectorXd pull_errors_;
  double variance_error_;
};

}  // namespace nuloop::statistics
