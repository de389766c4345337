// What the numbers at the points of a sweep say between these points.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/toy_tally.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace nuloop::statistics {

/// The exposure from which on a curve stays at `level` or above. It is linear in the logarithm of
/// the exposure between its points; where one of these is infinite, the later one counts.
/// @param exposure > 0 and rising. @param values as many; NaN among them gives NaN.
/// @returns 0 if it does so at all points, infinity if it does not at the last one.
double stays_above(std::span<const double> exposure, std::span<const double> values, double level);

/// The exposure at which chi2 first reaches `threshold` > 0. Between two points exposure over chi2
/// is linear in the exposure, as it is everywhere for chi2 = a t/(1 + b t).
/// @param exposure > 0 and rising. @param chi2 as many; NaN among them gives NaN.
/// @returns 0 if it is reached at the first point, infinity if it is not at the last one.
double reached(std::span<const double> exposure, std::span<const double> chi2, double threshold);

/// A value of a parameter that has been tested with pseudo-experiments.
struct TestedValue {
  double value;
  double root;        ///< of the rise of chi2 of the data above its minimum, >= 0
  Estimate critical;  ///< root of the rise that a part of the pseudo-experiments stays below
};

/// An interval whose ends have statistical errors. An end beyond all values that were tested is
/// infinite.
struct EstimatedInterval {
  Estimate low;
  Estimate high;
};

/// The values whose rise of chi2 is below the critical one, around the best fit: the intervals of
/// G. Feldman and R. Cousins (physics/9711021, section IV). Both roots are linear between the
/// tested values. The error of an end is that of the critical root there, over the slope of the
/// root.
/// @param tested two or more, by rising values. @param best the value that fits the data best; the
/// root is negative below it.
EstimatedInterval feldman_cousins(std::span<const TestedValue> tested, double best);

/// The time t to a threshold in a single bin, as a function of the widths of two pulls:
///   1/t = at_zero - slopes[0] w_0^2 - slopes[1] w_1^2,
/// which follows from chi2 = t D^2/(V + t w_0^2 P_0^2 + t w_1^2 P_1^2).
struct OneBinLaw {
  double at_zero;
  std::array<double, 2> slopes;

  /// The width from which on the threshold is never reached, the other one being zero.
  double never_from(std::size_t pull) const;
};

/// The law that times follow.
/// @param times by the widths of the first pull, then those of the second; infinity for never.
/// @returns nothing if they follow none to 1e-6 of 1/t at zero, or too few are finite to know.
std::optional<OneBinLaw> one_bin_law(std::span<const double> first, std::span<const double> second,
                                     std::span<const double> times);

/// The least value of a function of two variables, known on a regular grid, that is a quadratic
/// around it.
struct GridMinimum {
  double value;
  std::array<double, 2> at;  ///< in steps of the grid
};
/// @param values row by row. @returns nothing if the least one stands at the edge of the grid or
/// the quadratic has no minimum.
std::optional<GridMinimum> least_on_grid(std::span<const double> values, std::size_t columns);

}  // namespace nuloop::statistics
