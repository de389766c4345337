// Cross sections against reference tables, multi-precision arithmetic and relations between models.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/cross_section.hpp"

#include "catch.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/physics/constants.hpp"
#include "unit/support.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

using nuloop::find_named;
using namespace nuloop::physics;

namespace {

constexpr Neutrino nuebar{Flavour::electron, Helicity::antineutrino};
constexpr auto observables = {Observable::electron, Observable::electromagnetic};

const OneLoopInputs& inputs() {
  return nuloop::test::world().one_loop;
}

CrossSection evaluate(Model model, Observable observable, Neutrino neutrino, double s2,
                      double energy, double recoil, const OneLoopInputs& in = inputs(),
                      const FreeParameters& free = {}) {
  return cross_section(expand(model, neutrino, s2, in, free), observable, energy, recoil,
                       in.scale_MeV);
}

double total(Model model, Observable observable, Neutrino neutrino, double s2, double energy,
             double recoil) {
  return evaluate(model, observable, neutrino, s2, energy, recoil).total();
}

using Row = std::map<std::string, std::string>;

double number(const Row& row, const std::string& column) {
  return std::stod(row.at(column));
}

// Nine printed digits; zero is exact.
void check_printed(double found, const Row& row, const std::string& column) {
  CAPTURE(column);
  const double expected = number(row, column);
  CHECK(std::abs(found - expected) <= 1e-8 * std::abs(expected));
}

void check_one_loop(const Row& row, Neutrino neutrino) {
  const double energy = number(row, "E_nu"), recoil = number(row, "T");
  CAPTURE(energy, recoil);
  for (const Observable observable : observables) {
    const bool electron = observable == Observable::electron;
    const CrossSection found = evaluate(Model::nlo, observable, neutrino, 0.23122, energy, recoil);
    check_printed(found.born, row, "LO_eft");
    check_printed(found.loops, row, "loops");
    check_printed(found.photonic, row, electron ? "qed_e" : "qed_EM");
    check_printed(found.total(), row, electron ? "NLO_e" : "NLO_EM");
  }
}

}  // namespace

TEST_CASE("cross sections of electron antineutrinos agree with the reference table") {
  const auto rows = nuloop::test::read_csv("nlo_nubar_e.csv");
  REQUIRE(rows.size() == 49);
  for (const Row& row : rows) {
    check_one_loop(row, nuebar);
    const double energy = number(row, "E_nu"), recoil = number(row, "T");
    CAPTURE(energy, recoil);
    for (const Observable observable : observables) {
      const auto tree = [&](Model model, double s2) {
        return total(model, observable, nuebar, s2, energy, recoil);
      };
      check_printed(tree(Model::lo, 0.23122), row, "LO_sw2_0.23122");
      check_printed(tree(Model::lo, 0.2315), row, "LO_sw2_0.2315");
      check_printed(tree(Model::lo_cr, 0.23122), row, "LO_CR_lin");
      check_printed(tree(Model::lo_cr_shift, 0.23122), row, "LO_CR_shift");
    }
  }
}

TEST_CASE("the hadronic uncertainty agrees with the reference table") {
  OneLoopInputs moved = inputs();
  moved.hadronic_3_gamma *= 1.2;
  for (const Row& row : nuloop::test::read_csv("nlo_nubar_e.csv")) {
    const double energy = number(row, "E_nu"), recoil = number(row, "T");
    CAPTURE(energy, recoil);
    const double change =
        evaluate(Model::nlo, Observable::electron, nuebar, 0.23122, energy, recoil, moved).total() -
        evaluate(Model::nlo, Observable::electron, nuebar, 0.23122, energy, recoil).total();
    const double expected = number(row, "err_hadronic_20pct");
    CHECK(std::abs(std::abs(change) - expected) <= 5.1e-4 * expected);  // four printed digits
  }
}

TEST_CASE("cross sections of the other neutrinos agree with the reference table") {
  const std::map<std::string, std::string> names = {
      {"nu_e", "nu_e"}, {"nu_mu", "nu_mu"}, {"nubar_mu", "nuebar_mu"}};
  const auto rows = nuloop::test::read_csv("nlo_other_flavours.csv");
  REQUIRE(rows.size() == 21);
  for (const Row& row : rows) {
    CAPTURE(row.at("species"));
    const Neutrino* neutrino = find_named(neutrino_names, names.at(row.at("species")));
    REQUIRE(neutrino != nullptr);
    check_one_loop(row, *neutrino);
  }
}

