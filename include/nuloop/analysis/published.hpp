// Discovery times from publications, each with the scenario it belongs to.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"
#include "nuloop/setup/parameters.hpp"

#include <string>
#include <vector>

namespace nuloop::analysis {

using setup::Settings;
using setup::World;

struct PublishedTime {
  Settings scenario;
  double discovery_time_yr;
  std::string quoted_as;

  /// Whether this time is that of a scenario with these settings. Exposure and numerical tolerance
  /// do not matter; anything else that is set in only one of the two does.
  bool belongs_to(const Settings& settings) const;
};

/// @throws InputError with file, line and key.
std::vector<PublishedTime> read_published(const io::TextFile& file, const World& world);

}  // namespace nuloop::analysis
