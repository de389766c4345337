// The seal of a file: its last line, which holds the SHA-256 of all bytes before it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace nuloop::io {

/// Appends the seal: a line end, "nuloop-sha256 ", 64 hexadecimal digits, a line end. A seal that
/// is there is replaced. HDF5 does not look behind the end that a file states, and cuts off what is
/// there when it opens the file for writing.
/// @throws InputError if the file cannot be read, MachineError if it cannot be written; it is left
/// without a seal then.
void seal(const std::string& path);

/// Whether a file ends in a seal, right or wrong. False for what is no regular file.
bool has_seal(const std::string& path);

/// Whether the seal that a file has is that of its bytes. @throws InputError if it cannot be read.
bool has_right_seal(const std::string& path);

}  // namespace nuloop::io
