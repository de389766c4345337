// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/toy_tally.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include <boost/math/special_functions/erf.hpp>

namespace nuloop::statistics {
namespace {

enum Scalar : std::size_t { number, w, ww, wy, wyy, wwy, wwyy };

// The sums of w and w^2 of z at or above the threshold, then below its negative.
void add_tail(std::span<const double> z, std::span<const double> weights, bool plain,
              double threshold, double* sums) {
  if (plain) {  // whole numbers, whose sums have no order
    const double* const values = z.data();
    double above = 0.0, below = 0.0;
#pragma omp simd reduction(+ : above, below)
    for (std::size_t i = 0; i < z.size(); ++i) {
      above += values[i] >= threshold ? 1.0 : 0.0;
      below += values[i] <= -threshold ? 1.0 : 0.0;
    }
    sums[0] += above;
    sums[1] += above;
    sums[2] += below;
    sums[3] += below;
    return;
  }
  for (std::size_t i = 0; i < z.size(); ++i)
    if (std::abs(z[i]) >= threshold) {
      double* const side = z[i] > 0.0 ? sums : sums + 2;
      side[0] += weights[i];
      side[1] += weights[i] * weights[i];
    }
}

}  // namespace

Estimate gaussian_sigma(const Estimate& p_value) {
  if (std::isnan(p_value.value))  // of a point that failed
    return {nan, nan};
  if (p_value.value <= 0.0)
    return {infinity, infinity};
  const double sigma =
      p_value.value < 1.0 ? std::numbers::sqrt2 * boost::math::erfc_inv(p_value.value) : 0.0;
  // dp/dsigma = -2 exp(-sigma^2/2)/sqrt(2 pi)
  return {sigma, p_value.error * std::sqrt(0.5 * std::numbers::pi) * std::exp(0.5 * sigma * sigma)};
}

double gaussian_tail(double threshold, double expected) {
  return 0.5 * (std::erfc((threshold - expected) / std::numbers::sqrt2) +
                std::erfc((threshold + expected) / std::numbers::sqrt2));
}

ToyTally::ToyTally(double shift, std::vector<double> thresholds)
    : shift_(shift),
      thresholds_(std::move(thresholds)),
      numbers_(scalars + 2 * bins + 4 * thresholds_.size()) {
  NULOOP_EXPECTS(std::all_of(thresholds_.begin(), thresholds_.end(),
                             [](double threshold) { return threshold > 0.0; }));
}

void ToyTally::add(double z, double weight) {
  add({&z, 1}, {&weight, 1});
}

void ToyTally::add(std::span<const double> z, std::span<const double> weights) {
  NULOOP_EXPECTS(z.size() == weights.size());
  // A sum of zeros, unless a number is not finite.
  double nothing = 0.0;
  for (std::size_t i = 0; i < z.size(); ++i)
    nothing += 0.0 * z[i] + 0.0 * weights[i];
  if (nothing != 0.0)
    throw NumericalError("the test statistic of a pseudo-experiment is not finite");

  std::array<double, scalars> sums;
  std::copy_n(numbers_.begin(), scalars, sums.begin());
  double* const histogram = numbers_.data() + scalars;
  double* const squares = histogram + bins;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double weight = weights[i], y = z[i] - shift_, square = weight * weight;
    sums[number] += 1.0;
    sums[w] += weight;
    sums[ww] += square;
    sums[wy] += weight * y;
    sums[wyy] += weight * y * y;
    sums[wwy] += square * y;
    sums[wwyy] += square * y * y;

    const double place = (y + half_range) * static_cast<double>(steps_per_unit) + 1.0;
    const auto bin = static_cast<std::size_t>(
        static_cast<std::int64_t>(std::clamp(place, 0.0, static_cast<double>(bins - 1))));
    histogram[bin] += weight;
    squares[bin] += square;
  }
  std::copy_n(sums.begin(), scalars, numbers_.begin());
  add_tails(z, weights);
}

void ToyTally::add_tails(std::span<const double> z, std::span<const double> weights) {
  const double *const values = z.data(), *const factors = weights.data();
  double largest = 0.0, others = 0.0;  // weights that are not 1
#pragma omp simd reduction(max : largest) reduction(+ : others)
  for (std::size_t i = 0; i < z.size(); ++i) {
    largest = std::max(largest, std::abs(values[i]));
    others += factors[i] == 1.0 ? 0.0 : 1.0;
  }
  double* tail = numbers_.data() + scalars + 2 * bins;
  for (const double threshold : thresholds_) {
    if (largest >= threshold)
      add_tail(z, weights, others == 0.0, threshold, tail);
    tail += 4;
  }
}

