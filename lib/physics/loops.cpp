// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/loops.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <cmath>
#include <numbers>

namespace nuloop::physics {
namespace {

double light_quarks(const OneLoopInputs& in) {
  return in.hadronic_3_gamma - 2.0 * in.sin2_theta_w * in.hadronic_gamma_gamma;
}

double left_coupling(const OneLoopInputs& in, Flavour neutrino, Flavour lepton) {
  return neutrino == lepton ? in.left_same_flavour : in.left_other_flavour;
}

}  // namespace

double charm_polarisation(const CharmLoop& charm, double scale_MeV) {
  const double log_ratio = 2.0 * std::log(scale_MeV / charm.mass_MeV);
  double correction = 13.0 / 12.0 - log_ratio;
  if (charm.definition != CharmLoop::Mass::at_scale)
    correction += 2.0 * log_ratio;  // mc(mu) = mc(mc) [1 - alpha_s/pi ln(mu^2/mc^2)]
  if (charm.definition == CharmLoop::Mass::pole)
    correction += 8.0 / 3.0;  // mc(mc) = M [1 - 4/3 alpha_s/pi]
  return (log_ratio + charm.alpha_s / std::numbers::pi * correction) / 3.0;
}

double running_fine_structure(const OneLoopInputs& in) {
  double sum = in.hadronic_gamma_gamma + 4.0 / 3.0 * charm_polarisation(in.charm, in.scale_MeV);
  for (const double mass_MeV : {electron_mass_MeV, muon_mass_MeV, tau_mass_MeV})
    sum += vacuum_polarisation(0.0, mass_MeV, in.scale_MeV);
  return fine_structure / (1.0 - fine_structure / std::numbers::pi * sum);
}

LoopAndPhotonAlpha scheme_alpha(const OneLoopInputs& in) {
  switch (in.alpha) {
    case AlphaScheme::thomson:
      return {fine_structure, fine_structure};
    case AlphaScheme::running_loops:
      return {running_fine_structure(in), fine_structure};
    case AlphaScheme::running:
      return {running_fine_structure(in), running_fine_structure(in)};
  }
  return {};
}

double charge_radius_fine_structure(const OneLoopInputs& in) {
  return in.charge_radius_alpha == AlphaScheme::thomson ? fine_structure
                                                        : running_fine_structure(in);
}

double hadronic_uncertainty(const OneLoopInputs& in, double three_gamma, double gamma_gamma) {
  return std::hypot(three_gamma * in.hadronic_3_gamma, gamma_gamma * light_quarks(in));
}

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
  const double charm =
      2.0 * (in.up_quark.left + in.up_quark.right) * charm_polarisation(in.charm, in.scale_MeV);
  return {coupling_unit_GeV2 * light_quarks(in) + charm,
          -(left_coupling(in, flavour, Flavour::electron) + in.right),
          -(left_coupling(in, flavour, Flavour::muon) + in.right),
          -(left_coupling(in, flavour, Flavour::tau) + in.right)};
}

}  // namespace nuloop::physics
