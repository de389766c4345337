// What physics may include. Compiled with its include folders; see wrong_include.cpp.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/cross_section.hpp"
