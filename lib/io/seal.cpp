// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/seal.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/digest.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace nuloop::io {
namespace {

constexpr std::string_view seal_begin = "\nnuloop-sha256 ";
constexpr std::uintmax_t seal_bytes = seal_begin.size() + 64 + 1;

std::string seal_text(const std::string& path, std::uintmax_t size) {
  return std::string(seal_begin) + sha256_of_file(path, size) + "\n";
}

// The last bytes of a file, as many as a seal has; none of one that is shorter or no regular file,
// of which a pipe might never open.
std::string last_bytes(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return "";
  std::ifstream file(path, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(seal_bytes), std::ios::end);
  std::string bytes(seal_bytes, '\0');
  return file.read(bytes.data(), static_cast<std::streamsize>(seal_bytes)) ? bytes : "";
}

}  // namespace

void seal(const std::string& path) {
  if (has_seal(path))
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - seal_bytes);
  const std::uintmax_t size = std::filesystem::file_size(path);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << seal_text(path, size);
  file.close();
  if (file)
    return;
  std::error_code ignored;
  std::filesystem::resize_file(path, size, ignored);
  throw MachineError(path + ": its checksum cannot be written");
}

bool has_seal(const std::string& path) {
  return last_bytes(path).starts_with(seal_begin);
}

bool has_right_seal(const std::string& path) {
  const std::string bytes = last_bytes(path);
  return bytes.starts_with(seal_begin) &&
         bytes == seal_text(path, std::filesystem::file_size(path) - seal_bytes);
}

}  // namespace nuloop::io
