// The world of configs/: that it builds, and that every fault in it is found where it is.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/world.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/setup/job.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace nuloop;
using Catch::Contains;
using experiment::PerFissile;

const std::vector<io::TextFile>& configs() {
  static const auto files = setup::read_configs(std::string(NULOOP_SOURCE) + "/configs");
  return files;
}

struct Fault {
  std::string file, from, to;  // the first `from` in the text becomes `to`
  std::string key;             // that the message must name
  std::string problem;         // and what else it must say
  int lines_up = 0;            // where the fault is reported, above the line of `from`
};

// TAO at 30 m, tree level, with what a test changes.
setup::Scenario scenario(const std::map<std::string, setup::Value>& changes) {
  setup::Settings settings = setup::read_settings({&test::world().defaults}, test::world());
  const auto set = [&](const std::string& key, const setup::Value& value) {
    settings.at(setup::find_parameter(key).value()) = value;
  };
  set("experiment", "tao-30m");
  set("model", "lo");
  set("observable", "electron");
  for (const auto& [key, value] : changes)
    set(key, value);
  return setup::make_scenario(settings, test::world());
}

// Its events per day in each bin.
Eigen::ArrayXd signal(const std::map<std::string, setup::Value>& changes) {
  static prediction::RateCalculator calculator(test::world());
  const setup::Scenario wanted = scenario(changes);
  calculator.prepare(wanted);
  return calculator.rates(wanted).tested.value;
}

// Builds the world with the fault; the message, and the place where it should point.
void check(const Fault& fault) {
  std::vector<io::TextFile> files = configs();
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const auto& f) { return f.name == "configs/" + fault.file; });
  REQUIRE(file != files.end());
  const std::size_t at = file->text.find(fault.from);
  REQUIRE(at != std::string::npos);
  const auto line = 1 + std::count(file->text.begin(),
                                   file->text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  file->text.replace(at, fault.from.size(), fault.to);
  const std::string where = file->path + ":" + std::to_string(line - fault.lines_up) + ":";

  INFO(fault.file << ": " << fault.from << " -> " << fault.to);
  std::string message;
  try {
    setup::build_world(files);
    FAIL_CHECK("accepted");
  } catch (const InputError& error) {
    message = error.what();
  }
  CHECK_THAT(message, Contains(where));
  CHECK_THAT(message, Contains(fault.key));
  CHECK_THAT(message, Contains(fault.problem));
}

}  // namespace

TEST_CASE("the configs describe the paper's experiments") {
  const setup::World& world = test::world();
  CHECK(world.experiments.names() == std::vector<std::string>{"cloud-surface",
                                                              "cloud-25mwe",
                                                              "cloud-300mwe",
                                                              "tao-30m",
                                                              "tao-44m",
                                                              "tao-30m-two-cores",
                                                              "tao-44m-two-cores",
                                                              "tao-30m-radioactive",
                                                              "cloud-surface-two-cores",
                                                              "tao-30m+cloud-25mwe",
                                                              "tao-30m+cloud-surface",
                                                              "cloud-ibd",
                                                              "tao-30m-ibd",
                                                              "tao-44m-ibd",
                                                              "cloud-surface+ibd",
                                                              "cloud-25mwe+ibd",
                                                              "cloud-300mwe+ibd",
                                                              "tao-30m+ibd",
                                                              "tao-44m+ibd",
                                                              "tao-30m-cycle",
                                                              "tao-30m-6-periods",
                                                              "tao-30m+ibd-cycle",
                                                              "tao-30m+ibd-2-periods",
                                                              "tao-30m+ibd-6-periods"});
  CHECK(world.fluxes.names() == std::vector<std::string>{"huber-table", "huber", "kurchatov",
                                                         "mueller-table", "mueller", "summation"});
  CHECK(world.fuels.names() == std::vector<std::string>{"begin-of-cycle", "middle-of-cycle",
                                                        "end-of-cycle", "whole-cycle"});
  struct Expected {
    std::string name;
    double mass_t, baseline_m, muon_flux;
  };
  for (const auto& [name, mass, baseline, muons] :
       std::vector<Expected>{{"cloud-surface", 8.0, 35.0, 264.9},
                             {"cloud-25mwe", 8.0, 35.0, 88.3},
                             {"cloud-300mwe", 8.0, 35.0, 0.7},
                             {"tao-30m", 2.8, 30.0, 88.3},
                             {"tao-44m", 2.8, 44.0, 88.3}}) {
    const setup::ExperimentEntry& entry = *world.experiments.find(name);
    INFO(name);
    CHECK(entry.detector.mass_t == mass);
    CHECK(entry.detector.baseline_m == baseline);
    CHECK(entry.detector.electrons_per_t == 3.372e29);
    const setup::BackgroundEntry& background = *world.backgrounds.find(entry.background);
    CHECK(background.overburden.muon_flux_per_m2_s == muons);
    CHECK(background.overburden.mean_muon_energy_GeV == (muons == 0.7 ? 63.7 : 14.4));
  }
  CHECK(world.experiments.find("cloud") == nullptr);
  CHECK(world.experiments.find("tao-30m+cloud-25mwe")->members ==
        std::vector<std::string>{"tao-30m", "cloud-25mwe"});
  CHECK(world.one_loop.left_same_flavour == 2.39818e-5);
  CHECK(world.one_loop.scale_MeV == 2000.0);
}

