// The world of the repository's configs/.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/world.hpp"

namespace nuloop::test {

inline const setup::World& world() {
  static const setup::World world =
      setup::build_world(setup::read_configs(std::string(NULOOP_SOURCE) + "/configs"));
  return world;
}

}  // namespace nuloop::test
