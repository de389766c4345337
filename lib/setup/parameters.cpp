// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/parameters.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/names.hpp"
#include "sites.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

using experiment::fissile_count;
using experiment::fissile_names;
using io::Dimension;
using io::Range;
using Role = Parameter::Role;
using Tag = Parameter::Tag;
using Derivative = Parameter::Derivative;

// What a row says beyond the key.
Parameter with(Parameter parameter, std::initializer_list<Tag> tags,
               Derivative derivative = Derivative::straight) {
  for (const Tag tag : tags)
    parameter.tags |= static_cast<unsigned>(tag);
  parameter.derivative = derivative;
  return parameter;
}

template <class Names>
std::vector<std::string> listed(const Names& names) {
  std::vector<std::string> list;
  for (const auto& entry : names)
    list.emplace_back(entry.first);
  return list;
}

Parameter choice(Role role, std::string key, std::string long_name,
                 std::function<std::vector<std::string>(const World&)> names,
                 std::function<void(Scenario&, const World&, const std::string&)> apply) {
  return {std::move(key),
          std::move(long_name),
          role,
          Parameter::Choice{std::move(names), std::move(apply)},
          0,
          Derivative::none};
}

Parameter quantity(Role role, std::string key, std::string long_name, Dimension dimension,
                   Range range, std::function<double&(Scenario&)> member) {
  return {std::move(key), std::move(long_name), role,
          Parameter::Quantity{dimension, range, std::move(member)}};
}

// The same for a number that every site has; a job sets it at all of them.
Parameter site_quantity(Role role, std::string key, std::string long_name, Dimension dimension,
                        Range range, std::function<double&(Site&)> at_site) {
  Parameter parameter = quantity(role, std::move(key), std::move(long_name), dimension, range,
                                 [at_site](Scenario& s) -> double& { return at_site(s.site()); });
  std::get<Parameter::Quantity>(parameter.kind).at_site = std::move(at_site);
  return parameter;
}

Parameter in_steps(double step, Parameter parameter) {
  std::get<Parameter::Quantity>(parameter.kind).step = step;
  return parameter;
}

// One of named values, of which `member` is one.
template <class Names, class Member>
Parameter choice_among(Role role, const char* key, const char* long_name, const Names& names,
                       Member member) {
  return choice(
      role, key, long_name, [&names](const World&) { return listed(names); },
      [&names, member](Scenario& s, const World&, const std::string& name) {
        member(s) = *find_named(names, name);
      });
}

std::vector<Parameter> experiments_and_models() {
  return {
      with(choice(
               Role::rates, "experiment", "detector configuration",
               [](const World& world) { return world.experiments.names(); },
               [](Scenario& s, const World& world, const std::string& name) {
                 s.sites = sites_of(name, world);
               }),
           {Tag::flux_use, Tag::headline}, Derivative::none),
      with(choice(
               Role::rates, "reactor_time", "what becomes of the time without reactor",
               [](const World&) -> std::vector<std::string> {
                 return {"load-factor", "calendar"};
               },
               [](Scenario& s, const World&, const std::string& name) {
                 s.time.follows_calendar = name == "calendar";
                 if (s.time.follows_calendar)
                   std::for_each(s.sites.begin(), s.sites.end(), follow_calendar);
               }),
           {Tag::brought}, Derivative::none),
      with(choice_among(
               Role::cross_section, "model", "cross-section model under test", physics::model_names,
               [](Scenario & s) -> auto& { return s.theory.model; }),
           {Tag::compared, Tag::headline}, Derivative::none),
      with(choice_among(
               Role::rates, "reference", "cross-section model of the data", physics::model_names,
               [](Scenario & s) -> auto& { return s.theory.reference; }),
           {Tag::compared, Tag::headline}, Derivative::none),
      with(
          choice_among(
              Role::cross_section, "observable", "what the detector measures",
              physics::observable_names, [](Scenario & s) -> auto& { return s.theory.observable; }),
          {Tag::integrals, Tag::headline}, Derivative::none),
      choice_among(
          Role::kinematics, "flavour", "neutrino that scatters", physics::neutrino_names,
          [](Scenario & s) -> auto& { return s.kinematics.neutrino; }),
      with(choice_among(
               Role::cross_section, "one_loop.alpha", "alpha of loops and photons",
               physics::alpha_scheme_names,
               [](Scenario & s) -> auto& { return s.theory.one_loop.alpha; }),
           {Tag::brought}, Derivative::none),
      with(choice_among(
               Role::cross_section, "charge_radius.alpha", "alpha of the charge radius",
               physics::charge_radius_alpha_names,
               [](Scenario & s) -> auto& { return s.theory.one_loop.charge_radius_alpha; }),
           {Tag::brought}, Derivative::none),
      with(choice(
               Role::cross_section, "one_loop.charm", "charm loop",
               [](const World& world) { return world.charm_loops.names(); },
               [](Scenario& s, const World& world, const std::string& name) {
                 s.theory.one_loop.charm = *world.charm_loops.find(name);
               }),
           {Tag::brought}, Derivative::none),
  };
}

