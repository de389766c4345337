// Derivatives of the discovery time against finite differences of it, and the laws they obey.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/impacts.hpp"

#include "catch.hpp"
#include "nuloop/experiment/background.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/setup/job.hpp"
#include "unit/study_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

namespace {

using namespace nuloop;
using analysis::Impact;
using analysis::Impacts;
using prediction::Rates;
using setup::Scenario;
using test::world;
using Changes = std::vector<std::pair<std::string, setup::Value>>;

prediction::RateCalculator& calculator() {
  static prediction::RateCalculator calculator(world());
  return calculator;
}

Scenario point(const std::string& experiment, const std::string& model,
               const Changes& changes = {}) {
  setup::Settings settings = setup::read_settings({&world().defaults}, world());
  const auto set = [&](const std::string& key, const setup::Value& value) {
    settings.at(setup::find_parameter(key).value()) = value;
  };
  set("experiment", experiment);
  set("model", model);
  set("flux_uncertainty", 0.005);
  for (const auto& [key, value] : changes)
    set(key, value);
  return setup::make_scenario(settings, world());
}

Rates rates(const Scenario& scenario) {
  calculator().prepare(scenario);
  return calculator().rates(scenario);
}

double time_yr(const Rates& rates, const Scenario& scenario) {
  return prediction::discovery_time_yr(prediction::chi_square_curve(rates, scenario), scenario);
}

Impacts impacts(const Scenario& scenario) {
  const analysis::ImpactCalculator calculate(world(), {scenario.theory.model});
  calculate.prepare(calculator(), scenario);
  return calculate(calculator(), scenario);
}

std::vector<std::string> names(const std::vector<physics::Model>& models = {physics::Model::nlo}) {
  std::vector<std::string> names;
  for (const analysis::ImpactInput& input : analysis::impact_inputs(world(), models))
    names.push_back(input.name);
  return names;
}

std::size_t place_of(const std::string& name,
                     const std::vector<physics::Model>& models = {physics::Model::nlo}) {
  const auto all = names(models);
  const auto found = std::find(all.begin(), all.end(), name);
  REQUIRE(found != all.end());
  return static_cast<std::size_t>(found - all.begin());
}

const Impact& of(const Impacts& impacts, const std::string& name,
                 const std::vector<physics::Model>& models = {physics::Model::nlo}) {
  return impacts.inputs.at(place_of(name, models));
}

// A bin of a spectrum replaced by that of another one.
void replace_bin(Rates& rates, Eigen::Index bin, const Rates& other) {
  const auto replace = [bin](experiment::Spectrum& to, const experiment::Spectrum& from) {
    to.value[bin] = from.value[0];
    to.error[bin] = from.error[0];
  };
  const auto replace_all = [&](std::vector<experiment::Spectrum>& to,
                               const std::vector<experiment::Spectrum>& from) {
    REQUIRE(to.size() == from.size());
    for (std::size_t i = 0; i < to.size(); ++i)
      replace(to[i], from[i]);
  };
  for (const auto spectrum : prediction::spectra_of_rates)
    replace(rates.*spectrum, other.*spectrum);
  replace_all(rates.systematic.flux, other.systematic.flux);
  replace_all(rates.systematic.isotope_yields, other.systematic.isotope_yields);
  for (const auto response :
       {&prediction::SystematicRates::energy_scale, &prediction::SystematicRates::resolution})
    if (auto& to = rates.systematic.*response) {
      replace(to->signal, (other.systematic.*response)->signal);
      replace(to->background, (other.systematic.*response)->background);
    }
}

// The window with one of its edges elsewhere, all others as they are.
double time_with_edge_yr(const Scenario& s, bool upper, double edge_MeV) {
  const experiment::Binning bins = prediction::binning(s);
  Scenario end = s;
  end.window.low_MeV = upper ? bins.low_MeV(bins.size() - 1) : edge_MeV;
  end.window.high_MeV = upper ? edge_MeV : bins.high_MeV(0);
  end.window.bin_width_MeV = 2.0 * (end.window.high_MeV - end.window.low_MeV);
  Rates moved = rates(s);
  replace_bin(moved, upper ? static_cast<Eigen::Index>(bins.size()) - 1 : 0, rates(end));
  return time_yr(moved, s);
}

// In a world in which an isotope has another yield, and as large a relative error of it.
double time_with_yield_yr(const Scenario& s, std::size_t isotope, double yield) {
  setup::World other = world();
  experiment::CosmogenicIsotope& moved = other.isotopes.at(isotope);
  moved.yield_error_cm2_per_g *= yield / moved.yield_cm2_per_g;
  moved.yield_cm2_per_g = yield;
  prediction::RateCalculator there(other);
  there.prepare(s);
  return time_yr(there.rates(s), s);
}

// The discovery time as a function of one input, each by its own way.
std::function<double(double)> time_of(const std::string& name, const Scenario& s) {
  using Member = std::function<double&(Scenario&)>;
  const auto by = [s](const Member& member) {
    return [s, member](double value) {
      Scenario moved = s;
      member(moved) = value;
      return time_yr(rates(moved), moved);
    };
  };
  if (name == "window.low" || name == "window.high")
    return [=](double edge) { return time_with_edge_yr(s, name == "window.high", edge); };
  if (const auto parameter = setup::find_parameter(name))
    return by(setup::parameters()[*parameter].quantity()->member);
  if (name.starts_with("yield."))
    for (std::size_t i = 0; i < world().isotopes.size(); ++i)
      if (name == "yield." + world().isotopes[i].name)
        return [=](double yield) { return time_with_yield_yr(s, i, yield); };
  for (std::size_t i = 0; i < experiment::fissile_count; ++i)
    if (name == "energy_per_fission." + std::string(experiment::fissile_names[i]))
      return by([i](Scenario& x) -> double& { return x.site().reactor.energy_per_fission_MeV[i]; });
  const std::vector<std::pair<std::string, Member>> others = {
      {"background.mean_muon_energy",
       [](Scenario& x) -> double& { return x.site().overburden.mean_muon_energy_GeV; }},
      {"one_loop.left_same_flavour",
       [](Scenario& x) -> double& { return x.theory.one_loop.left_same_flavour; }},
      {"one_loop.left_other_flavour",
       [](Scenario& x) -> double& { return x.theory.one_loop.left_other_flavour; }},
      {"one_loop.right", [](Scenario& x) -> double& { return x.theory.one_loop.right; }},
      {"one_loop.up_quark_left",
       [](Scenario& x) -> double& { return x.theory.one_loop.up_quark.left; }},
      {"one_loop.up_quark_right",
       [](Scenario& x) -> double& { return x.theory.one_loop.up_quark.right; }},
      {"one_loop.charm_mass",
       [](Scenario& x) -> double& { return x.theory.one_loop.charm.mass_MeV; }},
      {"one_loop.charm_alpha_s",
       [](Scenario& x) -> double& { return x.theory.one_loop.charm.alpha_s; }}};
  for (const auto& [known, member] : others)
    if (known == name)
      return by(member);
  FAIL("no way to move " << name);
  return {};
}

struct Estimate {
  double value;
  double error;
};

// Central differences of ever smaller steps, extrapolated to none (Ridders 1982); the error is that
// of the best place in the table, and what times good to `noise` leave at its step.
Estimate richardson(const std::function<double(double)>& f, double x, double h, double noise) {
  constexpr double shrink = 2.0;
  constexpr std::size_t levels = 6;
  std::vector<double> last;
  Estimate best{0.0, std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < levels; ++i, h /= shrink) {
    std::vector<double> row = {(f(x + h) - f(x - h)) / (2.0 * h)};
    double factor = 1.0;
    for (std::size_t j = 0; j < last.size(); ++j) {
      factor *= shrink * shrink;
      row.push_back((factor * row[j] - last[j]) / (factor - 1.0));
      const double error =
          std::max(std::abs(row[j + 1] - row[j]), std::abs(row[j + 1] - last[j])) + noise / h;
      if (error < best.error)
        best = {row[j + 1], error};
    }
    last = std::move(row);
  }
  return best;
}

// @param selection all inputs if it is empty.
// @param useful relative error bound up to which a derivative is worth having.
void check_derivatives(const Scenario& s, const std::vector<std::string>& selection = {},
                       double useful = 1e-3) {
  const Impacts found = impacts(s);
  REQUIRE(std::isfinite(found.time_yr.value));
  CHECK(found.time_yr.value == time_yr(rates(s), s));
  const std::vector<physics::Model> models{s.theory.model};
  for (const std::string& name : selection.empty() ? names(models) : selection) {
    const Impact& impact = of(found, name, models);
    CAPTURE(name, impact.value, impact.derivative.value, impact.derivative.error,
            impact.elasticity);
    if (impact.derivative.value == 0.0 && selection.empty())
      continue;  // below
    if (name == "reactor_off.share" && impact.value == 0.0)
      continue;  // below
    REQUIRE(impact.value != 0.0);
    // A step that changes the time by some per cent at most.
    const double h = 0.02 * std::abs(impact.value) / std::max(1.0, std::abs(impact.elasticity));
    // Roots to 1e-12 (discovery_time_yr); chi2 of other integrals to what they are good for.
    const bool integrates = name.starts_with("resolution.") || name.starts_with("window.");
    const double noise = (integrates ? 1e-10 : 2e-12) * found.time_yr.value;
    const Estimate expected = richardson(time_of(name, s), impact.value, h, noise);
    CAPTURE(expected.value, expected.error);
    CHECK(std::abs(impact.derivative.value - expected.value) <=
          impact.derivative.error + expected.error);
    // The comparison means something.
    CHECK(expected.error <=
          1e-4 * std::abs(expected.value) + 2e-7 * found.time_yr.value / std::abs(impact.value));
    CHECK(impact.derivative.error <= useful * std::abs(impact.derivative.value) +
                                         1e-8 * found.time_yr.value / std::abs(impact.value));
  }
}

}  // namespace

