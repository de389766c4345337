// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/work.hpp"

#include <algorithm>

namespace nuloop::study {

void Row::scatter(std::size_t i, const Numbers& numbers, double* to) const {
  const BlockShape& shape = shapes_[i];
  const auto side_by_side = static_cast<std::ptrdiff_t>(shape.further_size());
  auto from = numbers.begin();
  shape.for_each_inner_offset([&](std::size_t at) {
    std::copy(from, from + side_by_side, to + at);
    from += side_by_side;
  });
}

Numbers Row::get(std::size_t i) const {
  const BlockShape& shape = shapes_[i];
  Numbers numbers;
  const double* const from = result_.values[i].data() + shape.outer_offset(offset_);
  shape.for_each_inner_offset([&](std::size_t at) {
    numbers.insert(numbers.end(), from + at, from + at + shape.further_size());
  });
  return numbers;
}

}  // namespace nuloop::study
