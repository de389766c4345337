// The best fit of one parameter and its confidence intervals, from chi2 as a function of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/bounded.hpp"

#include <functional>
#include <vector>

namespace nuloop::statistics {

/// chi2 at a value of the parameter.
using ChiSquareFunction = std::function<Bounded<double>(double)>;

/// The values that a parameter may have: an open range, finite at both ends or at none.
struct ParameterRange {
  double low;
  double high;
  double scale;  ///< of an infinite range: a distance over which chi2 departs from a parabola
};

/// The values around the best fit from which chi2 - chi2_min <= delta chi2 all the way to it. If
/// chi2 does not rise so far on one side, the end is the end of the range, without an error.
struct Interval {
  Bounded<double> low;
  Bounded<double> high;
};

struct ParameterFit {
  Bounded<double> best_fit;  ///< its bound is of first order
  Bounded<double> chi2;      ///< at the best fit
  /// Height above chi2_min of the lowest other minimum of chi2, ends of the range included;
  /// infinity if there is none. If it is below a delta chi2, the values around that minimum have
  /// the same confidence, but are not in the interval.
  double other_minimum;
  std::vector<Interval> intervals;  ///< one per delta chi2
};

/// The delta chi2 of a confidence level in (0, 1) for one parameter: the quantile of a chi2 of one
/// degree of freedom.
double delta_chi2(double confidence_level);

/// The same for two parameters: -2 ln(1 - level).
double delta_chi2_of_two(double confidence_level);

/// The lowest minimum of chi2, which must be smooth, and the intervals around it.
/// @param delta_chi2 each > 0.
/// @throws NumericalError if chi2 does not depend on the parameter, or is lowest at infinity.
ParameterFit fit_parameter(const ChiSquareFunction& chi2, const ParameterRange& range,
                           const std::vector<double>& delta_chi2);

}  // namespace nuloop::statistics