TEST_CASE("Every derivative of tao-30m, NLO, is the finite difference of the time") {
  check_derivatives(point("tao-30m", "nlo"));
}

TEST_CASE("Every derivative of cloud-surface, LO+CR, is the finite difference of the time") {
  check_derivatives(point("cloud-surface", "lo+cr"));
}

TEST_CASE("The same with a resolution, uncertain loops, alpha(mu) and the electron's energy") {
  check_derivatives(point("cloud-25mwe", "nlo",
                          {{"resolution.stochastic", 0.05},
                           {"resolution.constant", 0.02},
                           {"window.bin_width", 1.5},
                           {"theory.hadronic_3_gamma_uncertainty", 0.05},
                           {"theory.hadronic_gamma_gamma_uncertainty", 0.0058},
                           {"one_loop.alpha", std::string("running")},
                           {"one_loop.charm", std::string("msbar-mc")},
                           {"observable", std::string("electron")}}));
}

TEST_CASE("The same with data from another model, and with models that have free parameters") {
  check_derivatives(point("tao-44m", "lo+cr", {{"reference", std::string("nlo")}}));
  check_derivatives(
      point("cloud-25mwe", "free-couplings",
            {{"reference", std::string("nlo")}, {"free.c_l", 0.70}, {"free.c_r", 0.24}}));
  check_derivatives(point("tao-30m", "free-sin2-theta-w", {{"free.sin2_theta_w", 0.25}}),
                    {"free.sin2_theta_w", "lo.sin2_theta_w", "detector.baseline"});
  check_derivatives(point("tao-30m", "free-charge-radius", {{"free.charge_radius", -3e-32}}),
                    {"free.charge_radius", "lo.sin2_theta_w", "detector.baseline"});
}

