// Closed fermion loops against published values, the Feynman-parameter integral and its limits.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/loops.hpp"

#include "catch.hpp"
#include "nuloop/physics/constants.hpp"
#include "unit/world_fixture.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

#include <boost/math/quadrature/gauss_kronrod.hpp>

using namespace nuloop::physics;

namespace {

const OneLoopInputs& inputs() {
  return nuloop::test::world().one_loop;
}

// X(T) of the coupling shift alpha/(2 pi) X(T), in GeV^-2.
double shift_function(Flavour flavour, double recoil_MeV, const OneLoopInputs& in = inputs()) {
  const LoopVector values = loop_values(recoil_MeV, in.scale_MeV);
  const LoopVector coefficients = loop_coefficients(in, flavour);
  return std::inner_product(values.begin(), values.end(), coefficients.begin(), 0.0);
}

}  // namespace

TEST_CASE("the coupling shift of electron neutrinos has its reference values") {
  const auto x = [](double T) { return shift_function(Flavour::electron, T); };
  CHECK(x(0.1) == Approx(-10.2406855671e-5).epsilon(1e-11));
  CHECK(x(1.0) == Approx(-9.7178674834e-5).epsilon(1e-11));
  CHECK(x(2.0) == Approx(-9.3423689524e-5).epsilon(1e-11));
  CHECK(x(5.0) == Approx(-8.6712519096e-5).epsilon(1e-11));
  CHECK(x(10.0) == Approx(-8.0630361593e-5).epsilon(1e-11));
}

TEST_CASE("the vacuum polarisation is its integral over the Feynman parameter") {
  using Rule = boost::math::quadrature::gauss_kronrod<double, 61>;
  const double scale = 2000.0;
  for (const double mass : {electron_mass_MeV, muon_mass_MeV, tau_mass_MeV})
    for (const double r : {1e-6, 1e-3, 0.02, 0.0499, 0.0501, 0.1, 1.0, 10.0, 40.0, 400.0}) {
      CAPTURE(mass, r);
      const double Q2 = r * mass * mass;
      const double integral = Rule::integrate(
          [&](double x) {
            const double xx = x * (1 - x);
            return 2 * xx * std::log(scale * scale / (mass * mass + xx * Q2));
          },
          0.0, 1.0, 15, 1e-14);
      CHECK(std::abs(vacuum_polarisation(Q2, mass, scale) - integral) < 1e-13);
    }
}

TEST_CASE("the vacuum polarisation is continuous where its series hands over") {
  // Between neighbouring points the function itself changes by 1e-13/15.
  const double below = vacuum_polarisation(0.05 * (1 - 1e-12), 1.0, 2000.0);
  const double above = vacuum_polarisation(0.05 * (1 + 1e-12), 1.0, 2000.0);
  CHECK(std::abs(above - below) < 3e-14);
}

TEST_CASE("the vacuum polarisation tends to its logarithm with the Uehling slope") {
  const double mass = 0.7, scale = 2000.0;
  const double at_zero = std::log(scale * scale / (mass * mass)) / 3;
  CHECK(vacuum_polarisation(0.0, mass, scale) == Approx(at_zero).epsilon(1e-15));
  const double r = 1e-4;
  const double slope = (vacuum_polarisation(r * mass * mass, mass, scale) - at_zero) / r;
  // The next term is r/140; cancellation leaves 1e-15/r.
  CHECK(std::abs(slope + 1.0 / 15 - r / 140) < 1e-10);
}

TEST_CASE("the vacuum polarisation forgets the mass at large momentum transfer") {
  const double Q2 = 1e8, scale = 2000.0;
  const double massless = std::log(scale * scale / Q2) / 3 + 5.0 / 9;
  // The correction is -2 m^2/Q^2.
  CHECK(std::abs(vacuum_polarisation(Q2, electron_mass_MeV, scale) - massless) < 1e-8);
}

