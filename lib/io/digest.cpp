// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/digest.hpp"

#include <array>
#include <stdexcept>
#include <zlib.h>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace nuloop::io {

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available from OpenSSL");
  std::string text;
  for (unsigned int i = 0; i < size; ++i)
    text += fmt::format("{:02x}", digest[i]);
  return text;
}

Crc32& Crc32::add(const void* bytes, std::size_t size) {
  value_ = static_cast<std::uint32_t>(crc32_z(value_, static_cast<const Bytef*>(bytes), size));
  return *this;
}

}  // namespace nuloop::io
