// HDF5 files, as RAII over the C API. One process creates a file, all ranks of a communicator fill
// it, and one process reads it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <hdf5.h>
#include <mpi.h>

namespace nuloop::io {

/// An HDF5 identifier. It is closed by the function that fits its kind.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Hdf5Handle() = default;
  enum class Access { read, write };

  /// @throws InputError naming `what` if `id` is negative, MachineError if it is of what is
  /// written.
  Hdf5Handle(hid_t id, Close close, const std::string& what, Access access = Access::read);
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  Hdf5Handle(Hdf5Handle&& other) noexcept { swap(other); }
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Hdf5Handle();

  hid_t id() const { return id_; }
  /// Gives the identifier away; the caller closes it.
  hid_t release() { return std::exchange(id_, -1); }

 private:
  void swap(Hdf5Handle& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
  }
  hid_t id_ = -1;
  Close close_ = nullptr;
};

using Extents = std::vector<hsize_t>;

/// A dataset of an open file. Each rank reads and writes blocks of it without the other ranks. The
/// values of a block are row-major.
class Hdf5Dataset {
 public:
  explicit Hdf5Dataset(Hdf5Handle handle, std::string name)
      : handle_(std::move(handle)), name_(std::move(name)) {}

  /// Writes the block that starts at `start` and has `count` elements per dimension.
  /// @throws MachineError if it cannot be written.
  void write(const Extents& start, const Extents& count, const double* values);
  void write(const Extents& start, const Extents& count, const std::int8_t* values);
  void write(const Extents& start, const Extents& count, const std::uint32_t* values);

  /// Reads such a block. @throws InputError if it cannot be read.
  void read(const Extents& start, const Extents& count, double* values) const;
  void read(const Extents& start, const Extents& count, std::int8_t* values) const;
  void read(const Extents& start, const Extents& count, std::uint32_t* values) const;

  Extents extents() const;
  hid_t id() const { return handle_.id(); }

 private:
  Hdf5Handle select(const Extents& start, const Extents& count) const;
  void write_block(const Extents& start, const Extents& count, hid_t type, const void* values);
  void read_block(const Extents& start, const Extents& count, hid_t type, void* values) const;
  Hdf5Handle handle_;
  std::string name_;
};

/// A file that one process creates: its whole structure, and the values known from the start. The
/// same calls make the same bytes. All members throw MachineError if HDF5 fails. If it fails
/// because the disk does, the process must not finalise MPI or HDF5 any more: HDF5 1.10 crashes
/// then.
class Hdf5Creator {
 public:
  /// Creates the file, in place of one that is there. @throws MachineError if that is impossible.
  explicit Hdf5Creator(const std::string& path);
  void create_group(const std::string& path);
  void attribute(const std::string& object, const std::string& name, const std::string& value);
  void attribute(const std::string& object, const std::string& name, std::int32_t value);
  void attribute(const std::string& object, const std::string& name,
                 const std::vector<std::int8_t>& values);

  /// A one-dimensional dataset that serves as a dimension scale, with its values. Texts are of
  /// variable length.
  void scale(const std::string& path, const std::vector<double>& values);
  void scale(const std::string& path, const std::vector<std::int32_t>& values);
  void scale(const std::string& path, const std::vector<std::string>& values);

  /// A one-dimensional dataset of further values along the scale `along`.
  void coordinate(const std::string& path, const std::vector<double>& values,
                  const std::string& along);
  void coordinate(const std::string& path, const std::vector<std::string>& values,
                  const std::string& along);

  /// Whether a new dataset gets its fill value now. With `later` the caller must write every value.
  /// The dataset may read as zeros until then, but creating it takes no time, however long it is.
  enum class Filling { now, later };

  /// A contiguous dataset over the given dimension scales. Its space is allocated now.
  Hdf5Dataset dataset(const std::string& path, double fill, const std::vector<std::string>& scales,
                      Filling filling = Filling::now);
  Hdf5Dataset dataset(const std::string& path, std::int8_t fill,
                      const std::vector<std::string>& scales);
  Hdf5Dataset dataset(const std::string& path, std::uint32_t fill,
                      const std::vector<std::string>& scales);

  /// Writes everything and closes the file. Destroy all datasets before it, and call no member
  /// after it.
  void close();

 private:
  Hdf5Handle create_dataset(const std::string& path, hid_t type, const Extents& extents,
                            const void* fill, Filling filling);
  Hdf5Dataset array(const std::string& path, hid_t type, const void* fill,
                    const std::vector<std::string>& scales, Filling filling);
  void write_attribute(const std::string& object, const std::string& name, hid_t type,
                       const void* value, const Extents& extents = {});
  Hdf5Handle values_dataset(const std::string& path, const std::vector<double>& values);
  Hdf5Handle values_dataset(const std::string& path, const std::vector<std::string>& values);
  void make_scale(const Hdf5Handle& dataset, const std::string& path);
  void attach(const Hdf5Handle& dataset, const std::string& scale, std::size_t dimension);

  Hdf5Handle file_;
  std::vector<std::pair<std::string, hsize_t>> scale_lengths_;
};

/// A file with its structure complete, which all ranks of a communicator fill. Construction,
/// `dataset` and `close` are collective. Only raw data are written. The file is therefore valid at
/// any moment, and no rank waits for one that has failed.
class Hdf5SharedFile {
 public:
  /// @param communicator MPI_COMM_NULL for this process alone, without MPI.
  /// @throws MachineError if the file cannot be opened.
  Hdf5SharedFile(const std::string& path, MPI_Comm communicator);

  Hdf5Dataset dataset(const std::string& path) const;
  /// Closes the file. Destroy all datasets before it, and call no member after it.
  void close();
  /// For a file that can no longer be written, in place of `close`, which HDF5 would not survive.
  /// Collective. What has been written stays.
  void abandon();

 private:
  std::string path_;
  Hdf5Handle file_;
};

/// A file that one process reads, without MPI. All members throw InputError if what they look for
/// is not there, or is not as Hdf5Creator writes it. A dataset must have one of its types, be
/// contiguous and in this file, and be no longer than the file. Texts must be UTF-8. HDF5 itself
/// neither follows dimension scales nor reads texts of variable length here: HDF5 1.10 trusts both,
/// and a corrupted one ends the process.
class Hdf5Reader {
 public:
  /// @throws InputError if the file does not exist or is not HDF5.
  explicit Hdf5Reader(const std::string& path);

  /// Whether a group of the root group has an object, as in "/group/name".
  bool has(const std::string& group, const std::string& name) const;
  bool has_attribute(const std::string& object, const std::string& name) const;
  std::string text_attribute(const std::string& object, const std::string& name) const;
  std::int32_t integer_attribute(const std::string& object, const std::string& name) const;
  std::vector<double> numbers(const std::string& path) const;
  /// Texts of fixed or of variable length.
  std::vector<std::string> texts(const std::string& path) const;
  Extents extents(const std::string& path) const;
  /// For reading blocks of a numeric dataset.
  Hdf5Dataset dataset(const std::string& path) const;

 private:
  Hdf5Handle open_dataset(const std::string& path) const;
  std::vector<std::string> variable_texts(hid_t dataset, const std::string& what) const;
  std::string path_;
  Hdf5Handle file_;
};

}  // namespace nuloop::io
