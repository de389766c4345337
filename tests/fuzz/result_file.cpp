// Fuzz target of the result-file reader: valid HDF5 with wrong contents.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/forged_result.hpp"
#include "fuzz/read_result.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const nuloop::fuzz::TemporaryFile file;
  nuloop::fuzz::write_forged_result(file.path(), data, size);
  nuloop::fuzz::promise(nuloop::fuzz::read_result(file.path()) || size >= 4,
                        "a result without edits is read");
  return 0;
}
