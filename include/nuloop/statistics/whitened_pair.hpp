// The comparison of signals over a background with a pull on the normalisation of each, on storage
// that serves again.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/curve.hpp"

#include <Eigen/Core>

namespace nuloop::statistics {

/// What Whitened computes, for the paper's two pulls alone: the columns of P are the tested signal
/// and the background, each over the square root of the variance n = reference + background. They
/// are made orthogonal one after the other (modified Gram-Schmidt), and the singular values of the
/// 2 x 2 matrix that is left take one rotation. It is for sweeps, where it takes a tenth of the
/// time and, once its arrays have their size, no memory.
class WhitenedPair {
 public:
  /// @param reference,tested,difference signals, with difference = reference - tested.
  /// @param unit the curve's unit of exposure, in that of the counts.
  /// @returns false if this is a case for Whitened: bins without counts, fewer than three bins,
  /// pulls that act nearly alike, or numbers that are not finite.
  bool compute(const Counts& reference, const Counts& tested, const Counts& difference,
               const Counts& background, double unit);

  /// chi2 as a function of exposure. @param widths of the pulls on signal and background, >= 0.
  /// @returns false if widths are so large that Whitened has to take them.
  bool curve(const Eigen::Array2d& widths, ChiSquareCurve& to) const;

 private:
  Eigen::ArrayXd variance_, weights_;  // per bin
  Eigen::VectorXd residual_, first_, second_;
  double r11_ = 0.0, r12_ = 0.0, r22_ = 0.0;  // P = QR
  Eigen::Array2d components_{};               // of the difference along Q
  double rounding_ = 0.0;                     // lengths below it are zero
  double slope_ = 0.0;
  double difference_error_ = 0.0;
  double variance_error_ = 0.0;
  Eigen::Array2d pull_errors_{};
};

}  // namespace nuloop::statistics
