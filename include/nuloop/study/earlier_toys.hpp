// The pseudo-experiments of an earlier result, to which a run adds more.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/inputs.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/result_file.hpp"
#include "nuloop/study/study.hpp"

#include <cstddef>
#include <string>

namespace nuloop::study {

/// Gives the sums of an earlier result of kind `toys`, task by task.
class EarlierToys {
 public:
  /// @throws InputError unless the file is a complete result of the same job, configurations and
  /// program, with no more pseudo-experiments than the job asks for.
  EarlierToys(const std::string& path, const Inputs& inputs);
  EarlierToys(const EarlierToys&) = delete;
  EarlierToys& operator=(const EarlierToys&) = delete;
  ~EarlierToys() = default;

  /// Reads all tasks. @throws InputError if one is damaged.
  void check_tasks() const;

  /// A task with the sums of the file, and all of its points pending, because more is to be added.
  /// @throws InputError if the task is damaged.
  TaskResult operator()(std::size_t task) const;

 private:
  ResultReader file_;
  Study study_;
  TaskReader tasks_;
};

}  // namespace nuloop::study
