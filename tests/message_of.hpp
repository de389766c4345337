// What went wrong, as the user would read it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/errors.hpp"

#include <functional>
#include <string>

namespace nuloop::test {

/// What an InputError says; empty if there is none. Other exceptions fail the test.
inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace nuloop::test
