// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/work.hpp"

#include "nuloop/foundation/errors.hpp"

namespace nuloop::sweep {

void Row::scatter(std::size_t i, const Numbers& numbers, double* to) const {
  const std::size_t side_by_side = shapes_[i].further_size();
  auto from = numbers.begin();
  for (const std::size_t offset : shapes_[i].inner_offsets())
    for (std::size_t n = 0; n < side_by_side; ++n)
      to[offset + n] = *from++;
}

Numbers Row::get(std::size_t i) const {
  const BlockShape& shape = shapes_[i];
  const double* const from = result_.values[i].data() + shape.outer_offset(offset_);
  if (shape.has_rows_in_one_piece())
    return {from, from + shape.row_size()};
  Numbers numbers;
  for (const std::size_t offset : shape.inner_offsets())
    numbers.insert(numbers.end(), from + offset, from + offset + shape.further_size());
  return numbers;
}

std::unique_ptr<Earlier> Work::earlier(const std::string& path) const {
  throw InputError(path + ": results of this kind cannot be extended");
}

}  // namespace nuloop::sweep