TEST_CASE("cross sections of inverse beta decay have their strength from couplings or a lifetime") {
  const setup::World& world = test::world();
  const physics::BetaDecayInputs& couplings = world.beta_decays.find("couplings")->inputs;
  CHECK(couplings.form == physics::BetaDecayForm::strumia_vissani);
  CHECK(couplings.strength == Approx(0.97348 * 0.97348 * 1.02467).epsilon(1e-15));
  CHECK(couplings.outer);
  const physics::BetaDecayInputs& lifetime = world.beta_decays.find("lifetime")->inputs;
  CHECK(lifetime.strength ==
        Approx(physics::strength_of_lifetime(878.4, 1.7139, 1.2754)).epsilon(1e-13));
  CHECK(!world.beta_decays.find("vogel-beacom-1999")->inputs.outer);
  const setup::ExperimentEntry& decays = *world.experiments.find("tao-30m-ibd");
  CHECK(decays.beta_decay == couplings);
  CHECK(decays.window->low_MeV == 1.0);
  CHECK(decays.signal_uncertainties.size() == 3);
  CHECK(decays.background.empty());
  check(
      {"couplings.toml", "form = \"strumia-vissani\"", "form = \"other\"", "form", "vogel-beacom"});
  check({"couplings.toml", "outer_correction = true", "outer_correction = 1", "outer_correction",
         "true or false"});
}

TEST_CASE("uncertainties of inputs may be known or not") {
  const setup::World known = setup::build_world(configs());
  CHECK(*known.uncertainties.find("one_loop.hadronic_gamma_gamma") == 0.021);
  CHECK(known.uncertainties.find("one_loop.sin2_theta_w") == nullptr);
  CHECK((*known.energy_per_fission_errors_MeV.find("ma-2013"))[0] == 0.26);
  CHECK(std::isnan((*known.energy_per_fission_errors_MeV.find("kopeikin-2004"))[0]));
  std::vector<io::TextFile> files = configs();
  for (io::TextFile& file : files)
    if (file.name == "configs/couplings.toml") {
      const std::size_t table = file.text.find("[uncertainty]");
      file.text.erase(table, file.text.find("[charm_loop", table) - table);
    }
  CHECK(setup::build_world(files).uncertainties.names().empty());
  check({"couplings.toml", "hadronic_3_gamma = 0.7194", "hadronic_3_gamma = -0.7194",
         "uncertainty.hadronic_3_gamma", "out of range"});
  check({"couplings.toml", "hadronic_3_gamma = 0.7194", "charm = 0.7194", "uncertainty.charm",
         "unknown"});
  check({"reactors.toml", "U238 = \"0.52 MeV\", ", "",
         "energy_per_fission.ma-2013.uncertainty.U238", "missing"});
}

