// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/result_file.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/io/digest.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/io/version.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <numeric>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::sweep {
namespace {

constexpr const char* file_type = "nuloop-study";
constexpr const char* status_path = "/status";
constexpr const char* task_scale = "/integrity/task";
constexpr const char* own_group = "/own";
constexpr const char* used_group = "/configs";
constexpr const char* checksum_path = "/integrity/checksum";

// The dataset of a column, in a group ("" for the root group).
std::string path_of(const Column& column, const std::string& group) {
  return fmt::format("{}/{}", group, column.dataset);
}

// The dimension scales of the axes, as a group has them.
std::vector<std::string> axis_scales(const Axes& axes, Depth along, const std::string& group) {
  std::vector<std::string> paths;
  for (const Axis& axis : axes)
    if (axis.depth <= along)
      paths.push_back(path_of(axis.column(), group));
  return paths;
}

// Datasets of what moves along with axes.
std::string companion_names(const Axes& axes, Depth along) {
  std::vector<std::string> names;
  for (const Axis& axis : axes)
    if (axis.depth <= along)
      for (std::size_t i = 1; i < axis.columns.size(); ++i)
        names.push_back(axis.columns[i].dataset);
  return fmt::format("{}", fmt::join(names, " "));
}

// Where a task's values lie in each dataset of the layout and, last, in the status.
struct Blocks {
  Blocks(const Study& study, std::size_t index) {
    const Task task = study.plan.task(index);
    const auto add = [&](const BlockShape& shape) {
      start.push_back({shape.start().begin(), shape.start().end()});
      count.push_back({shape.count().begin(), shape.count().end()});
      size.push_back(shape.size());
    };
    for (const Field& field : study.layout.fields())
      add(study.block(task, field));
    add(BlockShape(study.axes, task, Depth::outer));
  }
  std::vector<io::Extents> start;
  std::vector<io::Extents> count;
  std::vector<std::size_t> size;
};

// @param datasets those of the layout, then the status.
TaskResult read_task(const std::vector<io::Hdf5Dataset>& datasets, const Blocks& blocks) {
  TaskResult result;
  const std::size_t last = blocks.size.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    result.values.emplace_back(blocks.size[i]);
    datasets[i].read(blocks.start[i], blocks.count[i], result.values[i].data());
  }
  std::vector<std::int8_t> status(blocks.size[last]);
  datasets[last].read(blocks.start[last], blocks.count[last], status.data());
  std::transform(status.begin(), status.end(), std::back_inserter(result.status),
                 [](std::int8_t s) { return static_cast<Status>(s); });
  return result;
}

template <class T>
std::vector<T> all_as(const std::vector<Value>& values) {
  std::vector<T> list;
  for (const Value& value : values)
    list.push_back(std::get<T>(value));
  return list;
}

// The values of a column: `write` puts them into the file.
template <class Write>
void write_column(io::Hdf5Creator& file, const Column& column, const std::string& group,
                  const Write& write) {
  const std::string path = path_of(column, group);
  if (column.dimension) {
    write(path, all_as<double>(column.values));
    file.attribute(path, "units", std::string(io::common_spelling(*column.dimension)));
  } else {
    write(path, all_as<std::string>(column.values));
  }
  file.attribute(path, "long_name", column.long_name);
}

// An axis as dimension scale of a group, and what moves along with it.
void write_axis(io::Hdf5Creator& file, const Axis& axis, const std::string& group) {
  write_column(file, axis.column(), group,
               [&](const std::string& path, const auto& values) { file.scale(path, values); });
  for (std::size_t i = 1; i < axis.columns.size(); ++i)
    write_column(file, axis.columns[i], group, [&](const std::string& path, const auto& values) {
      file.coordinate(path, values, path_of(axis.column(), group));
    });
}

// A group with its copies of the axes.
void write_group(io::Hdf5Creator& file, const Axes& axes, const Group& group) {
  file.create_group(group.path);
  for (const Axis& axis : axes)
    if (axis.depth <= group.along)
      write_axis(file, axis, group.path);
}

void write_scale(io::Hdf5Creator& file, const Scale& scale) {
  if (!scale.numbers.empty()) {
    file.scale(scale.path, scale.numbers);
    file.attribute(scale.path, "units", "1");
  } else if (scale.names.empty()) {
    std::vector<std::int32_t> numbers(scale.length);
    std::iota(numbers.begin(), numbers.end(), 0);
    file.scale(scale.path, numbers);
  } else {
    file.scale(scale.path, scale.names);
  }
  file.attribute(scale.path, "long_name", scale.long_name);
  if (scale.units.empty())
    return;
  file.coordinate(scale.units_path(), scale.units, scale.path);
  file.attribute(scale.units_path(), "long_name", "unit of the input");
}

