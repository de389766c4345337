// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/interval.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/roots.hpp>

namespace nuloop::statistics {
namespace {

constexpr std::size_t nodes = 129;        // of the scan
constexpr double nearest_to_end = 1e-9;   // of a finite range, in its length
constexpr double end_width = 1e-6;        // of what counts as the end, in steps of the scan
constexpr double nearly_infinite = 1e9;   // of an infinite one, in its scale
constexpr double step = 0.01;             // of derivatives, in half-widths
constexpr double root_tolerance = 1e-12;  // in half-widths
constexpr std::uintmax_t iterations = 200;

// Values over which chi2 is looked at, in order.
std::vector<double> scan(const ParameterRange& range) {
  std::vector<double> values(nodes);
  const bool finite = std::isfinite(range.low);
  for (std::size_t i = 0; i < nodes; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(nodes - 1);
    const double u = 2.0 * share - 1.0;
    values[i] = finite ? std::lerp(range.low, range.high, share)
                       : range.scale * u / std::max(1.0 - std::abs(u), 1.0 / nearly_infinite);
  }
  if (finite) {
    values.front() = std::lerp(range.low, range.high, nearest_to_end);
    values.back() = std::lerp(range.high, range.low, nearest_to_end);
  }
  return values;
}

class Fit {
 public:
  Fit(const ChiSquareFunction& chi2, const ParameterRange& range)
      : chi2_(chi2), range_(range), at_(scan(range)) {
    for (const double value : at_)
      values_.push_back(chi2_(value).value);
    lowest_ = static_cast<std::size_t>(std::min_element(values_.begin(), values_.end()) -
                                       values_.begin());
    const double highest = *std::max_element(values_.begin(), values_.end());
    // What is left of a constant is rounding.
    if (!(highest - values_[lowest_] > 1e-12 * highest))
      throw NumericalError("chi2 does not depend on the parameter that is measured");
    find_minimum();
  }

  ParameterFit result(const std::vector<double>& delta_chi2) const {
    const Bounded<double> best = chi2_(best_);
    ParameterFit fit{
        {best_, at_the_end_ ? 0.0 : best_error()}, best, other_minimum(best.value), {}};
    const double moved = fit.best_fit.error / width_;
    fit.chi2.error += moved * moved;
    for (const double delta : delta_chi2) {
      NULOOP_EXPECTS(delta > 0.0);
      fit.intervals.push_back({find_end(-1.0, best, delta), find_end(1.0, best, delta)});
    }
    return fit;
  }

 private:
  // The neighbours in the scan of its n-th value; at an end of the range that value itself.
  double before(std::size_t n) const { return at_[n == 0 ? 0 : n - 1]; }
  double behind(std::size_t n) const { return at_[std::min(n + 1, nodes - 1)]; }
  static bool is_end(std::size_t n) { return n == 0 || n == nodes - 1; }

  double low_end() const { return at_.front(); }
  double high_end() const { return at_.back(); }

  // The minimum of chi2 between two values around it, or between an end of the range and the value
  // next to it: then it may be the end.
  double minimum(double low, double high) const {
    const auto [share, value] = boost::math::tools::brent_find_minima(
        [&](double x) { return chi2_(std::lerp(low, high, x)).value; }, 0.0, 1.0, 26);
    static_cast<void>(value);
    return std::lerp(low, high, share);
  }

  // chi2' by central differences, the error of fourth order in the step.
  double derivative(double value, double h) const {
    const auto central = [&](double d) {
      return (chi2_(value + d).value - chi2_(value - d).value) / (2.0 * d);
    };
    return (4.0 * central(0.5 * h) - central(h)) / 3.0;
  }

  void find_minimum() {
    if (is_end(lowest_) && !std::isfinite(range_.low))
      throw NumericalError("chi2 is lowest at an infinite value of the parameter");
    const double low = before(lowest_), high = behind(lowest_);
    best_ = minimum(low, high);
    if (is_end(lowest_)) {
      const double end = at_[lowest_];
      at_the_end_ = std::abs(best_ - end) < end_width * (high - low) ||
                    !(chi2_(best_).value < values_[lowest_]);
      if (at_the_end_) {
        best_ = end;
        width_ = high - low;
        return;
      }
    }
    // Where the parabola at the minimum has risen by one; the step follows it.
    const double room = std::min(best_ - low_end(), high_end() - best_);
    double h = std::min(1e-3 * (high - low), 0.5 * room);
    for (int i = 0; i < 4; ++i) {
      const double bend =
          (chi2_(best_ + h).value - 2.0 * chi2_(best_).value + chi2_(best_ - h).value) / (h * h);
      if (!(bend > 0.0))
        throw NumericalError("chi2 is flat at its minimum");
      width_ = std::numbers::sqrt2 / std::sqrt(bend);
      h = std::min(0.05 * width_, 0.5 * room);
    }
    // The minimum of a parabola is known to half the digits only, the zero of its slope to all.
    const double d = std::min(step * width_, 0.5 * room);
    const double around = std::min(0.05 * width_, 0.4 * room);
    const auto slope = [&](double x) { return derivative(best_ + x * around, d); };
    const double left = slope(-1.0), right = slope(1.0);
    if (!(left < 0.0 && right > 0.0))
      return;
    std::uintmax_t left_to_do = iterations;
    const auto [a, b] = boost::math::tools::toms748_solve(
        slope, -1.0, 1.0, left, right,
        [](double x, double y) { return std::abs(y - x) <= root_tolerance; }, left_to_do);
    best_ += 0.5 * (a + b) * around;
  }

