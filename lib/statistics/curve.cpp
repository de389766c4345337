// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/curve.hpp"

#include "bin_term.hpp"
#include "convex_fit.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/roots.hpp>

namespace nuloop::statistics {
namespace {

using Eigen::Index;

// The exposure at which chi2, which grows without a jump from zero, reaches the threshold; infinity
// if it does not in the range of doubles. @param start > 0, near the root or below it.
// @param bits to which chi2 allows to find it.
template <class Curve>
double reach_from(double start, const Curve& chi2, double threshold, unsigned bits,
                  double latest = std::numeric_limits<double>::max()) {
  const auto excess = [&](double exposure) {
    const double above = chi2(exposure) - threshold;
    if (std::isnan(above))
      throw NumericalError("chi2 is not finite");
    return above;
  };
  double low = start, high = start;
  double at_low = excess(start), at_high = at_low;
  while (at_low > 0.0) {
    high = low;
    at_high = at_low;
    low *= 0.75;
    at_low = excess(low);
  }
  while (at_high < 0.0) {
    high *= 2.0;
    if (!(high <= latest))
      return infinity;
    at_high = excess(high);
  }
  if (at_low == 0.0)
    return low;
  if (at_high == 0.0)
    return high;
  std::uintmax_t iterations = 200;
  const auto [a, b] = boost::math::tools::toms748_solve(
      excess, low, high, at_low, at_high, boost::math::tools::eps_tolerance<double>(bits),
      iterations);
  if (!(b - a <= reach_tolerance * b))
    throw NumericalError("the exposure that reaches the threshold was not found");
  return 0.5 * (a + b);
}

}  // namespace

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
  if (!std::isfinite(rise(0.0)))
    throw NumericalError("chi2 is not finite");
  if (limit() <= threshold)
    return infinity;
  // chi2 is concave: each tangent bounds the root from below, and Newton's method climbs to it.
  constexpr int most_steps = 2000;
  constexpr double rounding = 2.0 * std::numeric_limits<double>::epsilon();
  double exposure = 0.0, step = 0.0;
  for (int i = 0; i < most_steps; ++i) {
    step = (threshold - (*this)(exposure)) / rise(exposure);
    if (!(step > rounding * exposure))
      return exposure;
    exposure += step;
    if (!std::isfinite(exposure))
      return infinity;
  }
  if (!(step <= reach_tolerance * exposure))
    throw NumericalError("the exposure that reaches the threshold was not found");
  return exposure;
}

double ChiSquareCurve::rise(double exposure) const {
  double sum = slope;
  for (const Saturating& term : saturating) {
    const double softening = 1.0 + term.stiffness * exposure;
    sum += term.amplitude / (softening * softening);
  }
  return sum;
}

double ChiSquareCurve::reach_error(double exposure) const {
  if (std::isinf(exposure))
    return infinity;
  return error(exposure) / rise(exposure) + reach_tolerance * exposure;
}

FittedCurve::FittedCurve(Statistic statistic, const Comparison& c)
    // With n as variance, fixed or not, is all the same.
    : statistic_(statistic == Statistic::reference ? Statistic::neyman : statistic) {
  const Eigen::ArrayXd& n = c.reference.value;
  // The difference is known better than the tested counts, until it is all of n.
  Eigen::ArrayXd tested = n - c.difference.value;
  tested = (tested > 0.0).select(tested, c.tested.value);
  check_bins(c, needs_positive(statistic_) ? tested : n);
  const Eigen::VectorXd widths = c.widths();
  // The limit does not depend on what weighs bins in which nothing is counted.
  const Whitened whitened(c, {(n > 0.0).select(n, tested), c.reference.error});
  closed_ = whitened.curve(widths);
  const std::vector<Index> occupied = whitened.occupied();
  reference_ = {c.reference.value(occupied), c.reference.error(occupied)};
  difference_ = {c.difference.value(occupied), c.difference.error(occupied)};
  tested_ = tested(occupied);
  pull_errors_ = rows_of(c.pulls.error, occupied);
  TurnedPulls turned = whitened.turned(rows_of(c.pulls.value, occupied), widths);
  columns_ = std::move(turned.columns);
  to_pulls_ = std::move(turned.to_pulls);
}

