// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/result_file.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/version.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr const char* file_type = "nuloop-study";

io::Extents extents(const std::vector<std::size_t>& lengths) {
  return {lengths.begin(), lengths.end()};
}

std::vector<std::string> axis_scales(const Job& job, Part part) {
  std::vector<std::string> paths;
  for (const Axis& axis : job.axes)
    if (belongs(axis, part))
      paths.push_back(fmt::format("/{}", axis_dataset(axis.definition())));
  return paths;
}

void write_names(io::Hdf5Writer& file, const std::string& path,
                 const std::vector<std::string>& names) {
  file.scale(path, names);
  file.attribute(path, "_Encoding", "utf-8");  // xarray then gives str, not bytes
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
    write_names(file, path, names);
  }
  file.attribute(path, "long_name", parameter.long_name);
}

void write_scale(io::Hdf5Writer& file, const Scale& scale) {
  if (scale.names.empty()) {
    std::vector<std::int32_t> numbers(scale.length);
    std::iota(numbers.begin(), numbers.end(), 0);
    file.scale(scale.path, numbers);
  } else {
    write_names(file, scale.path, scale.names);
  }
  file.attribute(scale.path, "long_name", scale.long_name);
}

void write_bin_edges(io::Hdf5Writer& file, const Job& job, std::size_t bins) {
  std::vector<std::string> along;
  io::Extents start, count;
  for (const Axis& axis : job.axes)
    if (shapes_the_bins(axis)) {
      along.push_back(fmt::format("/{}", axis_dataset(axis.definition())));
      count.push_back(axis.values.size());
    }
  along.emplace_back("/rates/bin");
  count.push_back(bins);
  start.assign(count.size(), 0);

  const BinEdges edges = bin_edges(job, bins);
  const auto write = [&](const std::string& path, const std::vector<double>& values,
                         const std::string& long_name) {
    file.dataset(path, nan, along).write(start, count, values.data());
    file.attribute(path, "units", "MeV");
    file.attribute(path, "long_name", long_name);
  };
  write("/rates/bin_low", edges.low, "lower bin edge");
  write("/rates/bin_high", edges.high, "upper bin edge");
}

}  // namespace

ResultWriter::ResultWriter(const std::string& path, MPI_Comm communicator, const Job& job,
                           const Plan& plan, const Layout& layout, const Provenance& provenance)
    : job_(job), plan_(plan), layout_(layout), file_(path, communicator) {
  file_.attribute("/", "filetype", file_type);
  file_.attribute("/", "format_version", result_format_version);
  file_.attribute("/", "kind", std::string(physics::name_of(kind_names, job.kind)));
  file_.attribute("/", "creator", "nuloop");
  file_.attribute("/", "version", io::version());
  file_.attribute("/", "git_revision", io::git_revision());
  file_.attribute("/", "title", job.title);
  file_.attribute("/", "job", job.resolved);
  file_.attribute("/", "inputs", provenance.inputs);

  for (const Axis& axis : job.axes)
    write_axis(file_, axis);
  if (layout.bins() > 0)
    file_.create_group("/rates");
  for (const Scale& scale : layout.scales())
    write_scale(file_, scale);
  if (layout.bins() > 0)
    write_bin_edges(file_, job, layout.bins());

  for (const Dataset& dataset : layout.datasets()) {
    auto along = axis_scales(job, dataset.along);
    along.insert(along.end(), dataset.further.begin(), dataset.further.end());
    datasets_.push_back(file_.dataset(dataset.path, nan, along));
    file_.attribute(dataset.path, "units", dataset.units);
    file_.attribute(dataset.path, "long_name", dataset.long_name);
    if (!dataset.further.empty())
      file_.attribute(dataset.path, "coordinates", "bin_low bin_high");
  }
  datasets_.push_back(file_.dataset("/status", static_cast<std::int8_t>(Status::pending),
                                    axis_scales(job, Part::outer)));
  file_.attribute("/status", "long_name", "0 pending, 1 done, 2 failed");
  file_.attribute("/status", "units", "1");
  file_.flush();
}

void ResultWriter::write(const Task& task, const TaskResult& result) {
  const auto& datasets = layout_.datasets();
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    const BlockShape block(job_, plan_, task, datasets[i].along,
                           layout_.further_lengths(datasets[i]));
    datasets_[i].write(extents(block.start()), extents(block.count()), result.values[i].data());
  }
  std::vector<std::int8_t> status(result.status.size());
  std::transform(result.status.begin(), result.status.end(), status.begin(),
                 [](Status s) { return static_cast<std::int8_t>(s); });
  const BlockShape outer(job_, plan_, task, Part::outer);
  datasets_.back().write(extents(outer.start()), extents(outer.count()), status.data());
}

void ResultWriter::close() {
  datasets_.clear();
  file_.close();
}

bool is_result_file(const std::string& path) {
  try {
    return io::Hdf5Reader(path).text_attribute("/", "filetype") == file_type;
  } catch (const InputError&) {
    return false;
  }
}

ResultReader::ResultReader(const std::string& path) : file_(path) {
  if (!is_result_file(path))
    throw InputError(fmt::format("{}: is not a {} file", path, file_type));
  const std::int32_t format = file_.integer_attribute("/", "format_version");
  if (format != result_format_version)
    throw InputError(
        fmt::format("{}: has format version {}, this program reads {}; run its job again", path,
                    format, result_format_version));
  title_ = file_.text_attribute("/", "title");
  const std::string kind = file_.text_attribute("/", "kind");
  const Kind* known = physics::find_named(kind_names, kind);
  if (known == nullptr)
    throw InputError(fmt::format("{}: holds results of an unknown kind, \"{}\"", path, kind));
  kind_ = *known;
  job_ = io::parse_toml({"job", path + "@job", file_.text_attribute("/", "job")});
}

ResultTable ResultReader::table(const std::string& dataset) const {
  io::NamedArray array = file_.array(dataset);
  ResultTable table{{}, std::move(array.values)};
  for (const std::string& path : array.axes) {
    const std::string name = path.substr(path.rfind('/') + 1);
    ResultTable::Coordinate coordinate{name, {}};
    for (const Parameter& parameter : parameters())
      if (axis_dataset(parameter) == name)
        coordinate.key = parameter.key;
    if (file_.holds_texts(path)) {
      for (std::string& text : file_.texts(path))
        coordinate.values.emplace_back(std::move(text));
    } else {
      for (const double value : file_.numbers(path))
        coordinate.values.emplace_back(value);
    }
    table.axes.push_back(std::move(coordinate));
  }
  return table;
}

std::size_t ResultReader::unfinished() const {
  const auto status = file_.numbers("/status");
  return status.size() - static_cast<std::size_t>(std::count(status.begin(), status.end(),
                                                             static_cast<double>(Status::done)));
}

}  // namespace nuloop::study
