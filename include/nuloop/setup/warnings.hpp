// What is odd about a job, though nothing forbids it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

/// Sentences about a job for its user: widths of pulls that are hardly meant, windows with a short
/// last bin or one bin, models that are one, detectors that count twice, and fluxes that begin or
/// end where the detector would still see neutrinos.
std::vector<std::string> warnings(const Job& job, const World& world);

}  // namespace nuloop::setup
