// Formatted text on the standard output.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/errors.hpp"

#include <cmath>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace nuloop::apps {

/// What fmt::print(std::cout, ...) of fmt/ostream.h writes; that would compile all of fmt in every
/// source.
template <class... Values>
void put(fmt::format_string<Values...> text, Values&&... values) {
  std::cout << fmt::vformat(text, fmt::make_format_args(values...));
}

/// @returns `value`. @throws NumericalError if it is not finite. @param what it is.
inline double finite(double value, std::string_view what) {
  if (!std::isfinite(value))
    throw NumericalError(fmt::format("the {} is not finite: {}", what, value));
  return value;
}

/// Each line as a warning on the standard error.
inline void put_warnings(const std::string& lines) {
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);)
    fmt::print(stderr, "nuloop: warning: {}\n", line);
}

}  // namespace nuloop::apps
