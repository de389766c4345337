// From the points of a job's grid to scenarios.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/row_major.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nuloop::analysis {

/// The scenario at an outer point. Inner axes stand at their largest values, so that the scenario
/// has all pulls that any of their points has.
/// @param at the point's index on each outer axis.
setup::Scenario scenario_at(const setup::Job& job, const setup::World& world, const Indices& at);

/// Scenarios of a job's points one after the other, each made of the one before.
class ScenarioSeries {
 public:
  ScenarioSeries(const setup::Job& job, const setup::World& world);

  /// As scenario_at. It stands until the next one is made.
  const setup::Scenario& at(const Indices& at);

  /// Whether rates of the last scenario take the integrals that those of the one before took.
  bool same_integrals() const { return same_integrals_; }

 private:
  struct Outer {
    const sweep::Axis* axis;
    bool numbers;         // nothing but numbers of a single world move along it
    bool same_integrals;  // on which no integral depends
  };

  const setup::Job* job_;
  const setup::World* world_;
  std::vector<Outer> axes_;
  std::optional<Indices> at_;  // of the last scenario
  bool same_integrals_ = false;
  setup::Scenario scenario_;
};

/// A sentence for each point of a job's names (experiments, models, ...) at which bins are counted
/// together, as statistics::groups_of has it: which. Numbers stand at the first value of their
/// axes. Where there is muons' background in the whole window, nothing is computed.
std::vector<std::string> bins_counted_together(const setup::Job& job, const setup::World& world);

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