TEST_CASE("A charge radius of zero has a derivative too") {
  const Scenario s = point("tao-30m", "free-charge-radius",
                           {{"free.charge_radius", 0.0}, {"reference", std::string("nlo")}});
  const Impact found = of(impacts(s), "free.charge_radius", {s.theory.model});
  const Impacts all = impacts(s);
  CHECK(std::isnan(found.elasticity));
  const Estimate expected =
      richardson(time_of("free.charge_radius", s), 0.0, 1e-34, 2e-12 * all.time_yr.value);
  CHECK(std::abs(found.derivative.value - expected.value) <=
        found.derivative.error + expected.error);
  CHECK(expected.error <= 1e-4 * std::abs(expected.value));
  CHECK(found.derivative.error <= 1e-6 * std::abs(found.derivative.value));
}

TEST_CASE("Free parameters are inputs where a model has them") {
  using physics::Model;
  const auto has = [](const std::vector<Model>& models, const std::string& name) {
    const auto all = names(models);
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  const std::vector<Model> models = {Model::nlo, Model::free_couplings};
  for (const char* key : {"free.charge_radius", "free.sin2_theta_w", "free.c_l", "free.c_r"})
    CHECK_FALSE(has({Model::nlo}, key));
  CHECK(has(models, "free.c_l"));
  CHECK(has(models, "free.c_r"));
  CHECK_FALSE(has(models, "free.charge_radius"));
  // Where the point's model is the one without.
  const Scenario s = point("tao-30m", "nlo");
  const analysis::ImpactCalculator calculate(world(), models);
  calculate.prepare(calculator(), s);
  const Impacts found = calculate(calculator(), s), plain = impacts(s);
  for (const std::string key : {"free.c_l", "free.c_r"}) {
    const Impact& impact = of(found, key, models);
    CHECK(std::isnan(impact.value));
    CHECK(std::isnan(impact.derivative.value));
    CHECK(std::isnan(impact.derivative.error));
    CHECK(std::isnan(impact.elasticity));
    CHECK(std::isnan(impact.shift));
  }
  for (const std::string& name : names())
    CHECK(of(found, name, models).derivative.value == of(plain, name).derivative.value);
}

namespace {

// What moves rates and responses in each of the ways there are, and widths.
std::vector<std::string> selected(std::vector<std::string> names) {
  names.insert(
      names.end(),
      {"reactor.thermal_power", "reactor.fission_fraction.U235", "energy_per_fission.Pu239",
       "detector.mass", "detector.baseline", "background.scale", "background.mean_muon_energy",
       "lo.sin2_theta_w", "one_loop.hadronic_3_gamma", "one_loop.right", "flux_uncertainty",
       "background_uncertainty", "discovery.significance", "window.low", "window.high"});
  return names;
}

}  // namespace

TEST_CASE("The same with an uncertain flux, energy by energy and in common") {
  check_derivatives(
      point("tao-30m", "nlo", {{"flux_shape.uncorrelated_scale", 0.05}, {"window.bin_width", 1.5}}),
      selected({"flux_shape.uncorrelated_scale"}));
  check_derivatives(point("cloud-surface", "lo+cr",
                          {{"flux_shape.isotope_scale", 0.2}, {"flux_shape.common_scale", 0.3}}),
                    selected({"flux_shape.isotope_scale", "flux_shape.common_scale"}));
}

TEST_CASE("The same with uncertain yields") {
  check_derivatives(
      point("tao-30m", "nlo", {{"isotope_yields.scale", 0.5}}),
      selected({"isotope_yields.scale", "yield.10C", "yield.11C", "background.muon_flux"}));
}

TEST_CASE("The same with an uncertain energy scale") {
  check_derivatives(
      point("tao-30m", "nlo", {{"energy_scale_uncertainty", 0.02}, {"window.bin_width", 1.5}}),
      selected({"energy_scale_uncertainty", "yield.11C"}));
}

TEST_CASE("The same with an uncertain resolution") {
  check_derivatives(point("cloud-25mwe", "nlo",
                          {{"resolution_uncertainty", 0.1},
                           {"resolution.stochastic", 0.08},
                           {"window.bin_width", 3.0}}),
                    {"resolution_uncertainty", "resolution.stochastic", "detector.baseline",
                     "background.scale", "background.mean_muon_energy", "one_loop.right"},
                    2e-2);  // the bound on a response to the resolution is ten times its error
}

TEST_CASE("The same with data without reactor") {
  check_derivatives(point("cloud-surface", "nlo", {{"reactor_off.share", 0.3}}),
                    selected({"reactor_off.share"}));
}

TEST_CASE("The same with everything uncertain at once, and data without reactor") {
  check_derivatives(point("cloud-25mwe", "nlo",
                          {{"flux_shape.uncorrelated_scale", 0.01},
                           {"flux_shape.isotope_scale", 0.01},
                           {"flux_shape.common_scale", 0.01},
                           {"isotope_yields.scale", 0.5},
                           {"energy_scale_uncertainty", 0.01},
                           {"reactor_off.share", 0.5},
                           {"theory.hadronic_3_gamma_uncertainty", 0.02},
                           {"window.bin_width", 1.5}}),
                    {"flux_shape.uncorrelated_scale", "flux_shape.isotope_scale",
                     "flux_shape.common_scale", "isotope_yields.scale", "energy_scale_uncertainty",
                     "reactor_off.share", "theory.hadronic_3_gamma_uncertainty",
                     "reactor.fission_fraction.U235", "background.mean_muon_energy", "yield.11C"});
}

TEST_CASE("The first data without reactor have a derivative from above") {
  const auto with_share = [](double share) {
    return point("cloud-surface", "nlo", {{"reactor_off.share", share}});
  };
  const auto time = [&](double share) {
    const Scenario s = with_share(share);
    return time_yr(rates(s), s);
  };
  const Impact found = of(impacts(with_share(0.0)), "reactor_off.share");
  CHECK(found.derivative.value < 0.0);
  CHECK(std::isnan(found.elasticity));
  // To second order, with what the next halving changes as its error.
  const auto forward = [&](double h) {
    return (4.0 * time(h) - 3.0 * time(0.0) - time(2.0 * h)) / (2.0 * h);
  };
  const double expected = forward(5e-5), error = std::abs(forward(1e-4) - expected);
  CHECK(std::abs(found.derivative.value - expected) <= error + found.derivative.error);
  CHECK(error <= 1e-4 * std::abs(expected));
  CHECK(found.derivative.error <= 1e-6 * std::abs(expected));
}

TEST_CASE("What does not change the time has a derivative of zero") {
  const auto zero = [](const Impacts& found, const std::string& name) {
    CAPTURE(name);
    CHECK(of(found, name).derivative.value == 0.0);
    CHECK(of(found, name).derivative.error == 0.0);
  };
  const Impacts tree = impacts(point("cloud-surface", "lo+cr"));
  for (const std::string& name : names())
    if (name.starts_with("one_loop."))
      CHECK(std::abs(of(tree, name).derivative.value) <= of(tree, name).derivative.error);
  // Only the squares of these count.
  const Impacts nlo = impacts(point("tao-30m", "nlo"));
  for (const char* name :
       {"theory.hadronic_3_gamma_uncertainty", "theory.hadronic_gamma_gamma_uncertainty",
        "resolution.stochastic", "resolution.constant", "flux_shape.uncorrelated_scale",
        "flux_shape.isotope_scale", "flux_shape.common_scale", "isotope_yields.scale",
        "energy_scale_uncertainty", "resolution_uncertainty"}) {
    zero(nlo, name);
    CHECK(std::isnan(of(nlo, name).elasticity));
  }
  // Small ones change the time by their squares, so that it has no slope at zero.
  const double before = nlo.time_yr.value;
  const auto slowed = [&](double a) {
    const Scenario s = point("tao-30m", "nlo", {{"theory.hadronic_3_gamma_uncertainty", a}});
    return time_yr(rates(s), s) - before;
  };
  CHECK(slowed(2e-3) / slowed(1e-3) == Approx(4.0).epsilon(1e-2));
  // Nor does the uncertainty of a resolution that there is not.
  CHECK(of(impacts(point("tao-30m", "nlo", {{"resolution_uncertainty", 0.1}})),
           "resolution_uncertainty")
            .derivative.value == 0.0);
  // An isotope that is not there needs no energy per fission.
  zero(impacts(point("tao-30m", "lo+cr", {{"reactor.fission_fraction.U238", 0.0}})),
       "energy_per_fission.U238");
}

TEST_CASE("Elasticities obey the laws of scaling") {
  for (const auto& [experiment, model, changes] :
       std::vector<std::tuple<std::string, std::string, Changes>>{
           {"tao-30m", "nlo", {}},
           {"cloud-surface", "lo+cr", {}},
           {"cloud-300mwe", "nlo", {{"theory.hadronic_3_gamma_uncertainty", 0.2}}},
           {"cloud-surface",
            "nlo",
            {{"flux_shape.uncorrelated_scale", 0.1},
             {"flux_shape.isotope_scale", 0.1},
             {"flux_shape.common_scale", 0.1},
             {"isotope_yields.scale", 0.3},
             {"reactor_off.share", 0.2}}}}) {
    CAPTURE(experiment, model);
    const Impacts found = impacts(point(experiment, model, changes));
    const auto elasticity = [&](const std::string& name) {
      const double e = of(found, name).elasticity;
      return std::isnan(e) ? 0.0 : e;  // of what is zero and stays so
    };
    // Rounding, and the roots of chi2 to 1e-12, times some tens.
    const auto same = [](double a, double b) { CHECK(std::abs(a - b) <= 1e-9); };
    // Counts are rates x time.
    same(elasticity("detector.mass"), -1.0);
    same(elasticity("reactor.thermal_power") + elasticity("background.scale"), -1.0);
    same(elasticity("reactor.load_factor"), elasticity("reactor.thermal_power"));
    same(elasticity("detector.electrons"), elasticity("reactor.thermal_power"));
    same(elasticity("detector.baseline"), -2.0 * elasticity("reactor.thermal_power"));
    same(elasticity("background.muon_flux"), elasticity("background.scale"));
    double yields = 0.0, with_exponents = 0.0, energies = 0.0, fractions = 0.0;
    for (const experiment::CosmogenicIsotope& isotope : world().isotopes) {
      yields += elasticity("yield." + isotope.name);
      with_exponents += isotope.energy_exponent * elasticity("yield." + isotope.name);
    }
    for (const auto& name : experiment::fissile_names) {
      energies += elasticity("energy_per_fission." + std::string(name));
      fractions += elasticity("reactor.fission_fraction." + std::string(name));
    }
    same(yields, elasticity("background.scale"));
    same(with_exponents, elasticity("background.mean_muon_energy"));
    same(energies, -elasticity("reactor.thermal_power"));
    same(fractions, 0.0);  // the rate uses the same sum
    // chi2(l t; sigma/sqrt(l)) = l chi2(t; sigma), so that T(sqrt(l) Z; sigma/sqrt(l)) = l T.
    double widths = 0.0;
    for (const setup::Parameter& parameter : setup::parameters())
      if (parameter.role == setup::Parameter::Role::uncertainty &&
          parameter.matters_to(analysis::kind_named("impacts")) &&
          parameter.derivative != setup::Parameter::Derivative::none &&
          parameter.key != "reactor_off.share")
        widths += elasticity(parameter.key);
    same(elasticity("discovery.significance") - widths, 2.0);
  }
}

TEST_CASE("A joint experiment's inputs move all members, and each part of the ratio is one") {
  const std::vector<std::string> experiments = {"tao-30m+ibd", "tao-30m"};
  const std::vector<std::string> parts = {"free protons", "neutron's detection", "cross section"};
  const std::string prefix = "signal_uncertainties.";
  const analysis::ImpactCalculator calculate(world(), {physics::Model::nlo}, experiments);
  const auto at = [&](const Impacts& found, const std::string& name) -> const Impact& {
    const auto& inputs = calculate.inputs();
    const auto same = std::find_if(inputs.begin(), inputs.end(),
                                   [&](const auto& input) { return input.name == name; });
    REQUIRE(same != inputs.end());
    return found.inputs.at(static_cast<std::size_t>(same - inputs.begin()));
  };
  const Scenario s = point(
      "tao-30m+ibd", "nlo",
      {{"flux_uncertainty", 0.2}, {"flux_correlation", 1.0}, {"signal_uncertainties.scale", 0.4}});
  REQUIRE(s.sites.size() == 2);
  calculate.prepare(calculator(), s);
  const Impacts found = calculate(calculator(), s);
  CHECK(found.time_yr.value == Approx(time_yr(rates(s), s)).epsilon(1e-12));

  double widths =
      at(found, "flux_uncertainty").elasticity + at(found, "background_uncertainty").elasticity;
  for (const std::string& part : parts)
    widths += at(found, prefix + part).elasticity;
  CHECK(at(found, "discovery.significance").elasticity - widths == Approx(2.0).epsilon(1e-8));
  const auto& power = at(found, "reactor.thermal_power");
  CHECK(at(found, "detector.mass").elasticity == Approx(-1.0).epsilon(1e-8));
  CHECK(power.elasticity + at(found, "background.scale").elasticity == Approx(-1.0).epsilon(1e-8));
  CHECK(at(found, "detector.baseline").elasticity == Approx(-2.0 * power.elasticity).epsilon(1e-8));
  CHECK(std::isnan(at(found, "window.low").value));
  CHECK(std::isnan(at(found, "window.low").derivative.value));

  // By differences of the time itself.
  const auto changed = [&](const auto& change) {
    const double h = 1e-3;
    const auto time = [&](double factor) {
      Scenario moved = s;
      change(moved, factor);
      return time_yr(rates(moved), moved);
    };
    return (time(1.0 + h) - time(1.0 - h)) / (2.0 * h) / found.time_yr.value;
  };
  const auto protons = changed([](Scenario& moved, double factor) {
    for (auto& one : moved.sites.at(1).signal_uncertainties)
      if (one.of == "free protons")
        one.relative *= factor;
  });
  CHECK(at(found, prefix + "free protons").elasticity == Approx(protons).epsilon(1e-4));
  CHECK(at(found, prefix + "free protons").value == 0.0092);
  CHECK(protons > 0.1);
  const auto plutonium = changed([](Scenario& moved, double factor) {
    for (setup::Site& site : moved.sites)
      site.reactor.fission_fractions[2] *= factor;
  });
  CHECK(at(found, "reactor.fission_fraction.Pu239").elasticity == Approx(plutonium).epsilon(1e-4));

  // An experiment without such uncertainties has no such inputs.
  const Scenario alone = point("tao-30m", "nlo");
  calculate.prepare(calculator(), alone);
  CHECK(std::isnan(at(calculate(calculator(), alone), prefix + "free protons").value));
}

TEST_CASE("What one correlation group varies is one input, however it is spelled") {
  auto files = setup::read_configs(std::string(NULOOP_SOURCE) + "/configs");
  files.push_back({"own/experiments.toml", "mine/experiments.toml", R"(
[tao-30m]
title = "TAO"
signal_uncertainties = [{ of = "volume", size = "1 %", correlation = "volume" }]
[cloud-25mwe]
title = "CLOUD"
signal_uncertainties = [{ of = "liquid's volume", size = "2 %", correlation = "volume" },
                        { of = "volume", size = "0.3 %" }]
[both]
title = "Both"
members = ["tao-30m", "cloud-25mwe"]
)"});
  const setup::World own = setup::build_world(files);
  const analysis::ImpactCalculator calculate(own, {physics::Model::nlo}, {"both"});
  std::vector<std::string> found;
  for (const analysis::ImpactInput& input : calculate.inputs())
    if (input.name.rfind("signal_uncertainties.", 0) == 0)
      found.push_back(input.name);
  CHECK(found == std::vector<std::string>{"signal_uncertainties.volume",
                                          "signal_uncertainties.volume (alone)"});

  setup::Settings settings = setup::read_settings({&own.defaults}, own);
  for (const auto& [key, value] :
       Changes{{"experiment", "both"}, {"model", "nlo"}, {"flux_uncertainty", 0.005}})
    settings.at(setup::find_parameter(key).value()) = value;
  const Scenario s = setup::make_scenario(settings, own);
  prediction::RateCalculator rates_of(own);
  calculate.prepare(rates_of, s);
  const Impacts impacts = calculate(rates_of, s);
  const auto elasticity = [&](const std::string& group) {
    const auto time = [&](double factor) {
      Scenario moved = s;
      for (setup::Site& site : moved.sites)
        for (auto& one : site.signal_uncertainties)
          if (one.correlation_group == group)
            one.relative *= factor;
      return time_yr(rates_of.rates(moved), moved);
    };
    const double h = 1e-3;
    return (time(1.0 + h) - time(1.0 - h)) / (2.0 * h) / time(1.0);
  };
  for (std::size_t i = 0; i < calculate.inputs().size(); ++i) {
    const std::string& name = calculate.inputs()[i].name;
    if (name == found.front())
      CHECK(impacts.inputs[i].elasticity == Approx(elasticity("volume")).epsilon(1e-4));
    if (name == found.back())
      CHECK(impacts.inputs[i].elasticity == Approx(elasticity("")).epsilon(1e-4));
  }
}

TEST_CASE("The threshold moves the time along the curve of chi2") {
  const Scenario s = point("cloud-300mwe", "nlo");
  const statistics::ChiSquareCurve curve = prediction::chi_square_curve(rates(s), s);
  const Impacts found = impacts(s);
  double rise = curve.slope;
  for (const auto& term : curve.saturating)
    rise += term.amplitude / std::pow(1.0 + term.stiffness * found.time_yr.value, 2);
  CHECK(of(found, "discovery.significance").derivative.value == Approx(10.0 / rise).epsilon(1e-10));
}

TEST_CASE("Where nothing is ever discovered there is nothing to derive") {
  const Scenario s =
      point("tao-30m", "nlo", {{"window.bin_width", 9.0}, {"flux_uncertainty", 0.02}});
  const Impacts found = impacts(s);
  CHECK(std::isinf(found.time_yr.value));
  CHECK(std::isinf(found.time_yr.error));
  REQUIRE(found.inputs.size() == names().size());
  for (const Impact& impact : found.inputs) {
    CHECK(std::isfinite(impact.value));
    CHECK(std::isnan(impact.derivative.value));
    CHECK(std::isnan(impact.derivative.error));
    CHECK(std::isnan(impact.elasticity));
    CHECK(std::isnan(impact.shift));
  }
  CHECK(of(found, "window.low").value == 1.0);
}

TEST_CASE("Known uncertainties are those of the configs, and shifts follow") {
  const Impacts found = impacts(point("tao-30m", "nlo"));
  const auto sigma = [&](const std::string& name) { return of(found, name).uncertainty; };
  CHECK(sigma("yield.11C") == Approx(153e-7));
  CHECK(sigma("energy_per_fission.U235") == 0.26);
  CHECK(sigma("energy_per_fission.Pu241") == 0.33);
  CHECK(sigma("one_loop.hadronic_3_gamma") == Approx(0.2 * 3.597));
  CHECK(sigma("one_loop.hadronic_gamma_gamma") == 0.021);
  CHECK(std::isnan(sigma("lo.sin2_theta_w")));
  CHECK(std::isnan(sigma("detector.mass")));
  for (const Impact& impact : found.inputs)
    CHECK((std::isnan(impact.uncertainty)
               ? std::isnan(impact.shift)
               : impact.shift == impact.derivative.value * impact.uncertainty));
  const Impacts other =
      impacts(point("tao-30m", "nlo", {{"energy_per_fission", std::string("kopeikin-2004")}}));
  CHECK(std::isnan(of(other, "energy_per_fission.U235").uncertainty));
}

TEST_CASE("A job of kind impacts fills its datasets, also where some points never discover") {
  const std::string text = R"([job]
name = "impacts"
title = "t"
kind = "impacts"
[axes]
experiment = ["tao-30m", "cloud-surface"]
flux_uncertainty = [0.001, 0.02]
[settings]
background_uncertainty = 1e-4
model = "nlo"
"window.bin_width" = "9 MeV"
)";
  const auto read = [](const std::string& toml) {
    return analysis::read_job(io::parse_toml({"job.toml", "job.toml", toml}), world());
  };
  const setup::Job job = read(text);
  const sweep::Study study = analysis::make_study(job, world());
  const sweep::Layout& layout = study.layout;
  const sweep::Plan& plan = study.plan;
  CHECK(layout.coordinates().empty());
  CHECK(plan.outer_points() == 4);
  CHECK(plan.inner_points() == 1);
  std::vector<std::string> problems;
  std::size_t never = 0, seen = 0;
  const auto worker = study.work->worker(nullptr);
  for (std::size_t i = 0; i < plan.task_count(); ++i) {
    const sweep::Task task = plan.task(i);
    auto result = sweep::blank_result(study, task);
    sweep::compute(study, task, *worker, result, problems);
    const auto& times = result.values[layout.index("/discovery_time")];
    const auto& derivatives = result.values[layout.index("/impacts/derivative")];
    const std::size_t inputs = names().size();
    REQUIRE(derivatives.size() == inputs * times.size());
    for (std::size_t n = 0; n < task.points(); ++n, ++seen) {
      CHECK(result.status[n] == sweep::Status::done);
      const Scenario s = test::scenario_of(job, task, n);
      CHECK(times[n] == time_yr(rates(s), s));
      const double mass = derivatives[n * inputs + place_of("detector.mass")];
      if (std::isinf(times[n])) {
        ++never;
        CHECK(std::isnan(mass));
      } else {
        CHECK(mass * s.site().detector.mass_t == Approx(-times[n]).epsilon(1e-9));
      }
    }
  }
  CHECK(seen == 4);
  CHECK(never > 0);
  CHECK(never < 4);
  CHECK(problems.empty());
  CHECK_THROWS_AS(read(text + "exposure = \"1 yr\"\n"), InputError);
  CHECK_THROWS_AS(read(text + "energy = \"1 MeV\"\n"), InputError);
  CHECK_THROWS_AS(read(text + "statistic = \"reference\"\n"), InputError);
  CHECK_THROWS_AS(read(text + "flux_correlation = 0.0\n"), InputError);
  const std::string joint = "\"tao-30m+cloud-25mwe\"";
  std::string other = text;
  other.replace(other.find("\"tao-30m\""), 9, joint);
  CHECK_NOTHROW(read(other));
}
