// Kinematics of elastic scattering against energy and momentum conservation.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/kinematics.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/physics/constants.hpp"

#include <algorithm>
#include <cmath>

using namespace nuloop::physics;
using nuloop::test::Exact;

namespace {

constexpr double m = electron_mass_MeV;

// A few roundings.
Approx equal(double value) {
  return Approx(value).epsilon(2e-15);
}

}  // namespace

TEST_CASE("the largest recoil is that of a neutrino sent straight back") {
  for (const double energy : {1e-3, 0.3, 1.0, 8.0, 50.0, 100.0}) {
    CAPTURE(energy);
    const double recoil = max_recoil_MeV(energy);
    const double momentum = energy + (energy - recoil);
    // The square of the electron's momentum from its energy, and from the neutrino's two momenta.
    CHECK(recoil * (recoil + 2 * m) == Approx(momentum * momentum).epsilon(1e-14));
  }
  CHECK(max_recoil_MeV(4.0) == Approx(3.75984067).epsilon(2e-9));
  CHECK(max_recoil_MeV(10.0) == Approx(9.75086589).epsilon(2e-9));
}

TEST_CASE("the largest recoil and the smallest energy are inverse to each other") {
  for (const double energy : {1e-5, 1e-2, 0.2, 0.51, 1.8, 5.0, 12.0, 100.0}) {
    CAPTURE(energy);
    CHECK(min_energy_MeV(max_recoil_MeV(energy)) == equal(energy));
    CHECK(max_recoil_MeV(min_energy_MeV(energy)) == equal(energy));
  }
}

TEST_CASE("at the kinematic limit eta equals Mandelstam s over the squared electron mass") {
  for (const double energy : {1e-3, 0.5, 2.0, 8.0, 60.0}) {
    CAPTURE(energy);
    const Recoil recoil(max_recoil_MeV(energy));
    CHECK(recoil.eta == equal(1.0 + 2.0 * energy / m));
    CHECK(recoil.eta_minus_1 == equal(2.0 * energy / m));
    CHECK(recoil.min_energy == equal(energy / m));
  }
}

TEST_CASE("the variables of a recoil belong to one rapidity") {
  for (const double T : {1e-4, 0.1, 1.0, 10.0, 99.0}) {
    CAPTURE(T);
    const Recoil recoil(T);
    CHECK(recoil.t == equal(T / m));
    CHECK(recoil.gamma == equal(std::cosh(recoil.theta)));
    CHECK(recoil.sinh_theta == Approx(std::sinh(recoil.theta)).epsilon(5e-15));
    CHECK(recoil.beta == Approx(std::tanh(recoil.theta)).epsilon(5e-15));
    CHECK(recoil.eta == Approx(std::exp(recoil.theta)).epsilon(5e-15));
    CHECK(recoil.min_energy * m == equal(min_energy_MeV(T)));
  }
}

TEST_CASE("the excess keeps the digits that E - T has") {
  // Against the same in 50 digits: near the limit and in the tail at high energy, where E - T is of
  // the order of the mass.
  for (const double energy : {0.01, 3.0, 100.0, 9876.54321})
    for (const double fraction : {-0.5, -1e-3, 1e-3, 0.3, 0.9}) {
      const double limit = max_recoil_MeV(energy);
      const double T = limit + fraction * (fraction < 0.0 ? limit : energy - limit);
      const Exact E(energy), exact = E / m - BasicRecoil<Exact>(T).min_energy;
      CAPTURE(energy, fraction);
      const double tolerance = 5e-16 * std::min(1.0, energy / m);
      CHECK(std::abs(energy_point(energy, Recoil(T)).excess - static_cast<double>(exact)) <
            std::max(tolerance, 5e-16 * std::abs(static_cast<double>(exact))));
    }
}

TEST_CASE("small recoils keep their digits") {
  for (const double T : {1e-20, 1e-12, 1e-9, 1e-6, 1e-4}) {
    CAPTURE(T);
    const Recoil recoil(T);
    const double t = T / m;
    // arcosh(1 + t); the next term is t^4/527, below rounding for these T.
    const double series = std::sqrt(2 * t) * (1 - t * (1.0 / 12 - t * (3.0 / 160 - 5 * t / 896)));
    CHECK(recoil.theta == equal(series));
    CHECK(recoil.eta_minus_1 == equal(std::expm1(series)));
  }
}

TEST_CASE("the excess over the limit changes sign where the energy crosses it") {
  for (const double T : {0.01, 1.0, 7.7}) {
    const Recoil recoil(T);
    const double limit = min_energy_MeV(T);
    CHECK(energy_point(limit * (1 + 1e-12), recoil).excess > 0.0);
    CHECK(energy_point(limit * (1 - 1e-12), recoil).excess < 0.0);
    const EnergyPoint above = energy_point(limit + 0.25 * m, recoil);
    CHECK(above.excess == Approx(0.25).epsilon(1e-13));
    CHECK(above.w == equal(limit / m + 0.25));
  }
}
