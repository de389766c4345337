// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/inverse_beta_decay.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"
#include "nuloop/physics/dilogarithm.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/quadrature/gauss.hpp>

namespace nuloop::physics {
namespace {

constexpr double m_e = electron_mass_MeV;
constexpr double m_p = proton_mass_MeV;
constexpr double delta = nucleon_difference_MeV;
constexpr double m_n = m_p + delta;
constexpr double mean_mass_MeV = 0.5 * (m_p + m_n);

constexpr double fermi_constant_MeV2 = 1e-6 * fermi_constant_GeV2;
constexpr double hbar_c_squared_MeV2_cm2 = 1e6 * hbar_c_squared_GeV2_cm2;

// Anomalous moment of the proton minus that of the neutron, in nuclear magnetons. CODATA 2018.
constexpr double anomalous_moment = 1.7928473446 + 1.9130427;
// Masses of the dipole form factors, as astro-ph/0302055 has them, and of the charged pion (PDG
// 2022).
constexpr double vector_mass_squared_MeV2 = 0.71e6;
constexpr double axial_mass_MeV = 1000.0;
constexpr double pion_mass_MeV = 139.57039;

constexpr double square(double x) {
  return x * x;
}

double momentum_MeV(double energy_MeV) {
  return std::sqrt(std::max(0.0, (energy_MeV - m_e) * (energy_MeV + m_e)));
}

double threshold_of(BetaDecayForm form) {
  if (form == BetaDecayForm::strumia_vissani)
    return (square(m_n + m_e) - m_p * m_p) / (2.0 * m_p);
  return delta + m_e;
}

// Form factors at a momentum transfer t, relative to the vector current's at zero.
struct FormFactors {
  double f1, f2, g1, g2;
};

FormFactors form_factors(double t, double lambda) {
  const double tau = t / (4.0 * square(mean_mass_MeV));
  const double dipole = 1.0 / ((1.0 - tau) * square(1.0 - t / vector_mass_squared_MeV2));
  const double g1 = -lambda / square(1.0 - t / square(axial_mass_MeV));
  return {(1.0 - (1.0 + anomalous_moment) * tau) * dipole, anomalous_moment * dipole, g1,
          2.0 * square(mean_mass_MeV) * g1 / (square(pion_mass_MeV) - t)};
}

}  // namespace

double strength_of_lifetime(double lifetime_s, double phase_space, double lambda) {
  const double rate_MeV = hbar_MeV_s / lifetime_s;
  return 2.0 * std::pow(std::numbers::pi, 3) * rate_MeV /
         (square(fermi_constant_MeV2) * std::pow(m_e, 5) * phase_space *
          (1.0 + 3.0 * lambda * lambda));
}

double outer_correction(double positron_MeV) {
  const double beta = momentum_MeV(positron_MeV) / positron_MeV;
  const double constant = 3.0 * std::log(m_p / m_e) + 5.75;
  constexpr double unit = fine_structure / (2.0 * std::numbers::pi);
  if (beta < 1e-7)
    return unit * (constant - 12.5);
  const double rapidity = std::asinh(momentum_MeV(positron_MeV) / m_e);
  const double a = rapidity / beta;
  return unit * (constant - 8.0 / beta * dilogarithm(2.0 * beta / (1.0 + beta)) +
                 (3.5 + 1.5 * beta * beta - 8.0 * rapidity) * a +
                 4.0 * (a - 1.0) * std::log(4.0 * beta * beta / (1.0 - beta * beta)));
}

InverseBetaDecay::InverseBetaDecay(const BetaDecayInputs& inputs)
    : inputs_(inputs),
      norm_(square(fermi_constant_MeV2) * inputs.strength / std::numbers::pi *
            hbar_c_squared_MeV2_cm2),
      threshold_MeV_(threshold_of(inputs.form)) {}

InverseBetaDecay::PositronEnergies InverseBetaDecay::positron_energies(double E) const {
  NULOOP_EXPECTS(E > threshold_MeV_);
  const double static_MeV = E - delta;
  switch (inputs_.form) {
    case BetaDecayForm::static_nucleons:
      return {static_MeV, 0.0};
    case BetaDecayForm::vogel_beacom:
      return {static_MeV * (1.0 - E / mean_mass_MeV) -
                  0.5 * (delta * delta - m_e * m_e) / mean_mass_MeV,
              E / mean_mass_MeV * momentum_MeV(static_MeV)};
    case BetaDecayForm::strumia_vissani:
      break;
  }
  const double s = m_p * (m_p + 2.0 * E);
  const double root = std::sqrt(s);
  // From the centre of mass, where the positron has this energy and momentum, to the laboratory.
  const double energy = (s - m_n * m_n + m_e * m_e) / (2.0 * root);
  const double momentum =
      std::sqrt((s - square(m_n - m_e)) * 2.0 * m_p * (E - threshold_MeV_)) / (2.0 * root);
  return {(E + m_p) / root * energy, E / root * momentum};
}

// Per cosine in the laboratory, without norm and outer correction: hep-ph/9903554, eqs. 12 and 13.
double InverseBetaDecay::first_order(double E, double x) const {
  const double g = inputs_.lambda, fermi = 1.0 + 3.0 * g * g, asymmetry = 1.0 - g * g;
  const double energy_0 = E - delta, momentum_0 = momentum_MeV(energy_0);
  const double velocity_0 = momentum_0 / energy_0;
  const auto born = [&](double energy, double momentum) {
    return (fermi + asymmetry * momentum / energy * x) * energy * momentum;
  };
  if (inputs_.form == BetaDecayForm::static_nucleons)
    return 0.5 * born(energy_0, momentum_0);
  const double energy = positron_energies(E).at(x);
  if (energy <= m_e)
    return 0.0;
  const double recoil = (energy_0 + delta) * (1.0 - x / velocity_0) - delta;
  const double gamma =
      2.0 * (1.0 + anomalous_moment) * g *
          ((2.0 * energy_0 + delta) * (1.0 - velocity_0 * x) - m_e * m_e / energy_0) +
      (1.0 + g * g) * (delta * (1.0 + velocity_0 * x) + m_e * m_e / energy_0) +
      (fermi + asymmetry * velocity_0 * x) * recoil;
  return 0.5 * (born(energy, momentum_MeV(energy)) - gamma / mean_mass_MeV * energy_0 * momentum_0);
}

// dsigma/dE_e without norm and outer correction, in MeV: astro-ph/0302055, eqs. 3 to 9.
double InverseBetaDecay::all_orders(double E, double positron_MeV) const {
  constexpr double M = mean_mass_MeV, M2 = M * M, m2 = m_e * m_e, d2 = delta * delta;
  const double t = m_n * m_n - m_p * m_p - 2.0 * m_p * (E - positron_MeV);
  const double s_minus_u = 2.0 * m_p * (E + positron_MeV) - m2;
  const auto [f1, f2, g1, g2] = form_factors(t, inputs_.lambda);
  const double a =
      (t - m2) * (4.0 * f1 * f1 * (4.0 * M2 + t + m2) + 4.0 * g1 * g1 * (t + m2 - 4.0 * M2) +
                  f2 * f2 * (t * t / M2 + 4.0 * t + 4.0 * m2) + 4.0 * m2 * t * g2 * g2 / M2 +
                  8.0 * f1 * f2 * (2.0 * t + m2) + 16.0 * m2 * g1 * g2) -
      d2 * ((4.0 * f1 * f1 + t * f2 * f2 / M2) * (4.0 * M2 + t - m2) +
            4.0 * g1 * g1 * (4.0 * M2 - t + m2) + 4.0 * m2 * g2 * g2 * (t - m2) / M2 +
            8.0 * f1 * f2 * (2.0 * t - m2) + 16.0 * m2 * g1 * g2) -
      32.0 * m2 * M * delta * g1 * (f1 + f2);
  const double b =
      16.0 * t * g1 * (f1 + f2) + 4.0 * m2 * delta * (f2 * f2 + f1 * f2 + 2.0 * g1 * g2) / M;
  const double c = 4.0 * (f1 * f1 + g1 * g1) - t * f2 * f2 / M2;
  // dsigma/dt = norm/(2 (s - m_p^2)^2) times the sum over 16, and dt = 2 m_p dE_e.
  return m_p / square(2.0 * m_p * E) * (a + s_minus_u * (c * s_minus_u - b)) / 16.0;
}

double InverseBetaDecay::per_cosine(double E, double x) const {
  const PositronEnergies energies = positron_energies(E);
  const double positron_MeV = std::max(energies.at(x), m_e);
  const double sigma = inputs_.form == BetaDecayForm::strumia_vissani
                           ? energies.half_spread_MeV * all_orders(E, positron_MeV)
                           : first_order(E, x);
  return norm_ * sigma * (inputs_.outer ? 1.0 + outer_correction(positron_MeV) : 1.0);
}

double InverseBetaDecay::total(double E) const {
  return boost::math::quadrature::gauss<double, 20>::integrate(
      [&](double x) { return per_cosine(E, x); }, -1.0, 1.0);
}

}  // namespace nuloop::physics
