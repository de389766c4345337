// A finished result whose rates serve a job with more points.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/inputs.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/rates.hpp"
#include "nuloop/study/result_file.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nuloop::study {

/// Rates of an earlier result, for extending it along any axis without computing its integrals
/// again.
class EarlierResult {
 public:
  /// @throws InputError unless the file is a complete reach with rates, from the same program and
  /// configurations, over the same outer axes and with all settings that change rates the same.
  EarlierResult(const std::string& path, const Inputs& inputs);

  /// Whether it has the rates of all points of a task of `plan`, next to each other.
  bool covers(const Task& task) const { return place(task).has_value(); }

  /// Those rates, in the order of the task's points. Nothing if the earlier result does not cover
  /// the
  /// task. @param bins the number of bins of each point. @throws InputError if they cannot be read.
  std::optional<std::vector<Rates>> rates(const Task& task,
                                          const std::vector<std::size_t>& bins) const;

 private:
  // The block of this result that holds the task's points.
  std::optional<Task> place(const Task& task) const;

  ResultReader file_;
  std::vector<std::vector<std::optional<std::size_t>>> old_index_;  // outer axis, new index
  std::vector<io::Hdf5Dataset> values_;                             // as spectra_of_rates
  std::vector<io::Hdf5Dataset> errors_;
  std::size_t bins_ = 0;
};

}  // namespace nuloop::study