TEST_CASE("cross sections carry the digits of multi-precision arithmetic") {
  const auto rows = nuloop::test::read_csv("cross_sections_50_digits.csv");
  REQUIRE(rows.size() == 170);
  for (const Row& row : rows) {
    const Model* model = find_named(model_names, row.at("model"));
    const Observable* observable = find_named(observable_names, row.at("observable"));
    const Neutrino* neutrino = find_named(neutrino_names, row.at("flavour"));
    REQUIRE((model && observable && neutrino));
    const double energy = number(row, "E"), recoil = number(row, "T");
    const double s2 = *model == Model::nlo ? 0.23122 : number(row, "sin2_theta_w");
    CAPTURE(row.at("model"), row.at("observable"), row.at("flavour"), energy, recoil);
    const CrossSection found = evaluate(*model, *observable, *neutrino, s2, energy, recoil);
    const double expected = number(row, "cross_section");
    const double limit = max_recoil_MeV(energy);
    if (recoil < limit) {
      CHECK(std::abs(found.born - number(row, "born")) < 1e-13 * expected);
      CHECK(std::abs(found.loops - number(row, "loops")) < 1e-13 * expected);
      // In double precision the polynomials of the photonic part cancel as s^3.
      const double w = std::min(energy / electron_mass_MeV, electron_double_w);
      const double tolerance = (1e-12 + 1e-17 * std::pow(1 + 2 * w, 3)) * expected;
      CHECK(std::abs(found.photonic - number(row, "photonic")) < tolerance);
      CHECK(std::abs(found.total() - expected) < tolerance);
    } else if (expected == 0.0) {
      CHECK(found.total() == 0.0);
    } else {
      // The tail vanishes at T = E; promised is its error beside the cross section at the limit.
      const double at_limit = total(*model, *observable, *neutrino, s2, energy, limit * (1 - 1e-9));
      CHECK(std::abs(found.total() - expected) < 1e-10 * at_limit);
      if (energy > 0.5 && recoil < energy * (1 - 1e-3))
        CHECK(found.total() == Approx(expected).epsilon(1e-9));
    }
  }
}

TEST_CASE("cross sections carry the digits of multi-precision arithmetic up to 10 GeV") {
  const auto rows = nuloop::test::read_csv("cross_sections_to_10_GeV.csv");
  REQUIRE(rows.size() == 168);
  for (const Row& row : rows) {
    const Observable* observable = find_named(observable_names, row.at("observable"));
    const Neutrino* neutrino = find_named(neutrino_names, row.at("flavour"));
    REQUIRE((observable && neutrino));
    const double energy = number(row, "E"), recoil = number(row, "T");
    CAPTURE(row.at("observable"), row.at("flavour"), energy, recoil);
    const CrossSection found = evaluate(Model::nlo, *observable, *neutrino, 0.0, energy, recoil);
    const double expected = number(row, "cross_section");
    // Promised is 1e-9. What is left is double precision below 51 MeV, and the rounding of T where
    // it is near the limit or E.
    const double tolerance = 1e-10 * expected;
    CHECK(std::abs(found.born - number(row, "born")) < 1e-13 * expected);
    CHECK(std::abs(found.loops - number(row, "loops")) < 1e-13 * expected);
    CHECK(std::abs(found.photonic - number(row, "photonic")) < tolerance);
    CHECK(std::abs(found.total() - expected) < tolerance);
  }
}

