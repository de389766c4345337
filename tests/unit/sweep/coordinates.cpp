// What two builds of the program may make of one coordinate.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/coordinates.hpp"

#include "catch.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "unit/sweep/tiny_work.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace nuloop;
using sweep::same_coordinate;
using sweep::Value;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double steps(double value, int count) {
  for (int i = 0; i < count; ++i)
    value = std::nextafter(value, infinity);
  return value;
}

}  // namespace

TEST_CASE("numbers are one coordinate up to a few roundings") {
  for (const double value : {1.0, 1.75, 0.005, -8.3e-33, 40.0, 1e3}) {
    CAPTURE(value);
    CHECK(same_coordinate(value, value));
    CHECK(same_coordinate(value, steps(value, 2)));
    CHECK(same_coordinate(steps(value, 2), value));
    CHECK_FALSE(same_coordinate(value, value * (1.0 + 1e-12)));
    CHECK_FALSE(same_coordinate(value, -value));
    CHECK_FALSE(same_coordinate(value, 0.0));
  }
  CHECK_FALSE(same_coordinate(1.0, steps(1.0, 8)));
}

TEST_CASE(
    "a logarithm that is rounded otherwise moves its value by as many roundings as it is large") {
  for (const double value : {1e-33, 1e-3, 700.0, 1e12}) {
    CAPTURE(value);
    const double logarithm = std::log(value);
    CHECK(same_coordinate(value, std::exp(steps(logarithm, 1))));
    CHECK_FALSE(same_coordinate(value, std::exp(steps(logarithm, 64))));
  }
}

TEST_CASE("what is no finite number is the same as itself alone") {
  CHECK(same_coordinate(not_a_number, not_a_number));
  CHECK(same_coordinate(infinity, infinity));
  CHECK(same_coordinate(0.0, -0.0));
  CHECK_FALSE(same_coordinate(infinity, -infinity));
  CHECK_FALSE(same_coordinate(infinity, std::numeric_limits<double>::max()));
  CHECK_FALSE(same_coordinate(not_a_number, 1.0));
  CHECK_FALSE(same_coordinate(1.0, not_a_number));
  CHECK_FALSE(same_coordinate(0.0, std::numeric_limits<double>::denorm_min()));
}

TEST_CASE("names have to be equal, and are no numbers") {
  CHECK(same_coordinate(Value(std::string("nlo")), Value(std::string("nlo"))));
  CHECK_FALSE(same_coordinate(Value(std::string("nlo")), Value(std::string("lo"))));
  CHECK_FALSE(same_coordinate(Value(std::string("1")), Value(1.0)));
  CHECK(same_coordinate(Value(1.0), Value(steps(1.0, 1))));
}

TEST_CASE("the numbers of all axes are put back where they were") {
  using test::column_of;
  sweep::Axes axes = {{{column_of("model", {"lo+cr", "nlo"})}},
                      {{column_of("low", {1.0, 2.0}), column_of("high", {9.0, 8.0})}},
                      {{column_of("exposure", {1.0, 2.0, 3.0})}, sweep::Depth::innermost}};
  auto numbers = sweep::axis_numbers(axes);
  CHECK(numbers == std::vector<double>{1, 2, 9, 8, 1, 2, 3});
  numbers[3] = steps(8.0, 1);
  numbers[6] = steps(3.0, 1);
  sweep::set_axis_numbers(axes, numbers);
  CHECK(sweep::axis_numbers(axes) == numbers);
  CHECK(axes[1].columns[1].values[1] == Value(steps(8.0, 1)));
  CHECK(axes[2].values()[2] == Value(steps(3.0, 1)));
}
