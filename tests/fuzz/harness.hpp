// What the fuzz targets have in common: promises that end the process when they are broken.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// libFuzzer's entry point; tests/fuzz/replay.cpp calls it as well.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace nuloop::fuzz {

/// Ends the process if a reader breaks its word; the fuzzer then keeps the input.
inline void promise(bool kept, const char* what) {
  if (kept)
    return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace nuloop::fuzz
