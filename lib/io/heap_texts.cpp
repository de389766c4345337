// SPDX-License-Identifier: GPL-3.0-or-later
#include "heap_texts.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace nuloop::io {
namespace {

constexpr std::uint64_t header_bytes = 16;  // of a collection, and of each object in it
constexpr std::string_view signature("GCOL\1", 5);

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

class File {
 public:
  File(int descriptor, const std::string& what) : descriptor_(descriptor), what_(what) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
      throw InputError(what + " cannot be read");
    size_ = static_cast<std::uint64_t>(status.st_size);
  }

  std::uint64_t size() const { return size_; }

  std::string read(std::uint64_t offset, std::uint64_t size) const {
    if (offset > size_ || size > size_ - offset)
      throw damaged();
    std::string bytes(size, '\0');
    for (std::size_t done = 0; done < size;) {
      const ::ssize_t got = ::pread(descriptor_, bytes.data() + done, size - done,
                                    static_cast<::off_t>(offset + done));
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        throw damaged();
      done += static_cast<std::size_t>(got);
    }
    return bytes;
  }

  InputError damaged() const {
    return InputError(what_ + " points to texts that the file does not hold: it is damaged");
  }

 private:
  int descriptor_;
  const std::string& what_;
  std::uint64_t size_;
};

/// A collection of a global heap, with the place of each of its objects.
class Collection {
 public:
  Collection(const File& file, std::uint64_t address) {
    const std::string header = file.read(address, header_bytes);
    const std::uint64_t size = little_endian(header, 8, 8);
    if (!header.starts_with(signature) || size < header_bytes)
      throw file.damaged();
    bytes_ = file.read(address, size);
    for (std::uint64_t at = header_bytes; size - at >= header_bytes;) {
      const std::uint64_t index = little_endian(bytes_, at, 2);
      const std::uint64_t length = little_endian(bytes_, at + 8, 8);
      if (index == 0)  // free space, up to the end
        break;
      at += header_bytes;
      if (length > size - at)
        throw file.damaged();
      objects_[index] = std::string_view(bytes_).substr(at, length);
      at += std::min(size - at, (length + 7) / 8 * 8);
    }
  }
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;
  ~Collection() = default;

  std::uint64_t size() const { return bytes_.size(); }

  /// Null if there is no such object.
  const std::string_view* find(std::uint64_t index) const {
    const auto found = objects_.find(index);
    return found == objects_.end() ? nullptr : &found->second;
  }

 private:
  std::string bytes_;
  std::map<std::uint64_t, std::string_view> objects_;  // in bytes_
};

}  // namespace

std::vector<std::string> read_heap_texts(int descriptor, std::uint64_t offset, std::size_t count,
                                         const std::string& what) {
  const File file(descriptor, what);
  if (count > file.size() / heap_reference_bytes)
    throw file.damaged();
  const std::string references = file.read(offset, count * heap_reference_bytes);
  std::map<std::uint64_t, Collection> collections;  // by address
  // Neither collections nor texts overlap in a sound file: together they are no longer than it.
  std::uint64_t collection_bytes = 0, text_bytes = 0;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = i * heap_reference_bytes;
    const std::uint64_t length = little_endian(references, at, 4);
    if (length == 0) {
      texts.emplace_back();
      continue;
    }
    const auto [collection, is_new] = collections.try_emplace(
        little_endian(references, at + 4, 8), file, little_endian(references, at + 4, 8));
    collection_bytes += is_new ? collection->second.size() : 0;
    text_bytes += length;
    const std::string_view* object = collection->second.find(little_endian(references, at + 12, 4));
    if (object == nullptr || length > object->size() || collection_bytes > file.size() ||
        text_bytes > file.size())
      throw file.damaged();
    texts.emplace_back(object->substr(0, length));
  }
  return texts;
}

}  // namespace nuloop::io
