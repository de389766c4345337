// What went wrong, as the user would read it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/errors.hpp"

#include <functional>
#include <string>

namespace nuloop::test {

/// What an InputError, or another, says; empty if there is none. Other exceptions fail the test.
template <class Error = InputError>
std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace nuloop::test