TEST_CASE("the renormalisation scale enters as (1/3) ln mu^2") {
  for (const double Q2 : {0.0, 0.01, 1.0, 100.0})
    for (const double mass : {electron_mass_MeV, muon_mass_MeV}) {
      CAPTURE(Q2, mass);
      const double change =
          vacuum_polarisation(Q2, mass, 3000.0) - vacuum_polarisation(Q2, mass, 1000.0);
      CHECK(change == Approx(2.0 / 3 * std::log(3.0)).epsilon(1e-14));
    }
}

TEST_CASE("loop values are the constant and three leptons at Q2 = 2 m T") {
  const double T = 3.0, scale = 2000.0;
  const double Q2 = 2 * electron_mass_MeV * T;
  const LoopVector values = loop_values(T, scale);
  CHECK(values[0] == 1.0);
  CHECK(values[1] == Approx(vacuum_polarisation(Q2, electron_mass_MeV, scale)).epsilon(1e-15));
  CHECK(values[2] == Approx(vacuum_polarisation(Q2, muon_mass_MeV, scale)).epsilon(1e-15));
  CHECK(values[3] == Approx(vacuum_polarisation(Q2, tau_mass_MeV, scale)).epsilon(1e-15));
}

TEST_CASE("the charm loop has its O(alpha_s) value") {
  OneLoopInputs in = inputs();
  in.hadronic_3_gamma = 0.0;
  in.hadronic_gamma_gamma = 0.0;
  const double charm =
      loop_coefficients(in, Flavour::electron)[0] / (2 * (in.up_quark.left + in.up_quark.right));
  CHECK(charm == Approx(0.3970925159).epsilon(2e-10));
}

TEST_CASE("the light quarks enter by Pi_3gamma - 2 s2 Pi_gammagamma") {
  const double unit = 2 * std::numbers::sqrt2 * fermi_constant_GeV2;
  const double before = loop_coefficients(inputs(), Flavour::muon)[0];
  OneLoopInputs in = inputs();
  in.hadronic_3_gamma += 1.0;
  CHECK(loop_coefficients(in, Flavour::muon)[0] - before == Approx(unit).epsilon(1e-13));
  in = inputs();
  in.hadronic_gamma_gamma += 1.0;
  CHECK(loop_coefficients(in, Flavour::muon)[0] - before ==
        Approx(-2 * 0.23122 * unit).epsilon(1e-13));
}

TEST_CASE("a neutrino couples with its charged current to the lepton of its own flavour") {
  const double same = -(2.39818e-5 + 0.76911e-5), other = -(-0.90084e-5 + 0.76911e-5);
  std::size_t own = 1;
  for (const Flavour flavour : {Flavour::electron, Flavour::muon, Flavour::tau}) {
    const LoopVector coefficients = loop_coefficients(inputs(), flavour);
    for (std::size_t lepton = 1; lepton < loop_functions; ++lepton)
      CHECK(coefficients[lepton] == Approx(lepton == own ? same : other).epsilon(1e-13));
    const Couplings c = effective_couplings(inputs(), flavour);
    CHECK(c.left == Approx(flavour == Flavour::electron ? 2.39818e-5 : -0.90084e-5).epsilon(1e-14));
    CHECK(c.right == Approx(0.76911e-5).epsilon(1e-14));
    ++own;
  }
}

TEST_CASE("muon and tau neutrinos differ by their charge radii") {
  // The whole flavour dependence at one loop. Tolerance: the couplings' last printed digits, 5e-10
  // of 3.3e-5 GeV^-2, and the slope of Pi_mu, Q^2/(15 m_mu^2) = 6e-6 of 1.9.
  const double T = 1.0;
  const double loops = fine_structure / (2 * std::numbers::pi) *
                       (shift_function(Flavour::muon, T) - shift_function(Flavour::tau, T));
  const double radii =
      charge_radius_coupling_shift(Flavour::muon) - charge_radius_coupling_shift(Flavour::tau);
  CHECK(loops == Approx(radii).epsilon(5e-5));
}