std::vector<Parameter> fluxes_and_backgrounds() {
  std::vector<Parameter> list = {
      with(choice(
               Role::rates, "flux", "antineutrino spectrum per fission",
               [](const World& world) { return world.fluxes.names(); },
               [](Scenario& s, const World& world, const std::string& name) {
                 s.flux.model = &world.fluxes.find(name)->model;
                 s.flux.uncertainties = &world.fluxes.find(name)->uncertainties;
               }),
           {Tag::integrals, Tag::flux_use, Tag::headline}, Derivative::none),
      choice(
          Role::rates, "energy_per_fission", "set of energies per fission",
          [](const World& world) { return world.energies_per_fission_MeV.names(); },
          [](Scenario& s, const World& world, const std::string& name) {
            const auto& energies_MeV = *world.energies_per_fission_MeV.find(name);
            for (Site& site : s.sites) {
              site.reactor.energy_per_fission_MeV = energies_MeV;
              for (Core& core : site.further_cores)
                core.reactor.energy_per_fission_MeV = energies_MeV;
            }
            s.flux.energy_per_fission_error_MeV = *world.energy_per_fission_errors_MeV.find(name);
          }),
      with(choice(
               Role::rates, "fuel", "fission fractions in place of the reactor's own",
               [](const World& world) { return world.fuels.names(); },
               [](Scenario& s, const World& world, const std::string& name) {
                 set_fuel(s.site().reactor, world.fuels.find(name)->fuel);
               }),
           {Tag::site, Tag::brought, Tag::flux_use}, Derivative::none),
      with(choice(
               Role::rates, "background", "cosmogenic background",
               [](const World& world) { return world.backgrounds.names(); },
               [](Scenario& s, const World& world, const std::string& name) {
                 s.site().overburden = world.backgrounds.find(name)->overburden;
               }),
           {Tag::site, Tag::brought}, Derivative::none),
  };
  list.back().dataset = "background_model";  // its own name belongs to the rates in netCDF
  return list;
}

std::vector<std::string> truth_names(const World&) {
  std::vector<std::string> names = listed(hypothesis_names);
  for (std::string& name : listed(physics::model_names))
    names.push_back(std::move(name));
  return names;
}

