// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/earlier_result.hpp"

#include "nuloop/foundation/errors.hpp"
#include "same_run.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

// Whether two axes run over the same parameters.
bool same_parameters(const Axis& a, const Axis& b) {
  return a.parameter == b.parameter &&
         std::equal(a.companions.begin(), a.companions.end(), b.companions.begin(),
                    b.companions.end(),
                    [](const auto& x, const auto& y) { return x.parameter == y.parameter; });
}

// Where the values of `axis` at `n` stand on `old`.
std::optional<std::size_t> find_point(const Axis& old, const Axis& axis, std::size_t n) {
  for (std::size_t i = 0; i < old.values.size(); ++i) {
    bool same = old.values[i] == axis.values[n];
    for (std::size_t c = 0; same && c < axis.companions.size(); ++c)
      same = old.companions[c].values[i] == axis.companions[c].values[n];
    if (same)
      return i;
  }
  return std::nullopt;
}

}  // namespace

EarlierResult::EarlierResult(const std::string& path, const Inputs& inputs) : file_(path) {
  const Job& job = inputs.job;
  if (job.kind != Kind::reach || file_.kind() != Kind::reach)
    throw InputError(path + ": only results of kind \"reach\" can be extended");
  const std::string difference =
      first_difference(file_, job, inputs.provenance, Compare::all_but_axes);
  if (!difference.empty())
    throw InputError(fmt::format("{}: cannot be extended: {}", path, difference));
  const Job old = read_job(file_.job(), inputs.world);
  if (!old.store_rates)
    throw InputError(path + ": holds no rates and cannot be extended");
  if (file_.unfinished() > 0)
    throw InputError(path + ": is not complete and cannot be extended; --resume completes it");

  const auto outer = [](const Job& from) {
    std::vector<const Axis*> axes;
    for (const Axis& axis : from.axes)
      if (belongs(axis, Part::outer))
        axes.push_back(&axis);
    return axes;
  };
  const auto old_axes = outer(old), new_axes = outer(job);
  if (!std::equal(old_axes.begin(), old_axes.end(), new_axes.begin(), new_axes.end(),
                  [](const Axis* a, const Axis* b) { return same_parameters(*a, *b); }))
    throw InputError(path + ": has other axes; only their values may differ");
  for (std::size_t i = 0; i < new_axes.size(); ++i) {
    old_index_.emplace_back();
    for (std::size_t n = 0; n < new_axes[i]->values.size(); ++n)
      old_index_.back().push_back(find_point(*old_axes[i], *new_axes[i], n));
  }
  for (const char* name : stored_rates(old)) {
    values_.push_back(file_.dataset(fmt::format("/rates/{}", name)));
    errors_.push_back(file_.dataset(fmt::format("/rates/{}_error", name)));
  }
  bins_ = values_.front().extents().back();
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
