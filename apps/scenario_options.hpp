// From options of the command line to a scenario, for the verbs that look at a single one.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/names.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/setup/parameters.hpp"
#include "nuloop/setup/world.hpp"
#include "verbs.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

namespace nuloop::apps {

/// The world of the program's own configs/, with the user's own in the folder of --configs.
setup::World load_world(const Options& options);

/// Where an entry of the world was written; files of the program's own as configs/NAME, wherever
/// they are installed.
std::string place_text(const io::Location& where);

/// The scenario of a job of one point: configs/analysis.toml, changed by whatever options were
/// given. Warns of what is odd about it.
/// @param kind_name of the job. @param elsewhere keys that the verb knows otherwise.
/// @throws UsageError or InputError naming the option, or a key that is missing.
setup::Scenario make_scenario(const Options& options, const setup::World& world,
                              std::string_view kind_name,
                              const std::vector<std::string>& elsewhere);

/// @throws UsageError if `names` has no `name`.
template <class Names>
const auto* named(const Names& names, const std::string& name, const std::string& option) {
  const auto* found = find_named(names, name);
  if (found == nullptr) {
    std::vector<std::string> known;
    for (const auto& entry : names)
      known.emplace_back(entry.first);
    throw UsageError(
        fmt::format("{}: unknown \"{}\"; {}", option, name, io::suggestion(name, known)));
  }
  return found;
}

}  // namespace nuloop::apps
