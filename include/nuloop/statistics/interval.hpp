// The best fit of one parameter and its confidence intervals, from chi2 as a function of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

namespace nuloop::statistics {

/// chi2 at a value of the parameter, and a bound on its numerical error.
struct ChiSquareValue {
  double value;
  double error;
};
using ChiSquareFunction = std::function<ChiSquareValue(double)>;

/// Where a parameter may lie: an open range, finite at both ends or at none.
struct ParameterRange {
  double low;
  double high;
  double scale;  ///< over which chi2 bends other than a parabola does; of an infinite range
};

/// Values around the best fit with chi2 - chi2_min <= delta chi2 all the way. An end is that of the
/// range, with no error, where chi2 does not rise so far.
struct Interval {
  double low;
  double high;
  double low_error;  ///< bounds on numerical errors
  double high_error;
};

struct ParameterFit {
  double best_fit;
  double best_fit_error;  ///< bound on its numerical error, to first order
  double chi2;            ///< there
  double chi2_error;
  /// How far above chi2_min the lowest minimum of chi2 is that is not the best fit, ends of the
  /// range included; infinity if there is none. Where it is below a delta chi2, the values around
  /// it are of that confidence too, and not in the interval.
  double other_minimum;
  std::vector<Interval> intervals;  ///< one per delta chi2
};

/// The delta chi2 of a confidence level in (0, 1) for one parameter: the quantile of a chi2 of one
/// degree of freedom.
double delta_chi2(double confidence_level);

/// The lowest minimum of chi2, which must be smooth, and the intervals that are connected with it.
/// @param delta_chi2 each > 0.
/// @throws NumericalError if chi2 does not depend on the parameter, or is lowest at infinity.
ParameterFit fit_parameter(const ChiSquareFunction& chi2, const ParameterRange& range,
                           const std::vector<double>& delta_chi2);

}  // namespace nuloop::statistics
