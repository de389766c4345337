// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/hdf5.hpp"

#include "heap_texts.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/document.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

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
  // Of a failed system call, what the system said, without addresses and times.
  const std::string mark = "error message = '";
  const auto begin = cause.find(mark);
  if (begin == std::string::npos)
    return cause;
  const auto end = cause.find('\'', begin + mark.size());
  cause = cause.substr(begin + mark.size(), end - begin - mark.size());
  // Of a lock that is not given.
  return cause == std::strerror(EAGAIN) ? "another program has it open" : cause;
}

// HDF5 waits for other ranks forever if one cannot write while all close a file. What is left to
// write to a file that is given up goes to memory instead: every descriptor of it is diverted.
void divert_to_memory(const std::string& path) {
  struct stat wanted {};
  const int memory = ::memfd_create("abandoned", MFD_CLOEXEC);
  if (memory < 0 || ::stat(path.c_str(), &wanted) != 0)
    return;
  std::error_code ignored;
  std::vector<int> descriptors;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored))
    descriptors.push_back(std::stoi(entry.path().filename().string()));
  for (const int descriptor : descriptors) {
    struct stat found {};
    if (::fstat(descriptor, &found) == 0 && found.st_dev == wanted.st_dev &&
        found.st_ino == wanted.st_ino)
      ::dup2(memory, descriptor);
  }
  ::close(memory);
}

[[noreturn]] void fail(const std::string& what, Hdf5Handle::Access access) {
  const std::string text = fmt::format("{}: {}", what, hdf5_cause());
  if (access == Hdf5Handle::Access::write)
    throw MachineError(text);
  throw InputError(text);
}

void check(herr_t status, const std::string& what) {
  if (status < 0)
    fail(what, Hdf5Handle::Access::read);
}

// The same for what writes, in which nothing but the machine can be at fault.
void check_written(herr_t status, const std::string& what) {
  if (status < 0)
    fail(what, Hdf5Handle::Access::write);
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

// Of variable length: a dataset holds references to its texts, which lie elsewhere in the file.
Hdf5Handle variable_string() {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "string type");
  check(H5Tset_size(type.id(), H5T_VARIABLE), "string type");
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
  const int rank = H5Sget_simple_extent_ndims(space.id());
  check(rank, "dataspace");
  Extents extents(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  return extents;
}

Hdf5Handle type_of(hid_t dataset) {
  return {H5Dget_type(dataset), H5Tclose, "type"};
}

bool is_fixed_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
}

bool is_variable_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
}

Hdf5Handle open_attribute(hid_t file, const std::string& object, const std::string& name,
                          const std::string& what) {
  return {H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
          what};
}

void check_numbers(hid_t dataset, const std::string& what) {
  const Hdf5Handle type = type_of(dataset);
  const hid_t known[] = {H5T_IEEE_F64LE, H5T_STD_I32LE, H5T_STD_U32LE, H5T_STD_I8LE};
  if (std::none_of(std::begin(known), std::end(known),
                   [&](hid_t one) { return H5Tequal(type.id(), one) > 0; }))
    throw InputError(what + " does not hold numbers of a type that nuloop writes");
}

// The number of elements, if they are in the file as nuloop writes them: in one piece. What a file
// merely claims (more elements than it has bytes, other files, compressed or missing chunks) must
// not be what memory is reserved for.
// @param element bytes of one in the file.
std::size_t stored_elements(hid_t file, hid_t dataset, hsize_t element, const std::string& what) {
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose, what);
  const Hdf5Handle creation(H5Dget_create_plist(dataset), H5Pclose, what);
  if (H5Sget_simple_extent_type(space.id()) == H5S_NULL ||
      H5Pget_layout(creation.id()) != H5D_CONTIGUOUS || H5Pget_external_count(creation.id()) != 0)
    throw InputError(what + " is not stored in one piece, as nuloop writes it");
  const hsize_t stored = element > 0 ? H5Dget_storage_size(dataset) / element : 0;
  hsize_t file_size = 0;
  check(H5Fget_filesize(file, &file_size), what);
  hsize_t count = 1;
  bool fits = true;
  for (const hsize_t extent : extents_of(dataset)) {
    fits = fits && (extent == 0 || count <= stored / extent);
    count = fits ? count * extent : 0;
  }
  const haddr_t offset = count > 0 ? H5Dget_offset(dataset) : 0;
  if (!fits || stored != count || offset > file_size || count * element > file_size - offset)
    throw InputError(what + " claims more than the file holds");
  return count;
}