TEST_CASE("values by name belong to a key with a number, and fit it") {
  const auto refuse = [](const std::string& old, const std::string& instead, const std::string& key,
                         const std::string& message) {
    check({"named_values.toml", old, instead, key, message});
  };
  refuse("[\"lo.sin2_theta_w\".fitted]", "[\"lo.sin_theta_w\".fitted]", "lo.sin_theta_w",
         "is no key of a job");
  refuse("[\"lo.sin2_theta_w\".fitted]", "[flux.fitted]", "flux", "is no key of a job");
  refuse("value = 0.2334", "value = 1.2334", "fitted.value", "out of range");
  refuse("coupling = \"right\"", "coupling = \"rigth\"", "c_R.coupling", "\"right\"");
  const setup::World world = setup::build_world(configs());
  REQUIRE(setup::find_named_value(world, "lo.sin2_theta_w", "c_L") != nullptr);
  CHECK(setup::find_named_value(world, "lo.sin2_theta_w", "c_L")->value ==
        Approx(2.39818e-5 / (2.0 * std::sqrt(2.0) * 1.1663787e-5) - 0.5).epsilon(1e-13));
  CHECK(setup::find_named_value(world, "lo.sin2_theta_w", "qweak") == nullptr);
}

TEST_CASE("units convert: the same world in kilograms and centimetres") {
  std::vector<io::TextFile> files = configs();
  for (io::TextFile& file : files)
    if (file.name == "configs/experiments.toml") {
      file.text.replace(file.text.find("\"8 t\""), 5, "\"8000 kg\"");
      file.text.replace(file.text.find("\"35 m\""), 6, "\"3500 cm\"");
    }
  const setup::World world = setup::build_world(files);
  const experiment::Detector& detector = world.experiments.find("cloud-surface")->detector;
  CHECK(detector.mass_t == 8.0);
  CHECK(detector.baseline_m == 35.0);
}

TEST_CASE("a wrong or missing unit is found") {
  check({"experiments.toml", "\"8 t\"", "\"8 m\"", "cloud-surface.mass", "\"m\""});
  check({"experiments.toml", "\"2.8 t\"", "\"2.8\"", "tao-30m.mass", "lacks its unit"});
  check({"experiments.toml", "\"2.8 t\"", "2.8", "tao-30m.mass", "2.8 t"});
  check({"reactors.toml", "\"4.25 GW\"", "\"4.25 GeV\"", "chooz-b2.thermal_power", "GW"});
  check({"isotopes.toml", "\"13.369 MeV\"", "\"13.369 yr\"", "branches", "MeV"});
  check({"couplings.toml", "\"2.39818e-5 /GeV2\"", "2.39818e-5", "left_same_flavour", "/GeV2"});
}

TEST_CASE("a joint experiment has two or more different members that are single") {
  const std::string members = "[\"tao-30m\", \"cloud-25mwe\"]";
  const auto refuse = [&](const std::string& instead, const std::string& message) {
    check({"experiments.toml", members, instead, "members", message});
  };
  refuse("[\"tao-30m\"]", "two or more");
  refuse("[\"tao-30m\", \"tao-30m\"]", "twice");
  refuse("[\"tao-30m\", \"tao-3m\"]", "\"tao-30m\"");
  refuse("[\"tao-30m\", \"tao-30m+cloud-25mwe\"]", "none of the single experiments");
}

TEST_CASE("a flux names a table of uncertainties, which has a number for each energy") {
  check({"fluxes/mueller.toml", "\"huber\"", "\"hubert\"", "uncertainties", "\"huber\""});
  const std::string first = "U235 = [\n  0.018, 0.018";
  check({"flux_uncertainties.toml", first, "U235 = [\n  0.018", "huber.U235", "one per energy"});
  check({"flux_uncertainties.toml", "0.018, 0.018, 0.019", "-0.018, 0.018, 0.019", "huber.U235",
         "out of range"});
}