TEST_CASE("nothing is seen where the arithmetic changes") {
  // The photonic part on either side, closer than anything physical changes; 1e-10 of the cross
  // section is the error of double precision there.
  const double step = 1e-14;
  for (const auto& [name, neutrino] : neutrino_names) {
    const Expansion expansion = expand(Model::nlo, neutrino, 0.0, inputs());
    const auto check = [&](Observable observable, double E_below, double T_below, double E_above,
                           double T_above) {
      const double scale = inputs().scale_MeV;
      const CrossSection below = cross_section(expansion, observable, E_below, T_below, scale);
      const CrossSection above = cross_section(expansion, observable, E_above, T_above, scale);
      CAPTURE(std::string(name), E_below, T_below);
      CHECK(below.photonic != above.photonic);  // or the change were elsewhere
      CHECK(std::abs(below.photonic - above.photonic) < 1e-10 * below.total());
    };
    const double E = electron_double_w * electron_mass_MeV;
    for (const double fraction : {1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999}) {
      const double T = fraction * max_recoil_MeV(E);
      check(Observable::electron, E * (1 - step), T, E * (1 + step), T);
    }
    const double T = electromagnetic_double_t * electron_mass_MeV;
    for (const double energy : {T + 0.05, T + 0.2, T + 0.3, T + 1.0, 2 * T, 90.0, 1e3, 1e4})
      check(Observable::electromagnetic, energy, T * (1 - step), energy, T * (1 + step));
  }
}

TEST_CASE("the basis at many energies is, to the last bit, that at each of them") {
  for (const Observable observable : observables) {
    const BasisAtRecoil basis(observable, 2.0, inputs().scale_MeV);
    std::vector<EnergyPoint> points;  // in and out of reach, in no order, more than a batch
    for (int i = 0; i < 120; ++i)
      points.push_back(energy_point(1.5 + 0.1 * (i * 37 % 120), basis.recoil()));
    std::vector<BasisAtRecoil::Inner> values(points.size());
    basis(points, values);
    std::size_t elastic = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      CAPTURE(points[i].w, observable == Observable::electron);
      const BasisVector alone = assemble(basis.loop_values(), basis(points[i]));
      CHECK(assemble(basis.loop_values(), values[i]) == alone);
      const bool reached = points[i].excess > 0.0;
      elastic += reached ? 1 : 0;
      CHECK((values[i].born.left == 1.0) == reached);
      const bool tail = observable == Observable::electromagnetic && points[i].w > basis.recoil().t;
      CHECK((values[i].photonic.left != 0.0) == (reached || tail));
    }
    CHECK((elastic > 0 && elastic < points.size()));
  }
}

TEST_CASE("the coefficients of the whole expansion give the sum of the parts") {
  const Observable observable = Observable::electromagnetic;
  for (const auto& [model_name, model] : model_names)
    for (const auto& [neutrino_name, neutrino] : neutrino_names) {
      CAPTURE(std::string(model_name), std::string(neutrino_name));
      const FreeParameters free{-5e-33, 0.24, {0.7, 0.25}};
      const Expansion expansion = expand(model, neutrino, 0.2334, inputs(), free);
      const BasisAtRecoil basis(observable, 2.0, inputs().scale_MeV);
      const BasisVector functions =
          assemble(basis.loop_values(), basis(energy_point(5.0, basis.recoil())));
      const BasisVector coefficients = expansion.total();
      double sum = 0.0;
      for (std::size_t k = 0; k < basis_size; ++k)
        sum += coefficients[k] * functions[k];
      const CrossSection parts = cross_section(expansion, observable, 5.0, 2.0, inputs().scale_MeV);
      CHECK(sum == Approx(parts.born + parts.loops + parts.photonic).epsilon(1e-13));
      const bool tree_level =
          model == Model::lo || model == Model::free_sin2_theta_w || model == Model::free_couplings;
      CHECK((parts.loops != 0.0) == !tree_level);
      CHECK((parts.photonic != 0.0) == (model == Model::nlo));
    }
}

TEST_CASE("models with free parameters are the fixed ones where their parameters are theirs") {
  const double s2 = 0.2334, other = 0.27, energy = 5.0;
  for (const Observable observable : observables)
    for (const auto& [name, neutrino] : neutrino_names)
      for (const double recoil : {0.3, 2.0, 4.5}) {
        CAPTURE(std::string(name), recoil, observable == Observable::electron);
        const double charged_current = neutrino.flavour == Flavour::electron ? 0.5 : -0.5;
        const FreeParameters free{
            charge_radius_cm2(neutrino.flavour), s2, {s2 + charged_current, s2}};
        const auto at = [&](Model model, double tree_s2) {
          return evaluate(model, observable, neutrino, tree_s2, energy, recoil, inputs(), free);
        };
        // A handful of roundings; the terms of a cross section cancel by a factor of ten at most.
        const double rounding = 1e-14;
        const CrossSection cr = at(Model::lo_cr, s2), free_cr = at(Model::free_charge_radius, s2);
        CHECK(free_cr.born == cr.born);
        CHECK(free_cr.loops == Approx(cr.loops).epsilon(rounding));
        // These do not take the tree level's s2.
        const double lo = at(Model::lo, s2).total();
        CHECK(at(Model::free_sin2_theta_w, other).total() == lo);
        CHECK(at(Model::free_couplings, other).total() == Approx(lo).epsilon(rounding));
      }
}

