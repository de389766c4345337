// The same with a header of a room that physics may not use: must fail to compile.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/statistics/curve.hpp"
