// The table of a result of kind impacts: what the discovery time owes to its inputs, ranked.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/result_file.hpp"

#include <string>

namespace nuloop::apps {

/// @param format table, csv or json. Of each point all inputs, by the size of their elasticities.
/// @throws InputError
void report_impacts(const study::ResultReader& result, const std::string& format);

}  // namespace nuloop::apps
