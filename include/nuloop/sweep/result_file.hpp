// The result of a sweep as an HDF5 file. lib/analysis/FORMAT.md describes its format.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"
#include "nuloop/io/hdf5.hpp"
#include "nuloop/sweep/study.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::sweep {

inline constexpr int result_format_version = 4;

/// Where a result comes from.
struct Provenance {
  std::string inputs;         ///< a line "sha256  name" for each input file, the job first
  std::string warnings = {};  ///< a line for each thing that is odd about the job; mostly none
  /// Names and texts of the user's own among them, without which a result could not be understood.
  std::vector<std::pair<std::string, std::string>> own_files = {};
  /// Names and texts of files that say what the job has used of all configurations.
  std::vector<std::pair<std::string, std::string>> used_configs = {};
};

/// Bytes of the files that a result holds, beside those of result_bytes.
double bytes_of_files(const Provenance& provenance);

/// Creates the whole structure of a result, with every point pending. One process calls it. Values
/// read as zero until they are written; the ranks then fill them with NaN by
/// ResultWriter::write_values.
/// @throws MachineError if the file cannot be created.
void create_result(const std::string& path, const Study& study, const Provenance& provenance);

/// Checksum of what a task contributes to the file: its values in the order of the layout, then its
/// status. It is never 0, because 0 in a file means that the task was not written.
std::uint32_t checksum(const TaskResult& result);

/// Fills a result that has been created. Construction and `close` are collective. Each rank writes
/// its own tasks.
class ResultWriter {
 public:
  /// @throws MachineError if the file cannot be opened.
  ResultWriter(const std::string& path, MPI_Comm communicator, const Study& study);

  /// Writes a task: values first, then status and checksum. @throws MachineError
  void write(std::size_t task, const TaskResult& result);

  /// Writes the values of a task and leaves its status and checksum. @throws MachineError
  void write_values(std::size_t task, const TaskResult& result);

  /// The values and status of a task in the file. @throws InputError
  TaskResult read(std::size_t task) const;

  /// Closes the file. Nothing may be written after it. @throws MachineError
  void close();
  /// For a file that can no longer be written, in place of `close`. What has been written stays.
  /// Collective.
  void abandon();

 private:
  const Study& study_;
  io::Hdf5SharedFile file_;
  std::vector<io::Hdf5Dataset> datasets_;  // those of the layout, then status and checksum
};

/// What an unfinished file holds of a task.
enum class TaskState : char {
  pending,     ///< nothing that can be relied on
  incomplete,  ///< points marked as done are right, the others failed
  done
};

/// A dataset of a result with its coordinates.
struct ResultTable {
  struct Coordinate {
    std::string key;  ///< of the parameter; for other dimension scales their name
    std::vector<Value> values;
    /// Other keys with values along this axis.
    std::vector<std::pair<std::string, std::vector<Value>>> companions;
  };
  std::vector<Coordinate> axes;
  std::vector<double> values;  ///< row-major over the axes

  /// What the coordinates are called, what moves along with an axis behind it.
  std::vector<std::string> keys() const;
  /// The coordinates of the n-th value, what moves along with an axis behind it.
  std::vector<Value> coordinates(std::size_t n) const;
};

class ResultReader;

/// The numbers of a dataset, row-major, of which a piece is in memory at a time: for those who go
/// through them in order. Not for concurrent use.
class StreamedNumbers {
 public:
  /// @param path of a dataset with at least one number. @throws InputError
  StreamedNumbers(const ResultReader& file, const std::string& path);

  std::size_t size() const { return size_; }
  /// @throws InputError if the piece cannot be read.
  double operator[](std::size_t n) const;

 private:
  io::Hdf5Dataset dataset_;
  Indices extents_;
  std::size_t size_;
  std::size_t axis_ = 0;   // of which a piece has a stretch, and all axes behind it whole
  std::size_t below_ = 1;  // numbers for each value of that axis
  std::size_t stretch_ = 1;
  mutable std::size_t first_ = 0;
  mutable std::vector<double> piece_;
};

