// How well a flux is known: standard deviations, covariances, correlations.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "flux_file.hpp"
#include "nuloop/setup/world.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

/// Uncertainties as they are said to be, and as they may have been meant.
struct UncertaintiesRead {
  experiment::FluxUncertainties known;
  std::vector<OtherMeaning> other_meanings;
  bool own = false;  ///< from a file of the user's
};

/// The entries of configs/flux_uncertainties.toml.
Catalogue<UncertaintiesRead> read_flux_uncertainties(const std::vector<io::TextFile>& files);

/// An entry, or the table [uncertainties] of a flux.
/// @param rows those of the flux's own table, for an entry without bins of its own; or null.
/// @throws InputError with file, line and key. A matrix must be symmetric and positive
/// semi-definite, or the message says by how much it is not.
UncertaintiesRead read_uncertainties(io::TableReader& entry, const FileWithOthers& files,
                                     const FluxRows* rows,
                                     const experiment::PerFissile<bool>& absent);

}  // namespace nuloop::setup
