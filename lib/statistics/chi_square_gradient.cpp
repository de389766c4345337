// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/chi_square_gradient.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <cmath>

namespace nuloop::statistics {

ChiSquareGradient::ChiSquareGradient(const Comparison& c, const Bounded<double>& exposure)
    : whitened_(c),
      sigmas_(c.widths()),
      modes_(whitened_.modes(sigmas_)),
      exposure_(exposure.value),
      weight_(std::sqrt(exposure_) * whitened_.weights()),
      relative_error_(exposure.error / exposure_ + whitened_.variance_error()) {
  NULOOP_EXPECTS(exposure_ > 0.0);
  const Whitened::Minimum at = whitened_.minimum(modes_, exposure_);
  const Eigen::VectorXd shifts = at.shifts.cwiseAbs();
  chi_square_ = at.chi2;
  length_ = std::sqrt(chi_square_);
  rho_ = std::sqrt(exposure_) * at.residual.array();
  pulls_ = sigmas_.cwiseProduct(at.shifts);
  softness_ = Eigen::ArrayXd::Ones(whitened_.rank());
  if (whitened_.rank() > 0)
    softness_ /= 1.0 + exposure_ * modes_.svd.singularValues().array().square();

  // Errors of what is compared, and those of a stable decomposition.
  const Eigen::MatrixXd columns = weight_.matrix().asDiagonal() * c.pulls.value;
  const Eigen::VectorXd lengths = columns.colwise().norm();
  const Eigen::VectorXd errors = std::sqrt(exposure_) * whitened_.pull_errors();
  const Eigen::VectorXd scaled_errors = sigmas_.cwiseProduct(errors);
  // Of the columns of A.
  const Eigen::VectorXd norms =
      (1.0 + sigmas_.cwiseProduct(lengths).array().square()).sqrt().matrix();
  direct_error_ = std::sqrt(exposure_) * whitened_.difference_error() + scaled_errors.dot(shifts) +
                  decomposition_rounding * ((weight_ * c.difference.value).matrix().norm() +
                                            norms.dot(shifts) + length_);
  cross_error_ = length_ * (scaled_errors.norm() + decomposition_rounding * norms.norm());

  // y = sigma p.rho; the better of the two ways to the product.
  leverage_ = exposure_ * at.response;
  leverage_error_.resize(leverage_.size());
  for (Eigen::Index k = 0; k < leverage_.size(); ++k) {
    if (sigmas_[k] * lengths[k] > 1.0) {
      leverage_[k] = at.shifts[k] / sigmas_[k];
      leverage_error_[k] = y_error(Eigen::VectorXd::Unit(leverage_.size(), k)) / sigmas_[k];
    } else {
      leverage_error_[k] =
          rho_error(columns.col(k)) + lengths[k] * relative_error_ * length_ + length_ * errors[k];
    }
  }
}

// With H the projection onto what A spans, d(residual) = (1 - H)(db - dA y) - A (A^T A)^-1 dA^T
// residual. An error of the weights is of both kinds and reflects its part of the residual. In the
// modes A^T A is 1 + t s^2.
double ChiSquareGradient::rho_error(const Eigen::VectorXd& a) const {
  const Eigen::VectorXd turned = whitened_.rotated(a);
  double free = turned.tail(turned.size() - whitened_.rank()).squaredNorm();  // |(1 - H) a|^2
  double settled = 0.0;                                                       // |(A^T A)^-1 A^T a|
  if (whitened_.rank() > 0) {
    const Eigen::ArrayXd along = modes_.svd.matrixU().transpose() * turned.head(whitened_.rank());
    free += (along.square() * softness_).sum();
    settled = std::sqrt(exposure_) *
              (along * softness_ * modes_.svd.singularValues().array()).matrix().norm();
  }
  return std::sqrt(free) * direct_error_ + settled * cross_error_ +
         a.norm() * length_ * (relative_error_ + decomposition_rounding);
}

// dy = A^+ (db - dA y) + (A^T A)^-1 dA^T residual, where A^+ is (A^T A)^-1 A^T.
double ChiSquareGradient::y_error(const Eigen::VectorXd& a) const {
  double once = a.squaredNorm(), twice = once;  // |A^+T a|^2 and |(A^T A)^-1 a|^2
  if (whitened_.rank() > 0) {
    const Eigen::VectorXd along = modes_.svd.matrixV().transpose() * a;
    once = twice = (a - modes_.svd.matrixV() * along).squaredNorm();
    once += (along.array().square() * softness_).sum();
    twice += (along.array() * softness_).square().sum();
  }
  return std::sqrt(once) * (direct_error_ + relative_error_ * length_) +
         std::sqrt(twice) * cross_error_ + a.norm() * length_ * decomposition_rounding;
}

Bounded<double> ChiSquareGradient::along_exposure() const {
  const double value = rho_.square().sum();
  return {value / exposure_,
          (2.0 * rho_error(rho_.matrix()) + relative_error_ * value) / exposure_};
}

Bounded<double> ChiSquareGradient::along(const Comparison& change) const {
  // rho'/rho at fixed pulls, v'/v, and what the priors' variances do, as in the class's formulas.
  const auto in_counts = [&](const auto& difference, const auto& pulls, const auto& by) {
    return (weight_ * (difference.array() + (pulls * by).array())).eval();
  };
  const Eigen::VectorXd size = pulls_.cwiseAbs();
  const Eigen::ArrayXd per_variance = weight_.square() / exposure_;
  const Eigen::VectorXd step = in_counts(change.difference.value, change.pulls.value, -pulls_);
  const Eigen::ArrayXd softening = per_variance * change.reference.value;
  const Eigen::VectorXd parts = leverage_.cwiseAbs2().cwiseProduct(change.pull_variances.value);
  const double value =
      2.0 * rho_.matrix().dot(step) - (rho_.square() * softening).sum() - parts.sum();

  // Errors of rho, y and leverage.
  const Eigen::VectorXd softened = (rho_ * softening).matrix();
  const Eigen::VectorXd by_pulls =
      (change.pulls.value.transpose() * (weight_ * rho_).matrix()).cwiseProduct(sigmas_);
  const double own = 2.0 * (rho_error(step) + y_error(by_pulls) + rho_error(softened)) +
                     relative_error_ * length_ * (step.norm() + softened.norm()) +
                     2.0 * leverage_.cwiseAbs()
                               .cwiseProduct(leverage_error_)
                               .dot(change.pull_variances.value.cwiseAbs());
  // Errors of the change.
  const double given =
      2.0 * (rho_.abs() * in_counts(change.difference.error, change.pulls.error, size)).sum() +
      (rho_.square() * per_variance * change.reference.error).sum() +
      leverage_.cwiseAbs2().dot(change.pull_variances.error);
  const double terms = 2.0 * (rho_.abs() * in_counts(change.difference.value.abs(),
                                                     change.pulls.value.cwiseAbs(), size))
                                 .sum() +
                       (rho_.square() * softening.abs()).sum() + parts.cwiseAbs().sum();
  return {value, own + given + decomposition_rounding * terms};
}

Bounded<double> ChiSquareGradient::along_share(const Comparison& rows) const {
  NULOOP_EXPECTS(rows.pulls.value.cols() == pulls_.size());
  check_bins(rows, rows.reference.value);
  const Eigen::ArrayXd& variance = rows.reference.value;
  const Eigen::VectorXd size = pulls_.cwiseAbs();
  const Eigen::ArrayXd weight = (variance > 0.0).select((exposure_ / variance).sqrt(), 0.0);
  const Eigen::ArrayXd residual =
      weight * (rows.difference.value - (rows.pulls.value * pulls_).array());
  const double value = residual.square().sum();
  const Eigen::VectorXd by_pulls =
      (rows.pulls.value.transpose() * (weight * residual).matrix()).cwiseProduct(sigmas_);
  const Eigen::ArrayXd terms =
      weight * (rows.difference.value.abs() + (rows.pulls.value.cwiseAbs() * size).array());
  const Eigen::ArrayXd error =
      weight * (rows.difference.error + (rows.pulls.error * size).array()) +
      decomposition_rounding * terms;
  return {value,
          2.0 * (residual.abs() * error).sum() + 2.0 * y_error(by_pulls) +
              (residual.square() * weight.square() / exposure_ * rows.reference.error).sum() +
              relative_error_ * value};
}

}  // namespace nuloop::statistics