std::vector<Parameter> toys() {
  const auto number = [](const char* key, const char* long_name, Range range,
                         double ToySettings::*member) {
    return quantity(Role::toys, key, long_name, Dimension::number, range,
                    [member](Scenario& s) -> double& { return s.toys.*member; });
  };
  constexpr auto block = static_cast<double>(statistics::toys_per_block);
  return {
      choice_among(
          Role::toys, "toys.tested", "hypothesis to be rejected", hypothesis_names,
          [](Scenario & s) -> auto& { return s.toys.tested; }),
      choice(Role::toys, "toys.truth", "what pseudo-experiments are drawn from", truth_names,
             [](Scenario& s, const World&, const std::string& name) {
               if (const auto* hypothesis = find_named(hypothesis_names, name))
                 s.toys.truth = *hypothesis;
               else
                 s.toys.truth = *find_named(physics::model_names, name);
             }),
      choice_among(
          Role::toys, "toys.pulls", "what is random about the pulls", pull_ensemble_names,
          [](Scenario & s) -> auto& { return s.toys.pulls; }),
      with(in_steps(block, number("toys.count", "pseudo-experiments of a point",
                                  Range::within(block, 1e12), &ToySettings::count)),
           {Tag::amount}),
      // Beyond 2^53 - 1 several whole numbers are one double.
      in_steps(1.0, number("toys.seed", "seed of their random numbers",
                           Range::within(0.0, 9007199254740991.0), &ToySettings::seed)),
      number("toys.tail", "significance up to which tails are sampled; 0 for plain sampling",
             Range::within(0.0, 30.0), &ToySettings::tail),
  };
}

std::vector<Parameter> statistics_choice() {
  return {with(
      choice_among(
          Role::statistic, "statistic", "how data and expectation are compared",
          statistics::statistic_names, [](Scenario & s) -> auto& { return s.criterion.statistic; }),
      {Tag::headline}, Derivative::none)};
}

std::vector<Parameter> of_the_cross_section() {
  return {
      with(quantity(Role::kinematics, "energy", "neutrino energy", Dimension::energy,
                    Range::within(physics::lowest_energy_MeV, physics::highest_energy_MeV),
                    [](Scenario& s) -> double& { return s.kinematics.energy_MeV; }),
           {}, Derivative::none),
      with(quantity(Role::kinematics, "recoil", "recoil (or electromagnetic) energy",
                    Dimension::energy,
                    Range::within(physics::lowest_recoil_MeV, physics::highest_energy_MeV),
                    [](Scenario& s) -> double& { return s.kinematics.recoil_MeV; }),
           {}, Derivative::none),
      quantity(Role::cross_section, "lo.sin2_theta_w", "sin^2(theta_W) of the LO hypothesis",
               Dimension::number, Range::inside(0.0, 1.0),
               [](Scenario& s) -> double& { return s.theory.sin2_theta_w; }),
      with(quantity(Role::cross_section, "free.charge_radius",
                    "<r^2> of the model free-charge-radius", Dimension::area, Range{},
                    [](Scenario& s) -> double& { return s.theory.free.charge_radius_cm2; }),
           {Tag::free, Tag::brought}, Derivative::charge_radius),
      with(quantity(Role::cross_section, "free.sin2_theta_w",
                    "sin^2(theta_W) of the model free-sin2-theta-w", Dimension::number,
                    Range::inside(0.0, 1.0),
                    [](Scenario& s) -> double& { return s.theory.free.sin2_theta_w; }),
           {Tag::free, Tag::brought}),
      with(quantity(Role::cross_section, "free.c_l", "c_L/(2 sqrt2 GF) of the model free-couplings",
                    Dimension::number, Range{},
                    [](Scenario& s) -> double& { return s.theory.free.couplings.left; }),
           {Tag::free, Tag::brought}),
      with(quantity(Role::cross_section, "free.c_r", "c_R/(2 sqrt2 GF) of the model free-couplings",
                    Dimension::number, Range{},
                    [](Scenario& s) -> double& { return s.theory.free.couplings.right; }),
           {Tag::free, Tag::brought}),
      with(quantity(Role::cross_section, "one_loop.hadronic_3_gamma", "Pi_3gamma of u, d, s",
                    Dimension::number, Range{},
                    [](Scenario& s) -> double& { return s.theory.one_loop.hadronic_3_gamma; }),
           {Tag::brought}),
      with(quantity(Role::cross_section, "one_loop.hadronic_gamma_gamma",
                    "Pi_gammagamma of u, d, s", Dimension::number, Range{},
                    [](Scenario& s) -> double& { return s.theory.one_loop.hadronic_gamma_gamma; }),
           {Tag::brought}),
      with(quantity(Role::cross_section, "one_loop.sin2_theta_w",
                    "sin^2(theta_W) beside Pi_gammagamma", Dimension::number,
                    Range::inside(0.0, 1.0),
                    [](Scenario& s) -> double& { return s.theory.one_loop.sin2_theta_w; }),
           {Tag::brought})};
}