void write_coordinate(io::Hdf5Creator& file, const Axes& axes, const Coordinate& coordinate) {
  std::vector<std::string> along;
  io::Extents count;
  for (const std::size_t axis : coordinate.axes) {
    along.push_back(path_of(axes[axis].column(), group_of(coordinate.path)));
    count.push_back(axes[axis].size());
  }
  along.push_back(coordinate.scale);
  count.push_back(coordinate.numbers.size() / size_of({count.begin(), count.end()}));
  file.dataset(coordinate.path, nan, along)
      .write(io::Extents(count.size(), 0), count, coordinate.numbers.data());
  file.attribute(coordinate.path, "units", coordinate.units);
  file.attribute(coordinate.path, "long_name", coordinate.long_name);
}

// What runs along the same dimensions as a dataset without being one: coordinates of its scales,
// units, keys that move along with an axis.
std::string coordinates_of(const Study& study, const Field& field) {
  std::vector<std::string> names;
  const auto name_of = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  for (const std::string& path : field.further) {
    for (const Coordinate& coordinate : study.layout.coordinates())
      if (coordinate.scale == path)
        names.push_back(name_of(coordinate.path));
    if (const Scale& scale = study.layout.scale(path); !scale.units.empty())
      names.push_back(name_of(scale.units_path()));
  }
  if (std::string companions = companion_names(study.axes, field.along); !companions.empty())
    names.push_back(std::move(companions));
  return fmt::format("{}", fmt::join(names, " "));
}

void write_field(io::Hdf5Creator& file, const Study& study, const Field& field) {
  auto along = axis_scales(study.axes, field.along, group_of(field.path));
  along.insert(along.end(), field.further.begin(), field.further.end());
  file.dataset(field.path, nan, along, io::Hdf5Creator::Filling::later);
  if (!field.units.empty())
    file.attribute(field.path, "units", field.units);
  file.attribute(field.path, "long_name", field.long_name);
  if (const std::string names = coordinates_of(study, field); !names.empty())
    file.attribute(field.path, "coordinates", names);
}

void write_status(io::Hdf5Creator& file, const Axes& axes) {
  file.dataset(status_path, static_cast<std::int8_t>(Status::pending),
               axis_scales(axes, Depth::outer, group_of(status_path)));
  file.attribute(status_path, "long_name", "what has become of the point");
  file.attribute(status_path, "flag_values", std::vector<std::int8_t>{0, 1, 2});
  file.attribute(status_path, "flag_meanings", "pending done failed");
  if (const std::string names = companion_names(axes, Depth::outer); !names.empty())
    file.attribute(status_path, "coordinates", names);
}

// Files as a group: their names are a scale, along which their texts run. Nothing if there are
// none.
void write_files(io::Hdf5Creator& file, const std::string& group, const std::string& meaning,
                 const std::vector<std::pair<std::string, std::string>>& files) {
  if (files.empty())
    return;
  std::vector<std::string> names, texts;
  for (const auto& [name, text] : files) {
    names.push_back(name);
    texts.push_back(text);
  }
  const std::string names_path = group + "/file", texts_path = group + "/text";
  file.create_group(group);
  file.scale(names_path, names);
  file.attribute(names_path, "long_name", meaning);
  file.coordinate(texts_path, texts, names_path);
  file.attribute(texts_path, "long_name", "its text");
}

// What `nuloop --version` prints.
std::string creator() {
  return fmt::format("nuloop {} ({})", io::version(), io::git_revision());
}

}  // namespace

double bytes_of_files(const Provenance& provenance) {
  std::size_t bytes = 0;
  for (const auto* files : {&provenance.own_files, &provenance.used_configs})
    for (const auto& [name, text] : *files)
      bytes += name.size() + text.size();
  return static_cast<double>(bytes);
}

