// SPDX-License-Identifier: GPL-3.0-or-later
#include "analyses.hpp"
#include "nuloop/analysis/impacts.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace nuloop::analysis {
namespace {

using experiment::fissile_count;
using experiment::fissile_names;
using Route = ImpactInput::Route;
using Routes = ImpactInput::Routes;
using Number = std::function<double(const Scenario&)>;

// Steps relative to the variable, or absolute where that is zero. Polynomials of the fourth degree
// are differentiated exactly at any step, and rounding and the integrals' errors fall with it.
constexpr double polynomial_step = 1.0 / 8.0;
// Where the integrals change. Smearing acts on smooth spectra nearly as a polynomial in sigma^2.
constexpr double integral_step = 1.0 / 16.0;
// Of a power of the muons' energy; isotopes whose exponent is another are not quite linear in it.
constexpr double power_step = 1.0 / 64.0;
// A charge radius that changes the cross section by about as much as there is.
constexpr double charge_radius_unit_cm2 = 1e-31;
// Of ln m of a quark, of which the loops are a polynomial.
constexpr double logarithm_step = 1.0 / 8.0;

// @param unit that of the step where the variable is zero.
double step_of(double start, double relative, double unit = 1.0) {
  return relative * (start != 0.0 ? std::abs(start) : unit);
}

double unknown(const Scenario&) {
  return nan;
}

// A number of the scenario that is moved as it is.
Routes straight(const std::function<double&(Scenario&)>& member, double relative_step,
                double unit = 1.0) {
  return [=](const Scenario& s) -> std::optional<Route> {
    Scenario copy = s;
    const double start = member(copy);
    const double step = step_of(start, relative_step, unit);
    return Route{start, step, 1.0, [=](const Scenario& from, double u) {
                   Scenario moved = from;
                   member(moved) = u;
                   return moved;
                 }};
  };
}

// The same for a number of which only the square matters.
Routes even(const std::function<double&(Scenario&)>& member, double relative_step) {
  return [=](const Scenario& s) -> std::optional<Route> {
    Scenario copy = s;
    return member(copy) == 0.0 ? std::nullopt : straight(member, relative_step)(s);
  };
}

// In a variable u that is a power of the number, u = x^power.
Routes by_power(const std::function<double&(Scenario&)>& member, double power,
                double relative_step) {
  return [=](const Scenario& s) -> std::optional<Route> {
    Scenario copy = s;
    const double value = member(copy), start = std::pow(value, power);
    return Route{start, step_of(start, relative_step), power * start / value,
                 [=](const Scenario& from, double u) {
                   Scenario moved = from;
                   member(moved) = std::pow(u, 1.0 / power);
                   return moved;
                 }};
  };
}

double energy_per_fission_MeV(const Scenario& s) {
  const auto& r = s.site().reactor;
  return std::inner_product(r.fission_fractions.begin(), r.fission_fractions.end(),
                            r.energy_per_fission_MeV.begin(), 0.0);
}

// A factor of isotope i in sum_i f_i Q_i, its energy or its fraction: the signal, (a + b x)/(c + d
// x), is linear in u = 1/sum_i f_i Q_i.
using PerIsotope = experiment::PerFissile<double> experiment::Reactor::*;
Routes by_fission_rate(PerIsotope moved, PerIsotope beside, std::size_t i) {
  return [=](const Scenario& s) -> std::optional<Route> {
    const double sum = energy_per_fission_MeV(s);
    const double factor = (s.site().reactor.*beside)[i];
    if (factor == 0.0)
      return std::nullopt;
    const double value = (s.site().reactor.*moved)[i], start = 1.0 / sum;
    return Route{start, step_of(start, polynomial_step), -factor / (sum * sum),
                 [=](const Scenario& from, double u) {
                   Scenario at = from;
                   // The sum without rounding where nothing moves.
                   (at.site().reactor.*moved)[i] = value + (1.0 / u - sum) / factor;
                   return at;
                 }};
  };
}

Routes by_logarithm(const std::function<double&(Scenario&)>& member) {
  return [=](const Scenario& s) -> std::optional<Route> {
    Scenario copy = s;
    const double value = member(copy);
    return Route{std::log(value), logarithm_step, 1.0 / value, [=](const Scenario& from, double u) {
                   Scenario moved = from;
                   member(moved) = std::exp(u);
                   return moved;
                 }};
  };
}

Routes of_yield(std::size_t isotope, double yield) {
  return [=](const Scenario&) -> std::optional<Route> {
    return Route{1.0, polynomial_step, 1.0 / yield, [=](const Scenario& from, double u) {
                   Scenario moved = from;
                   moved.moved_yield = {isotope, u};
                   return moved;
                 }};
  };
}

std::variant<Routes, ImpactInput::Edge, ImpactInput::Threshold, ImpactInput::ReactorOff> kind_of(
    const Parameter& parameter) {
  using Derivative = Parameter::Derivative;
  const auto& member = parameter.quantity()->member;
  switch (parameter.derivative) {
    case Derivative::straight:
      return straight(member, polynomial_step);
    case Derivative::even:
      return even(member,
                  parameter.has(Parameter::Tag::integrals) ? integral_step : polynomial_step);
    case Derivative::inverse_square:
      return by_power(member, -2.0, polynomial_step);
    case Derivative::fission_fraction:
      return by_fission_rate(&experiment::Reactor::fission_fractions,
                             &experiment::Reactor::energy_per_fission_MeV, parameter.isotope);
    case Derivative::charge_radius:
      return straight(member, polynomial_step, charge_radius_unit_cm2);
    case Derivative::lower_edge:
      return ImpactInput::Edge{false};
    case Derivative::upper_edge:
      return ImpactInput::Edge{true};
    case Derivative::time_without_reactor:
      return ImpactInput::ReactorOff{};
    case Derivative::threshold:
    case Derivative::none:
      break;
  }
  return ImpactInput::Threshold{};
}

bool has_input(const std::vector<physics::Model>& models, const Parameter& parameter) {
  return !parameter.has(Parameter::Tag::free) ||
         std::any_of(models.begin(), models.end(), [&](physics::Model model) {
           const auto free = setup::free_parameters_of(model);
           return std::find(free.begin(), free.end(), parameter.key) != free.end();
         });
}

ImpactInput input_of(const Parameter& parameter, const World& world) {
  const auto& quantity = *parameter.quantity();
  const double* known = world.uncertainties.find(parameter.key);
  const double sigma = known != nullptr ? *known : nan;
  ImpactInput input{parameter.key, std::string(io::common_spelling(quantity.dimension)),
                    [&parameter](const Scenario& s) {
                      Scenario copy = s;
                      return has_input({s.model, s.reference}, parameter)
                                 ? parameter.quantity()->member(copy)
                                 : nan;
                    },
                    [sigma](const Scenario&) { return sigma; }, kind_of(parameter)};
  return input;
}

// Inputs of the one-loop result that are no parameters; names as in configs/couplings.toml.
void add_couplings(std::vector<ImpactInput>& inputs, const World& world) {
  using Member = std::function<double&(Scenario&)>;
  const auto add = [&](const std::string& key, io::Dimension dimension, const Member& member,
                       const Routes& routes) {
    const std::string name = "one_loop." + key;
    const double* known = world.uncertainties.find(name);
    const double sigma = known != nullptr ? *known : nan;
    inputs.push_back({name, std::string(io::common_spelling(dimension)),
                      [member](const Scenario& s) {
                        Scenario copy = s;
                        return member(copy);
                      },
                      [sigma](const Scenario&) { return sigma; }, routes});
  };
  const auto add_straight = [&](const std::string& key, io::Dimension dimension,
                                const Member& member) {
    add(key, dimension, member, straight(member, polynomial_step));
  };
  constexpr auto coupling = io::Dimension::inverse_energy_squared;
  add_straight("left_same_flavour", coupling,
               [](Scenario& s) -> double& { return s.one_loop.left_same_flavour; });
  add_straight("left_other_flavour", coupling,
               [](Scenario& s) -> double& { return s.one_loop.left_other_flavour; });
  add_straight("right", coupling, [](Scenario& s) -> double& { return s.one_loop.right; });
  add_straight("up_quark_left", coupling,
               [](Scenario& s) -> double& { return s.one_loop.up_quark.left; });
  add_straight("up_quark_right", coupling,
               [](Scenario& s) -> double& { return s.one_loop.up_quark.right; });
  const Member mass = [](Scenario& s) -> double& { return s.one_loop.charm.mass_MeV; };
  add("charm_mass", io::Dimension::energy, mass, by_logarithm(mass));
  add_straight("charm_alpha_s", io::Dimension::number,
               [](Scenario& s) -> double& { return s.one_loop.charm.alpha_s; });
}

void add_energies_per_fission(std::vector<ImpactInput>& inputs) {
  for (std::size_t i = 0; i < fissile_count; ++i)
    inputs.push_back({fmt::format("energy_per_fission.{}", fissile_names[i]), "MeV",
                      [i](const Scenario& s) { return s.site().reactor.energy_per_fission_MeV[i]; },
                      [i](const Scenario& s) { return s.energy_per_fission_error_MeV[i]; },
                      by_fission_rate(&experiment::Reactor::energy_per_fission_MeV,
                                      &experiment::Reactor::fission_fractions, i)});
}

void add_background(std::vector<ImpactInput>& inputs, const World& world) {
  const auto energy = [](Scenario& s) -> double& {
    return s.site().overburden.mean_muon_energy_GeV;
  };
  // The background is linear in a power of it, if all isotopes have the same.
  const double power = world.isotopes.empty() ? 0.0 : world.isotopes.front().energy_exponent;
  inputs.push_back({"background.mean_muon_energy", "GeV",
                    [](const Scenario& s) { return s.site().overburden.mean_muon_energy_GeV; },
                    unknown, by_power(energy, power != 0.0 ? power : 1.0, power_step)});
  for (std::size_t i = 0; i < world.isotopes.size(); ++i) {
    const experiment::CosmogenicIsotope& isotope = world.isotopes[i];
    inputs.push_back({"yield." + isotope.name,
                      std::string(io::common_spelling(io::Dimension::area_per_mass)),
                      [yield = isotope.yield_cm2_per_g](const Scenario&) { return yield; },
                      [error = isotope.yield_error_cm2_per_g](const Scenario&) { return error; },
                      of_yield(i, isotope.yield_cm2_per_g)});
  }
}

}  // namespace

std::vector<ImpactInput> impact_inputs(const World& world,
                                       const std::vector<physics::Model>& models) {
  std::vector<ImpactInput> inputs;
  for (const Parameter& parameter : setup::parameters())
    if (parameter.quantity() != nullptr && impacts_analysis.kind.takes(parameter) &&
        parameter.derivative != Parameter::Derivative::none && has_input(models, parameter))
      inputs.push_back(input_of(parameter, world));
  add_couplings(inputs, world);
  add_energies_per_fission(inputs);
  add_background(inputs, world);
  return inputs;
}

}  // namespace nuloop::analysis
