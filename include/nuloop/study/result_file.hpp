// The result of a study as an HDF5 file; its format is described in lib/study/FORMAT.md.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/hdf5.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"

#include <string>
#include <vector>

namespace nuloop::study {

inline constexpr int result_format_version = 2;

/// Where a result comes from.
struct Provenance {
  std::string inputs;  ///< one line "sha256  name" per input file
};

/// A result being written. Construction and `close` are collective; each rank writes its slabs.
class ResultWriter {
 public:
  /// @throws InputError if the file cannot be created.
  ResultWriter(const std::string& path, MPI_Comm communicator, const Job& job, const Plan& plan,
               const Layout& layout, const Provenance& provenance);

  /// Writes a task's slabs: data first, status after it. @throws InputError
  void write(const Task& task, const TaskResult& result);

  /// Closes the file; nothing may be written after it. @throws InputError
  void close();

 private:
  const Job& job_;
  const Plan& plan_;
  const Layout& layout_;
  io::Hdf5Writer file_;
  std::vector<io::Hdf5Dataset> datasets_;  // those of the layout, then /status
};

/// A dataset of a result with its coordinates.
struct ResultTable {
  struct Coordinate {
    std::string key;  ///< of the parameter; name of the dimension scale if it is none
    std::vector<Value> values;
  };
  std::vector<Coordinate> axes;
  std::vector<double> values;  ///< row-major over the axes
};

/// Whether a file says that it is a result of nuloop.
bool is_result_file(const std::string& path);

/// A finished or unfinished result being read by one process.
class ResultReader {
 public:
  /// @throws InputError if the file is not a nuloop result.
  explicit ResultReader(const std::string& path);

  const std::string& title() const { return title_; }
  Kind kind() const { return kind_; }
  const io::Node& job() const { return job_; }  ///< the resolved job

  /// @throws InputError if there is no such dataset.
  ResultTable table(const std::string& dataset) const;

  /// Outer points that are pending or failed.
  std::size_t unfinished() const;

 private:
  io::Hdf5Reader file_;
  std::string title_;
  Kind kind_;
  io::Node job_;
};

}  // namespace nuloop::study
