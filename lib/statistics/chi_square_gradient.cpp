// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/chi_square_gradient.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <Eigen/QR>

namespace nuloop::statistics {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

Compared Compared::zero(Eigen::Index bins, Eigen::Index pulls) {
  return {Eigen::ArrayXd::Zero(bins), Eigen::ArrayXd::Zero(bins),
          Eigen::MatrixXd::Zero(bins, pulls), Eigen::VectorXd::Zero(pulls)};
}

Compared& Compared::operator+=(const Compared& other) {
  difference += other.difference;
  variance += other.variance;
  pulls += other.pulls;
  pull_variances += other.pull_variances;
  return *this;
}

Compared& Compared::operator*=(double factor) {
  difference *= factor;
  variance *= factor;
  pulls *= factor;
  pull_variances *= factor;
  return *this;
}

Compared Compared::abs() const {
  return {difference.abs(), variance.abs(), pulls.cwiseAbs(), pull_variances.cwiseAbs()};
}

ChiSquareGradient::ChiSquareGradient(const Compared& c, const Compared& errors, double exposure,
                                     double exposure_error)
    : exposure_(exposure),
      weight_(Eigen::ArrayXd::Zero(c.variance.size())),
      sigmas_(c.pull_variances.cwiseSqrt()),
      relative_error_(exposure_error / exposure) {
  NULOOP_EXPECTS(exposure > 0.0 && (c.pull_variances.array() >= 0.0).all());
  NULOOP_EXPECTS(c.difference.size() == c.variance.size() && c.pulls.rows() == c.variance.size());
  NULOOP_EXPECTS(c.pulls.cols() == c.pull_variances.size());
  if (!c.difference.allFinite() || !c.variance.allFinite() || !c.pulls.allFinite())
    throw NumericalError("the expected rates are not finite");
  const Eigen::Index bins = c.variance.size(), count = c.pulls.cols();
  double variance_error = 0.0;
  for (Eigen::Index i = 0; i < bins; ++i) {
    if (c.variance[i] > 0.0) {
      weight_[i] = std::sqrt(exposure / c.variance[i]);
      variance_error = std::max(variance_error, errors.variance[i] / c.variance[i]);
    } else if (c.difference[i] != 0.0 || (c.pulls.row(i).array() != 0.0).any()) {
      throw NumericalError("bin " + std::to_string(i) +
                           " expects events in one hypothesis only: chi2 is not defined");
    }
  }
  relative_error_ += variance_error;

  // With y = x/sigma the minimum is a least-squares problem, A y = b, whose rows are the bins and
  // then the pulls. Its residuals are rho and -y: no triangle is inverted, nothing cancels.
  const Eigen::MatrixXd whitened = weight_.matrix().asDiagonal() * c.pulls;
  Eigen::MatrixXd A(bins + count, count);
  A << whitened * sigmas_.asDiagonal(), Eigen::MatrixXd::Identity(count, count);
  Eigen::VectorXd b = Eigen::VectorXd::Zero(bins + count);
  b.head(bins) = (weight_ * c.difference).matrix();
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(A);
  Eigen::VectorXd residual = qr.householderQ().transpose() * b;
  residual.head(count).setZero();
  residual = qr.householderQ() * residual;
  rho_ = residual.head(bins).array();
  const Eigen::VectorXd y = -residual.tail(count);
  pulls_ = sigmas_.cwiseProduct(y);
  chi_square_ = residual.squaredNorm();

  // The residuals move by no more than what is compared does: d(residual) = (1 - H)(db - dA y) -
  // A (A^T A)^-1 dA^T residual, where both factors are of length <= 1 because of the unit rows.
  const double length = residual.norm();
  const Eigen::MatrixXd pull_errors =
      weight_.matrix().asDiagonal() * errors.pulls * sigmas_.asDiagonal();
  const double rounding =
      16.0 * epsilon *
      (b.norm() + A.colwise().norm().dot(y.cwiseAbs().transpose()) + length * A.norm());
  rho_error_ = (weight_ * errors.difference).matrix().norm() +
               pull_errors.colwise().norm().dot(y.cwiseAbs().transpose()) +
               length * (pull_errors.norm() + relative_error_) + rounding;

  // y = sigma p.rho; the better of the two ways to the product.
  leverage_.resize(count);
  leverage_error_.resize(count);
  for (Eigen::Index k = 0; k < count; ++k) {
    const double column = whitened.col(k).norm();
    if (sigmas_[k] * column > 1.0) {
      leverage_[k] = y[k] / sigmas_[k];
      leverage_error_[k] = rho_error_ / sigmas_[k];
    } else {
      leverage_[k] = whitened.col(k).dot(rho_.matrix());
      leverage_error_[k] = column * (rho_error_ + relative_error_ * length) +
                           length * (weight_ * errors.pulls.col(k).array()).matrix().norm();
    }
  }
}

Bounded ChiSquareGradient::along_exposure() const {
  const double length = rho_.matrix().norm();
  return {length * length / exposure_,
          length * (2.0 * rho_error_ + relative_error_ * length) / exposure_};
}

Bounded ChiSquareGradient::along(const Compared& change, const Compared& error) const {
  const double length = rho_.matrix().norm();
  const Eigen::VectorXd step =
      (weight_ * (change.difference - (change.pulls * pulls_).array())).matrix();
  const Eigen::ArrayXd softening = weight_.square() / exposure_ * change.variance;  // v'/v
  const Eigen::VectorXd parts = leverage_.cwiseAbs2().cwiseProduct(change.pull_variances);
  const double value =
      2.0 * rho_.matrix().dot(step) - (rho_.square() * softening).sum() - parts.sum();

  const Eigen::MatrixXd columns = weight_.matrix().asDiagonal() * change.pulls;
  const Eigen::VectorXd column_errors =
      (weight_.matrix().asDiagonal() * error.pulls).colwise().norm().transpose();
  const double step_error =
      (weight_ * error.difference).matrix().norm() + column_errors.dot(pulls_.cwiseAbs());
  // What the pulls' own errors do, each at most rho_error_ times its sigma: products with rho_,
  // which vanish nearly where a pull is free to settle.
  const double by_pulls =
      (columns.transpose() * rho_.matrix()).cwiseAbs().dot(sigmas_) * rho_error_;
  const double largest = softening.size() > 0 ? softening.abs().maxCoeff() : 0.0;
  const Eigen::ArrayXd softening_error = weight_.square() / exposure_ * error.variance;
  double bound = 2.0 * rho_error_ * step.norm() + 2.0 * length * step_error + 2.0 * by_pulls +
                 2.0 * length * rho_error_ * largest + (rho_.square() * softening_error).sum() +
                 relative_error_ * (length * step.norm() + length * length * largest);
  bound +=
      2.0 *
          leverage_.cwiseAbs().cwiseProduct(leverage_error_).dot(change.pull_variances.cwiseAbs()) +
      leverage_.cwiseAbs2().dot(error.pull_variances);
  const double terms = 2.0 * rho_.abs().matrix().dot(
                                 (weight_ * (change.difference.abs() +
                                             (change.pulls.cwiseAbs() * pulls_.cwiseAbs()).array()))
                                     .matrix()) +
                       (rho_.square() * softening.abs()).sum() + parts.cwiseAbs().sum();
  return {value, bound + 16.0 * epsilon * terms};
}

Compared ChiSquareGradient::entries() const {
  const Eigen::ArrayXd by_difference = 2.0 * weight_ * rho_;
  return {by_difference, -(weight_ * rho_).square() / exposure_,
          -by_difference.matrix() * pulls_.transpose(), -leverage_.cwiseAbs2()};
}

}  // namespace nuloop::statistics
