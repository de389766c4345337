// The world of the repository's configs/.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/world.hpp"

namespace nuloop::test {

inline const study::World& world() {
  static const study::World world =
      study::build_world(study::read_configs(std::string(NULOOP_SOURCE) + "/configs"));
  return world;
}

}  // namespace nuloop::test
