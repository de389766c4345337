// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/result_file.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/study/rates.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr const char* file_type = "nuloop-study";
constexpr const char* bin_scale = "/rates/bin";

using Part = BlockShape::Part;

bool belongs(const Axis& axis, Part part) {
  switch (part) {
    case Part::all:
      return true;
    case Part::without_exposure:
      return axis.definition().role != Parameter::Role::exposure;
    case Part::outer:
      return axis.definition().role == Parameter::Role::spectrum;
  }
  return false;
}

std::vector<std::string> scales(const Job& job, Part part) {
  std::vector<std::string> paths;
  for (const Axis& axis : job.axes)
    if (belongs(axis, part))
      paths.push_back(fmt::format("/{}", axis_dataset(axis.definition())));
  return paths;
}

bool shapes_the_bins(const Axis& axis) {
  return axis.definition().key.starts_with("window.");
}

// Calls visit(scenario window) for every combination of the window's axes, row-major; the scenarios
// hold nothing but the window.
template <class Visit>
void for_each_window(const Job& job, const Visit& visit) {
  std::vector<const Axis*> axes;  // innermost first
  std::size_t combinations = 1;
  for (const Axis& axis : job.axes)
    if (shapes_the_bins(axis)) {
      axes.insert(axes.begin(), &axis);
      combinations *= axis.values.size();
    }
  const auto set = [](Scenario& scenario, std::size_t parameter, const Value& value) {
    parameters()[parameter].quantity()->member(scenario) = std::get<double>(value);
  };
  for (std::size_t n = 0; n < combinations; ++n) {
    Scenario scenario;
    for (const char* key : {"window.low", "window.high", "window.bin_width"})
      if (const auto& value = job.settings[*find_parameter(key)])
        set(scenario, *find_parameter(key), *value);
    std::size_t rest = n;
    for (const Axis* axis : axes) {
      set(scenario, axis->parameter, axis->values[rest % axis->values.size()]);
      rest /= axis->values.size();
    }
    visit(scenario);
  }
}

void write_axis(io::Hdf5Writer& file, const Axis& axis) {
  const Parameter& parameter = axis.definition();
  const std::string path = fmt::format("/{}", axis_dataset(parameter));
  if (parameter.quantity() != nullptr) {
    std::vector<double> values;
    for (const Value& value : axis.values)
      values.push_back(std::get<double>(value));
    file.scale(path, values);
    file.attribute(path, "units",
                   std::string(io::udunits_spelling(parameter.quantity()->dimension)));
  } else {
    std::vector<std::string> names;
    for (const Value& value : axis.values)
      names.push_back(std::get<std::string>(value));
    file.scale(path, names);
    file.attribute(path, "_Encoding", "utf-8");  // xarray then gives str, not bytes
  }
  file.attribute(path, "long_name", parameter.long_name);
}

void write_bins(io::Hdf5Writer& file, const Job& job, std::size_t bins) {
  std::vector<std::int32_t> numbers(bins);
  std::iota(numbers.begin(), numbers.end(), 0);
  file.scale(bin_scale, numbers);
  file.attribute(bin_scale, "long_name", "bin of visible energy");

  std::vector<std::string> along;
  io::Extents start, count;
  for (const Axis& axis : job.axes)
    if (shapes_the_bins(axis)) {
      along.push_back(fmt::format("/{}", axis_dataset(axis.definition())));
      count.push_back(axis.values.size());
    }
  along.emplace_back(bin_scale);
  count.push_back(bins);
  start.assign(count.size(), 0);

  std::vector<double> low, high;
  for_each_window(job, [&](const Scenario& scenario) {
    const experiment::Binning binning = study::binning(scenario);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      low.push_back(bin < binning.size() ? binning.low_MeV(bin) : nan);
      high.push_back(bin < binning.size() ? binning.high_MeV(bin) : nan);
    }
  });
  const auto write = [&](const std::string& path, const std::vector<double>& edges,
                         const std::string& long_name) {
    file.dataset(path, nan, along).write(start, count, edges.data());
    file.attribute(path, "units", "MeV");
    file.attribute(path, "long_name", long_name);
  };
  write("/rates/bin_low", low, "lower bin edge");
  write("/rates/bin_high", high, "upper bin edge");
}

}  // namespace

