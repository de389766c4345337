// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_kernel.hpp"
#include "tail_kernel.hpp"
