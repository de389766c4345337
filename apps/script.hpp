// The Python scripts of apps/plots, as the verbs start them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "verbs.hpp"

#include <string>

namespace nuloop::apps {

/// --size of a figure. @throws UsageError
std::string figure_size(const Options& options);

/// Goes on as that script, in the place of this program. @throws MachineError if it cannot.
[[noreturn]] void become_script(const std::string& name, const Words& words);

}  // namespace nuloop::apps
