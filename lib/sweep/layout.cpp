// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/layout.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/study.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace nuloop::sweep {

void Field::check_not_finite(double number) const {
  if (beyond == Beyond::anything || (beyond == Beyond::infinity && !std::isnan(number)))
    return;
  throw NumericalError(fmt::format("{} is not finite: {}", path, number));
}

Layout::Layout(const Work& work)
    : scales_(work.scales()), coordinates_(work.coordinates()), fields_(work.fields()) {}

std::vector<Group> Layout::groups() const {
  std::vector<Group> groups;
  for (const Field& field : fields_) {
    const std::string path = group_of(field.path);
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

const Scale& Layout::scale(std::string_view path) const {
  const auto found = std::find_if(scales_.begin(), scales_.end(),
                                  [&](const Scale& scale) { return scale.path == path; });
  NULOOP_EXPECTS(found != scales_.end());
  return *found;
}

Indices Layout::further_lengths(const Field& field) const {
  Indices lengths;
  for (const std::string& path : field.further)
    lengths.push_back(scale(path).length);
  return lengths;
}

BlockShape::BlockShape(const Axes& axes, const Task& task, Depth along, const Indices& further)
    : further_size_(size_of(further)), width_(further.empty() ? 1 : further.back()) {
  Indices outer, inner;  // dimensions
  for (const Axis& axis : axes) {
    if (axis.depth > along)
      continue;
    const std::size_t dimension = count_.size();
    if (axis.depth == Depth::outer) {
      start_.push_back(task.start[outer.size()]);
      count_.push_back(task.count[outer.size()]);
      outer.push_back(dimension);
    } else {
      start_.push_back(0);
      count_.push_back(axis.size());
      inner.push_back(dimension);
    }
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

double data_bytes(const Study& study) {
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
  for (const Axis& axis : study.axes) {
    double size = 0.0;
    for (std::size_t n = 0; n < axis.size(); ++n)
      axis.visit(n, [&](const Column&, const Value& value) {
        const auto* name = std::get_if<std::string>(&value);
        size += name != nullptr ? texts(std::array{*name}) : sizeof(double);
      });
    bytes += size;
    for (const Group& group : layout.groups())
      bytes += axis.depth <= group.along ? size : 0.0;
  }
  for (const Scale& scale : layout.scales()) {
    bytes += texts(scale.units);
    const std::size_t number = scale.numbers.empty() ? sizeof(std::int32_t) : sizeof(double);
    bytes += scale.names.empty() ? static_cast<double>(scale.length * number) : texts(scale.names);
  }
  for (const Coordinate& coordinate : layout.coordinates())
    bytes += static_cast<double>(coordinate.numbers.size() * sizeof(double));
  for (const Field& field : layout.fields()) {
    double size = sizeof(double);
    for (const std::size_t length : extents_of(study.axes, field.along))
      size *= static_cast<double>(length);
    for (const std::size_t length : layout.further_lengths(field))
      size *= static_cast<double>(length);
    bytes += size;
  }
  return bytes;
}

double result_bytes(const Study& study) {
  const Layout& layout = study.layout;
  // What describes the file and each dataset: rough, from files as they are.
  constexpr double file_bytes = 12400.0;
  constexpr double dataset_bytes = 680.0;
  constexpr std::size_t further = 3;  // status, checksums, tasks
  std::size_t datasets = study.axes.size() + layout.scales().size() + layout.coordinates().size() +
                         layout.fields().size() + further;
  for (const Group& group : layout.groups())
    datasets += extents_of(study.axes, group.along).size();
  return data_bytes(study) + static_cast<double>(study.description.job.size()) + file_bytes +
         dataset_bytes * static_cast<double>(datasets);
}

}  // namespace nuloop::sweep
