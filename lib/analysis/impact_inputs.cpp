// SPDX-License-Identifier: GPL-3.0-or-later
#include "analyses.hpp"
#include "nuloop/analysis/impacts.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

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

using Member = std::function<double&(Scenario&)>;

// Whether a number is one for the whole scenario, or each site has its own.
enum class Of { scenario, site };

// Sets a number. One of sites, whose value is that of the first, changes by the same factor at all
// of them; from zero, by the same amount.
void set(Scenario& s, const Member& member, double value, Of of) {
  const double before = member(s);
  member(s) = value;
  if (of == Of::scenario)
    return;
  for (std::size_t i = 1; i < s.sites.size(); ++i) {
    std::swap(s.sites.front(), s.sites[i]);
    double& number = member(s);
    number = before != 0.0 ? number * (value / before) : number + (value - before);
    std::swap(s.sites.front(), s.sites[i]);
  }
}

// Whether the first site has none of what another has: there is no common factor then.
bool differs_from_zero(const Scenario& s, const Member& member) {
  Scenario copy = s;
  if (member(copy) != 0.0)
    return false;
  for (const setup::Site& site : s.sites) {
    copy.sites.front() = site;
    if (member(copy) != 0.0)
      return true;
  }
  return false;
}

// A number that is moved as it is.
Routes straight(const Member& member, double relative_step, double unit = 1.0,
                Of of = Of::scenario) {
  return [=](const Scenario& s) -> std::optional<Route> {
    Scenario copy = s;
    const double start = member(copy);
    const double step = step_of(start, relative_step, unit);
    return Route{start, step, 1.0, [=](const Scenario& from, double u) {
                   Scenario moved = from;
                   set(moved, member, u, of);
                   return moved;
                 }};
  };
}

// The same for a number of which only the square matters.
Routes even(const Member& member, double relative_step, Of of) {
  return [=](const Scenario& s) -> std::optional<Route> {
    Scenario copy = s;
    return member(copy) == 0.0 ? std::nullopt : straight(member, relative_step, 1.0, of)(s);
  };
}

// In a variable u that is a power of a site's number, u = x^power.
Routes by_power(const Member& member, double power, double relative_step) {
  return [=](const Scenario& s) -> std::optional<Route> {
    Scenario copy = s;
    const double value = member(copy), start = std::pow(value, power);
    return Route{start, step_of(start, relative_step), power * start / value,
                 [=](const Scenario& from, double u) {
                   Scenario moved = from;
                   set(moved, member, std::pow(u, 1.0 / power), Of::site);
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
                   set(
                       at, [=](Scenario& of) -> double& { return (of.site().reactor.*moved)[i]; },
                       value + (1.0 / u - sum) / factor, Of::site);
                   return at;
                 }};
  };
}

Routes by_logarithm(const Member& member) {
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
                   moved.backgrounds.moved_yield = {isotope, u};
                   return moved;
                 }};
  };
}

Of of_what(const Parameter& parameter) {
  return parameter.has(Parameter::Tag::site) || parameter.quantity()->at_site ? Of::site
                                                                              : Of::scenario;
}

