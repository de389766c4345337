// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/quenching.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <cmath>
#include <numbers>

#include <boost/math/quadrature/gauss.hpp>

namespace nuloop::experiment {
namespace {

constexpr double lowest_stopped_MeV = 1e-3;  // down to which the stopping power is used
constexpr double table_low_MeV = 0.01, table_high_MeV = 30.0;
constexpr int table_points = 61;

// Light of an electron that stops, in MeV: the integral over ln E of short pieces.
double light(const Material& material, double birks, double energy_MeV) {
  const auto per_MeV = [&](double E) {
    return 1.0 / (1.0 + birks * collision_stopping_power(material, E));
  };
  const double pieces = std::ceil(4.0 * std::log(energy_MeV / lowest_stopped_MeV));
  const double step = std::log(energy_MeV / lowest_stopped_MeV) / pieces;
  double sum = lowest_stopped_MeV * per_MeV(lowest_stopped_MeV);
  for (int i = 0; i < static_cast<int>(pieces); ++i)
    sum += boost::math::quadrature::gauss<double, 10>::integrate(
        [&](double x) {
          const double E = lowest_stopped_MeV * std::exp(x);
          return E * per_MeV(E);
        },
        i * step, (i + 1) * step);
  return sum;
}

}  // namespace

double collision_stopping_power(const Material& material, double energy_MeV) {
  constexpr double constant = 0.307075;  // 4 pi N_A r_e^2 m_e c^2 in MeV cm2/mol
  const double tau = energy_MeV / physics::electron_mass_MeV;
  const double beta2 = tau * (tau + 2.0) / ((tau + 1.0) * (tau + 1.0));
  const double excitation = material.mean_excitation_MeV / physics::electron_mass_MeV;
  const double moller =
      1.0 - beta2 +
      (0.125 * tau * tau - (2.0 * tau + 1.0) * std::numbers::ln2) / ((tau + 1.0) * (tau + 1.0));
  return 0.5 * constant * material.electrons_mol_per_g / beta2 *
         (std::log(tau * tau * (tau + 2.0) / (2.0 * excitation * excitation)) + moller);
}

EnergyTable quenched_scale(const Material& material, double birks, double calibrated_at_MeV) {
  NULOOP_EXPECTS(calibrated_at_MeV >= table_low_MeV && calibrated_at_MeV <= table_high_MeV);
  const double unit = calibrated_at_MeV / light(material, birks, calibrated_at_MeV);
  EnergyTable table;
  for (int i = 0; i < table_points; ++i) {
    const double E =
        table_low_MeV * std::pow(table_high_MeV / table_low_MeV, i / (table_points - 1.0));
    table.energies_MeV.push_back(E);
    table.values.push_back(unit * light(material, birks, E) / E);
  }
  return table;
}

}  // namespace nuloop::experiment
