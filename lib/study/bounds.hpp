// By how much the values of two results of one job may differ: lib/study/FORMAT.md has the table.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/layout.hpp"

#include <cstddef>
#include <functional>

namespace nuloop::study {

/// Of one dataset in one task.
class Bound {
 public:
  /// @param dataset position in the layout; a,b what the two results hold of the task.
  Bound(const Layout& layout, std::size_t dataset, const TaskResult& a, const TaskResult& b);

  /// Of the n-th value of the block.
  double operator()(std::size_t n) const { return rule_(n); }

  /// Whether the dataset is itself the bounds of another: no result, but what results are held to.
  bool is_error_bound() const { return is_error_bound_; }

 private:
  bool is_error_bound_ = false;
  std::function<double(std::size_t n)> rule_;
};

}  // namespace nuloop::study
