// Version and git revision of the program.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace nuloop::io {

/// The version of CMakeLists.txt, "0.1.0".
const char* version();

/// The git revision the program was built from, with "-dirty" if sources had changes; "unknown"
/// outside a checkout.
const char* git_revision();

}  // namespace nuloop::io
