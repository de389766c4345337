// Numbers in JSON, which has no infinity and no NaN.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include <nlohmann/json.hpp>

namespace nuloop::sweep {

/// null stands for what JSON has not: a time that is never reached, an interval without that end, a
/// number that is none.
inline nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace nuloop::sweep
