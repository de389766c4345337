// Numbers in JSON, which has no infinity and no NaN.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include <nlohmann/json.hpp>

namespace nuloop::sweep {

/// "inf", "-inf" and null stand for what JSON has not.
inline nlohmann::ordered_json json_number(double value) {
  if (std::isnan(value))
    return nullptr;
  if (std::isinf(value))
    return value > 0.0 ? "inf" : "-inf";
  return value;
}

}  // namespace nuloop::sweep
