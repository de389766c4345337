// The result of a study as an HDF5 file; its format is described in lib/study/FORMAT.md.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/hdf5.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/study.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::study {

inline constexpr int result_format_version = 3;

/// Where a result comes from.
struct Provenance {
  std::string inputs;  ///< one line "sha256  name" per input file, that of the job first
};

/// Creates the whole structure of a result, every point pending; by one process. Values read as
/// zero until they are written: ResultWriter::write_values lets all ranks write NaN.
/// @throws InputError if the file cannot be created.
void create_result(const std::string& path, const Study& study, const Provenance& provenance);

/// Checksum of what a task contributes to the file: its values in the order of the layout, then its
/// status; never 0, which stands for a task that was not written.
std::uint32_t checksum(const TaskResult& result);

/// A created result being filled. Construction and `close` are collective; each rank writes its
/// tasks.
class ResultWriter {
 public:
  /// @throws InputError if the file cannot be opened.
  ResultWriter(const std::string& path, MPI_Comm communicator, const Study& study);

  /// Writes a task: values first, then status and checksum. @throws InputError
  void write(std::size_t task, const TaskResult& result);

  /// Writes its values alone; status and checksum stay as they are. @throws InputError
  void write_values(std::size_t task, const TaskResult& result);

  /// A task as it stands in the file. @throws InputError
  TaskResult read(std::size_t task) const;

  /// Closes the file; nothing may be written after it. @throws InputError
  void close();
  /// The same for a file that can no longer be written; what has been written stays. Collective.
  void abandon();

 private:
  const Study& study_;
  io::Hdf5SharedFile file_;
  std::vector<io::Hdf5Dataset> datasets_;  // those of the layout, then status and checksum
};

/// What an unfinished file holds of a task.
enum class TaskState : char {
  pending,     ///< nothing that can be relied on
  incomplete,  ///< what is marked as done is right, other points failed
  done
};

/// A dataset of a result with its coordinates.
struct ResultTable {
  struct Coordinate {
    std::string key;  ///< of the parameter; name of the dimension scale if it is none
    std::vector<Value> values;
    std::vector<std::pair<std::string, std::vector<Value>>> companions;  ///< keys that move along
  };
  std::vector<Coordinate> axes;
  std::vector<double> values;  ///< row-major over the axes

  /// The coordinates of the n-th value, what moves along with an axis behind it.
  std::vector<Value> coordinates(std::size_t n) const;
};

/// Whether a file says that it is a result of nuloop.
bool is_result_file(const std::string& path);

/// A finished or unfinished result of any format version being read by one process.
class ResultReader {
 public:
  /// @throws InputError if the file is not a nuloop result.
  explicit ResultReader(const std::string& path);

  const std::string& path() const { return path_; }
  int format_version() const { return format_; }
  const std::string& title() const { return title_; }
  Kind kind() const { return kind_; }
  const io::Node& job() const { return job_; }  ///< the resolved job
  const Provenance& provenance() const { return provenance_; }
  const std::string& version() const { return version_; }
  const std::string& git_revision() const { return git_revision_; }

  /// A numeric dataset that runs along a part of the axes, then along further scales of numbers and
  /// then of names; it has at least one value.
  /// @throws InputError if there is no such dataset.
  ResultTable table(const std::string& dataset, Part part,
                    const std::vector<std::string>& further = {},
                    const std::vector<std::string>& names = {}) const;

  /// Outer points that are pending or failed.
  std::size_t unfinished() const;

  /// The values of an axis, or of what moves along with one; or their copy in a group.
  std::vector<Value> values(const Parameter& parameter, const std::string& group = "") const;

  /// Raw access to what the file holds. All throw InputError if it is not there.
  std::vector<std::string> texts(const std::string& path) const { return file_.texts(path); }
  std::vector<double> numbers(const std::string& path) const { return file_.numbers(path); }
  io::Extents extents(const std::string& path) const { return file_.extents(path); }
  /// A text of the root group; `version` and `git_revision` whatever the format.
  std::string attribute(const std::string& name) const;
  io::Hdf5Dataset dataset(const std::string& path) const { return file_.dataset(path); }

  /// Checksum in the file of each task; 0 where it was not written.
  std::vector<std::uint32_t> checksums() const;

 private:
  void read_creator();

  std::string path_;
  io::Hdf5Reader file_;
  int format_ = 0;
  std::string title_;
  Kind kind_;
  io::Node job_;
  Provenance provenance_;
  std::string version_;
  std::string git_revision_;
};

/// Whether each group's copies of the axes hold the same values as these; there are none before
/// format version 3. @throws InputError if they do not.
void check_copies(const ResultReader& file, const Study& study);

/// The job of a result. @throws InputError if it is not right, or of another kind than the file.
Job job_of(const ResultReader& file, const World& world);

/// Reads the tasks of a file.
class TaskReader {
 public:
  /// @param study of the file's job. @throws InputError if the file has other datasets.
  TaskReader(const ResultReader& file, const Study& study);

  /// A task as it stands in the file. @throws InputError
  TaskResult operator()(std::size_t index) const;

  /// What can be relied on of it.
  TaskState state(std::size_t index) const;

  /// Its checksum in the file; 0 if it was not written.
  std::uint32_t checksum_of(std::size_t index) const { return checksums_[index]; }

 private:
  const Study& study_;
  std::vector<io::Hdf5Dataset> datasets_;
  std::vector<std::uint32_t> checksums_;
};

}  // namespace nuloop::study
