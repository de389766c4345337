// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/bounds.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::sweep {

double Both::sum(std::size_t n) const {
  return std::abs(a[n]) + std::abs(b[n]);
}

double Both::largest(std::size_t n) const {
  return std::max(std::abs(a[n]), std::abs(b[n]));
}

Both both(const Layout& layout, std::string_view path, const TaskResult& a, const TaskResult& b) {
  const std::size_t i = layout.index(path);
  return {a.values[i], b.values[i]};
}

bool holds_errors(std::string_view path) {
  return path.ends_with("_error");
}

Bound bound_by_errors(const Layout& layout, std::size_t field, const TaskResult& a,
                      const TaskResult& b) {
  const std::string& path = layout.fields()[field].path;
  if (!holds_errors(path))
    return {[error = both(layout, path + "_error", a, b)](std::size_t n) { return error.sum(n); }};
  return {[own = both(layout, path, a, b)](std::size_t n) {
            constexpr double most = 10.0;
            return (most - 1.0) * std::min(std::abs(own.a[n]), std::abs(own.b[n]));
          },
          true};
}

}  // namespace nuloop::sweep
