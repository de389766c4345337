// The tabulated density of the radiative tail against the density itself.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/tail_table.hpp"

#include "catch.hpp"
#include "nuloop/physics/photonic.hpp"

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace {

using nuloop::experiment::TailTable;
using nuloop::physics::RadiativeTail;
using nuloop::physics::Recoil;

// c0, c1, c2 of the three structures, times the distance from the pole.
TailTable::Functions direct(const Recoil& recoil, double y) {
  std::array<RadiativeTail::Density, 1> density;
  RadiativeTail tail(recoil);
  tail(std::array{y}, density);
  // v = (t + gamma tanh y)/2 and w_min = (t + gamma tanh theta)/2.
  const double distance =
      0.5 * recoil.gamma * std::sinh(recoil.theta - y) / (std::cosh(recoil.theta) * std::cosh(y));
  TailTable::Functions values;
  for (Eigen::Index k = 0; k < 3; ++k) {
    const auto& [c0, c1, c2] = density[0].in_y[static_cast<std::size_t>(k)];
    values.segment<3>(3 * k) = distance * Eigen::Vector3d(c0, c1, c2);
  }
  return values;
}

}  // namespace

TEST_CASE("the table has the density within its error, which is small") {
  std::mt19937_64 engine(81);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::vector<double> recoils_MeV = {0.1, 0.15, 0.225, 9.99};
  for (int i = 0; i < 300; ++i)
    recoils_MeV.push_back(0.1 * std::pow(1000.0, unit(engine)));
  TailTable table;
  table.cover(recoils_MeV);
  for (const double recoil_MeV : recoils_MeV) {
    const Recoil recoil(recoil_MeV);
    const TailTable::AtRecoil at = table.at(recoil);
    CHECK(std::tanh(at.y.low) == Approx(recoil.t / recoil.gamma).epsilon(1e-13));
    CHECK(at.y.high == recoil.theta);
    // All that the tail consists of at w = v, of which rounding is a part.
    TailTable::Functions largest = TailTable::Functions::Zero();
    std::vector<double> ys;
    for (int i = 0; i < 20; ++i)
      ys.push_back(at.y.low + (at.y.high - at.y.low) * 0.99 * unit(engine));
    for (const double y : ys)
      largest = largest.cwiseMax(direct(recoil, y).cwiseAbs());
    for (const double y : ys) {
      const TailTable::Functions values = at(Eigen::Array<double, 1, 1>(y)).transpose();
      const TailTable::Functions expected = direct(recoil, y);
      for (int k = 0; k < TailTable::functions; ++k) {
        // Terms of the quadratics in 1/w may be as large as w to that power.
        const double power = std::pow(recoil.min_energy, k % 3);
        const double error = at.left_out[k] + at.rounding[k / 3] * power;
        CAPTURE(recoil_MeV, y, k, values[k], expected[k], error);
        CHECK(std::abs(values[k] - expected[k]) <= error);
        if (recoil_MeV < 10.0)
          CHECK(error / power <= 1e-8 * largest.maxCoeff());
      }
    }
  }
}

TEST_CASE("a cell does not depend on what else is asked for") {
  TailTable one, many;
  one.cover(std::array{2.0});
  many.cover(std::array{0.3, 1.9, 8.0, 0.01});
  many.cover(std::array{2.0});
  const Recoil recoil(2.0);
  CHECK(one.at(recoil).coefficients == many.at(recoil).coefficients);
  CHECK_FALSE(TailTable::reaches(0.01));
}