void create_result(const std::string& path, const Study& study, const Provenance& provenance) {
  const Layout& layout = study.layout;
  io::Hdf5Creator file(path);
  file.attribute("/", "filetype", file_type);
  file.attribute("/", "format_version", result_format_version);
  file.attribute("/", "kind", study.description.kind);
  file.attribute("/", "creator", creator());
  file.attribute("/", "title", study.description.title);
  file.attribute("/", "job", study.description.job);
  file.attribute("/", "inputs", provenance.inputs);
  if (!provenance.warnings.empty())
    file.attribute("/", "warnings", provenance.warnings);

  for (const Axis& axis : study.axes)
    write_axis(file, axis, "");
  for (const Group& group : layout.groups())
    write_group(file, study.axes, group);
  for (const Scale& scale : layout.scales())
    write_scale(file, scale);
  for (const Coordinate& coordinate : layout.coordinates())
    write_coordinate(file, study.axes, coordinate);
  for (const Field& field : layout.fields())
    write_field(file, study, field);
  write_status(file, study.axes);

  write_files(file, own_group, "configuration of the user's own", provenance.own_files);
  write_files(file, used_group, "what the job used of a configuration", provenance.used_configs);

  file.create_group("/integrity");
  write_scale(file, {task_scale, "task of the plan", {}, study.plan.task_count()});
  file.dataset(checksum_path, std::uint32_t{0}, {task_scale});
  file.attribute(checksum_path, "long_name", "CRC-32 of the task's values and status; 0: none");
  file.attribute(checksum_path, "units", "1");
  file.close();
}

std::uint32_t checksum(const TaskResult& result) {
  io::Crc32 crc;
  for (const auto& values : result.values)
    crc.add(values.data(), values.size() * sizeof(double));
  crc.add(result.status.data(), result.status.size());
  return crc.value() != 0 ? crc.value() : 1;
}

ResultWriter::ResultWriter(const std::string& path, MPI_Comm communicator, const Study& study)
    : study_(study), file_(path, communicator) {
  for (const Field& field : study.layout.fields())
    datasets_.push_back(file_.dataset(field.path));
  datasets_.push_back(file_.dataset(status_path));
  datasets_.push_back(file_.dataset(checksum_path));
}

void ResultWriter::write_values(std::size_t index, const TaskResult& result) {
  const Blocks blocks(study_, index);
  for (std::size_t i = 0; i < study_.layout.fields().size(); ++i)
    datasets_[i].write(blocks.start[i], blocks.count[i], result.values[i].data());
}

void ResultWriter::write(std::size_t index, const TaskResult& result) {
  write_values(index, result);
  const Blocks blocks(study_, index);
  std::vector<std::int8_t> status(result.status.size());
  std::transform(result.status.begin(), result.status.end(), status.begin(),
                 [](Status s) { return static_cast<std::int8_t>(s); });
  const std::uint32_t crc = checksum(result);
  const std::size_t last = study_.layout.fields().size();
  datasets_[last].write(blocks.start[last], blocks.count[last], status.data());
  datasets_[last + 1].write({index}, {1}, &crc);
}

TaskResult ResultWriter::read(std::size_t index) const {
  return read_task(datasets_, Blocks(study_, index));
}

void ResultWriter::close() {
  datasets_.clear();
  file_.close();
}

void ResultWriter::abandon() {
  datasets_.clear();
  file_.abandon();
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

StreamedNumbers::StreamedNumbers(const ResultReader& file, const std::string& path)
    : dataset_(file.dataset(path)) {
  const io::Extents extents = file.extents(path);
  extents_.assign(extents.begin(), extents.end());
  size_ = size_of(extents_);
  if (extents_.empty()) {
    piece_ = file.numbers(path);
    return;
  }
  constexpr std::size_t most = 65536;  // numbers of a piece
  axis_ = extents_.size() - 1;
  while (axis_ > 0 && below_ * extents_[axis_] <= most)
    below_ *= extents_[axis_--];
  stretch_ = std::clamp<std::size_t>(most / below_, 1, extents_[axis_]);
}

double StreamedNumbers::operator[](std::size_t n) const {
  NULOOP_EXPECTS(n < size_);
  if (n < first_ || n - first_ >= piece_.size()) {
    Indices start = indices_of(n, extents_), count = extents_;
    std::fill_n(count.begin(), axis_, 1);
    std::fill(start.begin() + static_cast<std::ptrdiff_t>(axis_) + 1, start.end(), 0);
    start[axis_] -= start[axis_] % stretch_;
    count[axis_] = std::min(stretch_, extents_[axis_] - start[axis_]);
    first_ = position_of(start, strides_of(extents_));
    piece_.resize(count[axis_] * below_);
    dataset_.read({start.begin(), start.end()}, {count.begin(), count.end()}, piece_.data());
  }
  return piece_[n - first_];
}

std::vector<std::string> ResultTable::keys() const {
  std::vector<std::string> names;
  for (const Coordinate& axis : axes) {
    names.push_back(axis.key);
    for (const auto& companion : axis.companions)
      names.push_back(companion.first);
  }
  return names;
}

std::vector<Value> ResultTable::coordinates(std::size_t n) const {
  Indices extents;
  for (const Coordinate& axis : axes)
    extents.push_back(axis.values.size());
  const Indices at = indices_of(n, extents);
  std::vector<Value> found;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    found.push_back(axes[i].values[at[i]]);
    for (const auto& companion : axes[i].companions)
      found.push_back(companion.second[at[i]]);
  }
  return found;
}

