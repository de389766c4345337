// The values of a result as the formats of a report have them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/parameters.hpp"

#include <cmath>
#include <string>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nuloop::apps {

/// A name as it is; a number in the fewest digits that tell it from all others.
inline std::string text_of(const study::Value& value) {
  if (const auto* name = std::get_if<std::string>(&value))
    return *name;
  return fmt::format("{}", std::get<double>(value));
}

/// JSON has no infinity and no NaN: "inf", "-inf" and null stand for them.
inline nlohmann::ordered_json json_number(double value) {
  if (std::isnan(value))
    return nullptr;
  if (std::isinf(value))
    return value > 0.0 ? "inf" : "-inf";
  return value;
}

}  // namespace nuloop::apps
