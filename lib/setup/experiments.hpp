// Experiments, and what they are made of, as configs/ has them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "flux_file.hpp"
#include "nuloop/setup/world.hpp"

#include <vector>

namespace nuloop::setup {

// All throw InputError with file, line and key.

/// The table `fission_fractions` of an entry, which are those at the begin of a cycle if there is a
/// table `fission_fractions_at_end` too.
experiment::Fuel read_fuel(io::TableReader& entry);

/// @param files in which calendars may be.
Catalogue<ReactorSite> read_reactors(io::TableReader table, const FileWithOthers& files);

/// Muons of each depth, and backgrounds that are known by their spectrum.
/// @param world with its chains.
void read_backgrounds(const io::Node& root, World& world);

std::vector<experiment::CosmogenicIsotope> read_isotopes(const io::Node& root);

/// @param world with its backgrounds, fuels and defaults.
Catalogue<ExperimentEntry> read_experiments(const io::Node& root,
                                            const Catalogue<ReactorSite>& reactors,
                                            const World& world);

}  // namespace nuloop::setup