ToyTally& ToyTally::operator+=(const ToyTally& other) {
  NULOOP_EXPECTS(shift_ == other.shift_ && thresholds_ == other.thresholds_);
  std::transform(numbers_.begin(), numbers_.end(), other.numbers_.begin(), numbers_.begin(),
                 [](double a, double b) { return a + b; });
  return *this;
}

Estimate ToyTally::mean() const {
  NULOOP_EXPECTS(toys() > 0.0);
  const double m = numbers_[wy] / numbers_[w];
  const double spread = numbers_[wwyy] - 2.0 * m * numbers_[wwy] + m * m * numbers_[ww];
  return {shift_ + m, std::sqrt(std::max(0.0, spread)) / numbers_[w]};
}

double ToyTally::variance() const {
  NULOOP_EXPECTS(toys() > 0.0);
  const double m = numbers_[wy] / numbers_[w];
  return std::max(0.0, numbers_[wyy] / numbers_[w] - m * m);
}

double ToyTally::quantile_at(double cumulative) const {
  const auto sums = histogram();
  double rest = cumulative * numbers_[w];
  std::size_t bin = 0;
  while (bin + 1 < bins && (rest > sums[bin] || sums[bin] == 0.0))
    rest -= sums[bin++];
  if (bin == 0)
    return -infinity;
  if (bin == bins - 1)
    return infinity;
  const double place = static_cast<double>(bin - 1) + std::max(0.0, rest) / sums[bin];
  return shift_ - half_range + place / static_cast<double>(steps_per_unit);
}

Estimate ToyTally::quantile(double probability) const {
  NULOOP_EXPECTS(toys() > 0.0 && probability > 0.0 && probability < 1.0);
  const double value = quantile_at(probability);
  if (!std::isfinite(value))
    return {value, infinity};
  double below = 0.0;  // squares of the weights below the quantile
  const auto squares = histogram_squares();
  const double place = (value - shift_ + half_range) * static_cast<double>(steps_per_unit) + 1.0;
  for (std::size_t bin = 0; bin < bins; ++bin)
    below += squares[bin] * std::clamp(place - static_cast<double>(bin), 0.0, 1.0);
  const double deviation =
      std::sqrt(below * (1.0 - probability) * (1.0 - probability) +
                std::max(0.0, numbers_[ww] - below) * probability * probability) /
      numbers_[w];
  return {value,
          0.5 * (quantile_at(probability + deviation) - quantile_at(probability - deviation))};
}

// From the middle of the histogram outwards, a bin on either side at a time.
double ToyTally::critical_at(double level) const {
  const auto sums = histogram();
  double rest = level * numbers_[w];
  for (std::size_t i = 0; i < (bins - 2) / 2; ++i) {
    const double both = sums[bins / 2 - 1 - i] + sums[bins / 2 + i];
    if (both > 0.0 && rest <= both)
      return (static_cast<double>(i) + std::max(0.0, rest) / both) /
             static_cast<double>(steps_per_unit);
    rest -= both;
  }
  return infinity;
}

Estimate ToyTally::critical(double level) const {
  NULOOP_EXPECTS(toys() > 0.0 && level > 0.0 && level < 1.0);
  const double value = critical_at(level);
  if (!std::isfinite(value))
    return {value, infinity};
  double inside = 0.0;  // squares of the weights there
  const auto squares = histogram_squares();
  for (std::size_t i = 0; i < (bins - 2) / 2; ++i)
    inside +=
        (squares[bins / 2 - 1 - i] + squares[bins / 2 + i]) *
        std::clamp(value * static_cast<double>(steps_per_unit) - static_cast<double>(i), 0.0, 1.0);
  const double deviation = std::sqrt(inside * (1.0 - level) * (1.0 - level) +
                                     std::max(0.0, numbers_[ww] - inside) * level * level) /
                           numbers_[w];
  return {value, 0.5 * (critical_at(level + deviation) - critical_at(level - deviation))};
}

Estimate ToyTally::tail(std::size_t threshold, Side side) const {
  NULOOP_EXPECTS(toys() > 0.0 && threshold < thresholds_.size());
  const auto sums = tails().subspan(4 * threshold, 4);
  double sum = 0.0, squares = 0.0;
  if (side != Side::below) {
    sum += sums[0];
    squares += sums[1];
  }
  if (side != Side::above) {
    sum += sums[2];
    squares += sums[3];
  }
  const double n = toys();
  if (sum == 0.0)
    return {0.0, 1.0 / n};
  return {sum / n, std::sqrt(std::max(0.0, squares - sum * sum / n)) / n};
}

void ToyTally::restore(std::span<const double> numbers) {
  NULOOP_EXPECTS(numbers.size() == numbers_.size());
  std::copy(numbers.begin(), numbers.end(), numbers_.begin());
}

}  // namespace nuloop::statistics
