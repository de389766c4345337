// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/digest.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>
#include <zlib.h>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace nuloop::io {

namespace {

class Sha256 {
 public:
  Sha256() { check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }

  Sha256& add(const char* bytes, std::size_t size) {
    check(EVP_DigestUpdate(context_.get(), bytes, size));
    return *this;
  }

  std::string text() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size));
    std::string text;
    for (unsigned int i = 0; i < size; ++i)
      text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  static void check(int succeeded) {
    if (succeeded != 1)
      throw std::runtime_error("SHA-256 is not available from OpenSSL");
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

}  // namespace

std::string sha256(std::string_view bytes) {
  return Sha256().add(bytes.data(), bytes.size()).text();
}

std::string sha256_of_file(const std::string& path, std::uintmax_t size) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(1U << 20U);
  Sha256 digest;
  while (size > 0) {
    const auto wanted = std::min<std::uintmax_t>(size, buffer.size());
    if (!file.read(buffer.data(), static_cast<std::streamsize>(wanted)))
      throw InputError(path + ": cannot be read");
    digest.add(buffer.data(), wanted);
    size -= wanted;
  }
  return digest.text();
}

Crc32& Crc32::add(const void* bytes, std::size_t size) {
  value_ = static_cast<std::uint32_t>(crc32_z(value_, static_cast<const Bytef*>(bytes), size));
  return *this;
}

}  // namespace nuloop::io