BlockShape::BlockShape(const Job& job, const Plan& plan, const Task& task, Part part) {
  std::vector<std::size_t> outer_positions;  // of the outer axes in this shape
  for (std::size_t i = 0; i < job.axes.size(); ++i) {
    const Axis& axis = job.axes[i];
    if (!belongs(axis, part))
      continue;
    const auto outer = std::find(plan.outer_axes().begin(), plan.outer_axes().end(), i);
    const bool is_outer = outer != plan.outer_axes().end();
    const auto position = static_cast<std::size_t>(outer - plan.outer_axes().begin());
    if (is_outer)
      outer_positions.push_back(count_.size());
    start_.push_back(is_outer ? task.start[position] : 0);
    count_.push_back(is_outer ? task.count[position] : axis.values.size());
    keys_.push_back(axis.definition().key);
  }
  strides_.assign(count_.size(), 1);
  for (std::size_t i = count_.size(); i-- > 1;)
    strides_[i - 1] = strides_[i] * count_[i];
  for (const std::size_t position : outer_positions)
    outer_strides_.push_back(strides_[position]);
}

std::size_t BlockShape::size() const {
  return std::accumulate(count_.begin(), count_.end(), std::size_t{1}, std::multiplies<>());
}

std::size_t BlockShape::stride(std::string_view key) const {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  return found == keys_.end() ? 0 : strides_[static_cast<std::size_t>(found - keys_.begin())];
}

std::size_t BlockShape::outer_offset(const std::vector<std::size_t>& offset) const {
  NULOOP_EXPECTS(offset.size() == outer_strides_.size());
  return std::inner_product(offset.begin(), offset.end(), outer_strides_.begin(), std::size_t{0});
}

std::string axis_dataset(const Parameter& parameter) {
  return parameter.key == "background" ? "background_model" : parameter.key;
}

std::size_t most_bins(const Job& job) {
  std::size_t bins = 0;
  for_each_window(job, [&](const Scenario& scenario) {
    bins = std::max(bins, study::binning(scenario).size());
  });
  return bins;
}

ResultWriter::ResultWriter(const std::string& path, MPI_Comm communicator, const Job& job,
                           const Plan& plan, const Provenance& provenance)
    : job_(job), plan_(plan), bins_(most_bins(job)), file_(path, communicator) {
  file_.attribute("/", "filetype", file_type);
  file_.attribute("/", "format_version", result_format_version);
  file_.attribute("/", "creator", "nuloop");
  file_.attribute("/", "version", io::version());
  file_.attribute("/", "git_revision", io::git_revision());
  file_.attribute("/", "title", job.title);
  file_.attribute("/", "job", job.resolved);
  file_.attribute("/", "inputs", provenance.inputs);

  for (const Axis& axis : job.axes)
    write_axis(file_, axis);
  const auto add = [&](const std::string& dataset, const std::vector<std::string>& along,
                       const std::string& units, const std::string& long_name) {
    datasets_.push_back(file_.dataset(dataset, nan, along));
    file_.attribute(dataset, "units", units);
    file_.attribute(dataset, "long_name", long_name);
  };
  add("/chi2", scales(job, Part::all), "1", "chi2 against LO, minimised over the pulls");
  add("/significance", scales(job, Part::all), "1", "sqrt(chi2)");
  add("/discovery_time", scales(job, Part::without_exposure), "Julian_year",
      "exposure at which the significance reaches discovery.significance; inf for never");

  file_.create_group("/rates");
  write_bins(file_, job, bins_);
  auto along = scales(job, Part::outer);
  along.emplace_back(bin_scale);
  const std::array<const char*, rate_datasets.size()> meanings = {
      "events at LO",          "error bound of signal_lo", "events of the tested model",
      "error bound of signal", "cosmogenic background",    "error bound of background"};
  for (std::size_t i = 0; i < rate_datasets.size(); ++i) {
    const std::string dataset = fmt::format("/rates/{}", rate_datasets[i]);
    add(dataset, along, "day-1", meanings[i]);
    file_.attribute(dataset, "coordinates", "bin_low bin_high");
  }

  datasets_.push_back(file_.dataset("/status", static_cast<std::int8_t>(Status::pending),
                                    scales(job, Part::outer)));
  file_.attribute("/status", "long_name", "0 pending, 1 done, 2 failed");
  file_.attribute("/status", "units", "1");
  file_.flush();
}

