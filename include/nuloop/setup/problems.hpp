// What is wrong with what is asked for; a text is empty if all is well.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/cross_section.hpp"
#include "nuloop/setup/parameters.hpp"
#include "nuloop/setup/scenario.hpp"
#include "nuloop/setup/world.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nuloop::setup {

struct KeyProblem {
  std::optional<std::size_t> parameter;  ///< the one that causes the problem, or none
  std::string text;
};

/// The problem of a job with a joint experiment. Such an experiment takes no key of a single site,
/// and has no spectrum of its own.
/// @param given the parameters that the job sets or sweeps.
KeyProblem joint_problem(const std::string& experiment, const std::vector<std::size_t>& given,
                         const Kind& kind, const World& world);

/// What a job says of the time without reactor.
struct TimeOff {
  bool follows_calendar;     ///< reactor_time is "calendar" at some point
  bool sets_load_factor;     ///< reactor.load_factor is given
  double reactor_off_share;  ///< the largest one
};
/// The problem of an experiment that cannot follow a calendar, or of time off that would be counted
/// twice.
KeyProblem time_problem(const std::string& experiment, const TimeOff& time, const World& world);

/// Why a scenario takes no key of single fission fractions: they change during a cycle.
std::string fuel_problem(const Scenario& scenario);

/// Why a tested model cannot have lo.sin2_theta_w_uncertainty. The pull moves the
/// angle that tree level is given. A measurement of free.sin2_theta_w takes the key as a prior on
/// it.
std::string angle_problem(physics::Model tested, const Kind& kind);

/// The problem of a window of visible energy. Energies in MeV.
std::string window_problem(double low_MeV, double high_MeV, double bin_width_MeV);

/// The problem of an experiment whose tables of efficiency or energy scale end inside a window of
/// visible energy. Energies in MeV.
std::string coverage_problem(const std::string& experiment, double low_MeV, double high_MeV,
                             const World& world);

/// The problem of a scenario's flux: an isotope of a reactor that the flux does not have, or a
/// covariance that is wanted and not known.
std::string flux_problem(const Scenario& scenario);

/// Why the world of a scenario's data cannot be compared with that of its fit: the sites must count
/// the same in the same bins.
/// @param draws whether pulls vary in the world of the data too: they must be those of the fit.
std::string data_problem(const Scenario& scenario, bool draws);

}  // namespace nuloop::setup