std::vector<Parameter> of_the_reactor() {
  std::vector<Parameter> list = {
      with(quantity(Role::rates, "reactor.thermal_power", "thermal power", Dimension::power,
                    Range::positive(),
                    [](Scenario& s) -> double& { return s.site().reactor.thermal_power_GW; }),
           {Tag::site, Tag::brought}),
      with(quantity(Role::rates, "reactor.load_factor", "share of the time at that power",
                    Dimension::relative, Range::above_up_to(0.0, 1.0),
                    [](Scenario& s) -> double& { return s.site().reactor.load_factor; }),
           {Tag::site, Tag::brought})};
  for (std::size_t i = 0; i < fissile_count; ++i) {
    list.push_back(with(
        quantity(Role::rates, fmt::format("reactor.fission_fraction.{}", fissile_names[i]),
                 fmt::format("fission fraction of {}", fissile_names[i]), Dimension::relative,
                 Range::within(0.0, 1.0),
                 [i](Scenario& s) -> double& { return s.site().reactor.fission_fractions[i]; }),
        {Tag::site, Tag::brought, Tag::flux_use}, Derivative::fission_fraction));
    list.back().isotope = i;
  }
  return list;
}

std::vector<Parameter> of_detector_and_background() {
  return {
      with(quantity(Role::rates, "detector.mass", "target mass", Dimension::mass, Range::positive(),
                    [](Scenario& s) -> double& { return s.site().detector.mass_t; }),
           {Tag::site, Tag::brought}),
      with(site_quantity(Role::rates, "efficiency.everywhere",
                         "share of events that is recorded at every energy", Dimension::relative,
                         Range::above_up_to(0.0, 1.0),
                         [](Site& site) -> double& { return site.detector.efficiency; }),
           {Tag::brought}, Derivative::none),
      with(site_quantity(Role::rates, "detector.dead_time", "share of the time without data",
                         Dimension::relative, Range{0.0, Range::End::closed, 1.0, Range::End::open},
                         [](Site& site) -> double& { return site.detector.dead_time; }),
           {Tag::brought}, Derivative::none),
      with(site_quantity(Role::rates, "detector.live_time",
                         "share of the exposure with data, with and without reactor",
                         Dimension::relative, Range::above_up_to(0.0, 1.0),
                         [](Site& site) -> double& { return site.detector.live_time; }),
           {Tag::brought}, Derivative::none),
      with(quantity(Role::rates, "detector.baseline", "distance from the core", Dimension::length,
                    Range::positive(),
                    [](Scenario& s) -> double& { return s.site().detector.baseline_m; }),
           {Tag::site, Tag::brought}, Derivative::inverse_square),
      with(quantity(Role::rates, "detector.electrons", "electrons per mass",
                    Dimension::inverse_mass, Range::positive(),
                    [](Scenario& s) -> double& { return s.site().detector.electrons_per_t; }),
           {Tag::site, Tag::brought}),
      quantity(Role::rates, "background.scale", "factor on the background", Dimension::number,
               Range::non_negative(), [](Scenario& s) -> double& { return s.backgrounds.scale; }),
      with(quantity(Role::rates, "further_backgrounds.scale",
                    "factor on the backgrounds known by their spectrum", Dimension::number,
                    Range::non_negative(),
                    [](Scenario& s) -> double& { return s.backgrounds.source_scale; }),
           {Tag::brought}, Derivative::none),
      with(quantity(Role::rates, "beta_decay_leak.scale",
                    "factor on inverse beta decays that are taken for scatterings",
                    Dimension::number, Range::non_negative(),
                    [](Scenario& s) -> double& { return s.backgrounds.leak_scale; }),
           {Tag::brought}, Derivative::none),
      with(quantity(Role::rates, "background.muon_flux", "muon flux", Dimension::particle_flux,
                    Range::non_negative(),
                    [](Scenario& s) -> double& { return s.site().overburden.muon_flux_per_m2_s; }),
           {Tag::site, Tag::brought})};
}

