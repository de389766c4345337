// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/asimov.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/statistics/decompositions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <boost/math/tools/roots.hpp>

namespace nuloop::statistics {

double ChiSquareCurve::operator()(double exposure) const {
  NULOOP_EXPECTS(exposure >= 0.0);
  double sum = slope * exposure;
  for (const Saturating& term : saturating)
    sum += term.amplitude * exposure / (1.0 + term.stiffness * exposure);
  return sum;
}

double ChiSquareCurve::error(double exposure) const {
  const double chi2 = (*this)(exposure);
  double residual_error = difference_error;
  for (const Saturating& term : saturating)
    residual_error += term.pull_error * exposure / (1.0 + term.stiffness * exposure);
  return 2.0 * std::sqrt(exposure * chi2) * residual_error + variance_error * chi2;
}

double ChiSquareCurve::limit() const {
  double sum = slope > 0.0 ? infinity : 0.0;
  for (const Saturating& term : saturating)
    if (term.amplitude > 0.0)
      sum += term.amplitude / term.stiffness;
  return sum;
}

double ChiSquareCurve::reach(double threshold) const {
  NULOOP_EXPECTS(threshold > 0.0);
  if (limit() <= threshold)
    return infinity;
  double initial_slope = slope;
  for (const auto& term : saturating)
    initial_slope += term.amplitude;

  // Concave and increasing from zero: the tangent at zero bounds the root from below.
  const double low = threshold / initial_slope;
  double high = low;
  while ((*this)(high) < threshold) {
    high *= 2.0;
    if (!std::isfinite(high))
      return infinity;
  }
  if (high == low)
    return low;
  std::uintmax_t iterations = 200;
  const auto [a, b] = boost::math::tools::toms748_solve(
      [&](double exposure) { return (*this)(exposure)-threshold; }, low, high,
      boost::math::tools::eps_tolerance<double>(50), iterations);
  if (!(b - a <= reach_tolerance * b))
    throw NumericalError("the exposure that reaches the threshold was not found");
  return 0.5 * (a + b);
}

double ChiSquareCurve::reach_error(double exposure) const {
  if (std::isinf(exposure))
    return infinity;
  double rise = slope;
  for (const Saturating& term : saturating) {
    const double softening = 1.0 + term.stiffness * exposure;
    rise += term.amplitude / (softening * softening);
  }
  return error(exposure) / rise + reach_tolerance * exposure;
}

AsimovComparison::AsimovComparison(const Eigen::ArrayXd& difference, const Eigen::ArrayXd& variance,
                                   const Eigen::MatrixXd& pulls)
    : AsimovComparison(
          Counts{difference, Eigen::ArrayXd::Zero(difference.size())},
          Counts{variance, Eigen::ArrayXd::Zero(variance.size())},
          Bounded<Eigen::MatrixXd>{pulls, Eigen::MatrixXd::Zero(pulls.rows(), pulls.cols())}) {}

AsimovComparison::AsimovComparison(const Counts& r, const Counts& v,
                                   const Bounded<Eigen::MatrixXd>& p) {
  const auto& [difference, difference_errors] = r;
  const auto& [variance, variance_errors] = v;
  const auto& [pulls, pull_errors] = p;
  NULOOP_EXPECTS(difference.size() == variance.size() && pulls.rows() == variance.size());
  NULOOP_EXPECTS(pulls.cols() > 0);
  if (!difference.allFinite() || !variance.allFinite() || !pulls.allFinite())
    throw NumericalError("the expected rates are not finite");
  Eigen::VectorXd residual(difference.size());
  Eigen::MatrixXd basis(pulls.rows(), pulls.cols());
  Eigen::VectorXd residual_error(difference.size());
  Eigen::MatrixXd basis_error(pulls.rows(), pulls.cols());
  variance_error_ = 0.0;
  for (Eigen::Index i = 0; i < variance.size(); ++i) {
    const bool empty = difference[i] == 0.0 && (pulls.row(i).array() == 0.0).all();
    if (!(variance[i] > 0.0) && !empty)
      throw NumericalError("bin " + std::to_string(i) +
                           " expects events in one hypothesis only: chi2 is not defined");
    const double weight = variance[i] > 0.0 ? 1.0 / std::sqrt(variance[i]) : 0.0;
    residual[i] = weight * difference[i];
    basis.row(i) = weight * pulls.row(i);
    residual_error[i] = weight * difference_errors[i];
    basis_error.row(i) = weight * pull_errors.row(i);
    variance_error_ = std::max(variance_error_, weight * weight * variance_errors[i]);
  }
  pull_errors_ = basis_error.colwise().norm();

  // basis = Q R; the residual splits into Q (Q^T r) and the rest.
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(basis);
  const Eigen::Index rank = std::min(basis.rows(), basis.cols());
  const Eigen::VectorXd rotated = qr.householderQ().transpose() * residual;
  projection_ = rotated.head(rank);
  triangular_ = qr.matrixQR().topRows(rank).triangularView<Eigen::Upper>();
  slope_ = rotated.tail(rotated.size() - rank).squaredNorm();
  // A distance within rounding of zero is zero: the pulls cover the difference.
  rounding_ = 16.0 * std::numeric_limits<double>::epsilon() * residual.norm();
  difference_error_ = residual_error.norm() + rounding_;
  if (slope_ <= rounding_ * rounding_)
    slope_ = 0.0;
}

ChiSquareCurve AsimovComparison::curve(const Eigen::VectorXd& sigmas) const {
  NULOOP_EXPECTS(sigmas.size() == triangular_.cols());
  // min_x t |c - R x|^2 + |x/sigma|^2 = sum_k t (u_k.c)^2/(1 + t s_k^2), R diag(sigma) = U S V^T.
  const Eigen::MatrixXd scaled = triangular_ * sigmas.asDiagonal();
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(scaled, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const Eigen::VectorXd components = svd.matrixU().transpose() * projection_;
  ChiSquareCurve curve{slope_, {}, difference_error_, variance_error_};
  for (Eigen::Index k = 0; k < components.size(); ++k) {
    const double s = svd.singularValues()[k];
    const double c = std::abs(components[k]) > rounding_ ? components[k] : 0.0;
    // The pulls at the minimum are x = sum_k sigma v_k s_k c_k t/(1 + t s_k^2).
    const double pull_error =
        s * std::abs(c) * sigmas.cwiseProduct(svd.matrixV().col(k).cwiseAbs()).dot(pull_errors_);
    curve.saturating.push_back({c * c, s * s, pull_error});
  }
  return curve;
}

Eigen::VectorXd AsimovComparison::pulls_at_minimum(const Eigen::VectorXd& sigmas,
                                                   double exposure) const {
  NULOOP_EXPECTS(sigmas.size() == triangular_.cols() && exposure >= 0.0);
  const Eigen::MatrixXd scaled = triangular_ * sigmas.asDiagonal();
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(scaled, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::ArrayXd s = svd.singularValues();
  const Eigen::ArrayXd components = svd.matrixU().transpose() * projection_;
  return sigmas.asDiagonal() *
         (svd.matrixV() * (exposure * s * components / (1.0 + exposure * s * s)).matrix());
}

}  // namespace nuloop::statistics
