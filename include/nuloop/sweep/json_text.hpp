// JSON as text, compiled once: the library would compile its writer anew in every source that
// uses it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace nuloop::sweep {

/// Indented by two; keys in the order in which they were set. What is no UTF-8 becomes U+FFFD.
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace nuloop::sweep
