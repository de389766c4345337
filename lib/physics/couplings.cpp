// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/couplings.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace nuloop::physics {
namespace {

double charged_lepton_mass_MeV(Flavour flavour) {
  switch (flavour) {
    case Flavour::electron:
      return electron_mass_MeV;
    case Flavour::muon:
      return muon_mass_MeV;
    case Flavour::tau:
      return tau_mass_MeV;
  }
  return 0.0;
}

}  // namespace

Couplings tree_couplings(Flavour flavour, double sin2_theta_w) {
  NULOOP_EXPECTS(sin2_theta_w > 0.0 && sin2_theta_w < 1.0);
  const double charged_current = flavour == Flavour::electron ? 0.5 : -0.5;
  return {coupling_unit_GeV2 * (sin2_theta_w + charged_current), coupling_unit_GeV2 * sin2_theta_w};
}

Couplings crossed(Couplings couplings, Helicity helicity) {
  if (helicity == Helicity::antineutrino)
    std::swap(couplings.left, couplings.right);
  return couplings;
}

double charge_radius_GeV2(Flavour flavour) {
  const double mass_ratio = charged_lepton_mass_MeV(flavour) / (1e3 * w_mass_GeV);
  return -fermi_constant_GeV2 / (2.0 * std::numbers::sqrt2 * std::numbers::pi * std::numbers::pi) *
         (3.0 - 4.0 * std::log(mass_ratio));
}

double charge_radius_cm2(Flavour flavour) {
  return charge_radius_GeV2(flavour) * hbar_c_squared_GeV2_cm2;
}

double charge_radius_coupling_shift(double charge_radius_GeV2, double alpha) {
  return 2.0 * std::numbers::pi * alpha / 3.0 * charge_radius_GeV2;
}

double charge_radius_coupling_shift(Flavour flavour) {
  return charge_radius_coupling_shift(charge_radius_GeV2(flavour));
}

}  // namespace nuloop::physics
