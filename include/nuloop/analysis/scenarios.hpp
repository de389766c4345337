// From the points of a job's grid to scenarios.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/row_major.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"

#include <cstddef>
#include <vector>

namespace nuloop::analysis {

/// The scenario at an outer point. Inner axes stand at their largest values, so that the scenario
/// has all pulls that any of their points has.
/// @param at the point's index on each outer axis.
setup::Scenario scenario_at(const setup::Job& job, const setup::World& world, const Indices& at);

/// Largest number of bins that any scenario of the job has.
std::size_t most_bins(const setup::Job& job);

/// Bin edges in MeV for every combination of the window's axes, row-major. NaN for bins that a
/// window does not have.
struct BinEdges {
  std::vector<double> low;
  std::vector<double> high;
};
BinEdges bin_edges(const setup::Job& job, std::size_t bins);

}  // namespace nuloop::analysis
