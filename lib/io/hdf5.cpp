// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/hdf5.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <hdf5_hl.h>

namespace nuloop::io {
namespace {

// The innermost message of HDF5's error stack: the cause.
std::string hdf5_cause() {
  std::string cause = "no reason given by HDF5";
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned n, const H5E_error2_t* error, void* out) -> herr_t {
        if (n == 0 && error->desc != nullptr)
          *static_cast<std::string*>(out) = error->desc;
        return 0;
      },
      &cause);
  return cause;
}

void check(herr_t status, const std::string& what) {
  if (status < 0)
    throw InputError(fmt::format("{}: {}", what, hdf5_cause()));
}

// Messages come from us, not from the library's own printing.
void silence_hdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Handle property_list(hid_t kind) {
  return {H5Pcreate(kind), H5Pclose, "property list"};
}

Hdf5Handle fixed_string(std::size_t length) {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "string type");
  check(H5Tset_size(type.id(), std::max<std::size_t>(length, 1)), "string type");
  check(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), "string type");
  check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "string type");
  return type;
}

Hdf5Handle simple_space(const Extents& extents) {
  return {extents.empty()
              ? H5Screate(H5S_SCALAR)
              : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
          H5Sclose, "dataspace"};
}

Extents extents_of(hid_t dataset) {
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose, "dataspace");
  Extents extents(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.id())));
  H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  return extents;
}

std::size_t size_of(const Extents& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::size_t{1}, std::multiplies<>());
}

}  // namespace

Hdf5Handle::Hdf5Handle(hid_t id, Close close, const std::string& what) : id_(id), close_(close) {
  if (id < 0)
    throw InputError(fmt::format("{}: {}", what, hdf5_cause()));
}

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0)
    close_(id_);
}

void Hdf5Dataset::write(const Extents& start, const Extents& count, const double* values) {
  write_block(start, count, H5T_NATIVE_DOUBLE, values);
}
void Hdf5Dataset::write(const Extents& start, const Extents& count, const std::int8_t* values) {
  write_block(start, count, H5T_NATIVE_INT8, values);
}
void Hdf5Dataset::write(const Extents& start, const Extents& count, const std::uint32_t* values) {
  write_block(start, count, H5T_NATIVE_UINT32, values);
}
void Hdf5Dataset::read(const Extents& start, const Extents& count, double* values) const {
  read_block(start, count, H5T_NATIVE_DOUBLE, values);
}
void Hdf5Dataset::read(const Extents& start, const Extents& count, std::int8_t* values) const {
  read_block(start, count, H5T_NATIVE_INT8, values);
}
void Hdf5Dataset::read(const Extents& start, const Extents& count, std::uint32_t* values) const {
  read_block(start, count, H5T_NATIVE_UINT32, values);
}

Extents Hdf5Dataset::extents() const {
  return extents_of(handle_.id());
}

Hdf5Handle Hdf5Dataset::select(const Extents& start, const Extents& count) const {
  NULOOP_EXPECTS(start.size() == count.size());
  Hdf5Handle space(H5Dget_space(handle_.id()), H5Sclose, name_);
  if (!start.empty())
    check(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          name_);
  return space;
}

void Hdf5Dataset::write_block(const Extents& start, const Extents& count, hid_t type,
                              const void* values) {
  check(H5Dwrite(handle_.id(), type, simple_space(count).id(), select(start, count).id(),
                 H5P_DEFAULT, values),
        "writing " + name_);
}

void Hdf5Dataset::read_block(const Extents& start, const Extents& count, hid_t type,
                             void* values) const {
  check(H5Dread(handle_.id(), type, simple_space(count).id(), select(start, count).id(),
                H5P_DEFAULT, values),
        "reading " + name_);
}