FittedCurve::Point FittedCurve::at(double exposure) const {
  NULOOP_EXPECTS(exposure >= 0.0);
  if (exposure == 0.0)
    return {0.0, 0.0, 0.0};
  const Eigen::ArrayXd counts = exposure * reference_.value;
  const Eigen::ArrayXd difference = exposure * difference_.value;
  const Eigen::ArrayXd tested = exposure * tested_;
  const Eigen::MatrixXd columns = exposure * columns_;
  ConvexMinimum fit;
  fit.y = Eigen::VectorXd::Zero(columns.cols());
  minimise({statistic_, counts, counts, tested, difference, columns, columns.cols()}, fit);

  // f as a function of n and n - m, which are known independently.
  const Eigen::ArrayXd pulls = (to_pulls_ * fit.y).array().abs();
  const Eigen::ArrayXd moved =
      exposure * (difference_.error + (pull_errors_ * pulls.matrix()).array());
  double error = fit.error;
  for (Index i = 0; i < counts.size(); ++i) {
    error += std::abs(fit.slopes[i]) * moved[i] + 0.5 * fit.curvatures[i] * moved[i] * moved[i];
    if (counts[i] > 0.0)  // what is impossible is known to be zero
      error += std::abs(common_slope(statistic_, counts[i], fit.expected[i], fit.difference[i])) *
               exposure * reference_.error[i];
  }
  return {fit.value, error, (fit.value - fit.y.squaredNorm()) / exposure};
}

double FittedCurve::operator()(double exposure) const {
  return at(exposure).value;
}

double FittedCurve::error(double exposure) const {
  return at(exposure).error;
}

double FittedCurve::reach(double threshold) const {
  const double start = closed_.reach(threshold);
  // The fit leaves some 1e-14 of chi2 open.
  return std::isinf(start) ? infinity : reach_from(start, *this, threshold, 45);
}

double FittedCurve::reach_error(double exposure) const {
  if (std::isinf(exposure))
    return infinity;
  const Point point = at(exposure);
  return point.error / point.slope + reach_tolerance * exposure;
}

ProfiledCurve::ProfiledCurve(Family family, double width, double low, double high)
    : family_(std::move(family)), width_(width), low_(low), high_(high), at_zero_(family_(0.0)) {
  NULOOP_EXPECTS(width > 0.0 && low < 0.0 && high > 0.0);
}

// The prior alone keeps x within width sqrt(chi2_0). Points in between find the lowest valley.
ProfiledCurve::Minimum ProfiledCurve::minimum(double exposure) const {
  constexpr int points = 64;
  constexpr double inside = 1.0 - 1e-9;  // the range is open
  const double fixed = at_zero_(exposure);
  const double farthest = width_ * std::sqrt(fixed);
  if (farthest == 0.0)
    return {0.0, fixed};
  const double low = std::max(-farthest, inside * low_), high = std::min(farthest, inside * high_);
  const auto chi2 = [&](double x) { return family_(x)(exposure) + (x / width_) * (x / width_); };
  const auto place = [&](int n) { return std::lerp(low, high, static_cast<double>(n) / points); };
  std::array<double, points + 1> scan;
  for (int n = 0; n <= points; ++n)
    scan[static_cast<std::size_t>(n)] = chi2(place(n));
  Minimum best{0.0, fixed};
  for (int n = 0; n <= points; ++n) {
    const int before = std::max(n - 1, 0), after = std::min(n + 1, points);
    const auto at = [&](int k) { return scan[static_cast<std::size_t>(k)]; };
    if (at(n) > std::min(at(before), at(after)))
      continue;
    // Shares of the valley: the search has an absolute tolerance too.
    const auto within = [&](double share) { return std::lerp(place(before), place(after), share); };
    constexpr int bits = std::numeric_limits<double>::digits / 2;
    const auto [share, value] = boost::math::tools::brent_find_minima(
        [&](double at_share) { return chi2(within(at_share)); }, 0.0, 1.0, bits);
    if (value < best.chi2)
      best = {within(share), value};
  }
  return best;
}

double ProfiledCurve::error(double exposure) const {
  return family_(minimum(exposure).x).error(exposure);
}

double ProfiledCurve::reach(double threshold) const {
  constexpr double farthest = 1e12;
  const double start = at_zero_.reach(threshold);
  return std::isinf(start) ? infinity : reach_from(start, *this, threshold, 45, farthest * start);
}

double ProfiledCurve::reach_error(double exposure) const {
  if (std::isinf(exposure))
    return infinity;
  const ChiSquareCurve curve = family_(minimum(exposure).x);
  return curve.error(exposure) / curve.rise(exposure) + reach_tolerance * exposure;
}

}  // namespace nuloop::statistics
