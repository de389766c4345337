// Texts of variable length as they lie in an HDF5 file.
//
// Each element of the dataset is sixteen bytes: the length of its text, the address of a collection
// of objects in the file (a "global heap"), and the number of its object there. HDF5 1.10 believes
// what a damaged file says in these places: it reserves the memory that is claimed and reads beyond
// what it has. So nuloop reads them itself and checks each number against the file first.
// Layout: HDF5 File Format Specification 3.0, III.E "Global Heap", the same since HDF5 1.2.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace nuloop::io {

/// Bytes of such an element, in files whose addresses have eight.
inline constexpr std::size_t heap_reference_bytes = 16;

/// The texts of `count` elements that begin at `offset` of the open file `descriptor`. Reserves no
/// more memory than the file is long, a few times over.
/// @throws InputError naming `what` if they point outside the file, or to what is no such text.
std::vector<std::string> read_heap_texts(int descriptor, std::uint64_t offset, std::size_t count,
                                         const std::string& what);

}  // namespace nuloop::io
