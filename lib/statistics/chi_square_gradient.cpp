// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/chi_square_gradient.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace nuloop::statistics {
namespace {

constexpr double rounding = 16.0 * std::numeric_limits<double>::epsilon();

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

Compared& Compared::operator-=(const Compared& other) {
  difference -= other.difference;
  variance -= other.variance;
  pulls -= other.pulls;
  pull_variances -= other.pull_variances;
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

ChiSquareGradient::ChiSquareGradient(const Bounded<Compared>& compared, const Bounded<double>& time)
    : exposure_(time.value),
      weight_(Eigen::ArrayXd::Zero(compared.value.variance.size())),
      sigmas_(compared.value.pull_variances.cwiseSqrt()),
      relative_error_(time.error / time.value) {
  const auto& [c, errors] = compared;
  const double exposure = time.value;
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
  qr_.compute(A);
  Eigen::VectorXd residual = qr_.householderQ().transpose() * b;
  residual.head(count).setZero();
  residual = qr_.householderQ() * residual;
  rho_ = residual.head(bins).array();
  const Eigen::VectorXd y = -residual.tail(count);
  pulls_ = sigmas_.cwiseProduct(y);
  chi_square_ = residual.squaredNorm();

  // Errors of what is compared, and those of a stable decomposition.
  length_ = residual.norm();
  const Eigen::MatrixXd pull_errors =
      weight_.matrix().asDiagonal() * errors.pulls * sigmas_.asDiagonal();
  direct_error_ =
      (weight_ * errors.difference).matrix().norm() +
      pull_errors.colwise().norm().dot(y.cwiseAbs().transpose()) +
      rounding * (b.norm() + A.colwise().norm().dot(y.cwiseAbs().transpose()) + length_);
  cross_error_ = length_ * (pull_errors.norm() + rounding * A.norm());

  // y = sigma p.rho; the better of the two ways to the product.
  leverage_.resize(count);
  leverage_error_.resize(count);
  for (Eigen::Index k = 0; k < count; ++k) {
    const double column = whitened.col(k).norm();
    if (sigmas_[k] * column > 1.0) {
      leverage_[k] = y[k] / sigmas_[k];
      leverage_error_[k] = y_error(Eigen::VectorXd::Unit(count, k)) / sigmas_[k];
    } else {
      leverage_[k] = whitened.col(k).dot(rho_.matrix());
      leverage_error_[k] = rho_error(whitened.col(k)) + column * relative_error_ * length_ +
                           length_ * (weight_ * errors.pulls.col(k).array()).matrix().norm();
    }
  }
}

// With H the projection onto what A spans, d(residual) = (1 - H)(db - dA y) - A (A^T A)^-1 dA^T
// residual. An error of the weights is of both kinds and reflects its part of the residual.
double ChiSquareGradient::rho_error(const Eigen::VectorXd& a) const {
  const Eigen::Index count = sigmas_.size();
  Eigen::VectorXd turned = Eigen::VectorXd::Zero(qr_.rows());
  turned.head(a.size()) = a;
  turned = (qr_.householderQ().transpose() * turned).eval();
  const Eigen::VectorXd settled =
      qr_.matrixQR().topRows(count).triangularView<Eigen::Upper>().solve(turned.head(count));
  return turned.tail(qr_.rows() - count).norm() * direct_error_ + settled.norm() * cross_error_ +
         a.norm() * length_ * (relative_error_ + rounding);
}

// dy = A^+ (db - dA y) + (A^T A)^-1 dA^T residual, where A^+ is (A^T A)^-1 A^T.
double ChiSquareGradient::y_error(const Eigen::VectorXd& a) const {
  const auto triangle = qr_.matrixQR().topRows(sigmas_.size()).triangularView<Eigen::Upper>();
  const Eigen::VectorXd once = triangle.transpose().solve(a);
  const Eigen::VectorXd twice = triangle.solve(once);
  return once.norm() * (direct_error_ + relative_error_ * length_) + twice.norm() * cross_error_ +
         a.norm() * length_ * rounding;
}

Bounded<double> ChiSquareGradient::along_exposure() const {
  const double value = rho_.square().sum();
  return {value / exposure_,
          (2.0 * rho_error(rho_.matrix()) + relative_error_ * value) / exposure_};
}

Bounded<double> ChiSquareGradient::along(const Bounded<Compared>& bounded_change) const {
  const auto& [change, error] = bounded_change;
  const Eigen::VectorXd step =
      (weight_ * (change.difference - (change.pulls * pulls_).array())).matrix();
  const Eigen::ArrayXd softening = weight_.square() / exposure_ * change.variance;  // v'/v
  const Eigen::VectorXd parts = leverage_.cwiseAbs2().cwiseProduct(change.pull_variances);
  const double value =
      2.0 * rho_.matrix().dot(step) - (rho_.square() * softening).sum() - parts.sum();

  const Eigen::MatrixXd columns = weight_.matrix().asDiagonal() * change.pulls;
  const Eigen::VectorXd step_error =
      (weight_ * (error.difference + (error.pulls * pulls_.cwiseAbs()).array())).matrix();
  const Eigen::ArrayXd softening_error = weight_.square() / exposure_ * error.variance;
  const Eigen::VectorXd softened = (rho_ * softening).matrix();
  const Eigen::VectorXd by_pulls = (columns.transpose() * rho_.matrix()).cwiseProduct(sigmas_);
  double bound = 2.0 * rho_error(step) + 2.0 * rho_.abs().matrix().dot(step_error) +
                 2.0 * y_error(by_pulls) + 2.0 * rho_error(softened) +
                 (rho_.square() * softening_error).sum() +
                 relative_error_ * length_ * (step.norm() + softened.norm());
  bound +=
      2.0 *
          leverage_.cwiseAbs().cwiseProduct(leverage_error_).dot(change.pull_variances.cwiseAbs()) +
      leverage_.cwiseAbs2().dot(error.pull_variances);
  const double terms = 2.0 * rho_.abs().matrix().dot(
                                 (weight_ * (change.difference.abs() +
                                             (change.pulls.cwiseAbs() * pulls_.cwiseAbs()).array()))
                                     .matrix()) +
                       (rho_.square() * softening.abs()).sum() + parts.cwiseAbs().sum();
  return {value, bound + rounding * terms};
}

Bounded<double> ChiSquareGradient::along_share(const Bounded<Compared>& bounded_rows) const {
  const auto& [rows, errors] = bounded_rows;
  NULOOP_EXPECTS(rows.pulls.cols() == pulls_.size() && rows.pulls.rows() == rows.variance.size());
  const Eigen::ArrayXd weight =
      (rows.variance > 0.0).select((exposure_ / rows.variance).sqrt(), 0.0);
  const Eigen::ArrayXd residual = weight * (rows.difference - (rows.pulls * pulls_).array());
  const double value = residual.square().sum();
  const Eigen::MatrixXd columns = weight.matrix().asDiagonal() * rows.pulls;
  const Eigen::VectorXd by_pulls = (columns.transpose() * residual.matrix()).cwiseProduct(sigmas_);
  const Eigen::ArrayXd size =
      weight * (rows.difference.abs() + (rows.pulls.cwiseAbs() * pulls_.cwiseAbs()).array());
  const Eigen::ArrayXd error =
      weight * (errors.difference + (errors.pulls * pulls_.cwiseAbs()).array()) + rounding * size;
  return {value, 2.0 * (residual.abs() * error).sum() + 2.0 * y_error(by_pulls) +
                     (residual.square() * weight.square() / exposure_ * errors.variance).sum() +
                     relative_error_ * value};
}

Compared ChiSquareGradient::entries() const {
  const Eigen::ArrayXd by_difference = 2.0 * weight_ * rho_;
  return {by_difference, -(weight_ * rho_).square() / exposure_,
          -by_difference.matrix() * pulls_.transpose(), -leverage_.cwiseAbs2()};
}

}  // namespace nuloop::statistics
