// The ways in which nuloop fails; apps/ turns each into an exit status.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace nuloop {

/// The user's input (file, key, option value) cannot be used. The message says what is wrong,
/// where, and what to do instead. Exit status 3.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A computation did not reach the accuracy that it promises. Exit status 4.
struct NumericalError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace nuloop
