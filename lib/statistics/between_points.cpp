// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/between_points.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include <Eigen/Core>
#include <Eigen/QR>

namespace nuloop::statistics {
namespace {

// Relative to 1/t at zero, of which differences grow as 1/t falls.
constexpr double law_tolerance = 1e-6;

bool any_nan(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

// The signed root, which passes zero at the best fit, minus the critical one on a side.
double excess(const TestedValue& tested, double best, double side) {
  const double root = std::copysign(tested.root, tested.value - best);
  return side * root - tested.critical.value;
}

// The slope of the signed root at each tested value, of second order inside and of first at the
// ends.
std::vector<double> slopes_of_root(std::span<const TestedValue> tested, double best) {
  const auto root = [&](std::size_t i) {
    return std::copysign(tested[i].root, tested[i].value - best);
  };
  const auto secant = [&](std::size_t i) {
    return (root(i + 1) - root(i)) / (tested[i + 1].value - tested[i].value);
  };
  const std::size_t last = tested.size() - 1;
  std::vector<double> slopes(tested.size());
  slopes.front() = secant(0);
  slopes.back() = secant(last - 1);
  for (std::size_t i = 1; i < last; ++i) {
    const double before = tested[i].value - tested[i - 1].value;
    const double behind = tested[i + 1].value - tested[i].value;
    slopes[i] = (behind * secant(i - 1) + before * secant(i)) / (before + behind);
  }
  return slopes;
}

// @param side -1 below the best fit, 1 above.
Estimate end_of(std::span<const TestedValue> tested, double best, double side) {
  const auto is_outside = [&](const TestedValue& one) {
    return side * (one.value - best) > 0.0 && excess(one, best, side) > 0.0;
  };
  const auto count = static_cast<std::ptrdiff_t>(tested.size());
  // From the best fit outwards.
  const std::ptrdiff_t step = side > 0.0 ? 1 : -1;
  std::ptrdiff_t outer = side > 0.0 ? 0 : count - 1;
  while (outer >= 0 && outer < count && !is_outside(tested[static_cast<std::size_t>(outer)]))
    outer += step;
  const std::ptrdiff_t inner = outer - step;
  if (outer < 0 || outer >= count || inner < 0 || inner >= count)
    return {side * infinity, infinity};
  const auto i = static_cast<std::size_t>(inner), o = static_cast<std::size_t>(outer);
  const double from = excess(tested[i], best, side), to = excess(tested[o], best, side);
  const double share = from / (from - to);
  const auto slopes = slopes_of_root(tested, best);
  const auto between = [&](double a, double b) { return a + share * (b - a); };
  return {
      between(tested[i].value, tested[o].value),
      between(tested[i].critical.error, tested[o].critical.error) / between(slopes[i], slopes[o])};
}

}  // namespace

double stays_above(std::span<const double> exposure, std::span<const double> values, double level) {
  NULOOP_EXPECTS(!exposure.empty() && exposure.size() == values.size());
  if (any_nan(values))
    return nan;
  std::size_t first = values.size();  // of the points that stay above
  while (first > 0 && values[first - 1] >= level)
    --first;
  if (first == values.size())
    return infinity;
  if (first == 0)
    return 0.0;
  const double below = values[first - 1];
  if (std::isinf(below) || std::isinf(values[first]))
    return exposure[first];
  const double share = (level - below) / (values[first] - below);
  return exposure[first - 1] * std::pow(exposure[first] / exposure[first - 1], share);
}

double reached(std::span<const double> exposure, std::span<const double> chi2, double threshold) {
  NULOOP_EXPECTS(!exposure.empty() && exposure.size() == chi2.size() && threshold > 0.0);
  if (any_nan(chi2))
    return nan;
  const auto found =
      std::find_if(chi2.begin(), chi2.end(), [&](double value) { return value >= threshold; });
  if (found == chi2.begin())
    return 0.0;
  if (found == chi2.end())
    return infinity;
  const auto above = static_cast<std::size_t>(found - chi2.begin());
  const double t = exposure[above - 1], ratio = t / chi2[above - 1];
  const double slope = (exposure[above] / chi2[above] - ratio) / (exposure[above] - t);
  return threshold * (ratio - slope * t) / (1.0 - threshold * slope);
}

EstimatedInterval feldman_cousins(std::span<const TestedValue> tested, double best) {
  NULOOP_EXPECTS(tested.size() >= 2);
  for (const TestedValue& one : tested)
    if (std::isnan(one.root) || std::isnan(one.critical.value))
      return {{nan, nan}, {nan, nan}};
  return {end_of(tested, best, -1.0), end_of(tested, best, 1.0)};
}

double OneBinLaw::never_from(std::size_t pull) const {
  return slopes[pull] > 0.0 ? std::sqrt(at_zero / slopes[pull]) : infinity;
}

std::optional<OneBinLaw> one_bin_law(std::span<const double> first, std::span<const double> second,
                                     std::span<const double> times) {
  NULOOP_EXPECTS(times.size() == first.size() * second.size());
  // t (a - c_0 w_0^2 - c_1 w_1^2) = 1 at each finite time, so that all count by their relative
  // deviations.
  const auto finite = static_cast<Eigen::Index>(
      std::count_if(times.begin(), times.end(), [](double t) { return std::isfinite(t); }));
  Eigen::MatrixX3d terms(finite, 3);
  Eigen::ArrayXd at(finite);
  Eigen::Index row = 0;
  for (std::size_t n = 0; n < times.size(); ++n)
    if (std::isfinite(times[n])) {
      const double a = first[n / second.size()], b = second[n % second.size()];
      terms.row(row) << 1.0, -a * a, -b * b;
      at[row++] = times[n];
    }
  if (finite < 3)
    return std::nullopt;
  Eigen::RowVector3d scale = terms.cwiseAbs().colwise().maxCoeff();
  scale = (scale.array() > 0.0).select(scale, 1.0);
  terms.array().rowwise() /= scale.array();
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(
      (terms.array().colwise() * at).matrix().eval());
  if (qr.rank() < 3)
    return std::nullopt;
  const Eigen::Vector3d law = qr.solve(Eigen::VectorXd::Ones(finite));
  const double most = ((terms * law).array() - 1.0 / at).abs().maxCoeff();
  if (!(most <= law_tolerance * law[0] / scale[0]))
    return std::nullopt;
  return OneBinLaw{law[0] / scale[0], {law[1] / scale[1], law[2] / scale[2]}};
}

std::optional<GridMinimum> least_on_grid(std::span<const double> values, std::size_t columns) {
  NULOOP_EXPECTS(columns > 0 && values.size() % columns == 0);
  const auto least = static_cast<std::size_t>(
      std::distance(values.begin(), std::min_element(values.begin(), values.end())));
  const std::size_t row = least / columns, column = least % columns, rows = values.size() / columns;
  if (row == 0 || row + 1 >= rows || column == 0 || column + 1 >= columns)
    return std::nullopt;
  // The quadratic of least squares through nine points; x runs along the rows, y along the columns.
  double mean = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0, yy = 0.0;
  for (const int i : {-1, 0, 1})
    for (const int j : {-1, 0, 1}) {
      const auto at = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(least) +
                                               i * static_cast<std::ptrdiff_t>(columns) + j);
      const double value = values[at];
      mean += value / 9.0;
      x += i * value / 6.0;
      y += j * value / 6.0;
      xx += (i * i - 2.0 / 3.0) * value / 2.0;
      yy += (j * j - 2.0 / 3.0) * value / 2.0;
      xy += i * j * value / 4.0;
    }
  const double determinant = 4.0 * xx * yy - xy * xy;
  if (!(determinant > 0.0 && xx > 0.0))  // NaN too
    return std::nullopt;
  const double dx = (xy * y - 2.0 * yy * x) / determinant;
  const double dy = (xy * x - 2.0 * xx * y) / determinant;
  const double constant = mean - 2.0 / 3.0 * (xx + yy);
  return GridMinimum{constant + 0.5 * (x * dx + y * dy),
                     {static_cast<double>(row) + dx, static_cast<double>(column) + dy}};
}

}  // namespace nuloop::statistics