std::variant<Routes, ImpactInput::Edge, ImpactInput::Threshold, ImpactInput::ReactorOff> kind_of(
    const Parameter& parameter) {
  using Derivative = Parameter::Derivative;
  const auto& member = parameter.quantity()->member;
  switch (parameter.derivative) {
    case Derivative::straight:
      return straight(member, polynomial_step, 1.0, of_what(parameter));
    case Derivative::even:
      return even(member,
                  parameter.has(Parameter::Tag::integrals) ? integral_step : polynomial_step,
                  of_what(parameter));
    case Derivative::inverse_square:
      return by_power(member, -2.0, polynomial_step);
    case Derivative::fission_fraction:
      return by_fission_rate(&experiment::Reactor::fission_fractions,
                             &experiment::Reactor::energy_per_fission_MeV, *parameter.isotope);
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

// Whether it is one number for all sites, and in use. Those with bins of their own do not share the
// window's edges.
bool is_one(const Scenario& s, const Parameter& parameter) {
  using Derivative = Parameter::Derivative;
  if (parameter.derivative == Derivative::lower_edge ||
      parameter.derivative == Derivative::upper_edge)
    return s.sites.size() == 1 && !s.site().window;
  if (parameter.derivative == Derivative::time_without_reactor && s.time.follows_calendar)
    return false;
  return of_what(parameter) == Of::scenario || !differs_from_zero(s, parameter.quantity()->member);
}

ImpactInput input_of(const Parameter& parameter, const World& world) {
  const auto& quantity = *parameter.quantity();
  const double* known = world.uncertainties.find(parameter.key);
  const double sigma = known != nullptr ? *known : nan;
  ImpactInput input{parameter.key, std::string(io::common_spelling(quantity.dimension)),
                    [&parameter](const Scenario& s) {
                      Scenario copy = s;
                      return has_input({s.theory.model, s.theory.reference}, parameter) &&
                                     is_one(s, parameter)
                                 ? parameter.quantity()->member(copy)
                                 : nan;
                    },
                    [sigma](const Scenario&) { return sigma; }, kind_of(parameter)};
  return input;
}

// Inputs of the one-loop result that are no parameters; names as in configs/couplings.toml.
void add_couplings(std::vector<ImpactInput>& inputs, const World& world) {
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
               [](Scenario& s) -> double& { return s.theory.one_loop.left_same_flavour; });
  add_straight("left_other_flavour", coupling,
               [](Scenario& s) -> double& { return s.theory.one_loop.left_other_flavour; });
  add_straight("right", coupling, [](Scenario& s) -> double& { return s.theory.one_loop.right; });
  add_straight("up_quark_left", coupling,
               [](Scenario& s) -> double& { return s.theory.one_loop.up_quark.left; });
  add_straight("up_quark_right", coupling,
               [](Scenario& s) -> double& { return s.theory.one_loop.up_quark.right; });
  const Member mass = [](Scenario& s) -> double& { return s.theory.one_loop.charm.mass_MeV; };
  add("charm_mass", io::Dimension::energy, mass, by_logarithm(mass));
  add_straight("charm_alpha_s", io::Dimension::number,
               [](Scenario& s) -> double& { return s.theory.one_loop.charm.alpha_s; });
}

void add_energies_per_fission(std::vector<ImpactInput>& inputs) {
  for (std::size_t i = 0; i < fissile_count; ++i)
    inputs.push_back({fmt::format("energy_per_fission.{}", fissile_names[i]), "MeV",
                      [i](const Scenario& s) { return s.site().reactor.energy_per_fission_MeV[i]; },
                      [i](const Scenario& s) { return s.flux.energy_per_fission_error_MeV[i]; },
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

// What the experiments know of their signals' numbers, an input for what varies together: a
// correlation group, by whatever words its members say it, or else the same words.
void add_signal_uncertainties(std::vector<ImpactInput>& inputs, const World& world,
                              const std::vector<std::string>& experiments) {
  using setup::SignalUncertainty;
  const auto are_one = [](const SignalUncertainty& a, const SignalUncertainty& b) {
    return a.correlation_group == b.correlation_group &&
           (!a.correlation_group.empty() || a.of == b.of);
  };
  std::vector<SignalUncertainty> known;
  // The words of the first of its members; two inputs of the same words differ by the group's name.
  const auto name_of = [&](const SignalUncertainty& input) {
    const bool is_taken =
        std::any_of(known.begin(), known.end(),
                    [&](const SignalUncertainty& other) { return other.of == input.of; });
    return is_taken
               ? fmt::format("{} ({})", input.of,
                             input.correlation_group.empty() ? "alone" : input.correlation_group)
               : input.of;
  };
  const auto add = [&](const SignalUncertainty& input) {
    if (std::any_of(known.begin(), known.end(),
                    [&](const SignalUncertainty& other) { return are_one(input, other); }))
      return;
    const std::string name = name_of(input);
    known.push_back(input);
    // In the scenario: by how much all that is this input is changed, as a factor on the first.
    const auto first = [=](const Scenario& s) {
      for (const setup::Site& site : s.sites)
        for (const SignalUncertainty& one : site.signal_uncertainties)
          if (are_one(one, input))
            return one.relative;
      return nan;
    };
    inputs.push_back({"signal_uncertainties." + name, "1", first, unknown,
                      [=](const Scenario& s) -> std::optional<Route> {
                        const double start = first(s);
                        return Route{start, step_of(start, polynomial_step), 1.0,
                                     [=](const Scenario& from, double u) {
                                       Scenario moved = from;
                                       for (setup::Site& site : moved.sites)
                                         for (auto& one : site.signal_uncertainties)
                                           if (are_one(one, input))
                                             one.relative *= u / start;
                                       return moved;
                                     }};
                      }});
  };
  for (const std::string& name : experiments) {
    const setup::ExperimentEntry& entry = *world.experiments.find(name);
    for (const std::string& member : entry.joint() ? entry.members : std::vector{name})
      for (const auto& one : world.experiments.find(member)->signal_uncertainties)
        add(one);
  }
}

}  // namespace

std::vector<ImpactInput> impact_inputs(const World& world,
                                       const std::vector<physics::Model>& models,
                                       const std::vector<std::string>& experiments) {
  std::vector<ImpactInput> inputs;
  for (const Parameter& parameter : setup::parameters())
    if (parameter.quantity() != nullptr && impacts_analysis.kind.takes(parameter) &&
        parameter.derivative != Parameter::Derivative::none && has_input(models, parameter))
      inputs.push_back(input_of(parameter, world));
  add_couplings(inputs, world);
  add_energies_per_fission(inputs);
  add_background(inputs, world);
  add_signal_uncertainties(inputs, world, experiments);
  return inputs;
}

}  // namespace nuloop::analysis