TEST_CASE("an unknown key is found and the nearest one named") {
  check({"experiments.toml", "background = \"paper-300mwe\"",
         "background = \"paper-300mwe\"\nbackgroud_scale = 2", "backgroud_scale", "unknown key",
         -1});
  check({"experiments.toml", "electrons =", "electons =", "electons", "\"electrons\""});
  check({"isotopes.toml", "daughter_charge", "daughter_charg", "12B.daughter_charg",
         "\"daughter_charge\""});
  check({"couplings.toml", "alpha_s = 0.3068", "alpha_s = 0.3068\nalpha_t = 0.1", "alpha_t",
         "unknown key", -1});
  check({"fluxes/huber.toml", "U235", "U236", "coefficients.U236", "U235"});
  check({"backgrounds.toml", "muon_flux = \"88.3", "muon_fluxes = \"88.3", "muon_fluxes",
         "muon_flux"});
}

TEST_CASE("a missing key is found") {
  // Reported where the table begins.
  check({"experiments.toml", "mass = \"8 t\"\n", "", "cloud-surface.mass", "is missing", 3});
  check({"reactors.toml", "load_factor = 0.80\n", "", "taishan-1.load_factor", "is missing", 3});
  check({"backgrounds.toml", "mean_muon_energy = \"14.4 GeV\"\n", "", "none.mean_muon_energy",
         "is missing", 3});
}

TEST_CASE("numbers that are not finite or out of range are found") {
  check({"couplings.toml", "alpha_s = 0.3068", "alpha_s = nan", "alpha_s", "nan"});
  check({"couplings.toml", "hadronic_gamma_gamma = 3.597", "hadronic_gamma_gamma = inf",
         "hadronic_gamma_gamma", "inf"});
  check({"couplings.toml", "\"0.76911e-5 /GeV2\"", "\"nan /GeV2\"", "right", "nan"});
  check({"experiments.toml", "\"8 t\"", "\"-8 t\"", "cloud-surface.mass", "above 0 t"});
  check({"experiments.toml", "\"8 t\"", "\"0 t\"", "cloud-surface.mass", "above 0 t"});
  check({"experiments.toml", "\"44 m\"", "\"nan m\"", "tao-44m.baseline", "nan"});
  check({"experiments.toml", "\"44 m\"", "\"1e999 m\"", "tao-44m.baseline", "1e999"});
  check({"reactors.toml", "load_factor = 0.80", "load_factor = 1.2", "load_factor", "1.2"});
  check({"reactors.toml", "U235 = 0.561", "U235 = -0.561", "fission_fractions.U235", "-0.561"});
  check({"backgrounds.toml", "\"264.9 /m2/s\"", "\"-264.9 /m2/s\"", "paper-surface.muon_flux",
         "at least 0"});
  check({"isotopes.toml", "fraction = 0.98216", "fraction = 1.98216", "branches.fraction",
         "1.98216"});
  check({"fluxes/mueller.toml", "3.217", "nan", "coefficients.U235", "nan"});
  check({"fluxes/summation.toml", "0.575322", "-0.575322", "table.U235", "-0.575322"});
}

TEST_CASE("constants of nature in another unit, or in per cent, are found") {
  check({"couplings.toml", "scale = \"2 GeV\"", "scale = \"2 MeV\"", "scale", "out of range"});
  check({"couplings.toml", "mass = \"1.27 GeV\"", "mass = \"1.27 MeV\"", "msbar-mc.mass",
         "out of range"});
  check({"couplings.toml", "\"0.76911e-5 /GeV2\"", "\"7.6911 /GeV2\"", "right", "out of range"});
  check({"couplings.toml", "inner_correction = 0.02467", "inner_correction = 2.467",
         "couplings.inner_correction", "out of range"});
  check({"couplings.toml", "v_ud = 0.97348", "v_ud = 0.0", "couplings.v_ud", "out of range"});
  check({"couplings.toml", "\"878.4 s\"", "\"878.4 d\"", "neutron_lifetime", "out of range"});
  check({"couplings.toml", "phase_space = 1.7139", "phase_space = 171.39", "phase_space",
         "out of range"});
  check({"reactors.toml", "\"202.36 MeV\"", "\"202.36 keV\"", "ma-2013.U235", "out of range"});
  check({"isotopes.toml", "\"260 GeV\"", "\"260 MeV\"", "12B.reference_energy", "out of range"});
  check({"isotopes.toml", "\"13.369 MeV\"", "\"13369 MeV\"", "branches.endpoint", "out of range"});
  check({"radioactivity.toml", "molar_mass = 238.0508", "molar_mass = 0.2380508", "238U.molar_mass",
         "out of range"});
  check({"radioactivity.toml", "alphas = [4.198", "alphas = [4198", "238U.alphas", "4198"});
}