std::size_t stored_elements(hid_t file, hid_t dataset, const std::string& what) {
  return stored_elements(file, dataset, H5Tget_size(type_of(dataset).id()), what);
}

// The file's descriptor, for reading what HDF5 is not to read.
int descriptor_of(hid_t file, const std::string& what) {
  void* handle = nullptr;
  check(H5Fget_vfd_handle(file, H5P_DEFAULT, &handle), what);
  return *static_cast<const int*>(handle);
}

// Whether addresses and lengths have eight bytes and the file begins at its first, as nuloop writes
// it.
bool has_plain_addresses(hid_t file) {
  const Hdf5Handle creation(H5Fget_create_plist(file), H5Pclose, "file");
  std::size_t address = 0, length = 0;
  hsize_t user_block = 0;
  return H5Pget_sizes(creation.id(), &address, &length) >= 0 && address == 8 && length == 8 &&
         H5Pget_userblock(creation.id(), &user_block) >= 0 && user_block == 0;
}

std::string checked_text(const char* begin, std::size_t size, const std::string& what) {
  std::string text(begin, std::find(begin, begin + size, '\0'));
  if (!is_utf8(text))
    throw InputError(what + " is not UTF-8");
  if (has_control_characters(text))
    throw InputError(what + " holds a control character");
  return text;
}

}  // namespace

Hdf5Handle::Hdf5Handle(hid_t id, Close close, const std::string& what, Access access)
    : id_(id), close_(close) {
  if (id < 0)
    fail(what, access);
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
  if (H5Sget_simple_extent_ndims(space.id()) != static_cast<int>(start.size()))
    throw InputError(fmt::format("{} does not have {} dimensions", name_, start.size()));
  if (!start.empty())
    check(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          name_);
  return space;
}

void Hdf5Dataset::write_block(const Extents& start, const Extents& count, hid_t type,
                              const void* values) {
  check_written(H5Dwrite(handle_.id(), type, simple_space(count).id(), select(start, count).id(),
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
  check_written(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), path);
  // Whoever calls this keeps others away; readers may look at any time.
  check_written(H5Pset_file_locking(access.id(), false, true), path);
  // No times, so that the same calls give the same bytes.
  const Hdf5Handle creation = property_list(H5P_FILE_CREATE);
  check_written(H5Pset_obj_track_times(creation.id(), false), path);
  check_written(
      H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
      path);
  file_ = Hdf5Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose,
                     path + ": cannot be created", Hdf5Handle::Access::write);
}

