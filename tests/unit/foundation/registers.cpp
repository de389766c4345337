// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/registers.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"

using namespace nuloop;

TEST_CASE("registers are named") {
  CHECK(registers_named("") == available_registers().back());
  CHECK(registers_named("baseline") == Registers::baseline);
  CHECK_THROWS_AS(registers_named("mmx"), InputError);
}
