// What people and programs are told while a job runs.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace nuloop::study {

/// How far a run has come, as the JSON file of its progress says.
struct ProgressReport {
  std::string state;  ///< running, complete, stopped, failed or interrupted
  std::size_t tasks_done;
  std::size_t tasks;
};

/// @returns nothing if the file cannot be read.
std::optional<ProgressReport> read_progress(const std::string& path);

/// Reports on standard error, as one line that changes on a terminal and as separate lines
/// elsewhere, and in a JSON file.
class Progress {
 public:
  /// @param path of the JSON file. @param done,tasks numbers of tasks before the run and in all.
  Progress(std::string path, std::size_t done, std::size_t tasks);

  /// @param done tasks done in this run. @param share of its expected work that is done, in [0, 1].
  /// Cheap; reports from time to time.
  void operator()(std::size_t done, double share);

  /// The last report; `state` is what the file says of it. Removes the file if that is "complete".
  void finish(const std::string& state);

 private:
  void show(double now, bool last) const;
  void write(double now, const std::string& state) const;

  std::string path_;
  std::size_t before_;
  std::size_t tasks_;
  bool terminal_;
  double start_s_;
  double shown_s_;
  double written_s_;
  std::size_t done_ = 0;
  double share_ = 0.0;
};

}  // namespace nuloop::study