TEST_CASE("names of things that do not exist are found") {
  check({"experiments.toml", "\"chooz-b2\"", "\"chooz-b3\"", "cloud-surface.reactor", "chooz-b2"});
  check({"experiments.toml", "\"paper-25mwe\"", "\"paper-26mwe\"", "cloud-25mwe.background",
         "paper-25mwe"});
  check({"fluxes/huber.toml", "\"exponential-polynomial\"", "\"exponential\"", "form",
         "exponential-polynomial"});
  check({"isotopes.toml", "beta = \"electron\"", "beta = \"muon\"", "beta", "positron"});
}

TEST_CASE("fluxes whose parts do not fit together are found") {
  check({"fluxes/mueller.toml", "3.217, ", "", "coefficients.U235", "6 coefficients"});
  check({"fluxes/mueller.toml", "high = \"12 MeV\"", "high = \"0 MeV\"", "high", "out of range"});
  check(
      {"fluxes/summation.toml", "low = \"0.05 MeV\"", "low = \"11 MeV\"", "high", "above low", -1});
  check({"fluxes/summation.toml", "0.201995, ", "", "table.U235", "101 values", 1});
}

TEST_CASE("numbers that would quietly mean something else are refused") {
  check({"isotopes.toml", "daughter_charge = 6", "daughter_charge = 5.9", "12B.daughter_charge",
         "whole"});
  check({"isotopes.toml",
         "branches = [\n  { beta = \"electron\", fraction = 1.0, endpoint = \"3.508 MeV\", "
         "extra_visible = \"0 MeV\" },\n]",
         "branches = []", "6He.branches", "at least one"});
  check({"reactors.toml", "{ U235 = 0.561, U238 = 0.076, Pu239 = 0.307, Pu241 = 0.056 }",
         "{ U235 = 0, U238 = 0, Pu239 = 0, Pu241 = 0 }", "taishan-1.fission_fractions", "zero"});
  check({"fluxes/huber.toml", "high = \"12 MeV\"", "high = \"1000 MeV\"", "high", "100 MeV"});
}

TEST_CASE("a table is never extrapolated") {
  std::vector<io::TextFile> files = configs();
  for (io::TextFile& file : files)
    if (file.name == "configs/fluxes/summation.toml")
      file.text.replace(file.text.find("10.05 MeV"), 9, "10.06 MeV");
  CHECK_THROWS_AS(setup::build_world(files), InputError);
}

TEST_CASE("a flux takes values outside its own table from another table alone") {
  const auto outside = [](const std::string& name, const std::string& problem) {
    check({"fluxes/kurchatov.toml", "outside = \"summation\"", "outside = \"" + name + "\"",
           "outside", problem});
  };
  outside("sumation", "\"summation\"");
  outside("mueller", "not a table");
  outside("huber-table", "has outside too");
  outside("kurchatov", "has outside too");
  check({"fluxes/kurchatov.toml", "outside = \"summation\"", "outside = 3", "outside", "text"});
  check({"fluxes/mueller.toml", "high = \"12 MeV\"", "high = \"12 MeV\"\noutside = \"summation\"",
         "outside", "unknown key", -1});
  check({"fluxes/kurchatov.toml", "outside = \"summation\"", "outsides = \"summation\"", "outsides",
         "unknown key"});
}