void ResultWriter::write(const Task& task, const TaskResult& result) {
  const BlockShape all(job_, plan_, task, Part::all);
  const BlockShape times(job_, plan_, task, Part::without_exposure);
  const BlockShape outer(job_, plan_, task, Part::outer);
  std::vector<double> significance(result.chi2.size());
  std::transform(result.chi2.begin(), result.chi2.end(), significance.begin(),
                 [](double chi2) { return std::sqrt(chi2); });
  io::Extents start = outer.start(), count = outer.count();
  start.push_back(0);
  count.push_back(bins_);

  auto dataset = datasets_.begin();
  (dataset++)->write(all.start(), all.count(), result.chi2.data());
  (dataset++)->write(all.start(), all.count(), significance.data());
  (dataset++)->write(times.start(), times.count(), result.discovery_time.data());
  for (const auto& rates : result.rates)
    (dataset++)->write(start, count, rates.data());
  std::vector<std::int8_t> status(result.status.size());
  std::transform(result.status.begin(), result.status.end(), status.begin(),
                 [](Status s) { return static_cast<std::int8_t>(s); });
  dataset->write(outer.start(), outer.count(), status.data());
}

void ResultWriter::close() {
  datasets_.clear();
  file_.close();
}

namespace {

bool is_result(const io::Hdf5Reader& file) {
  try {
    return file.text_attribute("/", "filetype") == file_type;
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

bool is_result_file(const std::string& path) {
  try {
    return is_result(io::Hdf5Reader(path));
  } catch (const InputError&) {
    return false;
  }
}

DiscoveryTimes read_discovery_times(const std::string& path) {
  const io::Hdf5Reader file(path);
  if (!is_result(file))
    throw InputError(fmt::format("{}: is not a {} file", path, file_type));
  DiscoveryTimes times;
  times.title = file.text_attribute("/", "title");
  times.job = io::parse_toml({"job", path + "@job", file.text_attribute("/", "job")});
  times.years = file.numbers("/discovery_time");
  const io::Extents extents = file.extents("/discovery_time");
  io::TableReader job(times.job, "");
  std::size_t points = 1, outer_points = 1;
  for (const std::string& key : job.table("axes").keys()) {
    const auto found = find_parameter(key);
    if (!found)
      throw InputError(fmt::format("{}: its job has an unknown axis {}", path, key));
    const Parameter& parameter = parameters()[*found];
    if (parameter.role == Parameter::Role::exposure)
      continue;
    const std::string dataset = fmt::format("/{}", axis_dataset(parameter));
    DiscoveryTimes::Coordinate coordinate{key, {}};
    if (parameter.quantity() == nullptr) {
      for (std::string& text : file.texts(dataset))
        coordinate.values.emplace_back(std::move(text));
    } else {
      for (const double value : file.numbers(dataset))
        coordinate.values.emplace_back(value);
    }
    const std::size_t length = coordinate.values.size();
    if (times.axes.size() == extents.size() || length != extents[times.axes.size()])
      throw InputError(fmt::format(
          "{}: /discovery_time does not run along {} where its job says so", path, key));
    points *= length;
    if (parameter.role == Parameter::Role::spectrum)
      outer_points *= length;
    times.axes.push_back(std::move(coordinate));
  }
  const std::vector<double> status = file.numbers("/status");
  if (times.years.size() != points || status.size() != outer_points)
    throw InputError(fmt::format("{}: there are {} discovery times for {} points, {} states for {}",
                                 path, times.years.size(), points, status.size(), outer_points));
  times.unfinished =
      status.size() - static_cast<std::size_t>(std::count(status.begin(), status.end(),
                                                          static_cast<double>(Status::done)));
  return times;
}

}  // namespace nuloop::study
