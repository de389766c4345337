// Tree-level couplings and charge radii against their published values and definitions.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/couplings.hpp"

#include "catch.hpp"
#include "nuloop/physics/constants.hpp"

#include <cmath>
#include <numbers>

using namespace nuloop::physics;

namespace {

constexpr auto flavours = {Flavour::electron, Flavour::muon, Flavour::tau};

}  // namespace

TEST_CASE("the charge radii are the published ones") {
  // Half a unit of the last printed digit.
  CHECK(std::abs(charge_radius_cm2(Flavour::electron) + 8.275112e-33) < 0.5e-39);
  CHECK(std::abs(charge_radius_cm2(Flavour::electron) + 8.3e-33) < 0.05e-33);
  CHECK(std::abs(charge_radius_cm2(Flavour::muon) + 4.8e-33) < 0.05e-33);
  CHECK(std::abs(charge_radius_cm2(Flavour::tau) + 3.0e-33) < 0.05e-33);
}

TEST_CASE("the charge radius is the same in both units") {
  for (const Flavour flavour : flavours)
    CHECK(charge_radius_cm2(flavour) / charge_radius_GeV2(flavour) ==
          Approx(0.3893793721e-27).epsilon(1e-15));
}

TEST_CASE("charge radii of two flavours differ by the logarithm of their masses") {
  const double slope = std::numbers::sqrt2 * fermi_constant_GeV2 / std::pow(std::numbers::pi, 2);
  CHECK(charge_radius_GeV2(Flavour::tau) - charge_radius_GeV2(Flavour::muon) ==
        Approx(slope * std::log(tau_mass_MeV / muon_mass_MeV)).epsilon(1e-13));
  CHECK(charge_radius_GeV2(Flavour::muon) - charge_radius_GeV2(Flavour::electron) ==
        Approx(slope * std::log(muon_mass_MeV / electron_mass_MeV)).epsilon(1e-13));
}

TEST_CASE("a charge radius shifts both couplings by (2 pi alpha/3) <r^2>") {
  for (const Flavour flavour : flavours)
    CHECK(charge_radius_coupling_shift(flavour) ==
          Approx(2 * std::numbers::pi / (3 * 137.035999084) * charge_radius_GeV2(flavour))
              .epsilon(1e-15));
}

TEST_CASE("tree couplings are those of Z and W exchange") {
  for (const double s2 : {0.23122, 0.2334, 0.2386}) {
    CAPTURE(s2);
    const Couplings electron = tree_couplings(Flavour::electron, s2);
    const Couplings muon = tree_couplings(Flavour::muon, s2);
    const Couplings tau = tree_couplings(Flavour::tau, s2);
    // Z exchange alone: g_V = -1/2 + 2 s2 and g_A = -1/2, L and R being their sum and difference.
    const double root2_GF = std::numbers::sqrt2 * fermi_constant_GeV2;
    CHECK(muon.left + muon.right == Approx(root2_GF * 2 * (-0.5 + 2 * s2)).epsilon(1e-13));
    CHECK(muon.left - muon.right == Approx(root2_GF * 2 * -0.5).epsilon(1e-14));
    // W exchange adds 2 sqrt2 GF to the left coupling of the own flavour.
    CHECK(electron.left - muon.left == Approx(2 * root2_GF).epsilon(1e-14));
    CHECK(electron.right == muon.right);
    CHECK(tau.left == muon.left);
    CHECK(tau.right == muon.right);
  }
}

TEST_CASE("crossing exchanges left and right for antineutrinos alone") {
  const Couplings c{2.4e-5, 0.8e-5};
  const Couplings neutrino = crossed(c, Helicity::neutrino);
  CHECK(neutrino.left == c.left);
  CHECK(neutrino.right == c.right);
  const Couplings antineutrino = crossed(c, Helicity::antineutrino);
  CHECK(antineutrino.left == c.right);
  CHECK(antineutrino.right == c.left);
}