TEST_CASE("a flux and the one outside its table are not extrapolated either") {
  // Reported at `outside`, the line above or two above.
  check({"fluxes/kurchatov.toml", "low = \"0.05 MeV\"", "low = \"0.04 MeV\"", "outside",
         "0.05 to 10.05 MeV", 1});
  check({"fluxes/kurchatov.toml", "high = \"10.05 MeV\"", "high = \"10.06 MeV\"", "outside",
         "0.05 to 10.05 MeV", 2});
  // Without the other flux the table is 2 to 8 MeV and no more.
  std::vector<io::TextFile> files = configs();
  for (io::TextFile& file : files)
    if (file.name == "configs/fluxes/kurchatov.toml")
      file.text.replace(file.text.find("outside = "), 9, "#");
  std::string message;
  try {
    setup::build_world(files);
  } catch (const InputError& error) {
    message = error.what();
  }
  CHECK_THAT(message,
             Contains("kurchatov.toml") && Contains("table.energies") && Contains("2 to 8 MeV"));
}

TEST_CASE("faults in compositions of fuel are found") {
  check({"reactors.toml", "{ U235 = 0.447, U238 = 0.075, Pu239 = 0.389, Pu241 = 0.085 }",
         "{ U235 = 0, U238 = 0, Pu239 = 0, Pu241 = 0 }", "end-of-cycle.fission_fractions", "zero"});
  check({"reactors.toml", "U235 = 0.637", "U235 = 1.637", "begin-of-cycle.fission_fractions.U235",
         "1.637"});
  check({"reactors.toml", ", Pu241 = 0.028", "", "begin-of-cycle.fission_fractions.Pu241",
         "is missing"});
}

TEST_CASE("a fuel takes the place of the reactor's own, and a fraction by itself comes after it") {
  const auto fractions = [](const std::map<std::string, setup::Value>& settings) {
    return scenario(settings).site().reactor.fission_fractions;
  };
  CHECK(fractions({}) == PerFissile<double>{0.561, 0.076, 0.307, 0.056});
  CHECK(fractions({{"fuel", "end-of-cycle"}}) == PerFissile<double>{0.447, 0.075, 0.389, 0.085});
  CHECK(fractions({{"fuel", "end-of-cycle"}, {"reactor.fission_fraction.U238", 0.08}}) ==
        PerFissile<double>{0.447, 0.08, 0.389, 0.085});
  CHECK(fractions({{"fuel", "end-of-cycle"}, {"experiment", "cloud-25mwe"}}) ==
        PerFissile<double>{0.447, 0.075, 0.389, 0.085});
}

TEST_CASE("a fuel that burns up has compositions of both ends of its cycle") {
  const experiment::Fuel& fuel = test::world().fuels.find("whole-cycle")->fuel;
  CHECK(fuel.fission_fractions[0] == Approx(0.542).epsilon(1e-15));
  CHECK(fuel.half_change[0] == Approx(-0.095).epsilon(1e-15));
  CHECK(!test::world().fuels.find("end-of-cycle")->fuel.burns_up());
  check({"reactors.toml", "fission_fractions_at_end = { U235 = 0.447",
         "fission_fractions_at_end = { U235 = 0.337", "whole-cycle.fission_fractions_at_end",
         "sum to 0.886"});
  check({"reactors.toml", "fission_fractions_at_end = { U235 = 0.447",
         "fission_fractions_at_end = { U235 = -0.1", "fission_fractions_at_end.U235", "-0.1"});
  check({"reactors.toml", "fission_fractions_at_end =", "fission_fractions_at_ends =",
         "fission_fractions_at_ends", "fission_fractions_at_end"});
}

