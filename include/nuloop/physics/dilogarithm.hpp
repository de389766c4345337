// The real dilogarithm.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace nuloop::physics {

/// Re Li2(x) for any finite x, to double precision (GSL).
double dilogarithm(double x);

}  // namespace nuloop::physics
