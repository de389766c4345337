// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/json_text.hpp"

#include <nlohmann/json.hpp>

namespace nuloop::sweep {

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace nuloop::sweep