TEST_CASE("a free charge radius enters linearly and free couplings as their squares") {
  const auto total_at = [](Model model, const FreeParameters& free) {
    return evaluate(model, Observable::electron, nuebar, 0.2334, 5.0, 1.0, inputs(), free).total();
  };
  const auto with_radius = [&](double radius) {
    return total_at(Model::free_charge_radius, {radius, 0.0, {}});
  };
  const double lo = with_radius(0.0);
  CHECK(with_radius(-3e-32) - lo == Approx(-3.0 * (with_radius(1e-32) - lo)).epsilon(1e-12));
  const auto with_couplings = [&](double left, double right) {
    return total_at(Model::free_couplings, {0.0, 0.0, {left, right}});
  };
  CHECK(with_couplings(-0.7, -0.2) == with_couplings(0.7, 0.2));
  CHECK(with_couplings(1.4, 0.4) == Approx(4.0 * with_couplings(0.7, 0.2)).epsilon(1e-14));
  // dsigma/dT = (m_e/4 pi) (2 sqrt2 GF)^2 cR^2 for an antineutrino with no cL (arXiv:2410.00107).
  CHECK(with_couplings(0.0, 0.3) ==
        Approx(cross_section_norm * coupling_unit_GeV2 * coupling_unit_GeV2 * 0.09).epsilon(1e-14));
}

TEST_CASE("at T = 1 MeV the one-loop result lies between tree level and the charge radius") {
  // As in Fig. 4 of arXiv:2410.00107.
  for (const Observable observable : observables)
    for (double energy = 2.0; energy <= 10.0; energy += 0.25) {
      CAPTURE(energy, observable == Observable::electron);
      const auto at = [&](Model model) {
        return total(model, observable, nuebar, 0.2334, energy, 1.0);
      };
      CHECK(at(Model::lo_cr) < at(Model::nlo));
      CHECK(at(Model::nlo) < at(Model::lo));
    }
}

TEST_CASE("the charge radius changes the cross section by its published formula") {
  const double s2 = 0.2334, energy = 6.0, recoil = 2.5;
  const double scale = 2 * std::numbers::sqrt2 * fermi_constant_GeV2;
  const double right = scale * s2;
  for (const auto& [flavour, charged_current] :
       {std::pair{Flavour::electron, 0.5}, {Flavour::muon, -0.5}, {Flavour::tau, -0.5}}) {
    const double left = scale * (s2 + charged_current);
    const double y = recoil / energy;
    // (m alpha/3) <r^2> [...] with <r^2> in cm^2: MeV GeV^-2 = 1e-6 MeV^-1.
    const double expected = 1e-6 * electron_mass_MeV * fine_structure / 3 *
                            charge_radius_cm2(flavour) *
                            (right + left * (1 - y) * (1 - y) -
                             0.5 * (left + right) * electron_mass_MeV * recoil / (energy * energy));
    const CrossSection found = evaluate(Model::lo_cr, Observable::electron,
                                        {flavour, Helicity::antineutrino}, s2, energy, recoil);
    CHECK(found.loops == Approx(expected).epsilon(1e-13));
  }
}

