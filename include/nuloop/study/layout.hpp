// What the result of a job consists of: datasets, their shapes, and the blocks that tasks fill.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/row_major.hpp"
#include "nuloop/study/field.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/world.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nuloop::study {

/// The dimension scale of rates in bins. Its values are the bins' numbers.
inline constexpr const char* bin_scale = "/rates/bin";

enum class Status : std::int8_t { pending = 0, done = 1, failed = 2 };

/// A group of fields that run along a part of the axes. The group has copies of these axes, so that
/// it can be read without the root group.
struct Group {
  std::string path;
  Part along;
};

class Work;

/// The fields of a job's result, by their paths.
class Layout {
 public:
  explicit Layout(const Work& work);

  const std::vector<Scale>& scales() const { return scales_; }
  const std::vector<Field>& fields() const { return fields_; }

  /// The groups of the fields, without the root group.
  std::vector<Group> groups() const;

  /// Position in fields().
  std::size_t index(std::string_view path) const;

  /// Lengths along the dimensions after the axes.
  Indices further_lengths(const Field& field) const;

  /// The largest number of bins of any scenario, 0 without bins. Shorter spectra end in NaN.
  std::size_t bins() const { return bins_; }

 private:
  std::size_t bins_;
  std::vector<Scale> scales_;
  std::vector<Field> fields_;
};

/// What a task computes. Each array is row-major over the task's block of the grid: the axes in the
/// job's order (outer ones as in the task, inner ones whole), then the further dimensions. NaN
/// where a point failed.
struct TaskResult {
  std::vector<std::vector<double>> values;  ///< one per field of the layout
  std::vector<Status> status;               ///< outer axes
};

/// Where a task's block of a dataset lies, and how its values are ordered.
class BlockShape {
 public:
  /// @param further lengths of the dimensions after the axes.
  BlockShape(const Job& job, const Plan& plan, const Task& task, Part part,
             const Indices& further = {});

  const Indices& start() const { return start_; }
  const Indices& count() const { return count_; }
  std::size_t size() const { return size_of(count_); }

  /// Offset in the block of an outer point, all other indices being zero.
  /// @param offset of the point along each outer axis, from the block's beginning.
  std::size_t outer_offset(const Indices& offset) const {
    return position_of(offset, outer_strides_);
  }

  /// How many numbers an outer point has, and how many of them lie side by side for each of its
  /// inner points.
  std::size_t row_size() const { return inner_points_ * further_size_; }
  std::size_t further_size() const { return further_size_; }
  /// Whether these numbers lie in order, without gaps.
  bool has_rows_in_one_piece() const { return in_one_piece_; }
  /// Else, where the numbers of each inner point begin, row-major over the axes.
  const Indices& inner_offsets() const { return inner_offsets_; }
  /// The length of the last further dimension; 1 without any.
  std::size_t width() const { return width_; }

 private:
  Indices start_;
  Indices count_;
  Indices outer_strides_;
  std::size_t inner_points_;
  Indices inner_offsets_;
  std::size_t further_size_;
  std::size_t width_;
  bool in_one_piece_;
};

/// Whether an axis, or the axis of a parameter, belongs to this part of a job's axes.
bool belongs(const Parameter& parameter, Part part, Kind kind);
bool belongs(const Axis& axis, Part part, Kind kind);

/// Bin edges in MeV for every combination of the window's axes, row-major. NaN for bins that a
/// window does not have.
struct BinEdges {
  std::vector<double> low;
  std::vector<double> high;
};
BinEdges bin_edges(const Job& job, std::size_t bins);

/// Largest number of bins that any scenario of the job has.
std::size_t most_bins(const Job& job);

struct Study;

/// Bytes of all datasets.
double data_bytes(const Study& study);

/// Bytes of the file: its datasets, and an estimate of what describes them.
double result_bytes(const Study& study);

}  // namespace nuloop::study
