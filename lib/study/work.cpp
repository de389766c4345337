// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/work.hpp"

#include "kinds.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <array>

namespace nuloop::study {

void Row::put(std::size_t i, const Numbers& numbers) {
  const BlockShape& shape = shapes_[i];
  NULOOP_EXPECTS(numbers.size() == shape.row_size());
  const auto side_by_side = static_cast<std::ptrdiff_t>(shape.further_size());
  auto from = numbers.begin();
  double* const to = result_.values[i].data() + shape.outer_offset(offset_);
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

const KindTraits& traits_of(Kind kind) {
  static constexpr std::array<KindTraits, 6> kinds = {{
      {Kind::reach, true, false, 1e-5, 1e-7, reach_work},
      {Kind::rates, true, false, 1e-5, 1e-7, rates_work},
      {Kind::cross_section, false, false, 1e-5, 1e-7, cross_section_work},
      {Kind::impacts, true, false, 3e-3, 0.0, impacts_work},
      {Kind::measurement, true, false, 1e-3, 0.0, measurement_work},
      {Kind::toys, true, true, 5e-3, 0.0, toys_work},
  }};
  return *std::find_if(kinds.begin(), kinds.end(),
                       [&](const KindTraits& traits) { return traits.kind == kind; });
}

}  // namespace nuloop::study
