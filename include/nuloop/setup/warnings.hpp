// What is odd about a job, though nothing forbids it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

/// Sentences about a job for its user: widths of pulls that are hardly meant, windows with a short
/// last bin or one bin, models that are one, detectors that count twice, baselines of centimetres
/// or tens of kilometres, a correlation with nothing, and fluxes that begin or end where the
/// detector would still see neutrinos.
std::vector<std::string> warnings(const Job& job, const World& world);

/// A sentence for each line of a TOML text that sets a key to a list such as [0,5], whose commas
/// may be meant as those of decimals.
/// @param file whose name the sentences have.
std::vector<std::string> decimal_commas(const io::TextFile& file);

}  // namespace nuloop::setup