TEST_CASE("the energies per fission change the rate as sum f Q says") {
  // Fractions and energies written out: taishan-1 with Ma 2013 and with Kopeikin 2004.
  const double ma = 0.561 * 202.36 + 0.076 * 205.99 + 0.307 * 211.12 + 0.056 * 214.26;
  const double kopeikin = 0.561 * 201.92 + 0.076 * 205.52 + 0.307 * 209.99 + 0.056 * 213.60;
  const Eigen::ArrayXd ratio = signal({{"energy_per_fission", "kopeikin-2004"}}) / signal({});
  CHECK((ratio * kopeikin / ma - 1.0).abs().maxCoeff() < 1e-14);
}

TEST_CASE("a fuel changes the rate as the sum over isotopes says") {
  // Tree level above T = 1 MeV by hand: for each isotope the mean over its spectrum of a polynomial
  // in T, all constants left out.
  const double m = 0.51099895, right = 0.2334, left = 0.7334;
  const auto above_1_MeV = [&](double E, double top) {
    const auto primitive = [&](double T) {
      return right * right * T - left * left * E / 3.0 * std::pow(1.0 - T / E, 3) -
             left * right * m * T * T / (2.0 * E * E);
    };
    return primitive(top) - primitive(1.0);
  };
  const auto& flux = test::world().fluxes.find("mueller")->model;
  const auto end_of_recoil = [&](double E) { return 2.0 * E * E / (m + 2.0 * E); };
  const auto least_energy = [&](double T) { return 0.5 * (T + std::sqrt(T * (T + 2.0 * m))); };
  // Simpson's rule on 2000 intervals: its error is below 1e-12 on either side of the kink where
  // the recoil reaches the end of the window.
  PerFissile<double> by_isotope{};
  const auto add = [&](double from, double to) {
    constexpr int intervals = 2000;
    const double step = (to - from) / intervals;
    for (int k = 0; k <= intervals; ++k) {
      const double E = from + k * step;
      const double weight = step / 3.0 * (k == 0 || k == intervals ? 1.0 : k % 2 == 1 ? 4.0 : 2.0);
      const PerFissile<double> spectrum = flux(std::min(E, 12.0));
      for (std::size_t i = 0; i < by_isotope.size(); ++i)
        by_isotope[i] += weight * spectrum[i] * above_1_MeV(E, std::min(10.0, end_of_recoil(E)));
    }
  };
  add(least_energy(1.0), least_energy(10.0));
  add(least_energy(10.0), 12.0);

  const PerFissile<double> energies = {202.36, 205.99, 211.12, 214.26};
  const auto expected = [&](const PerFissile<double>& fractions) {
    double events = 0.0, energy = 0.0;
    for (std::size_t i = 0; i < fractions.size(); ++i) {
      events += fractions[i] * by_isotope[i];
      energy += fractions[i] * energies[i];
    }
    return events / energy;
  };
  const double own = signal({}).sum();
  const double reference = expected({0.561, 0.076, 0.307, 0.056});
  const auto check_fuel = [&](const char* name, const PerFissile<double>& fractions) {
    INFO(name);
    CHECK(signal({{"fuel", name}}).sum() / own ==
          Approx(expected(fractions) / reference).epsilon(1e-10));
  };
  check_fuel("begin-of-cycle", {0.637, 0.068, 0.266, 0.028});
  check_fuel("middle-of-cycle", {0.542, 0.0715, 0.3275, 0.0565});
  check_fuel("end-of-cycle", {0.447, 0.075, 0.389, 0.085});
}

TEST_CASE("what is not TOML is found with its line") {
  check({"couplings.toml", "alpha_s = 0.3068", "alpha_s = 0.30.68", "", ""});
  check({"experiments.toml", "baseline = \"44 m\"", "mass = \"44 m\"", "mass", ""});
}

TEST_CASE("a missing file and a missing folder are named") {
  std::vector<io::TextFile> files = configs();
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const auto& f) { return f.name == "configs/isotopes.toml"; }),
              files.end());
  CHECK_THROWS_WITH(setup::build_world(files), Contains("configs/isotopes.toml"));
  CHECK_THROWS_WITH(setup::read_configs("/nowhere/configs"), Contains("/nowhere/configs"));
}
