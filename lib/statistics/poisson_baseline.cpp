// SPDX-License-Identifier: GPL-3.0-or-later
#include "poisson_kernel.hpp"
