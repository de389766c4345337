// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/forged_result.hpp"

#include "fuzz/harness.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fcntl.h>
#include <numeric>
#include <unistd.h>
#include <utility>
#include <vector>

#include <hdf5.h>

namespace nuloop::fuzz {
namespace {

using Extents = std::vector<hsize_t>;

constexpr hsize_t most_bytes_written = 1 << 16;

// Closes what HDF5 gave.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (id_ >= 0)
      close_(id_);
  }
  hid_t id() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

struct Edit {
  std::uint8_t object, what, how, more;
  std::size_t number() const { return how * std::size_t{256} + more; }
};

enum class Kind { itself, missing, group, soft_loop, soft_link, outside, datatype };
enum class Layout { contiguous, unwritten, compact, chunks, deflated, external, virtual_source };

struct Attribute {
  std::string name;
  std::string value;
  std::size_t type = 0;   // 0: fixed-length text
  std::size_t space = 0;  // 0: scalar
  bool missing = false;
};

struct Dataset {
  std::string name;
  Extents extents;
  std::size_t type;
  std::vector<std::string> texts;  // or
  std::vector<double> numbers;
  std::size_t element_size = 0;
  Kind kind = Kind::itself;
  Layout layout = Layout::contiguous;
  std::vector<Edit> damage = {};  // of texts of variable length, byte by byte
};

constexpr std::size_t text_type = 0, double_type = 1, int8_type = 2, int32_type = 3,
                      variable_text_type = 10, uint32_type = 19;

struct Result {
  std::vector<Attribute> attributes;
  std::vector<Dataset> datasets;
};

// Axes, settings and title of the results to begin with, one for each kind and what it may leave
// out.
constexpr std::array<const char*, results_of_a_format / 2> jobs = {
    // A reach, as small as it can be.
    "kind = \"reach\"\n[axes]\nexperiment = [\"tao-30m\", \"tao-44m\"]\nbackground = [\"none\"]\n"
    "flux_uncertainty = [0.005, 0.01]\nexposure = [\"1 yr\"]\n[settings]\nmodel = \"nlo\"\n",
    // Axes along which several keys move, of names and of numbers; no rates; pulls of the theory.
    "kind = \"reach\"\nstore_rates = false\n[axes]\n"
    "\"experiment, detector.mass\" = [[\"tao-30m\", \"1 t\"], [\"tao-44m\", \"2 t\"]]\n"
    "\"flux_uncertainty, theory.hadronic_3_gamma_uncertainty\" = [[0.01, 0.1], [0.02, 0.2]]\n"
    "[settings]\nmodel = \"nlo\"\nexposure = \"1 yr\"\none_loop.hadronic_3_gamma = -0.9\n",
    // Rates, in windows with different numbers of bins.
    "kind = \"rates\"\n[axes]\nmodel = [\"lo+cr\"]\nwindow.low = [\"1 MeV\", \"5 MeV\"]\n"
    "[settings]\nexperiment = \"cloud-surface\"\n",
    // Cross sections.
    "kind = \"cross-section\"\n[axes]\nmodel = [\"lo\", \"nlo\"]\n\"energy, recoil\" = [{ from = "
    "\"1 "
    "MeV\", to = \"3 MeV\", points = 3 }, { from = \"0.1 MeV\", to = \"0.3 MeV\", points = 3 }]\n"
    "[settings]\nflavour = \"nu_mu\"\none_loop.alpha = \"running\"\n",
    // Pseudo-experiments.
    "kind = \"toys\"\n[axes]\nexperiment = [\"tao-30m\", \"tao-44m\"]\n[settings]\n"
    "model = \"nlo\"\nflux_uncertainty = 0.01\nexposure = \"1 yr\"\ntoys.count = 5000\n"};

// Lines to put into a job, and what they would cost if they were believed.
constexpr std::array<const char*, 14> lines = {
    "window.low = { from = \"1 MeV\", to = \"2 MeV\", points = 2000 }",
    "window.bin_width = { from = \"1 keV\", to = \"2 keV\", points = 2000 }",
    "resolution.constant = { from = 0.01, to = 0.02, points = 2000 }",
    "background.scale = { from = 1, to = 2, points = 2000 }",
    "exposure = { from = \"1 yr\", to = \"2 yr\", points = 2000 }",
    "\"window.low, window.high\" = [[\"1 MeV\", \"9 MeV\"], [\"2 MeV\", \"8 MeV\"]]",
    "\"theory.hadronic_gamma_gamma_uncertainty\" = [0.1, 0.2]",
    "\"experiment, experiment\" = [[\"tao-30m\", \"tao-30m\"]]",
    "\"energy , recoil\" = [[\"1 MeV\", \"1 MeV\"]]",
    "flux = [\"huber\"]",
    "discovery.significance = 3",
    "window.bin_width = \"1 keV\"",
    "store_rates = false",
    "kind = \"rates\""};

Handle make_type(std::size_t number, std::size_t text_size) {
  const auto copy = [](hid_t type) { return Handle(H5Tcopy(type), H5Tclose); };
  const auto text = [&](H5T_str_t padding, H5T_cset_t set) {
    Handle type = copy(H5T_C_S1);
    H5Tset_size(type.id(), std::max<std::size_t>(text_size, 1));
    H5Tset_strpad(type.id(), padding);
    H5Tset_cset(type.id(), set);
    return type;
  };
  switch (number % 21) {
    case text_type:
      return text(H5T_STR_NULLPAD, H5T_CSET_UTF8);
    case double_type:
      return copy(H5T_IEEE_F64LE);
    case int8_type:
      return copy(H5T_STD_I8LE);
    case int32_type:
      return copy(H5T_STD_I32LE);
    case 4:
      return copy(H5T_IEEE_F64BE);
    case 5:
      return copy(H5T_IEEE_F32LE);
    case 6:
      return copy(H5T_STD_U64BE);
    case 7:
      return copy(H5T_STD_B64LE);
    case 8:
      return text(H5T_STR_SPACEPAD, H5T_CSET_ASCII);
    case 9:
      return text(H5T_STR_NULLTERM, H5T_CSET_UTF8);
    case variable_text_type: {
      Handle type = copy(H5T_C_S1);
      H5Tset_size(type.id(), H5T_VARIABLE);
      H5Tset_cset(type.id(), H5T_CSET_UTF8);
      return type;
    }
    case 11: {
      Handle type(H5Tcreate(H5T_COMPOUND, 16), H5Tclose);
      H5Tinsert(type.id(), "re", 0, H5T_IEEE_F64LE);
      H5Tinsert(type.id(), "im", 8, H5T_IEEE_F64LE);
      return type;
    }
    case 12: {
      Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
      const std::int8_t done = 1;
      H5Tenum_insert(type.id(), "done", &done);
      return type;
    }
    case 13:
      return {H5Tcreate(H5T_OPAQUE, std::max<std::size_t>(text_size, 1)), H5Tclose};
    case 14: {
      const hsize_t length = 3;
      return {H5Tarray_create2(H5T_IEEE_F64LE, 1, &length), H5Tclose};
    }
    case 15:
      return {H5Tvlen_create(H5T_STD_I32LE), H5Tclose};
    case 16:
      return copy(H5T_STD_REF_OBJ);
    case 17:
      return copy(H5T_STD_REF_DSETREG);
    case 18: {  // a float of fewer bits
      Handle type = copy(H5T_IEEE_F64LE);
      H5Tset_fields(type.id(), 40, 32, 8, 2, 30);
      H5Tset_precision(type.id(), 41);
      return type;
    }
    case uint32_type:
      return copy(H5T_STD_U32LE);
    default: {
      Handle type = copy(H5T_STD_I64LE);
      H5Tset_size(type.id(), 1 + text_size % 32);
      return type;
    }
  }
}

bool holds_addresses(hid_t type) {
  return H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tdetect_class(type, H5T_REFERENCE) > 0 ||
         H5Tis_variable_str(type) > 0;
}

Handle make_space(const Extents& extents) {
  return {extents.empty()
              ? H5Screate(H5S_SCALAR)
              : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
          H5Sclose};
}

Handle attribute_space(std::size_t number) {
  switch (number % 6) {
    case 0:
      return make_space({});
    case 1:
      return {H5Screate(H5S_NULL), H5Sclose};
    case 2:
      return make_space({1});
    case 3:
      return make_space({3});
    case 4:
      return make_space({40, 2});
    default:
      return make_space({0});
  }
}

// The product, or more than anyone wants.
hsize_t bytes_of(const Extents& extents, std::size_t element) {
  double bytes = static_cast<double>(element);
  for (const hsize_t extent : extents)
    bytes *= static_cast<double>(extent);
  return bytes > 1e15 ? hsize_t{1} << 50 : static_cast<hsize_t>(bytes);
}

void write_attribute(hid_t file, const Attribute& attribute) {
  if (attribute.missing)
    return;
  const Handle type = make_type(attribute.type, attribute.value.size());
  const Handle space = attribute_space(attribute.space);
  const Handle handle(
      H5Acreate2(file, attribute.name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  if (handle.id() < 0 || holds_addresses(type.id()) || count <= 0)
    return;
  std::string bytes;
  for (hssize_t i = 0; i < count; ++i)
    bytes += attribute.value;
  bytes.resize(H5Tget_size(type.id()) * static_cast<std::size_t>(count), 'x');
  H5Awrite(handle.id(), type.id(), bytes.data());
}

// The bytes of a number as a type that nuloop writes has them, eight otherwise.
std::string bytes_of_number(double number, std::size_t type) {
  if (type == int8_type || type == int32_type || type == uint32_type) {
    const bool fits = number > -3e9 && number < 5e9;
    const auto whole = static_cast<std::uint64_t>(fits ? static_cast<std::int64_t>(number) : -1);
    std::string bytes;
    for (std::size_t i = 0; i < (type == int8_type ? 1 : 4); ++i)
      bytes += static_cast<char>(whole >> (8 * i) & 0xff);
    return bytes;
  }
  std::string bytes;
  for (std::size_t i = 0; i < 8; ++i)
    bytes += static_cast<char>(std::bit_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
  return bytes;
}

// The bytes of the elements as the natural type has them; repeated or cut to `size`.
std::string contents(const Dataset& dataset, std::size_t element, std::size_t size) {
  std::string bytes;
  for (std::string text : dataset.texts) {
    text.resize(element, '\0');
    bytes += text;
  }
  for (const double number : dataset.numbers)
    bytes += bytes_of_number(number, dataset.type);
  const std::string pattern = bytes.empty() ? "\xff" : bytes;
  while (bytes.size() < size)
    bytes += pattern;
  bytes.resize(size);
  return bytes;
}

Handle creation_of(const Dataset& dataset, hid_t type) {
  Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const auto rank = static_cast<int>(dataset.extents.size());
  switch (dataset.layout) {
    case Layout::contiguous:
      if (bytes_of(dataset.extents, H5Tget_size(type)) < most_bytes_written)
        H5Pset_alloc_time(creation.id(), H5D_ALLOC_TIME_EARLY);
      break;
    case Layout::unwritten:
      break;
    case Layout::compact:
      H5Pset_layout(creation.id(), H5D_COMPACT);
      break;
    case Layout::chunks:
    case Layout::deflated: {
      const Extents chunk(dataset.extents.size(), 1);
      if (rank > 0)
        H5Pset_chunk(creation.id(), rank, chunk.data());
      if (dataset.layout == Layout::deflated)
        H5Pset_deflate(creation.id(), 1);
      break;
    }
    case Layout::external:
      H5Pset_external(creation.id(), "/dev/zero", 0, H5F_UNLIMITED);
      break;
    case Layout::virtual_source: {
      const Handle space = make_space(dataset.extents);
      if (rank > 0)
        H5Pset_virtual(creation.id(), space.id(), "elsewhere.h5", "/x", space.id());
      break;
    }
  }
  return creation;
}

// Texts of variable length, repeated as often as there are elements.
void write_variable_texts(hid_t dataset, hid_t type, const Dataset& contents) {
  const hsize_t count = bytes_of(contents.extents, 1);
  if (contents.texts.empty() || count > most_bytes_written)
    return;
  std::vector<const char*> texts;
  for (hsize_t i = 0; i < count; ++i)
    texts.push_back(contents.texts[i % contents.texts.size()].c_str());
  H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data());
}

// A byte of a file to change.
struct Change {
  haddr_t at;
  char value;
};

// Where the bytes of variable texts are that the dataset's damage changes. Its elements are sixteen
// bytes each: a length, the address of a collection, the number of the text in it.
void add_changes(const std::string& path, hid_t dataset, const Dataset& contents,
                 std::vector<Change>& changes) {
  const haddr_t references = H5Dget_offset(dataset);
  const hsize_t size = H5Dget_storage_size(dataset);
  if (references == HADDR_UNDEF || size == 0)
    return;
  H5Fflush(dataset, H5F_SCOPE_LOCAL);
  std::uint64_t collection = 0;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool read = ::pread(descriptor, &collection, sizeof collection,
                            static_cast<off_t>(references + 4)) == sizeof collection;
  ::close(descriptor);
  for (const Edit& edit : contents.damage) {
    constexpr haddr_t collection_bytes = 4096;
    const haddr_t far = edit.what % 64 * haddr_t{256} + edit.how;
    if (edit.what < 192)
      changes.push_back({references + far % size, static_cast<char>(edit.more)});
    else if (read && collection > 0)
      changes.push_back({collection + far % collection_bytes, static_cast<char>(edit.more)});
  }
}

void change_bytes(const std::string& path, const std::vector<Change>& changes) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  promise(descriptor >= 0, "the file can be changed");
  for (const Change& change : changes)
    promise(::pwrite(descriptor, &change.value, 1, static_cast<off_t>(change.at)) == 1,
            "a byte can be changed");
  ::close(descriptor);
}

void write_dataset(hid_t file, const std::string& path, const Dataset& dataset,
                   std::vector<Change>& changes) {
  const char* name = dataset.name.c_str();
  switch (dataset.kind) {
    case Kind::missing:
      return;
    case Kind::group: {
      const Handle group(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
      return;
    }
    case Kind::soft_loop:
      H5Lcreate_soft(name, file, name, H5P_DEFAULT, H5P_DEFAULT);
      return;
    case Kind::soft_link:
      H5Lcreate_soft("/experiment", file, name, H5P_DEFAULT, H5P_DEFAULT);
      return;
    case Kind::outside:
      H5Lcreate_external("/dev/zero", "/x", file, name, H5P_DEFAULT, H5P_DEFAULT);
      return;
    case Kind::datatype: {
      const Handle type(H5Tcopy(H5T_IEEE_F64LE), H5Tclose);
      H5Tcommit2(file, name, type.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      return;
    }
    case Kind::itself:
      break;
  }
  std::size_t longest = 1;
  for (const std::string& text : dataset.texts)
    longest = std::max(longest, text.size());
  const Handle type =
      make_type(dataset.type, dataset.element_size > 0 ? dataset.element_size : longest);
  const Handle space = make_space(dataset.extents);
  const Handle creation = creation_of(dataset, type.id());
  const Handle handle(
      H5Dcreate2(file, name, type.id(), space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
      H5Dclose);
  if (handle.id() < 0)
    return;
  const std::size_t element = H5Tget_size(type.id());
  const hsize_t size = bytes_of(dataset.extents, element);
  if (dataset.type == variable_text_type && dataset.layout == Layout::contiguous) {
    write_variable_texts(handle.id(), type.id(), dataset);
    add_changes(path, handle.id(), dataset, changes);
  } else if (dataset.layout != Layout::unwritten && dataset.layout != Layout::external &&
             dataset.layout != Layout::virtual_source && size <= most_bytes_written &&
             !holds_addresses(type.id()))
    H5Dwrite(handle.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
             contents(dataset, element, size).data());
}

void apply(const Edit& edit, Attribute& attribute) {
  std::string& value = attribute.value;
  const std::size_t at = value.empty() ? 0 : edit.number() % value.size();
  switch (edit.what % 11) {
    case 0:
      attribute.missing = true;
      break;
    case 1:
      attribute.type = edit.how;
      break;
    case 2:
      attribute.space = edit.how;
      break;
    case 3:
      value.resize(edit.number());
      break;
    case 4:
      value.resize(edit.number(), static_cast<char>(edit.more));
      break;
    case 5:
      if (!value.empty())
        value[edit.how % value.size()] = static_cast<char>(edit.more);
      break;
    case 6:
      value += static_cast<char>(edit.how);
      value += static_cast<char>(edit.more);
      break;
    case 7:
      value.erase(at, 1 + edit.more % 4);
      break;
    case 8: {  // a line more in a section of the job
      const std::size_t sections[] = {value.find("[axes]\n"), value.find("[settings]\n")};
      const std::size_t section = std::min(sections[edit.how % 2], value.size());
      const std::size_t end = value.find('\n', section);
      if (end != std::string::npos)
        value.insert(end + 1, std::string(lines.at(edit.more % lines.size())) + "\n");
      break;
    }
    case 9: {  // a line less
      const std::size_t begin = value.find('\n', at);
      if (begin != std::string::npos)
        value.erase(begin, value.find('\n', begin + 1) - begin);
      break;
    }
    default:  // a section that is none
      value = (edit.how % 2 == 0 ? "settings = 3\n" : "axes = 3\n") +
              value.substr(0, value.find(edit.how % 2 == 0 ? "[settings]" : "[axes]"));
      break;
  }
}

void apply(const Edit& edit, Dataset& dataset) {
  constexpr std::array<hsize_t, 12> lengths = {0,
                                               1,
                                               2,
                                               3,
                                               100,
                                               65536,
                                               hsize_t{1} << 31,
                                               hsize_t{1} << 32,
                                               (hsize_t{1} << 32) + 1,
                                               hsize_t{1} << 61,
                                               hsize_t{1} << 63,
                                               ~hsize_t{0} - 1};
  if (dataset.type == variable_text_type && edit.what >= 128) {
    dataset.damage.push_back(edit);
    return;
  }
  switch (edit.what % 8) {
    case 0:
      dataset.kind = static_cast<Kind>(edit.how % 7);
      break;
    case 1:
      dataset.type = edit.how;
      break;
    case 2:
      dataset.extents.resize(edit.how % 6, edit.more % 4);
      break;
    case 3:
      if (!dataset.extents.empty())
        dataset.extents[edit.how % dataset.extents.size()] = lengths[edit.more % lengths.size()];
      break;
    case 4:
      dataset.layout = static_cast<Layout>(edit.how % 7);
      break;
    case 5:
      dataset.element_size = edit.number();
      break;
    case 6:
      if (!dataset.numbers.empty())
        dataset.numbers[edit.how % dataset.numbers.size()] =
            std::bit_cast<double>(std::uint64_t{edit.more} << 56 | std::uint64_t{edit.how} << 48);
      break;
    default:
      if (!dataset.texts.empty()) {
        std::string& text = dataset.texts[edit.how % dataset.texts.size()];
        if (edit.how < 128)
          text += static_cast<char>(edit.more);
        else
          text.clear();
      }
      break;
  }
}

// Puts a task's block into a dataset.
void scatter(Dataset& dataset, const sweep::BlockShape& shape, const std::vector<double>& block) {
  for (std::size_t n = 0; n < block.size(); ++n) {
    std::size_t rest = n, position = 0, stride = 1;
    for (std::size_t i = shape.count().size(); i-- > 0;) {
      position += (shape.start()[i] + rest % shape.count()[i]) * stride;
      rest /= shape.count()[i];
      stride *= dataset.extents[i];
    }
    dataset.numbers[position] = block[n];
  }
}

Dataset of_values(const sweep::Column& column, const std::string& group = "") {
  Dataset dataset{group + column.dataset,
                  {column.values.size()},
                  column.dimension ? double_type : text_type,
                  {},
                  {}};
  for (const sweep::Value& value : column.values)
    if (const auto* text = std::get_if<std::string>(&value))
      dataset.texts.push_back(*text);
    else
      dataset.numbers.push_back(std::get<double>(value));
  return dataset;
}

Dataset of_scale(const sweep::Scale& scale) {
  const std::size_t type = !scale.names.empty()     ? text_type
                           : !scale.numbers.empty() ? double_type
                                                    : int32_type;
  Dataset dataset{scale.path.substr(1), {scale.length}, type, scale.names, scale.numbers};
  if (type == int32_type)
    dataset.numbers.assign(scale.length, 0.0);
  return dataset;
}

// What nuloop would write. An unfinished one has a task that was not begun and one that failed.
Result make_result_2(std::size_t number) {
  const bool finished = number % 2 == 0;
  const setup::Job job = forged_job(number);
  const sweep::Study study = analysis::make_study(job, forged_world());
  const sweep::Layout& layout = study.layout;
  const sweep::Plan& plan = study.plan;
  const auto extents_of = [&](sweep::Depth along, const Indices& further) {
    const Indices axes = sweep::extents_of(job.axes, along);
    Extents extents(axes.begin(), axes.end());
    extents.insert(extents.end(), further.begin(), further.end());
    return extents;
  };
  const auto filled = [](std::string name, const Extents& extents, std::size_t type, double value) {
    Dataset dataset{std::move(name), extents, type, {}, {}};
    dataset.numbers.assign(bytes_of(extents, 1), value);
    return dataset;
  };

  Result result;
  result.attributes = {{"filetype", "nuloop-study"},
                       {"title", job.title},
                       {"job", job.resolved},
                       {"kind", std::string(job.kind->name)},
                       {"inputs", forged_inputs},
                       {"version", io::version()},
                       {"git_revision", io::git_revision()},
                       {"format_version", bytes_of_number(2, int32_type), int32_type}};
  result.datasets = {filled("status", extents_of(sweep::Depth::outer, {}), int8_type, 0.0),
                     filled("integrity/checksum", {plan.task_count()}, uint32_type, 0.0)};
  sweep::for_each_column(
      job.axes, [&](const sweep::Column& column) { result.datasets.push_back(of_values(column)); });
  const std::size_t first = result.datasets.size();
  for (const sweep::Field& field : layout.fields())
    result.datasets.push_back(filled(field.path.substr(1),
                                     extents_of(field.along, layout.further_lengths(field)),
                                     double_type, 0.0));
  for (const sweep::Scale& scale : layout.scales())
    result.datasets.push_back(of_scale(scale));
  for (const sweep::Coordinate& coordinate : layout.coordinates()) {
    Extents extents;
    for (const std::size_t axis : coordinate.axes)
      extents.push_back(job.axes[axis].size());
    extents.push_back(layout.scale(coordinate.scale).length);
    result.datasets.push_back(
        {coordinate.path.substr(1), extents, double_type, {}, coordinate.numbers});
  }

  for (std::size_t index = finished ? 0 : 1; index < plan.task_count(); ++index) {
    const sweep::Task task = plan.task(index);
    sweep::TaskResult values;
    for (std::size_t i = 0; i < layout.fields().size(); ++i) {
      const sweep::BlockShape shape = study.block(task, layout.fields()[i]);
      std::vector<double>& block = values.values.emplace_back(shape.size());
      std::iota(block.begin(), block.end(), static_cast<double>(1 + index));
      scatter(result.datasets[first + i], shape, block);
    }
    const sweep::BlockShape shape(job.axes, task, sweep::Depth::outer);
    values.status.assign(shape.size(),
                         finished || index > 1 ? sweep::Status::done : sweep::Status::failed);
    scatter(result.datasets[0], shape,
            std::vector<double>(shape.size(), static_cast<double>(values.status.front())));
    result.datasets[1].numbers[index] = sweep::checksum(values);
  }
  return result;
}

// The same in format version 3.
Result make_result_3(std::size_t number) {
  Result result = make_result_2(number);
  std::erase_if(result.attributes, [](const Attribute& attribute) {
    return attribute.name == "version" || attribute.name == "git_revision";
  });
  result.attributes.back().value = bytes_of_number(3, int32_type);
  result.attributes.push_back(
      {"creator", std::string("nuloop ") + io::version() + " (" + io::git_revision() + ")"});
  const setup::Job job = forged_job(number);
  const sweep::Layout layout = analysis::make_study(job, forged_world()).layout;
  for (const sweep::Group& group : layout.groups())
    for (const sweep::Axis& axis : job.axes)
      if (axis.depth <= group.along)
        for (const sweep::Column& column : axis.columns)
          result.datasets.push_back(of_values(column, group.path.substr(1) + "/"));
  for (Dataset& dataset : result.datasets)
    if (dataset.type == text_type)
      dataset.type = variable_text_type;
  return result;
}

Result make_result(std::size_t number) {
  return number < results_of_a_format ? make_result_2(number)
                                      : make_result_3(number - results_of_a_format);
}

// Writes it without the damage; what this changes is returned.
std::vector<Change> write_sound(const std::string& path, const Result& result) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18);
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
  promise(file.id() >= 0, "HDF5 makes a file");
  for (const char* name : {"rates", "toys", "integrity"})
    const Handle group(H5Gcreate2(file.id(), name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Gclose);
  for (const Attribute& attribute : result.attributes)
    write_attribute(file.id(), attribute);
  std::vector<Change> changes;
  for (const Dataset& dataset : result.datasets)
    write_dataset(file.id(), path, dataset, changes);
  return changes;
}

void write_hdf5(const std::string& path, const Result& result) {
  if (const std::vector<Change> changes = write_sound(path, result); !changes.empty())
    change_bytes(path, changes);
}

}  // namespace

const setup::World& forged_world() {
  static const setup::World world =
      setup::build_world(setup::read_configs(NULOOP_SOURCE "/configs"));
  return world;
}

setup::Job forged_job(std::size_t number, const std::pair<std::string, std::string>& change) {
  std::string text = "[job]\nname = \"a\"\ntitle = \"A result\"\n" +
                     std::string(jobs.at(number % results_of_a_format / 2));
  const std::size_t at = text.find(change.first);
  promise(at != std::string::npos, "the job has what is to change");
  text.replace(at, change.first.size(), change.second);
  return analysis::read_job(io::parse_toml({"job", "job", text}), forged_world());
}

void write_forged_result(const std::string& path, const std::uint8_t* edits, std::size_t size) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static const auto results = [] {
    std::array<Result, results_to_begin_with> made;
    for (std::size_t i = 0; i < made.size(); ++i)
      made.at(i) = make_result(i);
    return made;
  }();
  Result result = results.at(size > 0 ? forged_number(edits[0]) : 0);
  for (std::size_t i = 1; i + 4 <= size; i += 4) {
    const Edit edit{edits[i], edits[i + 1], edits[i + 2], edits[i + 3]};
    const std::size_t object = edit.object % (result.attributes.size() + result.datasets.size());
    if (object < result.attributes.size())
      apply(edit, result.attributes[object]);
    else
      apply(edit, result.datasets[object - result.attributes.size()]);
  }

  write_hdf5(path, result);
}

}  // namespace nuloop::fuzz
