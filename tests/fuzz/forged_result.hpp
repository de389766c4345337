// Valid HDF5 with wrong contents: result files that were edited in one place or several.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace nuloop::fuzz {

/// Writes an HDF5 file: a small nuloop result, changed as `edits` say, four bytes each (which
/// object, what of it, two bytes how). No edits: a result as it should be.
void write_forged_result(const std::string& path, const std::uint8_t* edits, std::size_t size);

}  // namespace nuloop::fuzz
