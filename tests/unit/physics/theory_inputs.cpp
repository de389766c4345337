// Theory inputs: charm loop, running alpha and hadronic polarisation against QED, PDG and each
// other.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/physics/constants.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/physics/loops.hpp"
#include "unit/support.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

using namespace nuloop::physics;

namespace {

using Mass = CharmLoop::Mass;
constexpr double pi = std::numbers::pi;
constexpr auto definitions = {Mass::at_scale, Mass::at_mass, Mass::pole};

const OneLoopInputs& inputs() {
  return nuloop::test::world().one_loop;
}

double log_squared(double scale_MeV, double mass_MeV) {
  return 2.0 * std::log(scale_MeV / mass_MeV);
}

// The same charm quark in each definition, from m(m): dm/dln mu^2 = -m alpha_s/pi solved at fixed
// alpha_s, and the one-loop pole mass (R. Tarrach, Nucl. Phys. B 183 (1981) 384).
CharmLoop same_quark(Mass definition, double mass_at_mass_MeV, double alpha_s, double scale_MeV) {
  const double a = alpha_s / pi;
  switch (definition) {
    case Mass::at_scale:
      return {definition,
              mass_at_mass_MeV * std::exp(-a * log_squared(scale_MeV, mass_at_mass_MeV)), alpha_s};
    case Mass::at_mass:
      return {definition, mass_at_mass_MeV, alpha_s};
    case Mass::pole:
      return {definition, mass_at_mass_MeV * (1.0 + 4.0 / 3.0 * a), alpha_s};
  }
  return {};
}

// Points of the tables inside the elastic range, over which the size of an effect is quoted.
struct Point {
  double energy_MeV;
  double recoil_MeV;
  double hadronic_20pct;
};
std::vector<Point> table_points() {
  std::vector<Point> points;
  for (const auto& row : nuloop::test::read_csv("nlo_nubar_e.csv")) {
    const Point point{std::stod(row.at("E_nu")), std::stod(row.at("T")),
                      std::stod(row.at("err_hadronic_20pct"))};
    if (point.recoil_MeV < max_recoil_MeV(point.energy_MeV))
      points.push_back(point);
  }
  return points;
}

constexpr Neutrino nuebar{Flavour::electron, Helicity::antineutrino};

double one_loop(const Point& point, const OneLoopInputs& in) {
  return cross_section(expand(Model::nlo, nuebar, 0.23122, in), Observable::electromagnetic,
                       point.energy_MeV, point.recoil_MeV, in.scale_MeV)
      .total();
}

// |relative change| of dsigma/dT in the middle of its range.
double change_of(const std::function<void(OneLoopInputs&)>& change) {
  OneLoopInputs other = inputs();
  change(other);
  const Point middle{4.0, 2.0, 0.0};
  return std::abs(one_loop(middle, other) / one_loop(middle, inputs()) - 1.0);
}

}  // namespace

TEST_CASE("the definitions of the charm mass differ by O(alpha_s^2)") {
  const double scale = 2000.0, mass = 1270.0;
  for (const Mass a : definitions)
    for (const Mass b : definitions) {
      if (a == b)
        continue;
      const auto difference = [&](double alpha_s) {
        return std::abs(charm_polarisation(same_quark(a, mass, alpha_s, scale), scale) -
                        charm_polarisation(same_quark(b, mass, alpha_s, scale), scale));
      };
      for (const double alpha_s : {1e-2, 1e-3}) {
        // The next power adds alpha_s/pi times a number of order one to the exponent.
        const double power = std::log2(difference(2.0 * alpha_s) / difference(alpha_s));
        CAPTURE(static_cast<int>(a), static_cast<int>(b), alpha_s);
        CHECK(power == Approx(2.0).margin(3.0 * alpha_s));
      }
    }
}

TEST_CASE("without QCD the charm loop is the logarithm in every definition") {
  for (const Mass definition : definitions)
    CHECK(charm_polarisation({definition, 1300.0, 0.0}, 2000.0) ==
          Approx(vacuum_polarisation(0.0, 1300.0, 2000.0)).epsilon(1e-15));
}

TEST_CASE("with a pole mass the charm loop is two-loop QED times 4/3") {
  // alpha_MSbar(mu) = alpha [1 + (alpha/pi) L/3 + (alpha/pi)^2 (15/16 + L/4 + L^2/9)], the last
  // being the square of the first. 15/16 = 55/48 - 5/24: the constants of the massless MSbar
  // polarisation and of the limit of that of Kallen and Sabry on shell, where zeta(3) cancels
  // (D. J. Broadhurst, A. L. Kataev and O. V. Tarasov, Phys. Lett. B 298 (1993) 445).
  constexpr double massless = 55.0 / 48.0, kallen_sabry = 5.0 / 24.0, colour = 4.0 / 3.0;
  for (const double mass : {500.0, 1670.0, 4000.0}) {
    const double L = log_squared(2000.0, mass), alpha_s = 0.3;
    const double expected = L / 3.0 + colour * alpha_s / pi * (massless - kallen_sabry + L / 4.0);
    CHECK(charm_polarisation({Mass::pole, mass, alpha_s}, 2000.0) ==
          Approx(expected).epsilon(1e-14));
  }
}