Hdf5Creator::Hdf5Creator(const std::string& path) {
  silence_hdf5();
  const Hdf5Handle access = property_list(H5P_FILE_ACCESS);
  check(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), path);
  // Whoever calls this keeps others away; readers may look at any time.
  check(H5Pset_file_locking(access.id(), false, true), path);
  // No times, so that the same calls give the same bytes.
  const Hdf5Handle creation = property_list(H5P_FILE_CREATE);
  check(H5Pset_obj_track_times(creation.id(), false), path);
  check(H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        path);
  file_ = Hdf5Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose,
                     path + ": cannot be created");
}

void Hdf5Creator::create_group(const std::string& path) {
  const Hdf5Handle creation = property_list(H5P_GROUP_CREATE);
  check(H5Pset_obj_track_times(creation.id(), false), path);
  check(H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        path);
  const Hdf5Handle group(
      H5Gcreate2(file_.id(), path.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Gclose,
      path);
}

void Hdf5Creator::write_attribute(const std::string& object, const std::string& name, hid_t type,
                                  const void* value) {
  const Hdf5Handle target(H5Oopen(file_.id(), object.c_str(), H5P_DEFAULT), H5Oclose, object);
  const Hdf5Handle space = simple_space({});
  const Hdf5Handle attribute(
      H5Acreate2(target.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
      object + "@" + name);
  check(H5Awrite(attribute.id(), type, value), object + "@" + name);
}

void Hdf5Creator::attribute(const std::string& object, const std::string& name,
                            const std::string& value) {
  write_attribute(object, name, fixed_string(value.size()).id(), value.data());
}

void Hdf5Creator::attribute(const std::string& object, const std::string& name,
                            std::int32_t value) {
  write_attribute(object, name, H5T_STD_I32LE, &value);
}

Hdf5Handle Hdf5Creator::create_dataset(const std::string& path, hid_t type, const Extents& extents,
                                       const void* fill, Filling filling) {
  const Hdf5Handle creation = property_list(H5P_DATASET_CREATE);
  check(H5Pset_layout(creation.id(), H5D_CONTIGUOUS), path);
  check(H5Pset_alloc_time(creation.id(), H5D_ALLOC_TIME_EARLY), path);
  check(H5Pset_fill_time(creation.id(),
                         filling == Filling::now ? H5D_FILL_TIME_ALLOC : H5D_FILL_TIME_NEVER),
        path);
  check(H5Pset_obj_track_times(creation.id(), false), path);
  if (fill != nullptr)
    check(H5Pset_fill_value(creation.id(), type, fill), path);
  return {H5Dcreate2(file_.id(), path.c_str(), type, simple_space(extents).id(), H5P_DEFAULT,
                     creation.id(), H5P_DEFAULT),
          H5Dclose, path};
}

void Hdf5Creator::make_scale(const Hdf5Handle& dataset, const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  check(H5DSset_scale(dataset.id(), name.c_str()), path);
  scale_lengths_.emplace_back(path, extents_of(dataset.id()).front());
}

Hdf5Handle Hdf5Creator::values_dataset(const std::string& path, const std::vector<double>& values) {
  Hdf5Handle dataset = create_dataset(path, H5T_IEEE_F64LE, {values.size()}, nullptr, Filling::now);
  check(H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        path);
  return dataset;
}

Hdf5Handle Hdf5Creator::values_dataset(const std::string& path,
                                       const std::vector<std::string>& values) {
  std::size_t length = 0;
  for (const std::string& value : values)
    length = std::max(length, value.size());
  std::string packed;
  for (const std::string& value : values)
    packed += value + std::string(length - value.size(), '\0');
  const Hdf5Handle type = fixed_string(length);
  Hdf5Handle dataset = create_dataset(path, type.id(), {values.size()}, nullptr, Filling::now);
  check(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed.data()), path);
  return dataset;
}

void Hdf5Creator::scale(const std::string& path, const std::vector<double>& values) {
  make_scale(values_dataset(path, values), path);
}

void Hdf5Creator::scale(const std::string& path, const std::vector<std::string>& values) {
  make_scale(values_dataset(path, values), path);
}

void Hdf5Creator::coordinate(const std::string& path, const std::vector<double>& values,
                             const std::string& along) {
  attach(values_dataset(path, values), along, 0);
}

void Hdf5Creator::coordinate(const std::string& path, const std::vector<std::string>& values,
                             const std::string& along) {
  attach(values_dataset(path, values), along, 0);
}

void Hdf5Creator::attach(const Hdf5Handle& dataset, const std::string& scale,
                         std::size_t dimension) {
  const Hdf5Handle handle(H5Dopen2(file_.id(), scale.c_str(), H5P_DEFAULT), H5Dclose, scale);
  check(H5DSattach_scale(dataset.id(), handle.id(), static_cast<unsigned>(dimension)), scale);
}

void Hdf5Creator::scale(const std::string& path, const std::vector<std::int32_t>& values) {
  const Hdf5Handle dataset =
      create_dataset(path, H5T_STD_I32LE, {values.size()}, nullptr, Filling::now);
  check(H5Dwrite(dataset.id(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        path);
  make_scale(dataset, path);
}

Hdf5Dataset Hdf5Creator::array(const std::string& path, hid_t type, const void* fill,
                               const std::vector<std::string>& scales, Filling filling) {
  Extents extents;
  for (const std::string& scale : scales) {
    const auto found = std::find_if(scale_lengths_.begin(), scale_lengths_.end(),
                                    [&](const auto& known) { return known.first == scale; });
    NULOOP_EXPECTS(found != scale_lengths_.end());
    extents.push_back(found->second);
  }
  Hdf5Handle dataset = create_dataset(path, type, extents, fill, filling);
  for (std::size_t i = 0; i < scales.size(); ++i)
    attach(dataset, scales[i], i);
  return Hdf5Dataset(std::move(dataset), path);
}

Hdf5Dataset Hdf5Creator::dataset(const std::string& path, double fill,
                                 const std::vector<std::string>& scales, Filling filling) {
  return array(path, H5T_IEEE_F64LE, &fill, scales, filling);
}

Hdf5Dataset Hdf5Creator::dataset(const std::string& path, std::int8_t fill,
                                 const std::vector<std::string>& scales) {
  return array(path, H5T_STD_I8LE, &fill, scales, Filling::now);
}

Hdf5Dataset Hdf5Creator::dataset(const std::string& path, std::uint32_t fill,
                                 const std::vector<std::string>& scales) {
  return array(path, H5T_STD_U32LE, &fill, scales, Filling::now);
}

void Hdf5Creator::close() {
  check(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL), "flushing the file");
  check(H5Fclose(file_.release()), "closing the file");
}

Hdf5SharedFile::Hdf5SharedFile(const std::string& path, MPI_Comm communicator) {
  silence_hdf5();
  const Hdf5Handle access = property_list(H5P_FILE_ACCESS);
  check(H5Pset_fapl_mpio(access.id(), communicator, MPI_INFO_NULL), path);
  file_ = Hdf5Handle(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.id()), H5Fclose,
                     path + ": cannot be opened for writing");
}

Hdf5Dataset Hdf5SharedFile::dataset(const std::string& path) const {
  return Hdf5Dataset(Hdf5Handle(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT), H5Dclose, path),
                     path);
}

