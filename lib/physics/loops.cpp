// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/loops.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <cmath>
#include <numbers>

namespace nuloop::physics {
namespace {

// Charm loop at Q^2 = 0, with its O(alpha_s) term.
double charm_polarisation(const OneLoopInputs& in) {
  const double log_ratio = 2.0 * std::log(in.scale_MeV / in.charm_mass_MeV);
  return (log_ratio + in.alpha_s / std::numbers::pi * (13.0 / 12.0 - log_ratio)) / 3.0;
}

double left_coupling(const OneLoopInputs& in, Flavour neutrino, Flavour lepton) {
  return neutrino == lepton ? in.left_same_flavour : in.left_other_flavour;
}

}  // namespace

Couplings effective_couplings(const OneLoopInputs& inputs, Flavour flavour) {
  return {left_coupling(inputs, flavour, Flavour::electron), inputs.right};
}

double vacuum_polarisation(double Q2_MeV2, double mass_MeV, double scale_MeV) {
  NULOOP_EXPECTS(Q2_MeV2 >= 0.0 && mass_MeV > 0.0 && scale_MeV > 0.0);
  const double at_zero = 2.0 / 3.0 * std::log(scale_MeV / mass_MeV);
  const double r = Q2_MeV2 / (mass_MeV * mass_MeV);
  if (r < 0.05)  // the closed form cancels here; the series' next term is below 1e-15
    return at_zero -
           r * (1.0 / 15 -
                r * (1.0 / 140 -
                     r * (1.0 / 945 - r * (1.0 / 5544 - r * (1.0 / 30030 - r / 154440.0)))));
  const double root = std::sqrt(1.0 + 4.0 / r);
  return at_zero + 5.0 / 9.0 - 4.0 / (3.0 * r) -
         (1.0 - 2.0 / r) / 3.0 * root * 2.0 * std::asinh(0.5 * std::sqrt(r));
}

LoopVector loop_values(double recoil_MeV, double scale_MeV) {
  const double Q2 = 2.0 * electron_mass_MeV * recoil_MeV;
  return {1.0, vacuum_polarisation(Q2, electron_mass_MeV, scale_MeV),
          vacuum_polarisation(Q2, muon_mass_MeV, scale_MeV),
          vacuum_polarisation(Q2, tau_mass_MeV, scale_MeV)};
}

LoopVector loop_coefficients(const OneLoopInputs& in, Flavour flavour) {
  const double light_quarks =
      2.0 * std::numbers::sqrt2 * fermi_constant_GeV2 *
      (in.hadronic_3_gamma - 2.0 * in.sin2_theta_w * in.hadronic_gamma_gamma);
  const double charm = 2.0 * (in.up_quark.left + in.up_quark.right) * charm_polarisation(in);
  return {light_quarks + charm, -(left_coupling(in, flavour, Flavour::electron) + in.right),
          -(left_coupling(in, flavour, Flavour::muon) + in.right),
          -(left_coupling(in, flavour, Flavour::tau) + in.right)};
}

}  // namespace nuloop::physics
