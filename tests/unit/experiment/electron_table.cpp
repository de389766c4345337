// The tabulated photonic part of the electron spectrum against the structures themselves.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/electron_table.hpp"

#include "catch.hpp"
#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/physics/constants.hpp"

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace nuloop::experiment;
using nuloop::physics::BasisAtRecoil;
using nuloop::physics::electron_mass_MeV;
using nuloop::physics::Observable;

constexpr double scale_MeV = 2000.0;

// Knots each 0.1 MeV, with kinks.
FluxModel zigzag() {
  LogLinearTable table;
  for (int i = 0; i <= 96; ++i) {
    const double energy_MeV = 0.4 + 0.1 * i;
    table.energies_MeV.push_back(energy_MeV);
    table.log_values.push_back(1.0 - 0.7 * energy_MeV + (i % 2 == 0 ? 0.02 : 0.0));
  }
  return {{table, table, table, NoSpectrum()}, 0.4, 10.0};
}

Eigen::Vector3d photonic(const BasisAtRecoil& basis, double excess) {
  const auto inner = basis({basis.recoil().min_energy + excess, excess}).photonic;
  return {inner.left, inner.right, inner.interference};
}

}  // namespace

TEST_CASE("the table has the structures next to the limit, and the integral over the rest") {
  const FluxModel flux = zigzag();
  const FluxCells cells(flux, 0.4);
  ElectronTable table(cells, flux.low_MeV(), scale_MeV);
  std::mt19937_64 engine(91);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::vector<double> recoils_MeV = {0.5, 0.75, 2.0, 8.999};
  for (int i = 0; i < 40; ++i)
    recoils_MeV.push_back(0.5 + 8.5 * unit(engine));
  table.cover(recoils_MeV);
  for (const double recoil_MeV : recoils_MeV) {
    const BasisAtRecoil basis(Observable::electron, recoil_MeV, scale_MeV);
    const ElectronTable::AtRecoil at = table.at(basis.recoil());
    double largest = 0.0;
    for (int i = 0; i < 20; ++i) {
      const double x = at.x_end * (0.001 + 0.998 * unit(engine)), x4 = std::pow(x, 4);
      const Eigen::Vector3d expected = 5.0 * x4 * photonic(basis, x4 * x);
      const Eigen::Vector3d found = at(Eigen::Array<double, 1, 1>(x)).transpose();
      largest = std::max(largest, expected.cwiseAbs().maxCoeff());
      for (int k = 0; k < 3; ++k) {
        CAPTURE(recoil_MeV, x, k, expected[k], found[k], at.near_error[k]);
        CHECK(std::abs(found[k] - expected[k]) <= at.near_error[k] + 1e-12 * largest);
      }
    }
    CHECK(at.near_error.maxCoeff() <= 1e-6 * largest);

    std::vector<Panel> panels;
    for (double low = at.near_end_MeV, high = 0.0; low < flux.high_MeV() - 1e-9; low = high) {
      high = flux.high_MeV();
      for (const double knot : flux.knots_MeV())
        if (knot > low + 1e-9)
          high = std::min(high, knot);
      panels.push_back({low, high});
    }
    using Value = Eigen::Array<double, 3, 1>;
    Value integral = Value::Zero();
    if (!panels.empty())
      integral = integrate<Value>(
                     [&](double energy_MeV) -> Value {
                       const double excess =
                           energy_MeV / electron_mass_MeV - basis.recoil().min_energy;
                       return flux(energy_MeV)[0] * photonic(basis, excess).array();
                     },
                     panels, 1e-13)
                     .value;
    for (int k = 0; k < 3; ++k) {
      CAPTURE(recoil_MeV, k, integral[k], at.far(k, 0), at.far_error(k, 0));
      CHECK(std::abs(at.far(k, 0) - integral[k]) <=
            at.far_error(k, 0) + 1e-12 * integral.abs().maxCoeff());
      CHECK(at.far(k, 3) == 0.0);
      CHECK(at.far_error(k, 0) <= 1e-7 * integral.abs().maxCoeff());
    }
  }
  CHECK_FALSE(ElectronTable::reaches(0.49));
}
