// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/version.hpp"

#include "nuloop_revision.hpp"  // written by the build

namespace nuloop::io {

const char* version() {
  return NULOOP_VERSION;
}

const char* git_revision() {
  return NULOOP_GIT_REVISION;
}

}  // namespace nuloop::io