/// Whether a file says that it is a result of nuloop.
bool is_result_file(const std::string& path);

/// Reads a result, finished or not, of any format version, as far as nothing need be known of its
/// axes. One process does so.
class ResultReader {
 public:
  /// @throws InputError if the file is not a nuloop result.
  explicit ResultReader(const std::string& path);

  const std::string& path() const { return path_; }
  int format_version() const { return format_; }
  const std::string& title() const { return title_; }
  const std::string& kind() const { return kind_; }  ///< empty in format 1, which had but one
  const io::Node& job() const { return job_; }       ///< with every setting written out
  const Provenance& provenance() const { return provenance_; }
  const std::string& version() const { return version_; }
  const std::string& git_revision() const { return git_revision_; }

  /// A numeric dataset with at least one value. It runs along the axes down to a depth, then along
  /// `further`, which are scales of numbers, then along `names`, which are scales of names.
  /// @param axes of the file, with their values.
  /// @throws InputError if there is no such dataset.
  ResultTable table(const Axes& axes, const std::string& dataset, Depth along,
                    const std::vector<std::string>& further = {},
                    const std::vector<std::string>& names = {}) const;

  /// The same without its values.
  ResultTable rows(const Axes& axes, const std::string& dataset, Depth along,
                   const std::vector<std::string>& further = {},
                   const std::vector<std::string>& names = {}) const;

  /// Outer points that are pending or failed.
  std::size_t unfinished(const Axes& axes) const;

  /// The values of an axis, or of what moves along with one.
  /// @param group path of a group, to read the copy there; the root group if empty.
  std::vector<Value> values(const Column& column, const std::string& group = "") const;

  /// Datasets of the file by their paths. All throw InputError if there is no such dataset.
  std::vector<std::string> texts(const std::string& path) const { return file_.texts(path); }
  std::vector<double> numbers(const std::string& path) const { return file_.numbers(path); }
  io::Extents extents(const std::string& path) const { return file_.extents(path); }
  /// A text attribute of the root group. The names `version` and `git_revision` are understood in
  /// every format.
  std::string attribute(const std::string& name) const;

  /// What was odd about the job when it was run, a line for each.
  std::string warnings() const {
    return file_.has_attribute("/", "warnings") ? file_.text_attribute("/", "warnings") : "";
  }

  io::Hdf5Dataset dataset(const std::string& path) const { return file_.dataset(path); }

  /// Names and texts of the user's own configurations that it was made with.
  std::vector<std::pair<std::string, std::string>> own_files() const;

  /// Names and texts of files that say what its job has used of all configurations; empty before
  /// there were any.
  std::vector<std::pair<std::string, std::string>> used_configs() const;

  /// The checksum that the file has for each task; 0 if the task was not written.
  std::vector<std::uint32_t> checksums() const;

 private:
  void read_creator();
  std::vector<std::pair<std::string, std::string>> files_in(const std::string& group) const;

  std::string path_;
  io::Hdf5Reader file_;
  int format_ = 0;
  std::string title_;
  std::string kind_;
  io::Node job_;
  Provenance provenance_;
  std::string version_;
  std::string git_revision_;
};

/// Checks that the copies of the axes in each group hold the axes' values. Before format version 3
/// there are no copies. @throws InputError if they do not.
void check_copies(const ResultReader& file, const Study& study);

/// Reads the tasks of a file.
class TaskReader {
 public:
  /// @param study that the file is a result of. @throws InputError if the file has other datasets.
  TaskReader(const ResultReader& file, const Study& study);

  /// The values and status of a task in the file. @throws InputError
  TaskResult operator()(std::size_t index) const;

  /// How much of a task can be relied on.
  TaskState state(std::size_t index) const;

  /// The checksum that the file has for a task; 0 if the task was not written.
  std::uint32_t checksum_of(std::size_t index) const { return checksums_[index]; }

 private:
  const Study& study_;
  std::vector<io::Hdf5Dataset> datasets_;
  std::vector<std::uint32_t> checksums_;
};

}  // namespace nuloop::sweep