void Hdf5SharedFile::close() {
  check(H5Fclose(file_.release()), "closing the file");
}

Hdf5Reader::Hdf5Reader(const std::string& path) : path_(path) {
  silence_hdf5();
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    throw InputError(path + ": no such file; `nuloop run` writes one");
  if (H5Fis_hdf5(path.c_str()) <= 0)
    throw InputError(path + ": is not an HDF5 file");
  file_ = Hdf5Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path);
}

Hdf5Handle Hdf5Reader::open_dataset(const std::string& path) const {
  return {H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT), H5Dclose, path_ + ": " + path};
}

std::vector<std::string> Hdf5Reader::datasets() const {
  std::vector<std::string> paths;
  check(H5Ovisit1(
            file_.id(), H5_INDEX_NAME, H5_ITER_INC,
            [](hid_t, const char* name, const H5O_info_t* info, void* out) -> herr_t {
              if (info->type == H5O_TYPE_DATASET)
                static_cast<std::vector<std::string>*>(out)->push_back(fmt::format("/{}", name));
              return 0;
            },
            &paths),
        path_);
  return paths;
}

Hdf5Dataset Hdf5Reader::dataset(const std::string& path) const {
  return Hdf5Dataset(open_dataset(path), path_ + ": " + path);
}

std::string Hdf5Reader::text_attribute(const std::string& object, const std::string& name) const {
  const std::string what = fmt::format("{}: attribute {} of {}", path_, name, object);
  const Hdf5Handle attribute(
      H5Aopen_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
      what);
  const Hdf5Handle type(H5Aget_type(attribute.id()), H5Tclose, what);
  if (H5Tget_class(type.id()) != H5T_STRING || H5Tis_variable_str(type.id()) > 0)
    throw InputError(what + " is not a fixed-length text");
  std::string text(H5Tget_size(type.id()), '\0');
  check(H5Aread(attribute.id(), type.id(), text.data()), what);
  return text.substr(0, text.find('\0'));
}

