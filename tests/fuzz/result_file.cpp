// Fuzz target of the result-file readers: valid HDF5 with wrong contents.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/forged_result.hpp"
#include "fuzz/read_result.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nuloop::fuzz;
  // The first byte chooses the result and the way to read it.
  const std::uint8_t first = size > 0 ? data[0] : 0;
  const std::size_t number = forged_number(first);
  const auto way = static_cast<Way>(forged_rest(first) % ways);
  const TemporaryFile file;
  write_forged_result(file.path(), data, size);
  const bool accepted = read_result(file.path(), way, number);
  const std::size_t kind = number % results_of_a_format;
  promise(accepted || size >= 5 || (way == Way::extend && kind != 0 && kind != old_results),
          "a result without edits is read");
  return 0;
}