void Hdf5Creator::create_group(const std::string& path) {
  const Hdf5Handle creation = property_list(H5P_GROUP_CREATE);
  check_written(H5Pset_obj_track_times(creation.id(), false), path);
  check_written(
      H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
      path);
  const Hdf5Handle group(
      H5Gcreate2(file_.id(), path.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Gclose, path,
      Hdf5Handle::Access::write);
}

void Hdf5Creator::write_attribute(const std::string& object, const std::string& name, hid_t type,
                                  const void* value, const Extents& extents) {
  const Hdf5Handle target(H5Oopen(file_.id(), object.c_str(), H5P_DEFAULT), H5Oclose, object,
                          Hdf5Handle::Access::write);
  const Hdf5Handle space = simple_space(extents);
  const Hdf5Handle attribute(
      H5Acreate2(target.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
      object + "@" + name, Hdf5Handle::Access::write);
  check_written(H5Awrite(attribute.id(), type, value), object + "@" + name);
}

void Hdf5Creator::attribute(const std::string& object, const std::string& name,
                            const std::string& value) {
  write_attribute(object, name, fixed_string(value.size()).id(), value.data());
}

void Hdf5Creator::attribute(const std::string& object, const std::string& name,
                            std::int32_t value) {
  write_attribute(object, name, H5T_STD_I32LE, &value);
}

void Hdf5Creator::attribute(const std::string& object, const std::string& name,
                            const std::vector<std::int8_t>& values) {
  write_attribute(object, name, H5T_STD_I8LE, values.data(), {values.size()});
}

Hdf5Handle Hdf5Creator::create_dataset(const std::string& path, hid_t type, const Extents& extents,
                                       const void* fill, Filling filling) {
  const Hdf5Handle creation = property_list(H5P_DATASET_CREATE);
  check_written(H5Pset_layout(creation.id(), H5D_CONTIGUOUS), path);
  check_written(H5Pset_alloc_time(creation.id(), H5D_ALLOC_TIME_EARLY), path);
  check_written(H5Pset_fill_time(creation.id(), filling == Filling::now ? H5D_FILL_TIME_ALLOC
                                                                        : H5D_FILL_TIME_NEVER),
                path);
  check_written(H5Pset_obj_track_times(creation.id(), false), path);
  if (fill != nullptr)
    check_written(H5Pset_fill_value(creation.id(), type, fill), path);
  return {H5Dcreate2(file_.id(), path.c_str(), type, simple_space(extents).id(), H5P_DEFAULT,
                     creation.id(), H5P_DEFAULT),
          H5Dclose, path, Hdf5Handle::Access::write};
}

void Hdf5Creator::make_scale(const Hdf5Handle& dataset, const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  check_written(H5DSset_scale(dataset.id(), name.c_str()), path);
  scale_lengths_.emplace_back(path, extents_of(dataset.id()).front());
}

Hdf5Handle Hdf5Creator::values_dataset(const std::string& path, const std::vector<double>& values) {
  Hdf5Handle dataset = create_dataset(path, H5T_IEEE_F64LE, {values.size()}, nullptr, Filling::now);
  check_written(
      H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
      path);
  return dataset;
}

Hdf5Handle Hdf5Creator::values_dataset(const std::string& path,
                                       const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  for (const std::string& value : values)
    texts.push_back(value.c_str());
  const Hdf5Handle type = variable_string();
  Hdf5Handle dataset = create_dataset(path, type.id(), {values.size()}, nullptr, Filling::now);
  check_written(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()),
                path);
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
  const Hdf5Handle handle(H5Dopen2(file_.id(), scale.c_str(), H5P_DEFAULT), H5Dclose, scale,
                          Hdf5Handle::Access::write);
  check_written(H5DSattach_scale(dataset.id(), handle.id(), static_cast<unsigned>(dimension)),
                scale);
}

void Hdf5Creator::scale(const std::string& path, const std::vector<std::int32_t>& values) {
  const Hdf5Handle dataset =
      create_dataset(path, H5T_STD_I32LE, {values.size()}, nullptr, Filling::now);
  check_written(
      H5Dwrite(dataset.id(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), path);
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
  check_written(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL), "flushing the file");
  check_written(H5Fclose(file_.release()), "closing the file");
}

Hdf5SharedFile::Hdf5SharedFile(const std::string& path, MPI_Comm communicator) : path_(path) {
  silence_hdf5();
  const Hdf5Handle access = property_list(H5P_FILE_ACCESS);
  if (communicator != MPI_COMM_NULL) {
    check_written(H5Pset_fapl_mpio(access.id(), communicator, MPI_INFO_NULL), path);
  } else {
    // As MPI's driver has it: no locks, and what is written is in the file at once.
    check_written(H5Pset_file_locking(access.id(), false, true), path);
    check_written(H5Pset_sieve_buf_size(access.id(), 0), path);
  }
  file_ = Hdf5Handle(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.id()), H5Fclose,
                     path + ": cannot be opened for writing", Hdf5Handle::Access::write);
}

Hdf5Dataset Hdf5SharedFile::dataset(const std::string& path) const {
  return Hdf5Dataset(Hdf5Handle(H5Dopen2(file_.id(), path.c_str(), H5P_DEFAULT), H5Dclose, path),
                     path);
}

void Hdf5SharedFile::close() {
  check_written(H5Fclose(file_.release()), "closing the file");
}

void Hdf5SharedFile::abandon() {
  divert_to_memory(path_);
  close();
}

Hdf5Reader::Hdf5Reader(const std::string& path) : path_(path) {
  silence_hdf5();
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    throw InputError(path + ": no such file; `nuloop run` writes one");
  if (!std::filesystem::is_regular_file(path, error))  // opening a pipe might never return
    throw InputError(path + ": is not a regular file");
  if (H5Fis_hdf5(path.c_str()) <= 0)
    throw InputError(path + ": is not an HDF5 file");
  const Hdf5Handle access = property_list(H5P_FILE_ACCESS);
  check(H5Pset_fapl_sec2(access.id()), path);
  file_ = Hdf5Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, path);
}

Hdf5Handle Hdf5Reader::open_dataset(const std::string& path) const {
  const Hdf5Handle access = property_list(H5P_DATASET_ACCESS);
  // No links to other files.
  check(H5Pset_elink_cb(
            access.id(),
            [](const char*, const char*, const char*, const char*, unsigned*, hid_t,
               void*) -> herr_t { return -1; },
            nullptr),
        path_);
  return {H5Dopen2(file_.id(), path.c_str(), access.id()), H5Dclose, path_ + ": " + path};
}

