// Quenching of scintillation light by Birks' law.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/detector.hpp"

namespace nuloop::experiment {

/// What slows electrons down in a material.
struct Material {
  double electrons_mol_per_g;  ///< Z/A
  double mean_excitation_MeV;  ///< I
};

/// Collision stopping power of the material for electrons, MeV cm2/g, without the density effect:
/// Berger and Seltzer's formula with Moller scattering, as in ICRU Report 37 (second-hand). @param
/// energy_MeV kinetic, above some keV.
double collision_stopping_power(const Material& material, double energy_MeV);

/// Visible over deposited energy of an electron, by the latter, from 0.01 to 30 MeV: the light is
/// the integral of dE/(1 + kB S(E)) with the stopping power S (Birks), and visible energy is light
/// in units in which both agree at one energy. Below 1 keV S has its value there.
/// @param birks_g_per_cm2_MeV kB >= 0. @param calibrated_at_MeV within 0.01 to 30.
EnergyTable quenched_scale(const Material& material, double birks_g_per_cm2_MeV,
                           double calibrated_at_MeV);

}  // namespace nuloop::experiment
