// The result of a study as an HDF5 file; its format is described in lib/study/FORMAT.md.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/hdf5.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/plan.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace nuloop::study {

inline constexpr int result_format_version = 1;

enum class Status : std::int8_t { pending = 0, done = 1, failed = 2 };

/// The datasets of a result that hold a spectrum per outer point, in /rates.
inline constexpr std::array<const char*, 6> rate_datasets = {
    "signal_lo", "signal_lo_error", "signal", "signal_error", "background", "background_error"};

/// What a task computes, row-major over its block of the grid (outer axes as in the task, inner
/// axes whole, all in the job's order). NaN where a point failed.
struct TaskResult {
  std::vector<double> chi2;            ///< over all axes
  std::vector<double> discovery_time;  ///< years; over all axes but exposure
  std::array<std::vector<double>, rate_datasets.size()> rates;  ///< outer axes x bins, per day
  std::vector<Status> status;                                   ///< outer axes
};

/// Block extents and offsets over the job's axes or a part of them.
class BlockShape {
 public:
  enum class Part { all, without_exposure, outer };

  BlockShape(const Job& job, const Plan& plan, const Task& task, Part part);

  const io::Extents& start() const { return start_; }
  const io::Extents& count() const { return count_; }
  std::size_t size() const;

  /// Distance in the block between neighbours along the axis `key`; 0 if it is not an axis here.
  std::size_t stride(std::string_view key) const;
  /// Offset of the n-th outer point, inner indices zero.
  std::size_t outer_offset(const std::vector<std::size_t>& offset) const;

 private:
  io::Extents start_;
  io::Extents count_;
  std::vector<std::string> keys_;
  std::vector<std::size_t> strides_;
  std::vector<std::size_t> outer_strides_;
};

/// Where a result comes from.
struct Provenance {
  std::string inputs;  ///< one line "sha256  name" per input file
};

/// The dataset that holds an axis: the parameter's key, but "background_model" for `background`,
/// whose name belongs to the rates (a netCDF reader would take one for the other).
std::string axis_dataset(const Parameter& parameter);

/// Largest number of bins that any scenario of the job has; spectra with fewer end in NaN.
std::size_t most_bins(const Job& job);

/// A result being written. Construction and `close` are collective; each rank writes its slabs.
class ResultWriter {
 public:
  /// @throws InputError if the file cannot be created.
  ResultWriter(const std::string& path, MPI_Comm communicator, const Job& job, const Plan& plan,
               const Provenance& provenance);

  /// Writes a task's slabs: data first, status after it. @throws InputError
  void write(const Task& task, const TaskResult& result);

  /// Closes the file; nothing may be written after it. @throws InputError
  void close();

 private:
  const Job& job_;
  const Plan& plan_;
  std::size_t bins_;
  io::Hdf5Writer file_;
  std::vector<io::Hdf5Dataset> datasets_;
};

/// Discovery times with their coordinates.
struct DiscoveryTimes {
  struct Coordinate {
    std::string key;
    std::vector<Value> values;
  };
  std::string title;
  std::vector<Coordinate> axes;
  std::vector<double> years;   ///< row-major over the axes
  io::Node job;                ///< the resolved job
  std::size_t unfinished = 0;  ///< outer points that are pending or failed
};

/// Whether a file says that it is a result of nuloop.
bool is_result_file(const std::string& path);

/// @throws InputError if the file is not a nuloop result.
DiscoveryTimes read_discovery_times(const std::string& path);

}  // namespace nuloop::study
