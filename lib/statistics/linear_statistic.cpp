// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/linear_statistic.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/decompositions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace nuloop::statistics {

LinearStatistic::LinearStatistic(const LinearModel& model, const Eigen::ArrayXd& variance)
    : expected_(model.expected) {
  const Eigen::Index bins = variance.size(), pulls = model.pulls.cols();
  NULOOP_EXPECTS(model.expected.size() == bins && model.direction.size() == bins);
  NULOOP_EXPECTS(model.pulls.rows() == bins && model.sigmas.size() == pulls);
  NULOOP_EXPECTS((model.sigmas.array() >= 0.0).all());
  if (!model.expected.allFinite() || !model.direction.allFinite() || !model.pulls.allFinite() ||
      !model.sigmas.allFinite() || !variance.allFinite())
    throw NumericalError("the expected counts are not finite");
  Eigen::ArrayXd whitening(bins);  // 1/sqrt(v)
  for (Eigen::Index i = 0; i < bins; ++i) {
    const bool empty = model.expected[i] == 0.0 && model.direction[i] == 0.0 &&
                       (model.pulls.row(i).array() == 0.0).all();
    if (!(variance[i] > 0.0) && !empty)
      throw NumericalError("bin " + std::to_string(i) +
                           " has no variance but expects events: chi2 is not defined");
    whitening[i] = variance[i] > 0.0 ? 1.0 / std::sqrt(variance[i]) : 0.0;
  }

  // In the whitened basis C = 1 + (Q R sigma)(Q R sigma)^T with R sigma = U S V^T: a direction U_j
  // of the pulls' span is divided by 1 + s_j^2, the rest stays; nothing cancels.
  const Eigen::VectorXd direction = (whitening * model.direction).matrix();
  Eigen::VectorXd rotated = direction;
  Eigen::MatrixXd basis = whitening.matrix().asDiagonal() * model.pulls;
  response_ = Eigen::VectorXd::Zero(pulls);
  double square = 0.0;  // d^T C^-1 d
  // A length within rounding of zero is zero: the pulls cover the direction.
  const double negligible = 16.0 * std::numeric_limits<double>::epsilon() * direction.norm();
  if (pulls > 0) {
    const Eigen::Index rank = std::min(bins, pulls);
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(basis);
    rotated.applyOnTheLeft(qr.householderQ().transpose());
    if (rotated.tail(bins - rank).norm() <= negligible)
      rotated.tail(bins - rank).setZero();
    square = rotated.tail(bins - rank).squaredNorm();
    const Eigen::MatrixXd triangular = qr.matrixQR().topRows(rank).triangularView<Eigen::Upper>();
    const Eigen::MatrixXd scaled = triangular * model.sigmas.asDiagonal();
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(scaled, Eigen::ComputeFullU | Eigen::ComputeFullV);
    Eigen::VectorXd components = svd.matrixU().transpose() * rotated.head(rank);
    for (Eigen::Index j = 0; j < rank; ++j) {
      const double s = svd.singularValues()[j];
      const double c = std::abs(components[j]) > negligible ? components[j] : 0.0;
      components[j] = c / (1.0 + s * s);
      square += c * components[j];
    }
    rotated.head(rank) = svd.matrixU() * components;
    response_ = triangular.transpose() * rotated.head(rank);
    rotated.applyOnTheLeft(qr.householderQ());
  } else {
    square = rotated.squaredNorm();
  }
  if (!(square > 0.0))
    throw NumericalError("tested hypothesis and alternative are the same");
  weights_ = (whitening * rotated.array()).matrix() / std::sqrt(square);
  response_ /= std::sqrt(square);
}

}  // namespace nuloop::statistics
