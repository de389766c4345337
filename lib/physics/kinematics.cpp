// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/kinematics.hpp"

#include "nuloop/physics/constants.hpp"

#include <cmath>

namespace nuloop::physics {

double max_recoil_MeV(double energy_MeV) {
  return 2.0 * energy_MeV * energy_MeV / (electron_mass_MeV + 2.0 * energy_MeV);
}

double min_energy_MeV(double recoil_MeV) {
  return 0.5 * (recoil_MeV + std::sqrt(recoil_MeV * (recoil_MeV + 2.0 * electron_mass_MeV)));
}

EnergyPoint energy_point(double energy_MeV, const Recoil& recoil) {
  const double w = energy_MeV / electron_mass_MeV;
  const double rest = (energy_MeV - recoil.recoil_MeV) / electron_mass_MeV;  // w - t
  // 2w(w - t) - t = 2 (w - w_min)(w - t + w_min). Far above the mass T is near E at the limit, and
  // w - w_min would lose what E - T still has.
  return {w, (2.0 * w * rest - recoil.t) / (2.0 * (rest + recoil.min_energy))};
}

}  // namespace nuloop::physics
