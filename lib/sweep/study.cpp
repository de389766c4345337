// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/study.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::sweep {

std::string describe(const Column& column, const Value& value) {
  const auto* name = std::get_if<std::string>(&value);
  return fmt::format(
      "{} = {}", column.key,
      name != nullptr ? *name : io::format_quantity(std::get<double>(value), *column.dimension));
}

Point Study::point(const Task& task, std::size_t n) const {
  Indices at = task.at(n);
  const std::size_t number = plan.point(at);
  return {std::move(at), number, n};
}

std::string Study::describe(const Point& point) const {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < point.at.size(); ++i)
    axes[plan.outer_axes()[i]].visit(point.at[i], [&](const Column& column, const Value& value) {
      parts.push_back(sweep::describe(column, value));
    });
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace nuloop::sweep
