// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/earlier_result.hpp"

#include "kinds.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/coordinates.hpp"
#include "same_run.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::study {
namespace {

// Whether two axes run over the same parameters.
bool same_parameters(const Axis& a, const Axis& b) {
  return a.parameter == b.parameter &&
         std::equal(a.companions.begin(), a.companions.end(), b.companions.begin(),
                    b.companions.end(),
                    [](const auto& x, const auto& y) { return x.parameter == y.parameter; });
}

std::string names_of(const std::vector<const Axis*>& axes) {
  std::vector<std::string> names;
  for (const Axis* axis : axes)
    axis->visit(0,
                [&](std::size_t index, const Value&) { names.push_back(parameters()[index].key); });
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
  for (std::size_t i = 0; i < old.values.size(); ++i)
    positions.emplace(old.values[i], i);
  std::vector<std::optional<std::size_t>> points;
  for (std::size_t n = 0; n < axis.values.size(); ++n) {
    std::optional<std::size_t> found = find(positions, axis.values[n]);
    for (std::size_t c = 0; found && c < axis.companions.size(); ++c)
      if (!same_coordinate(old.companions[c].values[*found], axis.companions[c].values[n]))
        found.reset();
    points.push_back(found);
  }
  return points;
}

}  // namespace

EarlierResult::EarlierResult(const std::string& path, const Inputs& inputs) : file_(path) {
  const Job& job = inputs.job;
  const auto extends = [](Kind kind) { return traits_of(kind).extension == Extension::rates; };
  if (!extends(job.kind) || !extends(file_.kind()))
    throw InputError(path + ": only results of kind \"reach\" can be extended");
  const std::string difference = first_difference(file_, job, inputs.provenance, Compare::rates);
  if (!difference.empty())
    throw InputError(fmt::format("{}: cannot be extended: {}", path, difference));
  const Job old = job_of(file_, inputs.world);
  if (!old.store_rates)
    throw InputError(path + ": holds no rates and cannot be extended");
  if (file_.unfinished() > 0)
    throw InputError(path + ": is not complete and cannot be extended; --resume completes it");

  const auto outer = [](const Job& from) {
    std::vector<const Axis*> axes;
    for (const Axis& axis : from.axes)
      if (belongs(axis, Part::outer, from.kind))
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
    wanted.push_back(axis->values.size());
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
  for (std::size_t i = 0; i < spectra_of_rates.size(); ++i) {
    fill(values_[i], [&](Rates& r) -> Eigen::ArrayXd& { return (r.*spectra_of_rates[i]).value; });
    fill(errors_[i], [&](Rates& r) -> Eigen::ArrayXd& { return (r.*spectra_of_rates[i]).error; });
  }
  return rates;
}

}  // namespace nuloop::study
