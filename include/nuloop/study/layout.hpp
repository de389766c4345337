// What the result of a job consists of: its datasets, their shapes, and the blocks that tasks fill.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/job.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/world.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nuloop::study {

/// The dimension scale of rates in bins: their numbers.
inline constexpr const char* bin_scale = "/rates/bin";

enum class Status : std::int8_t { pending = 0, done = 1, failed = 2 };

/// Along which of the job's axes something runs.
enum class Part { all, without_exposure, outer };

/// A numeric dataset (float64) of a result.
struct Dataset {
  std::string path;
  std::string units;  ///< as io::common_spelling has them
  std::string long_name;
  Part along;
  std::vector<std::string> further;  ///< dimension scales after the axes, such as /rates/bin
};

/// A dimension scale that is not an axis of the job: it has names, or numbers, or merely counts.
struct Scale {
  std::string path;
  std::string long_name;
  std::vector<std::string> names;
  std::size_t length;
  std::vector<double> numbers = {};     ///< dimensionless
  std::vector<std::string> units = {};  ///< of what the names stand for, at `units_path`

  /// Where its units stand: /impacts/unit for /impacts/input.
  std::string units_path() const { return path.substr(0, path.rfind('/')) + "/unit"; }
};

/// A group of datasets that run along a part of the axes. They run along its own copies of these
/// axes, so that the group can be read without the root group.
struct Group {
  std::string path;
  Part along;
};

/// Names in /rates of the spectra that a job's result holds, in the order of `spectra_of_rates`: a
/// reach's are all that chi2 is made of without systematic rates.
std::vector<const char*> stored_rates(const Job& job);

/// The datasets of a job's result.
class Layout {
 public:
  Layout(const Job& job, const World& world);

  const std::vector<Scale>& scales() const { return scales_; }
  const std::vector<Dataset>& datasets() const { return datasets_; }

  /// The groups of the datasets, without the root group.
  std::vector<Group> groups() const;

  /// Position in datasets().
  std::size_t index(std::string_view path) const;

  /// Lengths along the dimensions after the axes.
  std::vector<std::size_t> further_lengths(const Dataset& dataset) const;

  /// Largest number of bins that any scenario has; spectra with fewer end in NaN. 0 without bins.
  std::size_t bins() const { return bins_; }

 private:
  void add_reach();
  void add_discovery_time();
  void add_impacts(const Job& job, const World& world);
  void add_rates(const Job& job, const World& world);
  void add_cross_section();
  void add_toys();
  void add_measurement(const Job& job);

  std::size_t bins_ = 0;
  std::vector<Scale> scales_;
  std::vector<Dataset> datasets_;
};

/// What a task computes, row-major over its block of the grid (outer axes as in the task, inner
/// axes whole, all in the job's order, then the further dimensions). NaN where a point failed.
struct TaskResult {
  std::vector<std::vector<double>> values;  ///< one per dataset of the layout
  std::vector<Status> status;               ///< outer axes
};

/// Block extents and offsets over the job's axes or a part of them.
class BlockShape {
 public:
  /// @param further lengths of the dimensions after the axes.
  BlockShape(const Job& job, const Plan& plan, const Task& task, Part part,
             const std::vector<std::size_t>& further = {});

  const std::vector<std::size_t>& start() const { return start_; }
  const std::vector<std::size_t>& count() const { return count_; }
  std::size_t size() const;

  /// Distance in the block between neighbours along the axis `key`; 0 if it is not an axis here.
  std::size_t stride(std::string_view key) const;
  /// Offset of the n-th outer point, all other indices zero.
  std::size_t outer_offset(const std::vector<std::size_t>& offset) const;

 private:
  std::vector<std::size_t> start_;
  std::vector<std::size_t> count_;
  std::vector<std::string> keys_;
  std::vector<std::size_t> strides_;
  std::vector<std::size_t> outer_strides_;
};

/// Whether an axis, or that of a parameter, belongs to a part of the axes of a job of that kind.
bool belongs(const Parameter& parameter, Part part, Kind kind);
bool belongs(const Axis& axis, Part part, Kind kind);

/// The dataset that holds an axis: the parameter's key, but "background_model" for `background`,
/// whose name belongs to the rates (a netCDF reader would take one for the other).
std::string axis_dataset(const Parameter& parameter);

/// Bin edges in MeV for every combination of the window's axes, row-major; NaN beyond a window's
/// own bins.
struct BinEdges {
  std::vector<double> low;
  std::vector<double> high;
};
BinEdges bin_edges(const Job& job, std::size_t bins);

/// Whether the axis changes the bins.
bool shapes_the_bins(const Axis& axis);

/// Bytes of all datasets.
double data_bytes(const Job& job, const Plan& plan, const Layout& layout);

/// Bytes of the file: its datasets, and roughly what describes them.
double result_bytes(const Job& job, const Plan& plan, const Layout& layout);

}  // namespace nuloop::study
