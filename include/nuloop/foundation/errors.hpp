// The ways in which nuloop fails; apps/ turns each into an exit status.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace nuloop {

/// What is wrong lies outside of the program, in the input or in the machine. In a parallel run it
/// is thrown on all ranks alike. Exit status 3.
struct OutsideError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The user's input (file, key, option value) cannot be used. The message says what is wrong,
/// where, and what to do instead.
struct InputError : OutsideError {
  using OutsideError::OutsideError;
};

/// The machine failed: no room on a disk, a file that cannot be written, a program that cannot be
/// started. Nothing in the input is wrong, and the same input may serve elsewhere or later.
struct MachineError : OutsideError {
  using OutsideError::OutsideError;
};

/// One rank failed, in whatever way, and the others do not know. The caller must end all ranks.
/// Exit status 3.
struct LocalFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A computation did not reach the accuracy that it promises. Exit status 4.
struct NumericalError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace nuloop
