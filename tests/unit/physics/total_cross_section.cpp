// Total cross sections against published ones, the sum rule and the integral of the Born spectrum.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/total_cross_section.hpp"

#include "catch.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/physics/constants.hpp"
#include "unit/world_fixture.hpp"

#include <cmath>
#include <string>

#include <boost/math/quadrature/tanh_sinh.hpp>

using nuloop::find_named;
using namespace nuloop::physics;

namespace {

constexpr auto observables = {Observable::electron, Observable::electromagnetic};

const OneLoopInputs& inputs() {
  return nuloop::test::world().one_loop;
}

TotalCrossSection one_loop(Neutrino neutrino, Observable observable, double energy,
                           double recoil_low = 0.0) {
  return total_cross_section(expand(Model::nlo, neutrino, 0.0, inputs()), observable, energy,
                             inputs().scale_MeV, recoil_low);
}

}  // namespace

TEST_CASE("total cross sections at 1 GeV are the published ones") {
  // O. Tomalak and R. J. Hill, arXiv:1907.03379, four digits, in 1e-42 cm^2; and the same formulas
  // in 50-digit arithmetic, six digits.
  struct Row {
    const char* flavour;
    double published, digits;
  };
  for (const Row& row : {Row{"nu_e", 9.233, 9.23340}, Row{"nuebar_e", 3.892, 3.89157},
                         Row{"nu_mu", 1.571, 1.57144}, Row{"nuebar_mu", 1.348, 1.34774}})
    for (const Observable observable : observables) {
      CAPTURE(std::string(row.flavour));
      const TotalCrossSection found =
          one_loop(*find_named(neutrino_names, row.flavour), observable, 1000.0);
      CHECK(std::abs(1e42 * found.total() - row.published) < 0.5e-3);
      CHECK(std::abs(1e42 * found.total() - row.digits) < 0.5e-5);
      CHECK(found.error < 1e-9 * found.total());
    }
}

TEST_CASE("the total does not depend on whether the photon is seen") {
  for (const double energy : {1e-3, 0.01, 0.3, 4.0, 45.0, 60.0, 1e3, 1e4}) {
    const Neutrino neutrino{Flavour::electron, Helicity::neutrino};
    const TotalCrossSection electron = one_loop(neutrino, Observable::electron, energy);
    const TotalCrossSection electromagnetic =
        one_loop(neutrino, Observable::electromagnetic, energy);
    CAPTURE(energy);
    CHECK(electromagnetic.born == electron.born);
    CHECK(electromagnetic.loops == electron.loops);
    // Beside the quadrature's errors, 1e-10 of the photonic part for those of double precision.
    CHECK(std::abs(electromagnetic.photonic - electron.photonic) <
          electron.error + electromagnetic.error + 1e-10 * std::abs(electron.photonic));
  }
}

TEST_CASE("the photonic part of the total has its classic constants") {
  // For E >> m and one of the couplings alone, alpha/pi times [-(2/3) ln(2E/m) + constant] of the
  // Born term. S. Sarantakos, A. Sirlin and W. J. Marciano, Nucl. Phys. B 217 (1983) 84.
  const double pi = std::acos(-1.0);
  struct Row {
    double left, right, constant;
  };
  for (const Row& row :
       {Row{1.0, 0.0, 19.0 / 24.0 - pi * pi / 6.0}, Row{0.0, 1.0, 43.0 / 24.0 - pi * pi / 6.0}})
    for (const double energy : {100.0, 1000.0}) {
      CAPTURE(row.left, energy);
      OneLoopInputs alone = inputs();
      alone.left_same_flavour = row.left * inputs().left_same_flavour;
      alone.right = row.right * inputs().right;
      const TotalCrossSection found = total_cross_section(
          expand(Model::nlo, {Flavour::electron, Helicity::neutrino}, 0.0, alone),
          Observable::electromagnetic, energy, alone.scale_MeV);
      const double logarithm = std::log(2.0 * energy / electron_mass_MeV);
      // What is left falls like m/E times the logarithm.
      CHECK(std::abs(found.photonic / found.born * pi / fine_structure + 2.0 / 3.0 * logarithm -
                     row.constant) < electron_mass_MeV / energy * logarithm);
    }
}

TEST_CASE("the total at tree level is the integral of the Born spectrum") {
  for (const auto& [name, neutrino] : neutrino_names) {
    const double s2 = 0.2334;
    const Couplings c = crossed(tree_couplings(neutrino.flavour, s2), neutrino.helicity);
    for (const double energy : {1e-3, 1.0, 30.0, 1e4}) {
      const double limit = max_recoil_MeV(energy);
      const auto primitive = [&](double T) {
        return cross_section_norm *
               (c.left * c.left * T - c.right * c.right * energy / 3 * std::pow(1 - T / energy, 3) -
                c.left * c.right * electron_mass_MeV * T * T / (2 * energy * energy));
      };
      for (const double low : {0.0, 0.3 * limit, 0.95 * limit}) {
        CAPTURE(std::string(name), energy, low);
        const TotalCrossSection found =
            total_cross_section(expand(Model::lo, neutrino, s2, inputs()), Observable::electron,
                                energy, inputs().scale_MeV, low);
        // The difference of the primitives cancels to a twentieth at most, at 0.95.
        CHECK(found.total() == Approx(primitive(limit) - primitive(low)).epsilon(1e-12));
        CHECK(found.photonic == 0.0);
      }
    }
  }
}

TEST_CASE("a threshold takes away what lies below it") {
  const Neutrino neutrino{Flavour::muon, Helicity::neutrino};
  const Expansion expansion = expand(Model::nlo, neutrino, 0.0, inputs());
  boost::math::quadrature::tanh_sinh<double> rule;
  for (const Observable observable : observables) {
    const double energy = 10.0, limit = max_recoil_MeV(energy), threshold = 2.0;
    const double below = rule.integrate(
        [&](double T) {
          return cross_section(expansion, observable, energy, T, inputs().scale_MeV).total();
        },
        lowest_recoil_MeV, threshold, 1e-12);
    CHECK(one_loop(neutrino, observable, energy, threshold).total() + below ==
          Approx(one_loop(neutrino, observable, energy).total()).epsilon(1e-11));
    CHECK(one_loop(neutrino, observable, energy, energy).total() == 0.0);
    const double beyond = one_loop(neutrino, observable, energy, 0.5 * (limit + energy)).total();
    CHECK((beyond > 0.0) == (observable == Observable::electromagnetic));
  }
}
