// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/earlier_result.hpp"

#include "analyses.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/coordinates.hpp"
#include "nuloop/sweep/same_run.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::analysis {
namespace {

using setup::Axis;
using setup::Column;
using setup::Value;
using sweep::same_coordinate;
using sweep::Task;

// Whether two axes run over the same parameters.
bool same_parameters(const Axis& a, const Axis& b) {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    [](const Column& x, const Column& y) { return x.parameter == y.parameter; });
}

std::string names_of(const std::vector<const Axis*>& axes) {
  std::vector<std::string> names;
  for (const Axis* axis : axes)
    for (const Column& column : axis->columns)
      names.push_back(column.key);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

// The position of a coordinate: the very number if it is there, else the same coordinate.
std::optional<std::size_t> find(const std::map<Value, std::size_t>& positions, const Value& value) {
  const auto above = positions.lower_bound(value);
  if (above != positions.end() && same_coordinate(above->first, value))
    return above->second;
  if (above != positions.begin() && same_coordinate(std::prev(above)->first, value))
    return std::prev(above)->second;
  return std::nullopt;
}

// Where each point of `axis` stands on `old`.
std::vector<std::optional<std::size_t>> find_points(const Axis& old, const Axis& axis) {
  std::map<Value, std::size_t> positions;
  for (std::size_t i = 0; i < old.size(); ++i)
    positions.emplace(old.values()[i], i);
  std::vector<std::optional<std::size_t>> points;
  for (std::size_t n = 0; n < axis.size(); ++n) {
    std::optional<std::size_t> found = find(positions, axis.values()[n]);
    for (std::size_t c = 1; found && c < axis.columns.size(); ++c)
      if (!same_coordinate(old.columns[c].values[*found], axis.columns[c].values[n]))
        found.reset();
    points.push_back(found);
  }
  return points;
}

// What rates depend on: no axes, uncertainties, exposure, significance, name.
bool changes_rates(std::string_view section, std::string_view key) {
  using Role = Parameter::Role;
  if (section != "settings")
    return false;
  const auto found = setup::find_parameter(key);
  return !found || (!setup::parameters()[*found].is_statistical() &&
                    setup::parameters()[*found].role != Role::discovery);
}

}  // namespace

EarlierResult::EarlierResult(const std::string& path, const Asked& asked)
    : world_(asked.world), file_(path, kinds()) {
  const Job& job = asked.job;
  if (&file_.kind() != &reach_analysis.kind)
    throw InputError(path + ": only results of kind \"reach\" can be extended");
  const std::string difference =
      sweep::first_difference(file_, job.resolved, asked.provenance, changes_rates);
  if (!difference.empty())
    throw InputError(fmt::format("{}: cannot be extended: {}", path, difference));
  const Job old = setup::job_of(file_, asked.world, kinds());
  if (!old.store_rates)
    throw InputError(path + ": holds no rates and cannot be extended");
  if (file_.unfinished() > 0)
    throw InputError(path + ": is not complete and cannot be extended; --resume completes it");

  const auto outer = [](const Job& from) {
    std::vector<const Axis*> axes;
    for (const Axis& axis : from.axes)
      if (axis.depth == Depth::outer)
        axes.push_back(&axis);
    return axes;
  };
  const auto old_axes = outer(old), new_axes = outer(job);
  if (!std::equal(old_axes.begin(), old_axes.end(), new_axes.begin(), new_axes.end(),
                  [](const Axis* a, const Axis* b) { return same_parameters(*a, *b); }))
    throw InputError(fmt::format(
        "{}: cannot be extended: its axes are {}, here they are {}; only their values may differ",
        path, names_of(old_axes), names_of(new_axes)));
  for (std::size_t i = 0; i < new_axes.size(); ++i)
    old_index_.push_back(find_points(*old_axes[i], *new_axes[i]));

  bins_ = most_bins(old);
  io::Extents wanted;
  for (const Axis* axis : old_axes)
    wanted.push_back(axis->size());
  wanted.push_back(bins_);
  const auto add = [&](std::vector<io::Hdf5Dataset>& datasets, const std::string& name) {
    datasets.push_back(file_.dataset("/rates/" + name));
    if (datasets.back().extents() != wanted)
      throw InputError(
          fmt::format("{}: /rates/{} has other extents than its job asks for", path, name));
  };
  for (const StoredRates& rates : stored_rates) {
    add(values_, rates.name);
    add(errors_, std::string(rates.name) + "_error");
  }
}

void EarlierResult::check() const {
  check_tasks(file_, world_);
}

std::optional<Task> EarlierResult::place(const Task& task) const {
  Task old = task;
  for (std::size_t axis = 0; axis < task.start.size(); ++axis)
    for (std::size_t i = 0; i < task.count[axis]; ++i) {
      const auto index = old_index_[axis][task.start[axis] + i];
      if (i == 0 && index)
        old.start[axis] = *index;
      if (!index || *index != old.start[axis] + i)
        return std::nullopt;
    }
  return old;
}

std::optional<std::vector<Rates>> EarlierResult::rates(const Task& task,
                                                       const std::vector<std::size_t>& bins) const {
  const auto old = place(task);
  if (!old)
    return std::nullopt;
  io::Extents start(old->start.begin(), old->start.end());
  io::Extents count(old->count.begin(), old->count.end());
  start.push_back(0);
  count.push_back(bins_);
  std::vector<Rates> rates(task.points());
  std::vector<double> buffer(task.points() * bins_);
  const auto fill = [&](const io::Hdf5Dataset& dataset, auto part) {
    dataset.read(start, count, buffer.data());
    for (std::size_t n = 0; n < rates.size(); ++n)
      part(rates[n]) = Eigen::Map<const Eigen::ArrayXd>(buffer.data() + n * bins_,
                                                        static_cast<Eigen::Index>(bins[n]));
  };
  for (std::size_t i = 0; i < prediction::spectra_of_rates.size(); ++i) {
    fill(values_[i],
         [&](Rates& r) -> Eigen::ArrayXd& { return (r.*prediction::spectra_of_rates[i]).value; });
    fill(errors_[i],
         [&](Rates& r) -> Eigen::ArrayXd& { return (r.*prediction::spectra_of_rates[i]).error; });
  }
  return rates;
}

}  // namespace nuloop::analysis
