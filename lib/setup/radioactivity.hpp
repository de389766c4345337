// Natural radioactivity as configs/radioactivity.toml has it, and backgrounds made of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/world.hpp"

namespace nuloop::setup {

// All throw InputError with file, line and key.

/// The chains, each with its decays.
Catalogue<experiment::Chain> read_chains(const io::Node& root);

/// What an entry of backgrounds.toml says of a chain in the target: its decays, and their rate.
/// @returns its keys that change nothing of this chain, each with the reason.
std::vector<IdleKey> read_chain_source(io::TableReader& entry,
                                       const Catalogue<experiment::Chain>& chains,
                                       experiment::BackgroundSource& source);

}  // namespace nuloop::setup
