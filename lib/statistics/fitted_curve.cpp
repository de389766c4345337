// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/fitted_curve.hpp"

#include "convex_fit.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <boost/math/tools/roots.hpp>

namespace nuloop::statistics {

using Eigen::Index;

FittedCurve::FittedCurve(Statistic statistic, const Counts& reference, const Counts& difference,
                         const Bounded<Eigen::MatrixXd>& pulls, const Eigen::VectorXd& sigmas)
    // With n as variance, fixed or not, is all the same.
    : statistic_(statistic == Statistic::reference ? Statistic::neyman : statistic) {
  const Index bins = reference.value.size();
  NULOOP_EXPECTS(difference.value.size() == bins && sigmas.size() == pulls.value.cols());
  closed_ = AsimovComparison(difference, reference, pulls).curve(sigmas);

  std::vector<Index> occupied;
  for (Index i = 0; i < bins; ++i)
    if (reference.value[i] > 0.0)
      occupied.push_back(i);
  reference_ = {reference.value(occupied), reference.error(occupied)};
  difference_ = {difference.value(occupied), difference.error(occupied)};
  if (!(difference_.value < reference_.value).all())
    throw NumericalError("the tested hypothesis expects no events in a bin of the reference");
  pull_errors_ = rows_of(pulls.error, occupied);
  TurnedPulls turned = turn(reference_.value, rows_of(pulls.value, occupied), sigmas);
  columns_ = std::move(turned.columns);
  to_pulls_ = std::move(turned.to_pulls);
}

FittedCurve::Point FittedCurve::at(double exposure) const {
  NULOOP_EXPECTS(exposure >= 0.0);
  if (exposure == 0.0)
    return {0.0, 0.0, 0.0};
  const Eigen::ArrayXd counts = exposure * reference_.value;
  const Eigen::ArrayXd difference = exposure * difference_.value;
  const Eigen::ArrayXd tested = exposure * (reference_.value - difference_.value);
  const Eigen::MatrixXd columns = exposure * columns_;
  ConvexMinimum fit;
  fit.y = Eigen::VectorXd::Zero(columns.cols());
  minimise({statistic_, counts, counts, tested, difference, columns, columns.cols()}, fit);

  // f as a function of n and n - m, which are known independently.
  const Eigen::ArrayXd pulls = (to_pulls_ * fit.y).array().abs();
  const Eigen::ArrayXd moved =
      exposure * (difference_.error + (pull_errors_ * pulls.matrix()).array());
  double error = fit.error;
  for (Index i = 0; i < counts.size(); ++i)
    error += std::abs(fit.slopes[i]) * moved[i] + 0.5 * fit.curvatures[i] * moved[i] * moved[i] +
             std::abs(common_slope(statistic_, counts[i], fit.expected[i], fit.difference[i])) *
                 exposure * reference_.error[i];
  return {fit.value, error, (fit.value - fit.y.squaredNorm()) / exposure};
}

double FittedCurve::operator()(double exposure) const {
  return at(exposure).value;
}

double FittedCurve::error(double exposure) const {
  return at(exposure).error;
}

double FittedCurve::reach(double threshold) const {
  NULOOP_EXPECTS(threshold > 0.0);
  const double start = closed_.reach(threshold);
  if (std::isinf(start))
    return infinity;
  const auto excess = [&](double exposure) { return (*this)(exposure)-threshold; };
  double low = start, high = start;
  double at_low = excess(start), at_high = at_low;
  while (at_low > 0.0) {
    high = low;
    at_high = at_low;
    low *= 0.75;
    at_low = excess(low);
  }
  while (at_high < 0.0) {
    low = high;
    at_low = at_high;
    high *= 1.5;
    if (!std::isfinite(high))
      return infinity;
    at_high = excess(high);
  }
  if (at_low == 0.0)
    return low;
  if (at_high == 0.0)
    return high;
  std::uintmax_t iterations = 200;
  const auto [a, b] =
      boost::math::tools::toms748_solve(excess, low, high, at_low, at_high,
                                        boost::math::tools::eps_tolerance<double>(45), iterations);
  if (!(b - a <= reach_tolerance * b))
    throw NumericalError("the exposure that reaches the threshold was not found");
  return 0.5 * (a + b);
}

double FittedCurve::reach_error(double exposure) const {
  if (std::isinf(exposure))
    return infinity;
  const Point point = at(exposure);
  return point.error / point.slope + reach_tolerance * exposure;
}

}  // namespace nuloop::statistics