std::vector<Parameter> of_the_window() {
  return {
      with(quantity(Role::rates, "window.low", "lower end of the window of visible energy",
                    Dimension::energy, Range::positive(),
                    [](Scenario& s) -> double& { return s.window.low_MeV; }),
           {Tag::integrals, Tag::bins, Tag::headline}, Derivative::lower_edge),
      with(
          quantity(Role::rates, "window.high", "upper end of the window of visible energy",
                   Dimension::energy, Range::above_up_to(0.0, physics::highest_spectrum_energy_MeV),
                   [](Scenario& s) -> double& { return s.window.high_MeV; }),
          {Tag::integrals, Tag::bins, Tag::headline}, Derivative::upper_edge),
      with(quantity(Role::rates, "window.bin_width", "bin width of visible energy",
                    Dimension::energy, Range::positive(),
                    [](Scenario& s) -> double& { return s.window.bin_width_MeV; }),
           {Tag::integrals, Tag::bins}, Derivative::none),
      with(site_quantity(Role::rates, "resolution.stochastic",
                         "a of the energy resolution a/sqrt(T/MeV) (+) b (+) c/T",
                         Dimension::relative, Range::within(0.0, 0.5),
                         [](Site& site) -> double& { return site.response.resolution.stochastic; }),
           {Tag::integrals, Tag::brought, Tag::resolution}, Derivative::even),
      with(site_quantity(Role::rates, "resolution.constant",
                         "b of the energy resolution a/sqrt(T/MeV) (+) b (+) c/T",
                         Dimension::relative, Range::within(0.0, 0.1),
                         [](Site& site) -> double& { return site.response.resolution.constant; }),
           {Tag::integrals, Tag::brought, Tag::resolution}, Derivative::even),
      with(site_quantity(Role::rates, "resolution.noise",
                         "c of the energy resolution a/sqrt(T/MeV) (+) b (+) c/T",
                         Dimension::energy, Range::within(0.0, 1.0),
                         [](Site& site) -> double& { return site.response.resolution.noise_MeV; }),
           {Tag::integrals, Tag::brought, Tag::resolution}, Derivative::none),
      with(site_quantity(
               Role::rates, "efficiency.threshold",
               "visible energy at which half of the events are recorded; 0 for no edge",
               Dimension::energy, Range::non_negative(),
               [](Site& site) -> double& { return site.response.efficiency.threshold_MeV; }),
           {Tag::integrals, Tag::brought}, Derivative::none),
      with(site_quantity(Role::rates, "efficiency.width",
                         "standard deviation of the efficiency's edge", Dimension::energy,
                         Range::non_negative(),
                         [](Site& site) -> double& { return site.response.efficiency.width_MeV; }),
           {Tag::integrals, Tag::brought}, Derivative::none),
      with(site_quantity(Role::rates, "detector.lost_photons",
                         "share of the photons that the observable electromagnetic misses",
                         Dimension::relative, Range::within(0.0, 1.0),
                         [](Site& site) -> double& { return site.lost_photons; }),
           {Tag::integrals, Tag::brought}, Derivative::none),
      with(site_quantity(Role::rates, "detector.energy_scale",
                         "measured energy over the one that the response gives", Dimension::number,
                         Range::within(0.5, 2.0),
                         [](Site& site) -> double& { return site.energy_scale; }),
           {Tag::integrals, Tag::brought}, Derivative::none),
      with(quantity(Role::propagation, "oscillation.sin2_2theta",
                    "sin^2(2 theta) of a disappearance on the way", Dimension::number,
                    Range::within(0.0, 1.0),
                    [](Scenario& s) -> double& { return s.flux.survival.sin2_2theta; }),
           {Tag::integrals, Tag::brought}, Derivative::none),
      with(quantity(Role::propagation, "oscillation.delta_m2", "Delta m^2 of that disappearance",
                    Dimension::mass_squared, Range::within(0.0, 100.0),
                    [](Scenario& s) -> double& { return s.flux.survival.delta_m2_eV2; }),
           {Tag::integrals, Tag::brought}, Derivative::none),
      with(quantity(Role::rates, "quadrature.relative_tolerance",
                    "relative tolerance of each bin's integrals", Dimension::number,
                    Range::within(1e-13, 1e-3),
                    [](Scenario& s) -> double& { return s.relative_tolerance; }),
           {Tag::integrals, Tag::accuracy}, Derivative::none)};
}

