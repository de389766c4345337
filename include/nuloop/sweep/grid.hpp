// The grid of a sweep: its axes, and what moves along them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/row_major.hpp"
#include "nuloop/io/quantity.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nuloop::sweep {

/// A number in canonical units, or a name.
using Value = std::variant<double, std::string>;

/// What takes a value at each point of an axis; a dataset of the result.
struct Column {
  std::size_t parameter = 0;  ///< which of its quantities it is to the work; the engine hands it on
  std::string key;            ///< in the job
  std::string dataset;        ///< its name in a result
  std::string long_name;
  std::optional<io::Dimension> dimension;  ///< of numbers; none for names
  std::vector<Value> values = {};
};

/// How much of the work is done again from point to point of an axis. Every task covers the inner
/// and the innermost axes whole: they are cheap.
enum class Depth { outer, inner, innermost };

struct Axis {
  std::vector<Column> columns;  ///< the first names the dimension; the others move along with it
  Depth depth = Depth::outer;
  bool divides_groups = false;  ///< whether its points cannot share what is expensive (see Plan)

  const Column& column() const { return columns.front(); }
  const std::vector<Value>& values() const { return columns.front().values; }
  std::size_t size() const { return columns.front().values.size(); }

  /// Calls visit(column, value) for all its columns at the n-th point.
  template <class Visit>
  void visit(std::size_t n, const Visit& visit) const {
    for (const Column& column : columns)
      visit(column, column.values[n]);
  }
};

/// In the order of the file; each is a dimension of the result.
using Axes = std::vector<Axis>;

/// Calls visit(column) for every column of all axes.
template <class AnyAxes, class Visit>
void for_each_column(AnyAxes& axes, const Visit& visit) {
  for (auto& axis : axes)
    for (auto& column : axis.columns)
      visit(column);
}

/// The axis whose first column has the key, or null.
inline const Axis* find_axis(const Axes& axes, std::string_view key) {
  for (const Axis& axis : axes)
    if (axis.column().key == key)
      return &axis;
  return nullptr;
}

/// Lengths of the axes down to a depth.
inline Indices extents_of(const Axes& axes, Depth along) {
  Indices extents;
  for (const Axis& axis : axes)
    if (axis.depth <= along)
      extents.push_back(axis.size());
  return extents;
}

/// "key = value" with its unit, for people.
std::string describe(const Column& column, const Value& value);

}  // namespace nuloop::sweep
