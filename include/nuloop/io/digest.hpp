// Checksums: of inputs, for provenance, and of results, against damage.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nuloop::io {

/// SHA-256 in lower-case hexadecimal (OpenSSL).
std::string sha256(std::string_view bytes);

/// SHA-256 of the first `size` bytes of a file. @throws InputError if it has fewer or cannot be
/// read.
std::string sha256_of_file(const std::string& path, std::uintmax_t size);

/// CRC-32 of pieces one after the other (zlib).
class Crc32 {
 public:
  Crc32& add(const void* bytes, std::size_t size);
  std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 0;
};

}  // namespace nuloop::io
