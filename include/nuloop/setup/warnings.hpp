// What is odd about a job, though nothing forbids it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

/// Sentences about a job for its user: widths of pulls that are hardly meant, and fluxes that begin
/// or end where the detector would still see neutrinos.
std::vector<std::string> warnings(const Job& job, const World& world);

/// What events are counted with: at tree level, in a window of visible energy, without resolution.
struct Yardstick {
  experiment::PerFissile<double> fission_fractions;
  double sin2_theta_w;
  double low_MeV;
  double high_MeV;
};

struct MissingShare {
  double below = 0.0;
  double above = 0.0;
};

/// The part of the events that a flux leaves out because it is zero below and above its own range,
/// of those that another flux gives, to about 1e-3.
/// @param other the flux that is known there.
MissingShare missing_share(const experiment::FluxModel& flux, const experiment::FluxModel& other,
                           const Yardstick& yardstick);

}  // namespace nuloop::setup
