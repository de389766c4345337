// Neutrino species and their chiral couplings to the electron.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/constants.hpp"

#include <numbers>

namespace nuloop::physics {

enum class Flavour { electron, muon, tau };
enum class Helicity { neutrino, antineutrino };

struct Neutrino {
  Flavour flavour;
  Helicity helicity;
};

/// Chiral couplings in GeV^-2 of L = -[nubar gamma^mu P_L nu][ebar gamma_mu (cL P_L + cR P_R) e].
struct Couplings {
  double left;
  double right;
};

/// 2 sqrt2 GF, the unit of all tree-level couplings, in GeV^-2.
inline constexpr double coupling_unit_GeV2 = 2.0 * std::numbers::sqrt2 * fermi_constant_GeV2;

/// Tree-level couplings: cL = 2 sqrt2 GF (s2 +- 1/2), + for the electron flavour; cR = 2 sqrt2 GF
/// s2. arXiv:2410.00107, eq. 8.
/// @param sin2_theta_w s2, in (0, 1).
Couplings tree_couplings(Flavour flavour, double sin2_theta_w);

/// The couplings to be put into a cross section written for neutrinos. Crossing the incoming
/// momentum k and the outgoing k' (k <-> -k') gives the antineutrino's cross section, which is the
/// neutrino's with cL and cR exchanged.
Couplings crossed(Couplings couplings, Helicity helicity);

/// Charge radius <r^2> = -GF/(2 sqrt2 pi^2) [3 - 2 ln(m_l^2/m_W^2)] in GeV^-2, with the masses of
/// the flavour's charged lepton l and of the W. It is negative. arXiv:2410.00107, eq. 5.
double charge_radius_GeV2(Flavour flavour);

/// The same in cm^2: -8.3, -4.8, -3.0 x 1e-33 for e, mu, tau. arXiv:2410.00107, eq. 6.
double charge_radius_cm2(Flavour flavour);

/// The shift delta cL = delta cR = (2 pi alpha/3) <r^2>, in GeV^-2, by a charge radius in GeV^-2.
/// To first order it gives the cross section of arXiv:2410.00107, eq. 9 of v1, which is eq. 10 of
/// v2. The second function takes the Standard Model's charge radius of a flavour.
double charge_radius_coupling_shift(double charge_radius_GeV2, double alpha = fine_structure);
double charge_radius_coupling_shift(Flavour flavour);

}  // namespace nuloop::physics
