// The sites of an experiment as configs/ describes it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/scenario.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

/// One site, or those of a joint experiment: the periods of the first member before those of the
/// second. Energies per fission are chosen apart.
/// @pre the world has the experiment.
std::vector<Site> sites_of(const std::string& experiment, const World& world);

void set_fuel(experiment::Reactor& reactor, const experiment::Fuel& fuel);

/// Data with reactor alone, at the power that the cores have then. Leaves alone a site of which it
/// is not known when its cores run.
void follow_calendar(Site& site);

}  // namespace nuloop::setup
