// What the result of a sweep consists of: datasets, their shapes, and the blocks that tasks fill.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/row_major.hpp"
#include "nuloop/sweep/field.hpp"
#include "nuloop/sweep/grid.hpp"
#include "nuloop/sweep/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nuloop::sweep {

enum class Status : std::int8_t { pending = 0, done = 1, failed = 2 };

/// A group of fields that run along the axes down to one depth. The group has copies of these axes,
/// so that it can be read without the root group.
struct Group {
  std::string path;
  Depth along;
};

/// The group that a dataset stands in; empty for the root group.
inline std::string group_of(std::string_view path) {
  return std::string(path.substr(0, path.rfind('/')));
}

class Work;

/// The fields of a result by their paths, and the scales and coordinates beside the axes.
class Layout {
 public:
  explicit Layout(const Work& work);

  const std::vector<Scale>& scales() const { return scales_; }
  const std::vector<Coordinate>& coordinates() const { return coordinates_; }
  const std::vector<Field>& fields() const { return fields_; }

  /// The groups of the fields, without the root group.
  std::vector<Group> groups() const;

  /// Position in fields().
  std::size_t index(std::string_view path) const;

  const Scale& scale(std::string_view path) const;

  /// Lengths along the dimensions after the axes.
  Indices further_lengths(const Field& field) const;

 private:
  std::vector<Scale> scales_;
  std::vector<Coordinate> coordinates_;
  std::vector<Field> fields_;
};

/// What a task computes. Each array is row-major over the task's block of the grid: the axes in
/// their order (outer ones as in the task, inner ones whole), then the further dimensions. NaN
/// where a point failed.
struct TaskResult {
  std::vector<std::vector<double>> values;  ///< one per field of the layout
  std::vector<Status> status;               ///< outer axes
};

/// Where a task's block of a dataset lies, and how its values are ordered.
class BlockShape {
 public:
  /// @param along the depth down to which the dataset runs along the axes.
  /// @param further lengths of the dimensions after the axes.
  BlockShape(const Axes& axes, const Task& task, Depth along, const Indices& further = {});

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

struct Study;

/// Bytes of all datasets.
double data_bytes(const Study& study);

/// Bytes of the file: its datasets, and an estimate of what describes them.
double result_bytes(const Study& study);

}  // namespace nuloop::sweep
