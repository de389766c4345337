// Pseudo-experiments of an earlier result, to which more are added.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/inputs.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/result_file.hpp"
#include "nuloop/study/study.hpp"

#include <cstddef>
#include <string>

namespace nuloop::study {

class EarlierToys {
 public:
  /// @throws InputError unless the file is a complete result of the same job, configurations and
  /// program with as many pseudo-experiments or fewer.
  EarlierToys(const std::string& path, const Inputs& inputs);
  EarlierToys(const EarlierToys&) = delete;
  EarlierToys& operator=(const EarlierToys&) = delete;
  ~EarlierToys() = default;

  /// Reads all of it. @throws InputError if a task is damaged.
  void check_tasks() const;

  /// A task with the sums as they are, every point pending. @throws InputError if it is damaged.
  TaskResult operator()(std::size_t task) const;

 private:
  ResultReader file_;
  Study study_;
  TaskReader tasks_;
};

}  // namespace nuloop::study