// @param widest as of Quantity.
Parameter uncertainty(const char* key, const char* long_name, double Uncertainties::*member,
                      double widest = infinity, Range range = Range::non_negative(),
                      Dimension dimension = Dimension::relative) {
  Parameter parameter =
      with(quantity(Role::uncertainty, key, long_name, dimension, range,
                    [member](Scenario& s) -> double& { return s.uncertainties.*member; }),
           {}, Derivative::even);
  std::get<Parameter::Quantity>(parameter.kind).widest = widest;
  return parameter;
}

Parameter absolute(const char* key, const char* long_name, double Uncertainties::*member,
                   double widest = infinity) {
  return uncertainty(key, long_name, member, widest, Range::non_negative(), Dimension::number);
}

// Zero or one where nobody says so, and no input of kind "impacts": jobs and results that there are
// do not have it.
Parameter brought(const char* key, const char* long_name, double Uncertainties::*member) {
  return with(absolute(key, long_name, member), {Tag::brought}, Derivative::none);
}

std::vector<Parameter> of_the_statistic() {
  return {
      with(quantity(Role::discovery, "discovery.significance", "significance at the discovery time",
                    Dimension::number, Range::positive(),
                    [](Scenario& s) -> double& { return s.criterion.significance; }),
           {}, Derivative::threshold),
      with(uncertainty("flux_uncertainty", "relative uncertainty of the signal's normalisation",
                       &Uncertainties::flux, 0.2),
           {Tag::headline}, Derivative::even),
      with(uncertainty("background_uncertainty",
                       "relative uncertainty of the background's normalisation",
                       &Uncertainties::background, 2.0),
           {Tag::headline}, Derivative::even),
      brought("lo.sin2_theta_w_uncertainty", "uncertainty of sin^2(theta_W) of the tested LO model",
              &Uncertainties::sin2_theta_w),
      uncertainty("theory.hadronic_3_gamma_uncertainty", "relative uncertainty of Pi_3gamma alone",
                  &Uncertainties::hadronic_3_gamma, 2.0),
      uncertainty("theory.hadronic_gamma_gamma_uncertainty",
                  "relative uncertainty of Pi_gammagamma, which moves Pi_3gamma alike",
                  &Uncertainties::hadronic_gamma_gamma, 2.0),
      with(uncertainty("flux_correlation",
                       "share of flux_uncertainty^2 common to a joint fit's members",
                       &Uncertainties::flux_correlation, infinity, Range::within(0.0, 1.0)),
           {Tag::correlation}, Derivative::even)};
}

