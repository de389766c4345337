// A finished result whose rates serve a job with more points.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/asked.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/setup/result.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/sweep/work.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nuloop::analysis {

/// Rates of an earlier result, for extending it along any axis without computing its integrals
/// again.
class EarlierResult : public sweep::Earlier {
 public:
  /// @throws InputError unless the file is a complete reach with rates, from the same program and
  /// configurations, over the same outer axes and with all settings that change rates the same.
  EarlierResult(const std::string& path, const Asked& asked);

  void check() const override;

  /// Whether it has the rates of all points of a task of the job's plan, next to each other.
  bool covers(const sweep::Task& task) const { return place(task).has_value(); }

  /// Those rates, in the order of the task's points. Nothing if the earlier result does not cover
  /// the task.
  /// @param bins the number of bins of each point. @throws InputError if they cannot be read.
  std::optional<std::vector<prediction::Rates>> rates(const sweep::Task& task,
                                                      const std::vector<std::size_t>& bins) const;

 private:
  // The block of this result that holds the task's points.
  std::optional<sweep::Task> place(const sweep::Task& task) const;

  const setup::World& world_;
  setup::Result file_;
  std::vector<std::vector<std::optional<std::size_t>>> old_index_;  // outer axis, new index
  std::vector<io::Hdf5Dataset> values_;                             // as spectra_of_rates
  std::vector<io::Hdf5Dataset> errors_;
  std::size_t bins_ = 0;
};

}  // namespace nuloop::analysis
