// Contracts between programmers: checked in the debug and audit builds, free otherwise.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#ifdef NULOOP_CONTRACTS
#include <cstdio>
#include <cstdlib>

namespace nuloop::detail {
[[noreturn]] inline void broken_contract(const char* kind, const char* condition, const char* file,
                                         int line) {
  std::fprintf(stderr, "%s:%d: %s broken: %s\n", file, line, kind, condition);
  std::abort();
}
}  // namespace nuloop::detail

#define NULOOP_CONTRACT_(kind, condition) \
  ((condition) ? void() : ::nuloop::detail::broken_contract(kind, #condition, __FILE__, __LINE__))
#else
#define NULOOP_CONTRACT_(kind, condition) static_cast<void>(sizeof(!(condition)))
#endif

/// What a function needs from its caller. User input is never checked with this.
#define NULOOP_EXPECTS(condition) NULOOP_CONTRACT_("precondition", condition)
/// What a function promises to its caller.
#define NULOOP_ENSURES(condition) NULOOP_CONTRACT_("postcondition", condition)
