// When the cores of a site run, in days of a clock that all of them have in common.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/special_values.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace nuloop::experiment {

/// A time, in days.
struct Days {
  double begin;
  double end;  ///< > begin

  double length() const { return end - begin; }
  bool operator==(const Days&) const = default;  // NOLINT(modernize-use-nullptr): false
};

/// Cycles, one after the other, each of which ends with a stop.
struct Cycle {
  double length_days;               ///< > 0, of which the stop is a part
  double stop_days;                 ///< in [0, length)
  std::optional<double> begin_day;  ///< of one of the cycles, if it is known
};

/// Times at power that are known one by one.
struct Calendar {
  Days known;            ///< what is outside is not known
  std::vector<Days> on;  ///< ascending, none over another, within `known`
};

/// When a core runs.
struct Operation {
  std::variant<Cycle, Calendar> times;
  Days lifetime{-infinity, infinity};  ///< before and after it the core does not run

  /// The time after which all is repeated, or all that is known: a cycle, a calendar. Nothing where
  /// the core begins or ends during its cycles.
  std::optional<Days> span() const;

  /// Whether it is known when the core runs during a time.
  bool covers(const Days& time) const;

  /// The times at power within a time that it covers. Ascending, none over another. Cycles of which
  /// no begin is known begin at day 0.
  std::vector<Days> running(const Days& time) const;
};

/// The share of a time that is within `parts`, of which none is over another.
double share_of(const std::vector<Days>& parts, const Days& time);

/// The times within at least one of the lists. Ascending, none over another.
std::vector<Days> in_any(const std::vector<std::vector<Days>>& lists);

}  // namespace nuloop::experiment