  // To first order the parabola is displaced as a whole, by no more than its flanks are; sqrt2 for
  // sqrt(chi2_min) + 1 <= sqrt2 sqrt(chi2_min + 1).
  double best_error() const {
    double error = 0.0;
    for (const double side : {-1.0, 1.0}) {
      const double flank = std::clamp(best_ + side * width_, low_end(), high_end());
      error = std::max(error, chi2_(flank).error);
    }
    return width_ * (error / std::numbers::sqrt2 + root_tolerance);
  }

  double other_minimum(double chi2_min) const {
    double lowest = infinity;
    for (std::size_t i = 0; i < nodes; ++i) {
      const bool below_left = i == 0 || values_[i] < values_[i - 1];
      const bool below_right = i == nodes - 1 || values_[i] < values_[i + 1];
      if (i == lowest_ || !below_left || !below_right)
        continue;
      const double value = chi2_(minimum(before(i), behind(i))).value;
      lowest = std::min(lowest, std::min(value, values_[i]) - chi2_min);
    }
    return lowest;
  }

  // Walks away from the minimum until chi2 has risen by `delta`, by no more than from one value of
  // the scan to the next.
  Bounded<double> find_end(double side, const Bounded<double>& best, double delta) const {
    const double last = side > 0.0 ? high_end() : low_end();
    const auto rise = [&](double x) { return chi2_(best_ + side * x).value - best.value - delta; };
    double from = 0.0, stride = 0.5 * width_;
    double below = -delta;
    while (best_ + side * from != last && from < std::abs(last - best_)) {
      const double to = std::min({from + stride, next_node(side, from), std::abs(last - best_)});
      const double above = rise(to);
      if (above >= 0.0) {
        std::uintmax_t left_to_do = iterations;
        const auto [a, b] = boost::math::tools::toms748_solve(
            rise, from, to, below, above,
            [&](double x, double y) {
              return std::abs(y - x) <= std::max(root_tolerance * width_, 1e-15 * std::abs(y));
            },
            left_to_do);
        const double root = 0.5 * (a + b);
        const double end = best_ + side * root;
        return {end, end_error(end, side, best.error)};
      }
      from = to;
      below = above;
      stride *= 1.5;
    }
    return {side > 0.0 ? range_.high : range_.low, 0.0};
  }

  // The distance from the minimum of the next value of the scan that is further away.
  double next_node(double side, double from) const {
    const auto further = [&](double value) { return side * (value - best_) > from; };
    if (side > 0.0)
      return std::abs(*std::find_if(at_.begin(), at_.end(), further) - best_);
    return std::abs(*std::find_if(at_.rbegin(), at_.rend(), further) - best_);
  }

  double end_error(double end, double side, double best_chi2_error) const {
    const double h = step * std::min(width_, std::abs(end - best_));
    const double inside = chi2_(end - side * h).value, there = chi2_(end).value;
    const double slope = (there - inside) / h;
    if (!(slope > 0.0))
      return infinity;
    return (chi2_(end).error + best_chi2_error) / slope +
           std::max(root_tolerance * width_, 1e-15 * std::abs(end - best_));
  }

  const ChiSquareFunction& chi2_;
  ParameterRange range_;
  std::vector<double> at_;
  std::vector<double> values_;
  std::size_t lowest_ = 0;
  bool at_the_end_ = false;  // of the range
  double best_ = 0.0;
  double width_ = 0.0;  // where chi2 has risen by one, nearly
};

}  // namespace

double delta_chi2(double confidence_level) {
  NULOOP_EXPECTS(confidence_level > 0.0 && confidence_level < 1.0);
  return boost::math::quantile(boost::math::chi_squared(1.0), confidence_level);
}

double delta_chi2_of_two(double confidence_level) {
  NULOOP_EXPECTS(confidence_level > 0.0 && confidence_level < 1.0);
  return -2.0 * std::log1p(-confidence_level);
}

ParameterFit fit_parameter(const ChiSquareFunction& chi2, const ParameterRange& range,
                           const std::vector<double>& delta_chi2) {
  NULOOP_EXPECTS(std::isfinite(range.low) == std::isfinite(range.high));
  NULOOP_EXPECTS(range.low < range.high);
  return Fit(chi2, range).result(delta_chi2);
}

}  // namespace nuloop::statistics