namespace {

// A result that is not there may be under way.
const std::string& existing(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && std::filesystem::exists(path + ".part", error))
    throw InputError(
        fmt::format("{}: no such file, but {}.part, which is not complete", path, path));
  return path;
}

}  // namespace

ResultReader::ResultReader(const std::string& path) : path_(path), file_(existing(path)) {
  if (!is_result_file(path))
    throw InputError(fmt::format("{}: is not a {} file", path, file_type));
  format_ = file_.integer_attribute("/", "format_version");
  if (format_ < 1 || format_ > result_format_version)
    throw InputError(
        fmt::format("{}: has format version {}, this program reads 1 to {}; run its job again",
                    path, format_, result_format_version));
  title_ = file_.text_attribute("/", "title");
  kind_ = format_ > 1 ? file_.text_attribute("/", "kind") : "";
  job_ = io::parse_toml({"job", path + "@job", file_.text_attribute("/", "job")});
  provenance_.inputs = file_.text_attribute("/", "inputs");
  read_creator();
}

void ResultReader::read_creator() {
  if (format_ < 3) {
    version_ = file_.text_attribute("/", "version");
    git_revision_ = file_.text_attribute("/", "git_revision");
    return;
  }
  const std::string creator = file_.text_attribute("/", "creator");
  const std::string_view before = "nuloop ", between = " (";
  const std::size_t gap = creator.find(between);
  if (!creator.starts_with(before) || gap == std::string::npos || gap < before.size() ||
      !creator.ends_with(')'))
    throw InputError(fmt::format("{}: its creator is \"{}\", not nuloop with version and revision",
                                 path_, creator));
  version_ = creator.substr(before.size(), gap - before.size());
  git_revision_ = creator.substr(gap + between.size());
  git_revision_.pop_back();
}

std::string ResultReader::attribute(const std::string& name) const {
  if (name == "version")
    return version_;
  return name == "git_revision" ? git_revision_ : file_.text_attribute("/", name);
}

ResultTable ResultReader::table(const Axes& axes, const std::string& dataset, Depth along,
                                const std::vector<std::string>& further,
                                const std::vector<std::string>& names) const {
  ResultTable table = rows(axes, dataset, along, further, names);
  table.values = file_.numbers(dataset);
  return table;
}

ResultTable ResultReader::rows(const Axes& axes, const std::string& dataset, Depth along,
                               const std::vector<std::string>& further,
                               const std::vector<std::string>& names) const {
  ResultTable table;
  for (const Axis& axis : axes) {
    if (axis.depth > along)
      continue;
    ResultTable::Coordinate coordinate{axis.column().key, axis.values(), {}};
    for (std::size_t i = 1; i < axis.columns.size(); ++i) {
      coordinate.companions.emplace_back(axis.columns[i].key, axis.columns[i].values);
      if (axis.columns[i].values.size() != axis.size())
        throw InputError(fmt::format("{}: {} and {} have different lengths", path_,
                                     axis.column().key, axis.columns[i].key));
    }
    table.axes.push_back(std::move(coordinate));
  }
  for (const std::string& scale : further) {
    ResultTable::Coordinate coordinate{scale.substr(scale.rfind('/') + 1), {}, {}};
    for (const double value : file_.numbers(scale))
      coordinate.values.emplace_back(value);
    table.axes.push_back(std::move(coordinate));
  }
  for (const std::string& scale : names) {
    ResultTable::Coordinate coordinate{scale.substr(scale.rfind('/') + 1), {}, {}};
    for (std::string& name : file_.texts(scale))
      coordinate.values.emplace_back(std::move(name));
    table.axes.push_back(std::move(coordinate));
  }
  io::Extents lengths;
  for (const auto& coordinate : table.axes)
    lengths.push_back(coordinate.values.size());
  if (file_.extents(dataset) != lengths)
    throw InputError(fmt::format("{}: {} does not run along the axes of its job", path_, dataset));
  if (std::find(lengths.begin(), lengths.end(), 0U) != lengths.end())
    throw InputError(fmt::format("{}: {} is empty", path_, dataset));
  return table;
}

