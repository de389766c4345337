// Eigen's decompositions, compiled once because each takes a compiler seconds, and their rounding.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

#include <Eigen/QR>
#include <Eigen/SVD>

namespace nuloop::statistics {

/// What rounding leaves of a vector that a stable decomposition turns, in its length.
inline constexpr double decomposition_rounding = 16.0 * std::numeric_limits<double>::epsilon();

/// Up to this length of a column Eigen's singular values do: they are right to a rounding of the
/// largest, which in chi2 is a part sqrt(t) epsilon of it, t being the exposure.
inline constexpr double longest_safe_column = 1e5;  // in units of 1/sqrt(365.25 day)

/// The singular values and vectors of a matrix with no more rows than columns, in falling order.
/// Where no column is very long they are Eigen's. Else they come from one-sided Jacobi rotations,
/// which keep the digits of short columns beside long ones (Demmel and Veselic, SIAM J. Matrix
/// Anal. Appl. 13 (1992) 1204).
class SingularValues {
 public:
  SingularValues() = default;
  /// @throws NumericalError if a number is not finite, or if the lengths of two columns are more
  /// than a factor of 1e100 apart.
  explicit SingularValues(const Eigen::MatrixXd& a);

  const Eigen::MatrixXd& matrixU() const { return u_; }  ///< rows x rows
  const Eigen::MatrixXd& matrixV() const { return v_; }  ///< columns x rows
  const Eigen::VectorXd& singularValues() const { return values_; }
  /// How many singular values are more than rounding.
  Eigen::Index rank() const { return rank_; }

 private:
  void compute_graded(const Eigen::MatrixXd& a);

  Eigen::MatrixXd u_, v_;
  Eigen::VectorXd values_;
  Eigen::Index rank_ = 0;
};

}  // namespace nuloop::statistics

extern template class Eigen::HouseholderQR<Eigen::MatrixXd>;
extern template class Eigen::JacobiSVD<Eigen::MatrixXd>;
