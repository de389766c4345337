// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/whitened_pair.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/statistics/decompositions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace nuloop::statistics {

bool WhitenedPair::compute(const Counts& reference, const Counts& tested, const Counts& difference,
                           const Counts& background, double unit) {
  // Below it the second column loses digits when the first is taken out.
  constexpr double least_angle = 1e-3;
  constexpr Eigen::Index fewest_bins = 3;
  variance_ = reference.value + background.value;
  if (variance_.size() < fewest_bins || !(variance_.minCoeff() > 0.0))
    return false;
  weights_ = (unit / variance_).sqrt();
  residual_ = weights_ * difference.value;
  first_ = weights_ * tested.value;
  second_ = weights_ * background.value;
  difference_error_ = (weights_ * difference.error).matrix().norm();
  pull_errors_ = {(weights_ * tested.error).matrix().norm(),
                  (weights_ * background.error).matrix().norm()};
  variance_error_ = ((reference.error + background.error) / variance_).maxCoeff();

  rounding_ = decomposition_rounding * residual_.norm();
  r11_ = first_.norm();
  const double length = second_.norm();
  first_ *= 1.0 / r11_;
  r12_ = first_.dot(second_);
  second_ -= r12_ * first_;
  r22_ = second_.norm();
  if (!(r22_ > least_angle * length))
    return false;
  second_ *= 1.0 / r22_;
  components_[0] = first_.dot(residual_);
  residual_ -= components_[0] * first_;
  components_[1] = second_.dot(residual_);
  residual_ -= components_[1] * second_;
  slope_ = residual_.squaredNorm();
  if (slope_ <= rounding_ * rounding_)
    slope_ = 0.0;
  return std::isfinite(slope_ + r11_ + r12_ + r22_ + rounding_);
}

bool WhitenedPair::curve(const Eigen::Array2d& widths, ChiSquareCurve& to) const {
  NULOOP_EXPECTS((widths >= 0.0).all());
  // Columns (a, 0) and (b, c) of R diag(widths); a rotation makes them orthogonal.
  const double a = r11_ * widths[0], b = r12_ * widths[1], c = r22_ * widths[1];
  const double aa = a * a, bb = b * b + c * c, ab = a * b;
  if (!(aa + bb <= longest_safe_column * longest_safe_column))
    return false;
  double cosine = 1.0, sine = 0.0;
  if (std::abs(ab) > std::numeric_limits<double>::epsilon() * std::sqrt(aa * bb)) {
    const double cotangent = (bb - aa) / (2.0 * ab);  // of twice the angle
    const double tangent = std::copysign(1.0, cotangent) /
                           (std::abs(cotangent) + std::sqrt(1.0 + cotangent * cotangent));
    cosine = 1.0 / std::sqrt(1.0 + tangent * tangent);
    sine = cosine * tangent;
  }
  Eigen::Array2d longer{cosine * a - sine * b, -sine * c}, turn{cosine, -sine};
  Eigen::Array2d other{sine * a + cosine * b, cosine * c}, other_turn{sine, cosine};
  if (longer.matrix().squaredNorm() < other.matrix().squaredNorm()) {
    std::swap(longer, other);
    std::swap(turn, other_turn);
  }
  const double length = longer.matrix().norm();
  const Eigen::Array2d along =
      length > 0.0 ? Eigen::Array2d(longer / length) : Eigen::Array2d(1.0, 0.0);
  const Eigen::Array2d across{-along[1], along[0]};
  const auto saturating = [&](double s, const Eigen::Array2d& direction,
                              const Eigen::Array2d& pulls) -> ChiSquareCurve::Saturating {
    double component = (direction * components_).sum();
    if (std::abs(component) <= rounding_)
      component = 0.0;
    return {component * component, s * s,
            s * std::abs(component) * (widths * pulls.abs() * pull_errors_).sum()};
  };
  to.slope = slope_;
  to.difference_error = difference_error_ + rounding_;
  to.variance_error = variance_error_;
  to.saturating.resize(2);
  to.saturating[0] = saturating(length, along, turn);
  // The product of the lengths is the determinant.
  to.saturating[1] = saturating(length > 0.0 ? a * c / length : 0.0, across, other_turn);
  return true;
}

}  // namespace nuloop::statistics