std::vector<Value> ResultReader::values(const Column& column, const std::string& group) const {
  const std::string path = path_of(column, group);
  std::vector<Value> list;
  if (!column.dimension)
    for (std::string& text : file_.texts(path))
      list.emplace_back(std::move(text));
  else
    for (const double value : file_.numbers(path))
      list.emplace_back(value);
  return list;
}

std::size_t ResultReader::unfinished(const Axes& axes) const {
  const std::vector<double> status = table(axes, status_path, Depth::outer).values;
  return status.size() - static_cast<std::size_t>(std::count(status.begin(), status.end(),
                                                             static_cast<double>(Status::done)));
}

std::vector<std::pair<std::string, std::string>> ResultReader::own_files() const {
  return files_in(own_group);
}

std::vector<std::pair<std::string, std::string>> ResultReader::used_configs() const {
  return files_in(used_group);
}

std::vector<std::pair<std::string, std::string>> ResultReader::files_in(
    const std::string& group) const {
  std::vector<std::pair<std::string, std::string>> files;
  if (!file_.has(group, "file"))
    return files;
  const auto names = file_.texts(group + "/file"), texts = file_.texts(group + "/text");
  if (names.size() != texts.size())
    throw InputError(
        fmt::format("{}: {} has {} texts for {} files", path_, group, texts.size(), names.size()));
  for (std::size_t i = 0; i < names.size(); ++i)
    files.emplace_back(names[i], texts[i]);
  return files;
}

std::vector<std::uint32_t> ResultReader::checksums() const {
  if (format_ < 2)
    throw InputError(
        fmt::format("{}: has format version {}, which has no checksums: `nuloop report` shows it, "
                    "but nothing can check it; run its job again",
                    path_, format_));
  const auto numbers = file_.numbers(checksum_path);
  std::vector<std::uint32_t> sums;
  for (const double number : numbers) {
    if (!(number >= 0.0 && number <= std::numeric_limits<std::uint32_t>::max()))
      throw InputError(fmt::format("{}: {} holds {}", path_, checksum_path, number));
    sums.push_back(static_cast<std::uint32_t>(number));
  }
  return sums;
}

void check_copies(const ResultReader& file, const Study& study) {
  if (file.format_version() < 3)
    return;
  for (const Group& group : study.layout.groups())
    for (const Axis& axis : study.axes)
      if (axis.depth <= group.along)
        for (const Column& column : axis.columns)
          if (file.values(column, group.path) != file.values(column))
            throw InputError(fmt::format("{}: {} does not hold the values of {}", file.path(),
                                         path_of(column, group.path), path_of(column, "")));
}

TaskReader::TaskReader(const ResultReader& file, const Study& study)
    : study_(study), checksums_(file.checksums()) {
  const Plan& plan = study.plan;
  const Layout& layout = study.layout;
  if (checksums_.size() != plan.task_count())
    throw InputError(
        fmt::format("{}: was divided into other tasks: its job makes {}, it has checksums of {}; "
                    "`nuloop run --force` starts anew",
                    file.path(), plan.task_count(), checksums_.size()));
  const auto add = [&](const std::string& path, Depth along, const Indices& further) {
    const Indices axes = extents_of(study.axes, along);
    io::Extents wanted(axes.begin(), axes.end());
    wanted.insert(wanted.end(), further.begin(), further.end());
    datasets_.push_back(file.dataset(path));
    if (datasets_.back().extents() != wanted)
      throw InputError(
          fmt::format("{}: {} has other extents than its job wants", file.path(), path));
  };
  for (const Field& field : layout.fields())
    add(field.path, field.along, layout.further_lengths(field));
  add(status_path, Depth::outer, {});
}

TaskResult TaskReader::operator()(std::size_t index) const {
  return read_task(datasets_, Blocks(study_, index));
}

TaskState TaskReader::state(std::size_t index) const {
  if (checksums_[index] == 0)
    return TaskState::pending;
  const TaskResult result = (*this)(index);
  if (checksum(result) != checksums_[index])
    return TaskState::pending;
  const bool all_done = std::all_of(result.status.begin(), result.status.end(),
                                    [](Status s) { return s == Status::done; });
  return all_done ? TaskState::done : TaskState::incomplete;
}

}  // namespace nuloop::sweep
