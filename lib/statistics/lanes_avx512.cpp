// SPDX-License-Identifier: GPL-3.0-or-later
#include "expect_kernel.hpp"
#include "fit_kernel.hpp"
#include "poisson_kernel.hpp"