std::vector<Parameter> of_the_flux_shape() {
  return {
      absolute("flux_shape.uncorrelated_scale",
               "factor on the flux's uncertainties, each energy and isotope by itself",
               &Uncertainties::flux_shape_uncorrelated_scale, 10.0),
      absolute("flux_shape.isotope_scale",
               "factor on the flux's uncertainties, common to all energies of an isotope",
               &Uncertainties::flux_shape_isotope_scale, 10.0),
      absolute("flux_shape.common_scale",
               "factor on the flux's uncertainties, common to all energies and isotopes",
               &Uncertainties::flux_shape_common_scale, 10.0),
      with(brought("flux_shape.covariance_scale", "factor on the modes of the flux's covariance",
                   &Uncertainties::flux_shape_covariance_scale),
           {Tag::flux_use}, Derivative::none),
      brought("flux_shape.free_scale",
              "relative uncertainty of the whole flux, alike for all isotopes, in each bin "
              "of energy",
              &Uncertainties::flux_shape_free)};
}

std::vector<Parameter> of_the_experiment_and_its_time() {
  return {
      brought("signal_uncertainties.scale",
              "factor on the experiments' own uncertainties of the signal",
              &Uncertainties::signal_scale),
      brought("further_backgrounds.uncertainty_scale",
              "factor on the uncertainties of the backgrounds known by their spectrum",
              &Uncertainties::source_scale),
      brought("beta_decay_leak.uncertainty_scale",
              "factor on the uncertainties of inverse beta decays taken for scatterings",
              &Uncertainties::leak_scale),
      brought("response_uncertainties.scale",
              "factor on the experiments' own uncertainties of the response",
              &Uncertainties::response_scale),
      absolute("isotope_yields.scale", "factor on the uncertainties of the cosmogenic yields",
               &Uncertainties::isotope_yield_scale, 10.0),
      uncertainty("energy_scale_uncertainty", "relative uncertainty of the energy scale",
                  &Uncertainties::energy_scale, 0.2),
      uncertainty("resolution_uncertainty", "relative uncertainty of the energy resolution",
                  &Uncertainties::resolution, 1.0),
      with(quantity(Role::uncertainty, "reactor_off.share", "time without reactor per time with it",
                    Dimension::relative, Range::non_negative(),
                    [](Scenario& s) -> double& { return s.time.reactor_off_share; }),
           {}, Derivative::time_without_reactor),
      with(quantity(Role::exposure, "exposure", "running time", Dimension::time, Range::positive(),
                    [](Scenario& s) -> double& { return s.time.exposure_yr; }),
           {Tag::headline}, Derivative::none)};
}

// Whether a parameter may have another value in the world of the data. Models are compared there as
// they are, in the same bins.
bool may_differ_in_data(const Parameter& parameter) {
  const bool of_rates = parameter.role == Role::rates || parameter.role == Role::cross_section ||
                        parameter.role == Role::propagation;
  return of_rates && !parameter.has(Tag::bins) && !parameter.has(Tag::free) &&
         !parameter.has(Tag::compared) && !parameter.has(Tag::accuracy);
}

Parameter in_data(const Parameter& parameter, std::size_t index) {
  Parameter other = with(parameter, {Tag::brought}, Derivative::none);
  other.key = "data." + parameter.key;
  other.dataset = other.key;
  other.long_name = parameter.long_name + ", in the world of the data";
  other.role = Role::data;
  other.of_data = index;
  other.tags &= ~static_cast<unsigned>(Tag::headline);  // a summary tells these after its headlines
  return other;
}

std::vector<Parameter> make_parameters() {
  std::vector<Parameter> list = experiments_and_models();
  for (const auto& part : {fluxes_and_backgrounds, toys, statistics_choice, of_the_cross_section,
                           of_the_reactor, of_detector_and_background, of_the_window,
                           of_the_statistic, of_the_flux_shape, of_the_experiment_and_its_time})
    for (Parameter& parameter : part())
      list.push_back(std::move(parameter));
  const std::size_t count = list.size();
  for (std::size_t i = 0; i < count; ++i)
    if (may_differ_in_data(list[i]))
      list.push_back(in_data(list[i], i));
  return list;
}

}  // namespace