std::int32_t Hdf5Reader::integer_attribute(const std::string& object,
                                           const std::string& name) const {
  const std::string what = fmt::format("{}: attribute {} of {}", path_, name, object);
  const Hdf5Handle attribute(
      H5Aopen_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
      what);
  const Hdf5Handle space(H5Aget_space(attribute.id()), H5Sclose, what);
  if (H5Sget_simple_extent_type(space.id()) != H5S_SCALAR)
    throw InputError(what + " is not a single number");
  std::int32_t value = 0;
  check(H5Aread(attribute.id(), H5T_NATIVE_INT32, &value), what);
  return value;
}

std::vector<double> Hdf5Reader::numbers(const std::string& path) const {
  const Hdf5Handle dataset = open_dataset(path);
  std::vector<double> values(size_of(extents_of(dataset.id())));
  check(H5Dread(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        path_ + ": " + path);
  return values;
}

bool Hdf5Reader::holds_texts(const std::string& path) const {
  const Hdf5Handle dataset = open_dataset(path);
  const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose, path);
  return H5Tget_class(type.id()) == H5T_STRING && H5Tis_variable_str(type.id()) == 0;
}

std::vector<std::string> Hdf5Reader::texts(const std::string& path) const {
  const Hdf5Handle dataset = open_dataset(path);
  const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose, path);
  if (!holds_texts(path))
    throw InputError(fmt::format("{}: {} does not hold fixed-length texts", path_, path));
  const std::size_t length = H5Tget_size(type.id());
  std::string packed(length * size_of(extents_of(dataset.id())), '\0');
  check(H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed.data()),
        path_ + ": " + path);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < packed.size(); i += length) {
    const std::string cell = packed.substr(i, length);
    values.push_back(cell.substr(0, cell.find('\0')));
  }
  return values;
}

NamedArray Hdf5Reader::array(const std::string& path) const {
  const Hdf5Handle dataset = open_dataset(path);
  NamedArray result{{}, extents_of(dataset.id()), numbers(path)};
  for (unsigned i = 0; i < result.extents.size(); ++i) {
    std::string name;
    H5DSiterate_scales(
        dataset.id(), i, nullptr,
        [](hid_t, unsigned, hid_t scale, void* out) -> herr_t {
          std::string buffer(256, '\0');
          const ssize_t length = H5Iget_name(scale, buffer.data(), buffer.size());
          if (length > 0)
            *static_cast<std::string*>(out) = buffer.substr(0, static_cast<std::size_t>(length));
          return 1;
        },
        &name);
    if (name.empty())
      throw InputError(fmt::format("{}: axis {} of {} has no dimension scale", path_, i, path));
    result.axes.push_back(name);
  }
  return result;
}

}  // namespace nuloop::io