TEST_CASE("the charm loop runs as R in e+ e- annihilation, 1 + alpha_s/pi") {
  const double alpha_s = 1e-4, mass = 1270.0;
  for (const Mass definition : definitions) {
    const auto at = [&](double scale) {
      return charm_polarisation(same_quark(definition, mass, alpha_s, scale), scale);
    };
    CAPTURE(static_cast<int>(definition));
    // O(alpha_s^2) = 1e-9 is beyond this formula.
    CHECK(3.0 * (at(4000.0) - at(2000.0)) / std::log(4.0) ==
          Approx(1.0 + alpha_s / pi).epsilon(1e-8));
  }
}

TEST_CASE("leptons alone make alpha run as in QED") {
  OneLoopInputs in = inputs();
  in.hadronic_gamma_gamma = 0.0;
  for (const double scale : {200.0, 2000.0, 91187.6}) {
    in.scale_MeV = scale;
    in.charm = {Mass::at_scale, scale, 0.0};
    double change = 0.0;
    for (const double mass : {electron_mass_MeV, muon_mass_MeV, tau_mass_MeV})
      change += log_squared(scale, mass) / (3.0 * pi);
    CHECK(1.0 / running_fine_structure(in) == Approx(1.0 / fine_structure - change).epsilon(1e-14));
  }
  // At m_Z on shell one loop of leptons gives 0.0314190 (M. Steinhauser, Phys. Lett. B 429 (1998)
  // 158), less by 5/9 for each than MSbar. Beyond it: 2 alpha/pi m_tau^2/m_Z^2 = 2e-6.
  const double on_shell =
      1.0 - fine_structure / running_fine_structure(in) - 3.0 * 5.0 / 9.0 * fine_structure / pi;
  CHECK(on_shell == Approx(0.0314190).margin(3e-6));
}

TEST_CASE("alpha at the mass of the tau is that of the PDG") {
  // 1/alpha = 133.45 in MSbar with four quarks at m_tau, which is above m_c. The light quarks'
  // polarisation is an input at 2 GeV and runs with 3 sum Q^2 = 2 and R.
  OneLoopInputs in = inputs();
  in.scale_MeV = tau_mass_MeV;
  in.hadronic_gamma_gamma -= 2.0 / 3.0 * log_squared(inputs().scale_MeV, tau_mass_MeV) *
                             (1.0 + inputs().charm.alpha_s / pi);
  in.charm = *nuloop::test::world().charm_loops.find("msbar-mc");
  const double with_charm = 1.0 / running_fine_structure(in);
  // Sum of what is left out or uncertain: 0.048 by O(alpha_s^2) of charm, as between MSbar and pole
  // mass, 0.006 by two-loop QED and 0.007 by the error of Pi_gammagamma, 0.021. Found: 133.498.
  constexpr double published = 133.45, unknown = 0.048 + 0.006 + 0.007;
  CHECK(with_charm == Approx(published).margin(unknown));
  // Without charm it would be 133.617, out of reach of all that.
  in.charm = {Mass::at_scale, in.scale_MeV, 0.0};
  CHECK(1.0 / running_fine_structure(in) > published + 2.0 * unknown);
}

TEST_CASE("the scheme of alpha says where it runs") {
  OneLoopInputs in = inputs();
  const double running = running_fine_structure(in);
  CHECK(running > fine_structure);
  in.alpha = AlphaScheme::thomson;
  CHECK(scheme_alpha(in).loops == fine_structure);
  CHECK(scheme_alpha(in).photons == fine_structure);
  in.alpha = AlphaScheme::running_loops;
  CHECK(scheme_alpha(in).loops == running);
  CHECK(scheme_alpha(in).photons == fine_structure);
  in.alpha = AlphaScheme::running;
  CHECK(scheme_alpha(in).loops == running);
  CHECK(scheme_alpha(in).photons == running);
  CHECK(inputs().alpha == AlphaScheme::thomson);
}

TEST_CASE("each part of the cross section is proportional to its alpha") {
  OneLoopInputs in = inputs();
  in.alpha = AlphaScheme::running;
  const double ratio = running_fine_structure(in) / fine_structure;
  const Expansion thomson = expand(Model::nlo, nuebar, 0.23122, inputs());
  const Expansion running = expand(Model::nlo, nuebar, 0.23122, in);
  for (std::size_t k = 0; k < basis_size; ++k) {
    CHECK(running.born[k] == thomson.born[k]);
    CHECK(running.loops[k] == Approx(ratio * thomson.loops[k]).epsilon(1e-14));
    CHECK(running.photonic[k] == Approx(ratio * thomson.photonic[k]).epsilon(1e-14));
  }
}

