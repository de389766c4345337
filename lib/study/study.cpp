// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/study.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::study {

Scenario Study::scenario(const Task& task, std::size_t n) const {
  Settings settings = job.settings;
  const auto offset = task.offset(n);
  for (std::size_t i = 0; i < offset.size(); ++i)
    job.axes[plan.outer_axes()[i]].visit(
        task.start[i] + offset[i],
        [&](std::size_t parameter, const Value& value) { settings[parameter] = value; });
  for (const Axis& axis : job.axes)
    if (axis.definition().is_inner(job.kind))
      for (std::size_t n_inner = 0; n_inner < axis.values.size(); ++n_inner)
        axis.visit(n_inner, [&](std::size_t parameter, const Value& value) {
          auto& largest = settings[parameter];
          largest = std::max(largest.value_or(value), value);
        });
  return make_scenario(settings, world);
}

std::string Study::describe(const Task& task, std::size_t n) const {
  std::vector<std::string> parts;
  const auto offset = task.offset(n);
  for (std::size_t i = 0; i < offset.size(); ++i)
    job.axes[plan.outer_axes()[i]].visit(
        task.start[i] + offset[i], [&](std::size_t index, const Value& value) {
          const Parameter& parameter = parameters()[index];
          const auto* name = std::get_if<std::string>(&value);
          parts.push_back(fmt::format(
              "{} = {}", parameter.key,
              name != nullptr
                  ? *name
                  : io::format_quantity(std::get<double>(value), parameter.quantity()->dimension)));
        });
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace nuloop::study