Hdf5Dataset Hdf5Reader::dataset(const std::string& path) const {
  const std::string what = path_ + ": " + path;
  Hdf5Handle dataset = open_dataset(path);
  check_numbers(dataset.id(), what);
  stored_elements(file_.id(), dataset.id(), what);
  return Hdf5Dataset(std::move(dataset), what);
}

bool Hdf5Reader::has(const std::string& group, const std::string& name) const {
  return H5Lexists(file_.id(), group.c_str(), H5P_DEFAULT) > 0 &&
         H5Lexists(file_.id(), (group + "/" + name).c_str(), H5P_DEFAULT) > 0;
}

bool Hdf5Reader::has_attribute(const std::string& object, const std::string& name) const {
  return H5Aexists_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

std::string Hdf5Reader::text_attribute(const std::string& object, const std::string& name) const {
  const std::string what = fmt::format("{}: attribute {} of {}", path_, name, object);
  const Hdf5Handle attribute = open_attribute(file_.id(), object, name, what);
  const Hdf5Handle type(H5Aget_type(attribute.id()), H5Tclose, what);
  const Hdf5Handle space(H5Aget_space(attribute.id()), H5Sclose, what);
  if (!is_fixed_text(type.id()) || H5Sget_simple_extent_type(space.id()) != H5S_SCALAR)
    throw InputError(what + " is not a fixed-length text");
  const std::size_t size = H5Tget_size(type.id());
  hsize_t file_size = 0;
  check(H5Fget_filesize(file_.id(), &file_size), what);
  if (size > file_size)
    throw InputError(what + " claims more than the file holds");
  std::string text(size, '\0');
  check(H5Aread(attribute.id(), type.id(), text.data()), what);
  return checked_text(text.data(), size, what);
}

std::int32_t Hdf5Reader::integer_attribute(const std::string& object,
                                           const std::string& name) const {
  const std::string what = fmt::format("{}: attribute {} of {}", path_, name, object);
  const Hdf5Handle attribute = open_attribute(file_.id(), object, name, what);
  const Hdf5Handle type(H5Aget_type(attribute.id()), H5Tclose, what);
  const Hdf5Handle space(H5Aget_space(attribute.id()), H5Sclose, what);
  if (H5Tequal(type.id(), H5T_STD_I32LE) <= 0 ||
      H5Sget_simple_extent_type(space.id()) != H5S_SCALAR)
    throw InputError(what + " is not a single integer as nuloop writes it");
  std::int32_t value = 0;
  check(H5Aread(attribute.id(), H5T_NATIVE_INT32, &value), what);
  return value;
}

std::vector<double> Hdf5Reader::numbers(const std::string& path) const {
  const std::string what = path_ + ": " + path;
  const Hdf5Handle dataset = open_dataset(path);
  check_numbers(dataset.id(), what);
  std::vector<double> values(stored_elements(file_.id(), dataset.id(), what));
  check(H5Dread(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        what);
  return values;
}

std::vector<std::string> Hdf5Reader::texts(const std::string& path) const {
  const std::string what = path_ + ": " + path;
  const Hdf5Handle dataset = open_dataset(path);
  const Hdf5Handle type = type_of(dataset.id());
  if (is_variable_text(type.id()))
    return variable_texts(dataset.id(), what);
  if (!is_fixed_text(type.id()))
    throw InputError(what + " does not hold texts");
  const std::size_t length = H5Tget_size(type.id());
  std::string packed(length * stored_elements(file_.id(), dataset.id(), what), '\0');
  check(H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed.data()), what);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < packed.size(); i += length)
    values.push_back(checked_text(packed.data() + i, length, what));
  return values;
}

std::vector<std::string> Hdf5Reader::variable_texts(hid_t dataset, const std::string& what) const {
  if (!has_plain_addresses(file_.id()))
    throw InputError(what + " holds texts in a file whose addresses nuloop does not write");
  const std::size_t count = stored_elements(file_.id(), dataset, heap_reference_bytes, what);
  if (count == 0)
    return {};
  auto texts =
      read_heap_texts(descriptor_of(file_.id(), what), H5Dget_offset(dataset), count, what);
  for (std::string& text : texts)
    text = checked_text(text.data(), text.size(), what);
  return texts;
}

Extents Hdf5Reader::extents(const std::string& path) const {
  return extents_of(open_dataset(path).id());
}

}  // namespace nuloop::io