TEST_CASE("schemes of alpha and charm change the cross section by O(alpha^2) and O(alpha_s^2)") {
  const auto alpha = [](AlphaScheme scheme) {
    return change_of([=](OneLoopInputs& in) { in.alpha = scheme; });
  };
  // Loops of 1.5 % and photons of 0.8 % of the cross section, times alpha(2 GeV)/alpha - 1 = 2.8 %.
  CHECK(alpha(AlphaScheme::running_loops) == Approx(4e-4).margin(0.5e-4));
  CHECK(alpha(AlphaScheme::running) == Approx(6e-4).margin(0.5e-4));
  // Of a change of Pi_c, 0.0020 enters: 0.03 between the MSbar definitions, 0.004 for all of
  // O(alpha_s), 0.14 for the pole mass, whose own series converges badly.
  const auto charm = [](const char* name) {
    return change_of(
        [=](OneLoopInputs& in) { in.charm = *nuloop::test::world().charm_loops.find(name); });
  };
  CHECK(charm("msbar-mc") < 1e-4);
  CHECK(charm("no-qcd") < 1e-4);
  CHECK(charm("pole") < 3e-4);
}

TEST_CASE("20 % of Pi_3gamma is 0.29 to 0.65 % of the cross section") {
  double least = 1.0, most = 0.0;
  const Expansion variation = hadronic_variation(Model::nlo, nuebar, inputs());
  for (const Point& point : table_points()) {
    const double change = 0.2 * inputs().hadronic_3_gamma *
                          cross_section(variation, Observable::electromagnetic, point.energy_MeV,
                                        point.recoil_MeV, inputs().scale_MeV)
                              .total();
    CAPTURE(point.energy_MeV, point.recoil_MeV);
    CHECK(change == Approx(point.hadronic_20pct).epsilon(5.1e-4));  // four printed digits
    const double relative = change / one_loop(point, inputs());
    // Next to the limit, where the Born term falls, it rises to 0.85 %.
    if (point.recoil_MeV < 0.86 * max_recoil_MeV(point.energy_MeV)) {
      least = std::min(least, relative);
      most = std::max(most, relative);
    } else {
      CHECK(relative < 0.0086);
    }
  }
  CHECK(least == Approx(0.0029).margin(5e-5));
  CHECK(most <= 0.0065);
  CHECK(most > 0.0060);
}

TEST_CASE("the hadronic variation is the linear response to Pi_3gamma") {
  for (const auto& [scheme_name, scheme] : alpha_scheme_names)
    for (const auto& [neutrino_name, neutrino] : neutrino_names)
      for (const double x : {-3.0, 0.2, 50.0}) {
        CAPTURE(std::string(scheme_name), std::string(neutrino_name), x);
        OneLoopInputs in = inputs();
        in.alpha = scheme;
        OneLoopInputs moved = in;
        moved.hadronic_3_gamma += x;
        const Expansion before = expand(Model::nlo, neutrino, 0.2334, in);
        const Expansion after = expand(Model::nlo, neutrino, 0.2334, moved);
        const Expansion variation = hadronic_variation(Model::nlo, neutrino, in);
        for (std::size_t k = 0; k < basis_size; ++k) {
          CHECK(variation.born[k] == 0.0);
          CHECK(variation.photonic[k] == 0.0);
          CHECK(after.born[k] == before.born[k]);
          CHECK(after.photonic[k] == before.photonic[k]);
          // The difference carries the rounding of its terms.
          CHECK(std::abs(after.loops[k] - before.loops[k] - x * variation.loops[k]) <=
                8.0 * std::numeric_limits<double>::epsilon() *
                    (std::abs(after.loops[k]) + std::abs(before.loops[k])));
        }
        CHECK(variation.loops[0] != 0.0);
      }
}

TEST_CASE("tree level and charge radius know no hadrons") {
  for (const Model model : {Model::lo, Model::lo_cr, Model::lo_cr_shift, Model::free_charge_radius,
                            Model::free_sin2_theta_w, Model::free_couplings})
    for (const double value : hadronic_variation(model, nuebar, inputs()).total())
      CHECK(value == 0.0);
}

TEST_CASE("the hadronic uncertainty is what the inputs' errors do to the loops") {
  const auto light_quarks = [](double three_gamma, double gamma_gamma) {
    OneLoopInputs in = inputs();
    in.hadronic_3_gamma *= three_gamma;
    in.hadronic_gamma_gamma *= gamma_gamma;
    return loop_coefficients(in, Flavour::electron)[0] / coupling_unit_GeV2;
  };
  const double before = light_quarks(1.0, 1.0);
  for (const double own : {0.0, 0.05, 0.2})
    for (const double common : {0.0, 0.0058, 0.1}) {
      const double first = light_quarks(1.0 + own, 1.0) - before;
      const double second = light_quarks(1.0 + common, 1.0 + common) - before;
      CAPTURE(own, common);
      CHECK(hadronic_uncertainty(inputs(), own, common) ==
            Approx(std::sqrt(first * first + second * second)).epsilon(1e-13).margin(1e-15));
    }
  // 20 % of 3.597.
  CHECK(hadronic_uncertainty(inputs(), 0.2, 0.0) == Approx(0.7194).epsilon(1e-13));
}