TEST_CASE("the linear and shifted charge radius would agree at the tree value of alpha") {
  // To first order the ratio of the two is alpha to alpha_tree; the square of the coupling shift,
  // times the sum of the structures, is all that is left.
  const double s2 = 0.2334;
  const double alpha_tree =
      std::numbers::sqrt2 * fermi_constant_GeV2 * w_mass_GeV * w_mass_GeV * s2 / std::numbers::pi;
  CHECK(fine_structure / alpha_tree == Approx(127.5 / 137.036).epsilon(0.01));
  for (const auto& [name, neutrino] : neutrino_names)
    for (const double recoil : {0.01, 1.0, 4.5}) {
      CAPTURE(std::string(name), recoil);
      const double energy = 5.0;
      const CrossSection linear =
          evaluate(Model::lo_cr, Observable::electron, neutrino, s2, energy, recoil);
      const CrossSection shifted =
          evaluate(Model::lo_cr_shift, Observable::electron, neutrino, s2, energy, recoil);
      const double shift =
          charge_radius_coupling_shift(neutrino.flavour) * alpha_tree / fine_structure;
      const double y = recoil / energy;
      const double sum = 1 + (1 - y) * (1 - y) - electron_mass_MeV * recoil / (energy * energy);
      CHECK(shifted.born == linear.born);
      // The shifted form is a difference of two tree-level results: rounding is relative to them.
      CHECK(std::abs(shifted.loops - linear.loops * alpha_tree / fine_structure -
                     cross_section_norm * shift * shift * sum) < 1e-14 * linear.born);
    }
}

TEST_CASE("antineutrinos are neutrinos with left and right exchanged") {
  const double s2 = 0.2334;
  for (const Model model : {Model::lo, Model::lo_cr, Model::lo_cr_shift, Model::nlo})
    for (const Flavour flavour : {Flavour::electron, Flavour::muon, Flavour::tau}) {
      const BasisVector neutrino =
          expand(model, {flavour, Helicity::neutrino}, s2, inputs()).total();
      const BasisVector antineutrino =
          expand(model, {flavour, Helicity::antineutrino}, s2, inputs()).total();
      for (std::size_t j = 0; j < basis_size; j += structure_count) {
        CHECK(antineutrino[j] == Approx(neutrino[j + 1]).epsilon(1e-14));
        CHECK(antineutrino[j + 1] == Approx(neutrino[j]).epsilon(1e-14));
        CHECK(antineutrino[j + 2] == Approx(neutrino[j + 2]).epsilon(1e-14));
      }
      // A neutrino that gives no energy away cannot tell: left and right count alike at T = 0.
      for (const Observable observable : observables) {
        const auto at_rest = [&](Helicity helicity) {
          return total(model, observable, {flavour, helicity}, s2, 5.0, 1e-8);
        };
        CHECK(at_rest(Helicity::antineutrino) ==
              Approx(at_rest(Helicity::neutrino)).epsilon(1e-8));  // order T/E
      }
    }
}

TEST_CASE("the cross section of muon and tau neutrinos differs in the loops alone") {
  for (const Helicity helicity : {Helicity::neutrino, Helicity::antineutrino}) {
    const CrossSection muon = evaluate(Model::nlo, Observable::electromagnetic,
                                       {Flavour::muon, helicity}, 0.23122, 8.0, 3.0);
    const CrossSection tau = evaluate(Model::nlo, Observable::electromagnetic,
                                      {Flavour::tau, helicity}, 0.23122, 8.0, 3.0);
    CHECK(muon.born == tau.born);
    CHECK(muon.photonic == tau.photonic);
    CHECK(std::abs(muon.loops - tau.loops) > 1e-3 * muon.born);
  }
}

TEST_CASE("nothing is seen where kinematics forbids it") {
  for (const auto& [name, neutrino] : neutrino_names)
    for (const double energy : {0.6, 4.0, 50.0}) {
      CAPTURE(std::string(name), energy);
      const double limit = max_recoil_MeV(energy);
      const double between = 0.5 * (limit + energy);
      for (const Observable observable : observables) {
        for (const Model model : {Model::lo, Model::lo_cr, Model::lo_cr_shift, Model::nlo}) {
          CHECK(total(model, observable, neutrino, 0.2334, energy, limit * (1 - 1e-6)) > 0.0);
          const CrossSection above = evaluate(model, observable, neutrino, 0.2334, energy, between);
          CHECK(above.born == 0.0);
          CHECK(above.loops == 0.0);
          // Hard photons alone take the electromagnetic energy beyond the elastic limit.
          const bool tail = model == Model::nlo && observable == Observable::electromagnetic;
          CHECK((above.photonic > 0.0) == tail);
          for (const double beyond : {energy, 1.001 * energy, 10 * energy})
            CHECK(total(model, observable, neutrino, 0.2334, energy, beyond) == 0.0);
        }
      }
    }
}
