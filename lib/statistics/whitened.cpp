// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/whitened.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace nuloop::statistics {

using Eigen::Index;

void check_bins(const Comparison& c, const Eigen::ArrayXd& variance) {
  NULOOP_EXPECTS(c.difference.value.size() == variance.size());
  NULOOP_EXPECTS(c.tested.value.size() == variance.size());
  NULOOP_EXPECTS(c.pulls.value.rows() == variance.size());
  NULOOP_EXPECTS(c.pulls.value.cols() == c.pull_variances.value.size());
  NULOOP_EXPECTS(!(c.pull_variances.value.array() < 0.0).any());
  if (!c.difference.value.allFinite() || !c.tested.value.allFinite() || !variance.allFinite() ||
      !c.pulls.value.allFinite() || !c.pull_variances.value.allFinite())
    throw NumericalError("the expected counts or the widths of their pulls are not finite");
  for (Index i = 0; i < variance.size(); ++i)
    if (!(variance[i] > 0.0) && (c.difference.value[i] != 0.0 || c.tested.value[i] != 0.0 ||
                                 (c.pulls.value.row(i).array() != 0.0).any()))
      throw NumericalError(
          "bin " + std::to_string(i) +
          " expects events in one hypothesis only, as all bins do that it could be counted with: "
          "chi2 is not defined");
}

Whitened::Whitened(const Comparison& c, const Counts& variance)
    : qr_(c.pulls.value.rows(), c.pulls.value.cols()) {
  check_bins(c, variance.value);
  weights_ = (variance.value > 0.0).select(1.0 / variance.value.sqrt(), 0.0);
  variance_error_ = (weights_.square() * variance.error).maxCoeff();
  difference_error_ = (weights_ * c.difference.error).matrix().norm();
  const Eigen::MatrixXd pull_errors = weights_.matrix().asDiagonal() * c.pulls.error;
  pull_errors_ = pull_errors.colwise().norm();

  rotated_ = (weights_ * c.difference.value).matrix();
  rounding_ = decomposition_rounding * rotated_.norm();
  qr_.compute(weights_.matrix().asDiagonal() * c.pulls.value);
  const Index rows = std::min(qr_.rows(), qr_.cols());
  triangular_ = qr_.matrixQR().topRows(rows).triangularView<Eigen::Upper>();
  rotated_ = rotated(std::move(rotated_));
  auto uncovered = rotated_.tail(rotated_.size() - rank());
  slope_ = uncovered.squaredNorm();
  if (slope_ <= rounding_ * rounding_) {
    uncovered.setZero();
    slope_ = 0.0;
  }
}

std::vector<Index> Whitened::occupied() const {
  std::vector<Index> bins;
  for (Index i = 0; i < weights_.size(); ++i)
    if (weights_[i] > 0.0)
      bins.push_back(i);
  return bins;
}

Eigen::VectorXd Whitened::rotated(Eigen::VectorXd a) const {
  a.applyOnTheLeft(qr_.householderQ().transpose());
  return a;
}

Whitened::Modes Whitened::modes(const Eigen::VectorXd& widths) const {
  NULOOP_EXPECTS(widths.size() == pulls());
  Modes modes;
  if (rank() == 0)
    return modes;
  modes.svd = SingularValues(triangular_ * widths.asDiagonal());
  modes.components = modes.svd.matrixU().transpose() * rotated_.head(rank());
  for (double& component : modes.components)
    if (std::abs(component) <= rounding_)
      component = 0.0;
  return modes;
}

ChiSquareCurve Whitened::curve(const Eigen::VectorXd& widths) const {
  const Modes found = modes(widths);
  ChiSquareCurve curve{slope_, {}, difference_error_ + rounding_, variance_error_};
  curve.saturating.reserve(static_cast<std::size_t>(rank()));
  for (Index k = 0; k < rank(); ++k) {
    const double s = found.svd.singularValues()[k], c = found.components[k];
    // The pulls at the minimum are x = sum_k sigma v_k s_k c_k t/(1 + t s_k^2).
    const double pull_error =
        s * std::abs(c) *
        widths.cwiseProduct(found.svd.matrixV().col(k).cwiseAbs()).dot(pull_errors_);
    curve.saturating.push_back({c * c, s * s, pull_error});
  }
  return curve;
}

Whitened::Minimum Whitened::minimum(const Modes& modes, double exposure) const {
  NULOOP_EXPECTS(exposure >= 0.0 && modes.components.size() == rank());
  Minimum at{exposure * slope_, rotated_, Eigen::VectorXd::Zero(pulls()),
             Eigen::VectorXd::Zero(pulls())};
  if (rank() > 0) {
    const Eigen::ArrayXd s = modes.svd.singularValues(), c = modes.components;
    const Eigen::ArrayXd softening = 1.0 + exposure * s * s, left = c / softening;
    for (Index k = 0; k < rank(); ++k)
      at.chi2 += exposure * c[k] * left[k];
    at.residual.head(rank()) = modes.svd.matrixU() * left.matrix();
    at.response = triangular_.transpose() * at.residual.head(rank());
    at.shifts = modes.svd.matrixV() * (exposure * s * c / softening).matrix();
  }
  at.residual.applyOnTheLeft(qr_.householderQ());
  return at;
}

TurnedPulls Whitened::turned(const Eigen::MatrixXd& pulls, const Eigen::VectorXd& widths) const {
  const Modes found = modes(widths);
  const Index count = found.svd.rank();
  if (count == 0)
    return {Eigen::MatrixXd(pulls.rows(), 0), Eigen::MatrixXd(pulls.cols(), 0)};
  const Eigen::MatrixXd scaled = pulls * widths.asDiagonal();
  const Eigen::MatrixXd basis = found.svd.matrixV().leftCols(count);
  // In more digits, because columns of wide priors cancel in those of narrow ones.
  return {scaled.cast<long double>().lazyProduct(basis.cast<long double>()).cast<double>(),
          widths.asDiagonal() * basis};
}

}  // namespace nuloop::statistics
