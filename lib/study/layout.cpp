// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/layout.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/study/rates.hpp"
#include "nuloop/study/study.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

// Calls visit(scenario) for every combination of the window's axes, row-major; the scenarios hold
// nothing but the window.
template <class Visit>
void for_each_window(const Job& job, const Visit& visit) {
  std::vector<const Axis*> axes;
  Indices extents;
  for (const Axis& axis : job.axes)
    if (shapes_the_bins(axis)) {
      axes.push_back(&axis);
      extents.push_back(axis.values.size());
    }
  const auto set = [](Scenario& scenario, std::size_t parameter, const Value& value) {
    parameters()[parameter].quantity()->member(scenario) = std::get<double>(value);
  };
  for (std::size_t n = 0; n < size_of(extents); ++n) {
    const Indices at = indices_of(n, extents);
    Scenario scenario;
    for (const char* key : {"window.low", "window.high", "window.bin_width"})
      if (const auto& value = job.settings[*find_parameter(key)])
        set(scenario, *find_parameter(key), *value);
    for (std::size_t i = 0; i < axes.size(); ++i)
      axes[i]->visit(at[i], [&](std::size_t parameter, const Value& value) {
        if (parameters()[parameter].has(Parameter::Tag::bins))
          set(scenario, parameter, value);
      });
    visit(scenario);
  }
}

}  // namespace

Layout::Layout(const Work& work)
    : bins_(work.bins()), scales_(work.scales()), fields_(work.fields()) {}

std::vector<Group> Layout::groups() const {
  std::vector<Group> groups;
  for (const Field& field : fields_) {
    const std::string path = field.path.substr(0, field.path.rfind('/'));
    const auto known = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& group) { return group.path == path; });
    NULOOP_EXPECTS(known == groups.end() || known->along == field.along);
    if (!path.empty() && known == groups.end())
      groups.push_back({path, field.along});
  }
  return groups;
}

std::size_t Layout::index(std::string_view path) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& field) { return field.path == path; });
  NULOOP_EXPECTS(found != fields_.end());
  return static_cast<std::size_t>(found - fields_.begin());
}

std::vector<std::size_t> Layout::further_lengths(const Field& field) const {
  std::vector<std::size_t> lengths;
  for (const std::string& path : field.further)
    for (const Scale& scale : scales_)
      if (scale.path == path)
        lengths.push_back(scale.length);
  return lengths;
}

BlockShape::BlockShape(const Job& job, const Plan& plan, const Task& task, Part part,
                       const Indices& further)
    : further_size_(size_of(further)), width_(further.empty() ? 1 : further.back()) {
  Indices outer, inner;  // dimensions
  for (std::size_t i = 0; i < job.axes.size(); ++i) {
    const Axis& axis = job.axes[i];
    if (!belongs(axis, part, job.kind))
      continue;
    const auto found = std::find(plan.outer_axes().begin(), plan.outer_axes().end(), i);
    const bool is_outer = found != plan.outer_axes().end();
    const auto position = static_cast<std::size_t>(found - plan.outer_axes().begin());
    (is_outer ? outer : inner).push_back(count_.size());
    start_.push_back(is_outer ? task.start[position] : 0);
    count_.push_back(is_outer ? task.count[position] : axis.values.size());
  }
  start_.insert(start_.end(), further.size(), 0);
  count_.insert(count_.end(), further.begin(), further.end());
  const Indices strides = strides_of(count_);
  const auto of = [](const Indices& all, const Indices& dimensions) {
    Indices some;
    for (const std::size_t dimension : dimensions)
      some.push_back(all[dimension]);
    return some;
  };
  outer_strides_ = of(strides, outer);
  const Indices inner_extents = of(count_, inner), inner_strides = of(strides, inner);
  inner_points_ = size_of(inner_extents);
  Indices packed = strides_of(inner_extents);
  for (std::size_t& stride : packed)
    stride *= further_size_;
  in_one_piece_ = packed == inner_strides;
  if (!in_one_piece_)
    for_each_position(inner_extents, inner_strides,
                      [&](std::size_t offset) { inner_offsets_.push_back(offset); });
}

