// Checksums for provenance.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nuloop::io {

/// SHA-256 in lower-case hexadecimal (OpenSSL).
std::string sha256(std::string_view bytes);

}  // namespace nuloop::io
