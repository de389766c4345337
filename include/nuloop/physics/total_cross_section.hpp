// Cross sections integrated over the recoil (or electromagnetic) energy.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/cross_section.hpp"

namespace nuloop::physics {

/// Integral of dsigma/dT over T, in cm^2, and its parts.
struct TotalCrossSection {
  double born;
  double loops;
  double photonic;
  double
      error;  ///< of their sum: estimate of the quadrature's error, usually far above the true one
  double total() const { return born + loops + photonic; }
};

/// The integral over T > T_low, to about 1e-9 of itself. With T_low = 0 it does not depend on the
/// observable. Above 51 MeV a call takes about a second.
/// @param energy_MeV E in [lowest_energy_MeV, highest_energy_MeV]. @param recoil_low_MeV T_low >=
/// 0; where it is out of reach, the result is zero.
TotalCrossSection total_cross_section(const Expansion& expansion, Observable observable,
                                      double energy_MeV, double scale_MeV,
                                      double recoil_low_MeV = 0.0);

}  // namespace nuloop::physics
