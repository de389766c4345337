// The pseudo-experiments of an earlier result, to which a run adds more.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/asked.hpp"
#include "nuloop/setup/result.hpp"
#include "nuloop/sweep/study.hpp"

#include <cstddef>
#include <string>

namespace nuloop::analysis {

/// Gives the sums of an earlier result of kind `toys`, task by task.
class EarlierToys : public sweep::Earlier {
 public:
  /// @throws InputError unless the file is a complete result of the same job, configurations and
  /// program, with no more pseudo-experiments than the job asks for.
  EarlierToys(const std::string& path, const Asked& asked);
  EarlierToys(const EarlierToys&) = delete;
  EarlierToys& operator=(const EarlierToys&) = delete;
  ~EarlierToys() override = default;

  void check() const override;

  /// A task with the sums of the file, and all of its points pending, because more is to be added.
  std::optional<sweep::TaskResult> begin(std::size_t task) const override;

 private:
  setup::Result file_;
  sweep::Study study_;
  sweep::TaskReader tasks_;
};

}  // namespace nuloop::analysis
