// By how much the values of two results of one sweep may differ.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/field.hpp"
#include "nuloop/sweep/layout.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace nuloop::sweep {

/// What two results hold of a field in one task.
struct Both {
  const Numbers& a;
  const Numbers& b;

  double sum(std::size_t n) const;      ///< of the absolute values
  double largest(std::size_t n) const;  ///< of the two absolute values
};
Both both(const Layout& layout, std::string_view path, const TaskResult& a, const TaskResult& b);

/// The bounds of one field in one task.
struct Bound {
  std::function<double(std::size_t n)> of;  ///< of the n-th value of the block
  /// Whether the field is itself the bounds of another: no result, but what results are held to.
  bool is_error_bound = false;
};

/// Whether a field holds the errors of another, which has the path without "_error".
bool holds_errors(std::string_view path);

/// The rule for numbers that carry a bound on their error: they differ by no more than both bounds
/// together, and the bounds themselves by no more than a factor of ten.
Bound bound_by_errors(const Layout& layout, std::size_t field, const TaskResult& a,
                      const TaskResult& b);

}  // namespace nuloop::sweep