bool belongs(const Parameter& parameter, Part part, Kind kind) {
  switch (part) {
    case Part::all:
      return true;
    case Part::without_exposure:
      return parameter.role != Parameter::Role::exposure;
    case Part::outer:
      return !parameter.is_inner(kind);
  }
  return false;
}

bool belongs(const Axis& axis, Part part, Kind kind) {
  return belongs(axis.definition(), part, kind);
}

std::size_t most_bins(const Job& job) {
  std::size_t bins = 0;
  for_each_window(job, [&](const Scenario& scenario) {
    bins = std::max(bins, study::binning(scenario).size());
  });
  return bins;
}

BinEdges bin_edges(const Job& job, std::size_t bins) {
  BinEdges edges;
  for_each_window(job, [&](const Scenario& scenario) {
    const experiment::Binning binning = study::binning(scenario);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      edges.low.push_back(bin < binning.size() ? binning.low_MeV(bin) : nan);
      edges.high.push_back(bin < binning.size() ? binning.high_MeV(bin) : nan);
    }
  });
  return edges;
}

double data_bytes(const Study& study) {
  const Job& job = study.job;
  const Plan& plan = study.plan;
  const Layout& layout = study.layout;
  const auto texts = [](const auto& names) {  // where each stands, its header, and itself
    std::size_t size = 0;
    for (const std::string& name : names)
      size += 16 + 16 + (name.size() + 7) / 8 * 8;
    return static_cast<double>(size);
  };
  double bytes = static_cast<double>(plan.outer_points());  // the status
  // Checksum and number of each task.
  bytes += static_cast<double>(plan.task_count()) * (sizeof(std::uint32_t) + sizeof(std::int32_t));
  double windows = 1.0;
  for (const Axis& axis : job.axes) {
    double size = 0.0;
    for (std::size_t n = 0; n < axis.values.size(); ++n)
      axis.visit(n, [&](std::size_t, const Value& value) {
        const auto* name = std::get_if<std::string>(&value);
        size += name != nullptr ? texts(std::array{*name}) : sizeof(double);
      });
    bytes += size;
    for (const Group& group : layout.groups())
      bytes += belongs(axis, group.along, job.kind) ? size : 0.0;
    windows *= shapes_the_bins(axis) ? static_cast<double>(axis.values.size()) : 1.0;
  }
  for (const Scale& scale : layout.scales()) {
    bytes += texts(scale.units);
    const std::size_t number = scale.numbers.empty() ? sizeof(std::int32_t) : sizeof(double);
    bytes += scale.names.empty() ? static_cast<double>(scale.length * number) : texts(scale.names);
  }
  bytes += 2.0 * sizeof(double) * windows * static_cast<double>(layout.bins());  // their edges
  for (const Field& field : layout.fields()) {
    double size = sizeof(double);
    for (const Axis& axis : job.axes)
      if (belongs(axis, field.along, job.kind))
        size *= static_cast<double>(axis.values.size());
    for (const std::size_t length : layout.further_lengths(field))
      size *= static_cast<double>(length);
    bytes += size;
  }
  return bytes;
}

double result_bytes(const Study& study) {
  const Job& job = study.job;
  const Layout& layout = study.layout;
  // What describes the file and each dataset: rough, from files as they are.
  constexpr double file_bytes = 9400.0;
  constexpr double dataset_bytes = 680.0;
  const std::size_t further = layout.bins() > 0 ? 5 : 3;  // bin edges, status, checksums, tasks
  std::size_t datasets =
      job.axes.size() + layout.scales().size() + layout.fields().size() + further;
  for (const Group& group : layout.groups())
    for (const Axis& axis : job.axes)
      datasets += belongs(axis, group.along, job.kind) ? 1 : 0;
  return data_bytes(study) + static_cast<double>(job.resolved.size()) + file_bytes +
         dataset_bytes * static_cast<double>(datasets);
}

}  // namespace nuloop::study
