// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/kinematics.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <cmath>

namespace nuloop::physics {

double max_recoil_MeV(double energy_MeV) {
  return 2.0 * energy_MeV * energy_MeV / (electron_mass_MeV + 2.0 * energy_MeV);
}

double min_energy_MeV(double recoil_MeV) {
  return 0.5 * (recoil_MeV + std::sqrt(recoil_MeV * (recoil_MeV + 2.0 * electron_mass_MeV)));
}

Recoil::Recoil(double recoil_MeV)
    : t(recoil_MeV / electron_mass_MeV),
      gamma(1.0 + t),
      sinh_theta(std::sqrt(t * (t + 2.0))),
      beta(sinh_theta / gamma),
      theta(2.0 * std::asinh(std::sqrt(0.5 * t))),
      eta(gamma + sinh_theta),
      eta_minus_1(t + sinh_theta),
      min_energy(0.5 * eta_minus_1) {
  NULOOP_EXPECTS(recoil_MeV > 0.0);
}

EnergyPoint energy_point(double energy_MeV, const Recoil& recoil) {
  const double w = energy_MeV / electron_mass_MeV;
  return {w, w - recoil.min_energy};
}

}  // namespace nuloop::physics
