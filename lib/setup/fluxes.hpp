// The antineutrino spectra of configs/fluxes/ and how well they are known.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/world.hpp"

#include <vector>

namespace nuloop::setup {

/// The fluxes among the files of configs/, by the names of their files.
/// @throws InputError with file, line and key.
Catalogue<FluxEntry> read_fluxes(const std::vector<io::TextFile>& files);

}  // namespace nuloop::setup