sweep::Depth Parameter::depth(const Kind& job_kind) const {
  if (!job_kind.has_inner_axes || !is_statistical())
    return sweep::Depth::outer;
  return role == Role::exposure ? sweep::Depth::innermost : sweep::Depth::inner;
}

Value Parameter::read(const io::Node& node, const std::string& shown_key,
                      const World& world) const {
  if (of_data)
    return parameters()[*of_data].read(node, shown_key, world);
  if (const Quantity* q = quantity()) {
    const auto* text = std::get_if<std::string>(&node.value);
    const NamedValue* named = text != nullptr ? find_named_value(world, key, *text) : nullptr;
    if (named != nullptr)
      return named->value;
    const auto names = names_of_values(world, key);
    if (text != nullptr && !names.empty() && q->dimension == Dimension::number)
      io::fail(node.where, shown_key,
               fmt::format("\"{}\" is no number without quotes, and no value has this name; {}",
                           *text, io::suggestion(*text, names)));
    return io::read_quantity(node, shown_key, q->dimension, q->range);
  }
  const std::string name = io::read_text(node, shown_key);
  const auto names = std::get<Choice>(kind).names(world);
  if (std::find(names.begin(), names.end(), name) == names.end())
    io::fail(node.where, shown_key,
             fmt::format("unknown {} \"{}\"; {}", key, name, io::suggestion(name, names)));
  return name;
}

void Parameter::apply(Scenario& scenario, const World& world, const Value& value) const {
  NULOOP_EXPECTS(!of_data);
  if (const Quantity* q = quantity(); q != nullptr && q->at_site) {
    for (Site& site : scenario.sites)
      q->at_site(site) = std::get<double>(value);
  } else if (q != nullptr) {
    q->member(scenario) = std::get<double>(value);
  } else {
    std::get<Choice>(kind).apply(scenario, world, std::get<std::string>(value));
  }
}

const std::vector<Parameter>& parameters() {
  static const std::vector<Parameter> list = make_parameters();
  return list;
}

std::optional<std::size_t> find_parameter(std::string_view key) {
  const auto& list = parameters();
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Parameter& parameter) { return parameter.key == key; });
  if (found == list.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - list.begin());
}

bool takes_any(const Kind& kind, Parameter::Role role) {
  return std::any_of(parameters().begin(), parameters().end(), [&](const Parameter& parameter) {
    return parameter.role == role && kind.takes(parameter);
  });
}

std::vector<std::string> free_parameters_of(physics::Model model) {
  std::vector<std::string> keys;
  for (const std::string_view name : physics::row_of(model).free)
    if (!name.empty())
      keys.push_back(fmt::format("free.{}", name));
  return keys;
}

std::vector<std::string> parameter_keys(const Kind* kind) {
  std::vector<std::string> keys;
  for (const Parameter& parameter : parameters())
    if (!kind || parameter.matters_to(*kind))
      keys.push_back(parameter.key);
  return keys;
}

Scenario make_scenario(const Settings& settings, const World& world) {
  NULOOP_EXPECTS(settings.size() == parameters().size());
  const auto described = [&](const Settings& by) {
    Scenario scenario;
    scenario.theory.one_loop = world.one_loop;
    scenario.backgrounds.isotopes = world.isotopes.size();
    for (std::size_t i = 0; i < by.size(); ++i)
      if (by[i] && !parameters()[i].of_data)
        parameters()[i].apply(scenario, world, *by[i]);
    return scenario;
  };
  Scenario scenario = described(settings);
  Settings of_data = settings;
  bool differs = false;
  for (std::size_t i = 0; i < settings.size(); ++i)
    if (const auto& of = parameters()[i].of_data; of && settings[i]) {
      of_data[*of] = settings[i];
      differs = true;
    }
  if (differs) {
    Scenario data = described(of_data);
    data.flux.uncertainties = scenario.flux.uncertainties;
    scenario.data = std::make_shared<const Scenario>(std::move(data));
  }
  return scenario;
}

}  // namespace nuloop::setup
