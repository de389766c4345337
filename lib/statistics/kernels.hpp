// The kernels in registers of the width that is chosen at run time.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "expect_lanes.hpp"
#include "fit_lanes.hpp"
#include "nuloop/foundation/registers.hpp"
#include "poisson_lanes.hpp"

namespace nuloop::statistics {

struct Kernels {
  ExpectCounts* expect_counts;
  DrawWords* draw_words;
  DrawPoisson* draw_poisson;
  FitPoisson* fit_poisson;
};

/// @param registers of available_registers().
Kernels kernels_for(Registers registers);

}  // namespace nuloop::statistics
