// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/calendar.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::experiment {
namespace {

// Adds what two times have in common.
void add_common(const Days& a, const Days& b, std::vector<Days>& to) {
  const Days common{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  if (common.begin < common.end)
    to.push_back(common);
}

bool is_within(const Days& inner, const Days& outer) {
  return inner.begin >= outer.begin && inner.end <= outer.end;
}

}  // namespace

std::optional<Days> Operation::span() const {
  Days all{};
  if (const auto* cycle = std::get_if<Cycle>(&times)) {
    const double begin = cycle->begin_day.value_or(0.0);
    all = {begin, begin + cycle->length_days};
  } else {
    all = std::get<Calendar>(times).known;
  }
  const bool ends = std::isfinite(lifetime.begin) || std::isfinite(lifetime.end);
  if (!std::isfinite(all.length()) || (ends && std::holds_alternative<Cycle>(times)))
    return std::nullopt;
  return all;
}

bool Operation::covers(const Days& time) const {
  if (const auto* cycle = std::get_if<Cycle>(&times))
    return cycle->begin_day.has_value();
  return is_within(time, std::get<Calendar>(times).known);
}

std::vector<Days> Operation::running(const Days& time) const {
  std::vector<Days> within_lifetime, parts;
  add_common(time, lifetime, within_lifetime);
  if (within_lifetime.empty())
    return parts;
  const Days alive = within_lifetime.front();
  if (const auto* calendar = std::get_if<Calendar>(&times)) {
    for (const Days& on : calendar->on)
      add_common(on, alive, parts);
    return parts;
  }
  const Cycle& cycle = std::get<Cycle>(times);
  NULOOP_EXPECTS(cycle.length_days > 0.0);
  const double first = cycle.begin_day.value_or(0.0);
  // By whole numbers, so that no rounding adds up.
  for (double n = std::floor((alive.begin - first) / cycle.length_days);; n += 1.0) {
    const double begin = first + n * cycle.length_days;
    if (begin >= alive.end)
      return parts;
    add_common({begin, begin + cycle.length_days - cycle.stop_days}, alive, parts);
  }
}

double share_of(const std::vector<Days>& parts, const Days& time) {
  double sum = 0.0;
  for (const Days& part : parts)
    sum += part.length();
  return std::min(sum / time.length(), 1.0);
}

std::vector<Days> in_any(const std::vector<std::vector<Days>>& lists) {
  std::vector<Days> all, merged;
  for (const std::vector<Days>& list : lists)
    all.insert(all.end(), list.begin(), list.end());
  std::sort(all.begin(), all.end(), [](const Days& a, const Days& b) { return a.begin < b.begin; });
  for (const Days& one : all)
    if (merged.empty() || one.begin > merged.back().end)
      merged.push_back(one);
    else
      merged.back().end = std::max(merged.back().end, one.end);
  return merged;
}

}  // namespace nuloop::experiment
