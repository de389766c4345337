// The coordinates of a result, the values of its axes and what else is known before a run, against
// those of its study.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"

#include <span>
#include <vector>

namespace nuloop::sweep {

/// Whether two numbers are one coordinate, worked out by two builds of the program: they agree to
/// 4 epsilon (1 + |ln|x||), relative. Processors that fuse a product with a sum round once where
/// others round twice, and a logarithmic range is exp of a logarithm, whose rounding counts |ln x|
/// times. NaN is the same as NaN.
bool same_coordinate(double a, double b);
/// The same for names, which have to be equal.
bool same_coordinate(const Value& a, const Value& b);

/// Axes, scales and other coordinates, which no checksum covers, must be those of the study.
/// @throws InputError naming the dataset.
void check_coordinates(const ResultReader& file, const Study& study);

/// All numbers on the axes, axis by axis, those that move along behind the axis.
std::vector<double> axis_numbers(const Axes& axes);

/// Puts such numbers onto the axes.
/// @param numbers as many as axis_numbers gives.
void set_axis_numbers(Axes& axes, std::span<const double> numbers);

/// Puts the values of a result onto its axes, so that what is computed belongs to what the file
/// says. @throws InputError
void take_axes(const ResultReader& file, Axes& axes);

}  // namespace nuloop::sweep
