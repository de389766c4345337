// The kernels in registers of the width that is chosen at run time.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "electron_lanes.hpp"
#include "nuloop/foundation/registers.hpp"
#include "tail_lanes.hpp"

namespace nuloop::physics {

struct Kernels {
  ElectronAt* electron_at;
  TailAt* tail_at;
};

/// @param registers of available_registers().
Kernels kernels_for(Registers registers);

}  // namespace nuloop::physics
