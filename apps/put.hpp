// Formatted text on the standard output.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iostream>

#include <fmt/format.h>

namespace nuloop::apps {

/// What fmt::print(std::cout, ...) of fmt/ostream.h writes; that would compile all of fmt in every
/// source.
template <class... Values>
void put(fmt::format_string<Values...> text, Values&&... values) {
  std::cout << fmt::vformat(text, fmt::make_format_args(values...));
}

}  // namespace nuloop::apps
