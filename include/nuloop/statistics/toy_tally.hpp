// The tally of pseudo-experiments: sums from which quantiles and p values follow.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nuloop::statistics {

/// A number with its statistical error, one standard deviation.
struct Estimate {
  double value;
  double error;
};

/// The significance whose two-sided Gaussian tail is p = erfc(sigma/sqrt(2)), with the error of p
/// carried over; 0 for p >= 1, infinite for p <= 0.
Estimate gaussian_sigma(const Estimate& p_value);

/// The probability of |z| >= threshold for a normal z of variance 1 around `expected`.
double gaussian_tail(double threshold, double expected);

/// Weighted sums over the values z of a test statistic. A weight is the likelihood ratio of truth
/// to sampling distribution, and has the mean 1. The tally is one array of doubles, so that it can
/// be stored, restored and continued without a change of a bit.
class ToyTally {
 public:
  /// The histogram: steps over (-half_range, half_range) and an open bin at either end.
  static constexpr double half_range = 8.0;
  static constexpr std::size_t steps_per_unit = 50;
  static constexpr std::size_t bins = std::size_t{16} * steps_per_unit + 2;
  static_assert(static_cast<double>(bins - 2) == 2.0 * half_range * steps_per_unit);
  static constexpr std::size_t scalars = 7;

  /// @param shift the expected z. Histogram and moments are those of z - shift.
  /// @param thresholds of z (not shifted), > 0, whose tails are counted exactly.
  ToyTally(double shift, std::vector<double> thresholds);

  /// @throws NumericalError if z or the weight is not finite.
  void add(double z, double weight);

  /// The same for several, one after the other. @param weights as many as z.
  void add(std::span<const double> z, std::span<const double> weights);

  /// Adds another tally of the same shift and thresholds. Sums depend on the order in their last
  /// bits: add blocks in the order of their numbers.
  ToyTally& operator+=(const ToyTally& other);

  double shift() const { return shift_; }
  const std::vector<double>& thresholds() const { return thresholds_; }
  double toys() const { return numbers_[0]; }

  /// Mean and variance of z, normalised to the sum of weights; at least one toy is needed.
  Estimate mean() const;
  double variance() const;

  /// The z below which a part `probability`, in (0, 1), of the toys lies. It is interpolated in the
  /// histogram and normalised to the sum of weights; at least one toy is needed. The error is half
  /// the distance between the quantiles that are one standard deviation of the cumulative
  /// distribution above and below. Infinite in the open bins.
  Estimate quantile(double probability) const;

  /// Half the width of the interval around the expected z that holds a part `level`, in (0, 1), of
  /// the toys. If the truth is the tested hypothesis, this is the critical |z| of Feldman and
  /// Cousins (physics/9711021). Error and open bins are as for `quantile`.
  Estimate critical(double level) const;

  enum class Side { above, below, both };

  /// The probability of z >= threshold, of z <= -threshold, or of either. It is the sum of weights
  /// over the number of toys, which has no bias. The error follows from the weights in the tail. If
  /// the tail has no toy, it is the error of one toy of weight 1. At least one toy is needed.
  /// @param threshold index into thresholds().
  Estimate tail(std::size_t threshold, Side side) const;

  /// Everything, in this order: the scalars (toys; sums of w, w^2, w y, w y^2, w^2 y, w^2 y^2 with
  /// y = z - shift), bins sums of w, bins sums of w^2, and for each threshold the sums of w and w^2
  /// above, then of w and w^2 below.
  std::span<const double> numbers() const { return numbers_; }
  std::span<const double> moments() const { return numbers().first(scalars); }
  std::span<const double> histogram() const { return numbers().subspan(scalars, bins); }
  std::span<const double> histogram_squares() const {
    return numbers().subspan(scalars + bins, bins);
  }
  std::span<const double> tails() const { return numbers().subspan(scalars + 2 * bins); }

  /// Replaces all sums by stored ones. @param numbers as many as numbers() has.
  void restore(std::span<const double> numbers);

 private:
  void add_tails(std::span<const double> z, std::span<const double> weights);
  double quantile_at(double cumulative) const;
  double critical_at(double level) const;

  double shift_;
  std::vector<double> thresholds_;
  std::vector<double> numbers_;
};

}  // namespace nuloop::statistics
