// What a run tells people and programs about its progress.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace nuloop::sweep {

/// How far a run is, as read from the JSON file of its progress.
struct ProgressReport {
  std::string state;  ///< running, complete, stopped, failed or interrupted
  std::size_t tasks_done;
  std::size_t tasks;
};

/// The JSON file of a result's progress, beside it.
std::string progress_path(const std::string& result);

/// @returns nothing if the file cannot be read.
std::optional<ProgressReport> read_progress(const std::string& path);

/// Reports on standard error and in a JSON file. On a terminal the report is one line that changes;
/// elsewhere each report is a line of its own.
class Progress {
 public:
  /// @param path of the JSON file. @param done tasks that were done before the run. @param tasks in
  /// all.
  Progress(std::string path, std::size_t done, std::size_t tasks);

  /// Takes note of the progress, and reports it from time to time. It is cheap to call often.
  /// @param done tasks done in this run. @param share of the run's expected work that is done, in
  /// [0, 1].
  void operator()(std::size_t done, double share);

  /// Makes the last report, with this `state` in the file. If it is "complete" the file is removed.
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

}  // namespace nuloop::sweep
