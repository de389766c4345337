// Index arithmetic against nested loops.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/row_major.hpp"

#include "catch.hpp"

#include <vector>

using namespace nuloop;

TEST_CASE("elements are counted with the last index fastest") {
  const Indices extents = {2, 3, 4};
  const Indices strides = strides_of(extents);
  CHECK(strides == Indices{12, 4, 1});
  CHECK(size_of(extents) == 24);
  std::size_t n = 0;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 4; ++k, ++n) {
        CHECK(indices_of(n, extents) == Indices{i, j, k});
        CHECK(position_of({i, j, k}, strides) == n);
      }
  CHECK(indices_of(n, extents) == Indices{0, 0, 0});  // and begin again
}

TEST_CASE("without dimensions there is one element") {
  CHECK(size_of({}) == 1);
  CHECK(strides_of({}).empty());
  CHECK(indices_of(0, {}).empty());
  CHECK(position_of({}, {}) == 0);
  int visits = 0;
  for_each_position({}, {}, [&](std::size_t position) { visits += position == 0 ? 1 : 2; });
  CHECK(visits == 1);
}

TEST_CASE("the positions of a part of an array are visited in its own order") {
  // The axes 0 and 2 of an array of 2 x 3 x 4.
  std::vector<std::size_t> found, expected;
  for_each_position({2, 4}, {12, 1}, [&](std::size_t position) { found.push_back(position); });
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t k = 0; k < 4; ++k)
      expected.push_back(12 * i + k);
  CHECK(found == expected);
  for_each_position({2, 0}, {1, 1}, [](std::size_t) { FAIL("there is nothing"); });
}
