// Catch2 2 or 3, whichever CMake found. Tests are written in the names of Catch2 2.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)

#ifdef CATCH_CONFIG_RUNNER
#include <catch2/catch_session.hpp>
#endif
#include <string>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using Catch::Approx;

namespace Catch {

using Matchers::Equals;
using Matchers::StartsWith;

inline auto Contains(const std::string& part) {
  return Matchers::ContainsSubstring(part);
}

}  // namespace Catch

#else

#include <catch2/catch.hpp>  // with CATCH_CONFIG_RUNNER its session too

#endif
