// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/coordinates.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

// Calls visit(definition, values) for every parameter on an axis.
template <class AnyJob, class Visit>
void for_each_column(AnyJob& job, const Visit& visit) {
  for (auto& axis : job.axes) {
    visit(axis.definition(), axis.values);
    for (auto& companion : axis.companions)
      visit(companion.definition(), companion.values);
  }
}

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
  const Job& job = study.job;
  const Layout& layout = study.layout;
  for_each_column(job, [&](const Parameter& parameter, const std::vector<Value>& wanted) {
    if (!same_coordinates(file.values(parameter), wanted))
      throw InputError(fmt::format("{}: /{} does not hold the values of its job", file.path(),
                                   parameter.dataset));
  });
  for (const Scale& scale : layout.scales())
    check_scale(file, scale);
  check_copies(file, study);
  if (layout.bins() == 0)
    return;
  const BinEdges edges = bin_edges(job, layout.bins());
  for (const auto& [dataset, wanted] :
       {std::pair{"/rates/bin_low", &edges.low}, std::pair{"/rates/bin_high", &edges.high}})
    if (!same_coordinates(file.numbers(dataset), *wanted))
      throw InputError(
          fmt::format("{}: {} does not hold the bins of its job", file.path(), dataset));
}

std::vector<double> axis_numbers(const Job& job) {
  std::vector<double> numbers;
  for_each_column(job, [&](const Parameter&, const std::vector<Value>& values) {
    for (const Value& value : values)
      if (const auto* number = std::get_if<double>(&value))
        numbers.push_back(*number);
  });
  return numbers;
}

void set_axis_numbers(Job& job, std::span<const double> numbers) {
  std::size_t next = 0;
  for_each_column(job, [&](const Parameter&, std::vector<Value>& values) {
    for (Value& value : values)
      if (auto* number = std::get_if<double>(&value)) {
        NULOOP_EXPECTS(next < numbers.size());
        *number = numbers[next++];
      }
  });
  NULOOP_EXPECTS(next == numbers.size());
}

void take_axes(const ResultReader& file, Job& job) {
  for_each_column(job, [&](const Parameter& parameter, std::vector<Value>& values) {
    values = file.values(parameter);
  });
}

}  // namespace nuloop::study
