// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/coordinates.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace nuloop::sweep {
namespace {

template <class T>
bool same_coordinates(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return same_coordinate(x, y); });
}

void check_scale(const ResultReader& file, const Scale& scale) {
  const bool same =
      scale.names.empty()
          ? scale.numbers.empty() || same_coordinates(file.numbers(scale.path), scale.numbers)
          : file.texts(scale.path) == scale.names;
  if (!same)
    throw InputError(
        fmt::format("{}: {} does not hold what its job wants there", file.path(), scale.path));
}

}  // namespace

bool same_coordinate(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return true;
  if (!std::isfinite(a) || !std::isfinite(b))
    return false;
  const double size = std::max(std::abs(a), std::abs(b));
  constexpr double roundings = 4.0 * std::numeric_limits<double>::epsilon();
  return std::abs(a - b) <= roundings * (1.0 + std::abs(std::log(size))) * size;
}

bool same_coordinate(const Value& a, const Value& b) {
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  return x != nullptr && y != nullptr ? same_coordinate(*x, *y) : a == b;
}

void check_coordinates(const ResultReader& file, const Study& study) {
  for_each_column(study.axes, [&](const Column& column) {
    if (!same_coordinates(file.values(column), column.values))
      throw InputError(
          fmt::format("{}: /{} does not hold the values of its job", file.path(), column.dataset));
  });
  for (const Scale& scale : study.layout.scales())
    check_scale(file, scale);
  check_copies(file, study);
  for (const Coordinate& coordinate : study.layout.coordinates())
    if (!same_coordinates(file.numbers(coordinate.path), coordinate.numbers))
      throw InputError(
          fmt::format("{}: {} does not hold the values of its job", file.path(), coordinate.path));
}

std::vector<double> axis_numbers(const Axes& axes) {
  std::vector<double> numbers;
  for_each_column(axes, [&](const Column& column) {
    for (const Value& value : column.values)
      if (const auto* number = std::get_if<double>(&value))
        numbers.push_back(*number);
  });
  return numbers;
}

void set_axis_numbers(Axes& axes, std::span<const double> numbers) {
  std::size_t next = 0;
  for_each_column(axes, [&](Column& column) {
    for (Value& value : column.values)
      if (auto* number = std::get_if<double>(&value)) {
        NULOOP_EXPECTS(next < numbers.size());
        *number = numbers[next++];
      }
  });
  NULOOP_EXPECTS(next == numbers.size());
}

void take_axes(const ResultReader& file, Axes& axes) {
  for_each_column(axes, [&](Column& column) { column.values = file.values(column); });
}

}  // namespace nuloop::sweep
