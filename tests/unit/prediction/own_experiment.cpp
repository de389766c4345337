// An experiment of one's own: files laid over configs/, losses, several cores, backgrounds by
// spectrum.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/experiment/beta_decay_signal.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/problems.hpp"
#include "unit/prediction/own_world.hpp"
#include "unit/statistics/exact.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace {

using namespace nuloop;
using namespace nuloop::test;
using Catch::Contains;

// d^T C^-1 d from rates per day alone: variances, flux, cosmogenic background, and a column of
// changes of one standard deviation for each further pull.
Real by_covariance(const Rates& r, const Eigen::ArrayXd& cosmogenic, double sigma_flux,
                   double sigma_background, const std::vector<Eigen::ArrayXd>& columns,
                   double t_yr) {
  const Real days = 365.25L * t_yr;
  const auto exact = [&](const Eigen::ArrayXd& values) -> RealVector {
    return days * values.cast<Real>().matrix();
  };
  RealMatrix covariance =
      RealVector(exact(r.reference.value) + exact(r.background.value)).asDiagonal();
  const auto add = [&](const RealVector& change) { covariance += change * change.transpose(); };
  add(sigma_flux * exact(r.tested.value));
  add(sigma_background * exact(cosmogenic));
  for (const Eigen::ArrayXd& column : columns)
    add(exact(column));
  const RealVector difference = exact(r.difference.value);
  return difference.dot(covariance.ldlt().solve(difference));
}

// The minimum of chi2 over all pulls, found by conjugate gradients in their space and from chi2's
// slope alone. Each pull is a column of the counts' change by one standard deviation per day.
Real by_descent(const Rates& r, const std::vector<Eigen::ArrayXd>& columns, double t_yr) {
  const Real days = 365.25L * t_yr;
  const auto exact = [&](const Eigen::ArrayXd& values) -> RealVector {
    return days * values.cast<Real>().matrix();
  };
  const RealVector variance = exact(r.reference.value) + exact(r.background.value);
  const RealVector difference = exact(r.difference.value);
  std::vector<RealVector> changes;
  for (const Eigen::ArrayXd& column : columns)
    changes.push_back(exact(column));
  const auto pulls = static_cast<Eigen::Index>(changes.size());
  const auto left = [&](const RealVector& x) {  // of the difference
    RealVector rest = difference;
    for (Eigen::Index k = 0; k < pulls; ++k)
      rest -= x[k] * changes[static_cast<std::size_t>(k)];
    return rest;
  };
  const auto chi2_at = [&](const RealVector& x) {
    return left(x).cwiseAbs2().cwiseQuotient(variance).sum() + x.squaredNorm();
  };
  const auto downhill = [&](const RealVector& x) {
    const RealVector weighted = left(x).cwiseQuotient(variance);
    RealVector step = -x;
    for (Eigen::Index k = 0; k < pulls; ++k)
      step[k] += changes[static_cast<std::size_t>(k)].dot(weighted);
    return step;
  };
  RealVector scale(pulls);  // of a pull by itself
  for (Eigen::Index k = 0; k < pulls; ++k)
    scale[k] =
        1.0L /
        (1.0L + changes[static_cast<std::size_t>(k)].cwiseAbs2().cwiseQuotient(variance).sum());
  RealVector x = RealVector::Zero(pulls), slope = downhill(x);
  RealVector direction = scale.cwiseProduct(slope);
  for (int step = 0; step < 500 && slope.dot(scale.cwiseProduct(slope)) > 1e-22L; ++step) {
    // chi2 is a parabola along the direction.
    const RealVector along = difference - left(direction);
    const Real bend = along.cwiseAbs2().cwiseQuotient(variance).sum() + direction.squaredNorm();
    x += slope.dot(direction) / bend * direction;
    const RealVector next = downhill(x);
    const Real turn = next.dot(scale.cwiseProduct(RealVector(next - slope))) /
                      slope.dot(scale.cwiseProduct(slope));
    slope = next;
    direction = scale.cwiseProduct(slope) + std::max(turn, Real(0.0)) * direction;
  }
  return chi2_at(x);
}

const Files with_backgrounds = {{"experiments.toml", R"(
[tao-30m]
further_backgrounds = ["radon", "accidentals"]
[other]
title = "Another one"
reactor = "taishan-1"
mass = "4 t"
baseline = "20 m"
electrons = "3.372e29 /t"
background = "paper-surface"
further_backgrounds = ["radon"]
resolution = { stochastic = 0.05 }
["both"]
title = "Both"
members = ["tao-30m", "other"]
)"},
                                {"backgrounds.toml", R"(
[radon]
title = "r"
source = "s"
spectrum = "exponential"
energies_are = "deposited"
low = "0.1 MeV"
high = "6 MeV"
scale = "0.9 MeV"
rate_per_mass = "50 /day/t"
uncertainty = 0.3
correlation = "radon"
[accidentals]
title = "a"
source = "s"
spectrum = "table"
energies_are = "measured"
edges = [1, 2, 3, 4, 10]
per_bin = [100, 30, 10, 5]
uncertainty = 0.1
)"}};

}  // namespace

TEST_CASE("what a file of one's own does not say stays as it is") {
  const World shipped = world_with({});
  const World own = world_with({{"experiments.toml", "[tao-30m]\nmass = \"3 t\"\n"},
                                {"couplings.toml", "hadronic_3_gamma = 4.0\n"}});
  CHECK(own.experiments.names() == shipped.experiments.names());
  const auto& mine = *own.experiments.find("tao-30m");
  CHECK(mine.detector.mass_t == 3.0);
  CHECK(mine.detector.baseline_m == 30.0);
  CHECK(mine.background == "paper-25mwe");
  CHECK(own.one_loop.hadronic_3_gamma == 4.0);
  CHECK(own.one_loop.hadronic_gamma_gamma == shipped.one_loop.hadronic_gamma_gamma);
}

TEST_CASE("half of the events is half of the mass, to the last bit") {
  const World world = world_with({});
  const Scenario half_mass = point(world, "cloud-25mwe", {{"detector.mass", 4.0}});
  for (const Changes& losses :
       std::vector<Changes>{{{"efficiency.everywhere", 0.5}}, {{"detector.dead_time", 0.5}}}) {
    const Scenario lossy = point(world, "cloud-25mwe", losses);
    const Rates a = rates(world, half_mass), b = rates(world, lossy);
    for (const auto member : prediction::spectra_of_rates)
      CHECK(((a.*member).value == (b.*member).value).all());
    CHECK(chi2(world, half_mass, 3.0) == chi2(world, lossy, 3.0));
  }
}

TEST_CASE("a further core adds its power over the square of its distance") {
  const World world = world_with({});
  const Rates one = rates(world, point(world, "tao-30m"));
  const Rates two = rates(world, point(world, "tao-30m-two-cores"));
  const double more = 1.0 + 30.0 * 30.0 / (252.5 * 252.5);
  CHECK((two.tested.value / one.tested.value / more - 1.0).abs().maxCoeff() < 1e-14);
  CHECK((two.difference.value / one.difference.value / more - 1.0).abs().maxCoeff() < 1e-14);
  CHECK((two.background.value == one.background.value).all());
}

TEST_CASE("electrons follow from a composition") {
  const World world = world_with({{"experiments.toml", R"(
[water]
title = "Water"
reactor = "taishan-1"
mass = "1 t"
baseline = "20 m"
composition = { H = 0.1119, O = 0.8881 }
background = "none"
)"}});
  // Ten electrons in 18.015 g/mol.
  CHECK(world.experiments.find("water")->detector.electrons_per_t ==
        Approx(10.0 / 18.015 * 6.02214076e23 * 1e6).epsilon(1e-4));
}

TEST_CASE("backgrounds by spectrum have pulls of their own: chi2 is that of the covariance") {
  const World world = world_with(with_backgrounds);
  const World plain = world_with({});
  const Scenario s = point(world, "tao-30m");
  const Rates r = rates(world, s);
  const Eigen::ArrayXd cosmogenic = rates(plain, point(plain, "tao-30m")).background.value;
  // Of the table 100 in the first bin, 30, 10, then 5 over six bins.
  Eigen::ArrayXd accidentals = Eigen::ArrayXd::Constant(9, 5.0 / 6.0);
  accidentals.head(3) << 100.0, 30.0, 10.0;
  Eigen::ArrayXd radon(9);
  for (Eigen::Index bin = 0; bin < 9; ++bin) {
    const auto below = [](double T) { return -std::exp(-(std::min(T, 6.0) - 0.1) / 0.9); };
    const double low = 1.0 + static_cast<double>(bin);
    radon[bin] = 140.0 * (below(low + 1.0) - below(low)) / (below(6.0) - below(0.1));
  }
  CHECK((r.background.value / (cosmogenic + accidentals + radon) - 1.0).abs().maxCoeff() < 1e-10);
  for (const double t_yr : {0.1, 1.0, 10.0})
    CHECK(chi2(world, s, t_yr) ==
          Approx(static_cast<double>(by_covariance(r, cosmogenic, 0.005, 0.1,
                                                   {0.3 * radon, 0.1 * accidentals}, t_yr)))
              .epsilon(1e-9));
  CHECK(prediction::pulls_of(s).size() == 4);
}

TEST_CASE("backgrounds of one correlation group vary together in a joint fit") {
  const World world = world_with(with_backgrounds);
  const Scenario s = point(world, "both");
  REQUIRE(s.sites.size() == 2);
  CHECK(s.sites[0].response.resolution.perfect());
  CHECK(s.sites[1].response.resolution.stochastic == 0.05);
  const auto groups = prediction::source_groups(s);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].name == "radon");
  CHECK(groups[0].members.size() == 2);
  CHECK(groups[1].members.size() == 1);
  const Rates r = rates(world, s);
  const Rates first = rates(world, point(world, "tao-30m"));
  const Rates second = rates(world, point(world, "other"));
  CHECK((r.background.value.head(9) == first.background.value).all());
  CHECK((r.background.value.tail(9) == second.background.value).all());
  REQUIRE(r.systematic.sources.size() == 2);
  CHECK((r.systematic.sources[0].value.head(9) == first.systematic.sources[0].value).all());
  CHECK((r.systematic.sources[0].value.tail(9) == second.systematic.sources[0].value).all());
  CHECK((r.systematic.sources[1].value.head(9) == first.systematic.sources[1].value).all());
  CHECK((r.systematic.sources[1].value.tail(9) == 0.0).all());
}

TEST_CASE("what was measured does not move with the energy scale") {
  const World world = world_with({{"experiments.toml",
                                   "[tao-30m]\nbackground = \"none\"\n"
                                   "further_backgrounds = [\"table\"]\n"},
                                  {"backgrounds.toml", R"(
[table]
title = "t"
source = "s"
spectrum = "table"
energies_are = "measured"
edges = [1, 2, 10]
per_bin = [100, 30]
uncertainty = 0
)"}});
  const Scenario s = point(world, "tao-30m", {{"energy_scale_uncertainty", 0.01}});
  const Rates r = rates(world, s);
  CHECK(r.systematic.energy_scale->background.value.abs().maxCoeff() < 1e-9);
  CHECK(prediction::pulls_of(s).size() == 3);  // two of the paper, the energy scale
}

TEST_CASE("a table that ends inside the window is refused") {
  const World world = world_with({{"experiments.toml", R"(
[tao-30m]
efficiency = { energies = [1.0, 8.0], values = [0.5, 0.9] }
[tao-44m]
energy_scale = { deposited = [1.1, 12.0], visible = [1.05, 12.0] }
)"}});
  const auto problem = [&](const char* experiment, setup::MeasuredEnergies window) {
    return setup::coverage_problem(experiment, window, world);
  };
  CHECK(problem("tao-30m", {1.0, 8.0}).empty());
  CHECK_THAT(problem("tao-30m", {1.0, 10.0}),
             Contains("efficiency") && Contains("mine/experiments.toml:2") && Contains("1 to 8"));
  CHECK_THAT(problem("tao-44m", {1.0, 10.0}), Contains("energy_scale"));
  CHECK(problem("cloud-surface", {1.0, 10.0}).empty());

  // What is measured 1 % too high was visible 1 % lower.
  CHECK(problem("tao-30m", {1.01, 8.08, 1.01, 1.01}).empty());
  CHECK_THAT(problem("tao-30m", {1.0, 8.0, 1.01, 1.01}), Contains("detector.energy_scale"));
  CHECK_THAT(problem("tao-30m", {1.0, 8.0, 0.8, 1.0}), Contains("1 to 10 MeV which"));
}

TEST_CASE("a window may end where a table of energy scale does") {
  // 12 (12.01/12) is not 12.01.
  const World world = world_with({{"experiments.toml", R"(
[tao-30m]
energy_scale = { deposited = [0.5, 12.0], visible = [0.485, 12.01] }
)"}});
  CHECK(setup::coverage_problem("tao-30m", {0.485, 12.01}, world).empty());
  CHECK_THAT(setup::coverage_problem("tao-30m", {0.485, 12.0101}, world),
             Contains("from 0.485 to 12.01 MeV of visible"));
}

TEST_CASE("every fault in files of one's own is found where it is") {
  struct Fault {
    const char* file;
    const char* text;
    const char* says;  // besides file and line 2
  };
  const std::string detector =
      "title = \"x\"\nreactor = \"taishan-1\"\nmass = \"1 t\"\nbaseline = \"9 m\"\n"
      "electrons = \"3e29 /t\"\nbackground = \"none\"\n";
  const std::string source =
      "title = \"x\"\nsource = \"s\"\nuncertainty = 0.1\nenergies_are = \"measured\"\n";
  for (const auto& [file, text, says] : std::vector<Fault>{
           {"experiments.toml", "efficiency = 1.2", "must be"},
           {"experiments.toml", "efficiency = 0", "must be"},
           {"experiments.toml", "efficiency = { threshold = \"1 MeV\" }", "width"},
           {"experiments.toml", "efficiency = { energies = [1, 2], values = [0.5] }", "wants 2"},
           {"experiments.toml", "efficiency = { energies = [2, 1], values = [1, 1] }", "ascending"},
           {"experiments.toml", "efficiency = { energies = [1, 2], values = [0.5, 1.5] }", "1.5"},
           {"experiments.toml", "efficiency = { at = 1 }", "unknown key"},
           {"experiments.toml", "dead_time = 1.0", "must be"},
           {"experiments.toml", "resolution = { stochastic = -0.1 }", "stochastic"},
           {"experiments.toml", "resolution = { noise = 0.1 }", "unit"},
           {"experiments.toml", "resolution = { linear = 0.1 }", "unknown key"},
           {"experiments.toml", "energy_scale = { deposited = [0, 1], visible = [0, 1] }",
            "above 0"},
           {"experiments.toml", "energy_scale = { deposited = [1, 2], visible = [2, 1] }",
            "ascending"},
           {"experiments.toml", "energy_scale = { deposited = [1, 2], visible = [1, 2, 3] }",
            "wants 2"},
           {"experiments.toml", "energy_scale = { deposited = [1, 10], visible = [5, 6] }",
            "does not grow all the way from 1 to 10 MeV"},
           {"experiments.toml",
            "response_uncertainties = { deposited = [1, 1.01], visible = [0.1, -0.1] }",
            "does not grow"},
           {"experiments.toml", "energy_scale = { birks = \"0.01 g/cm2/MeV\" }", "mean_excitation"},
           {"experiments.toml", "composition = { H = 1.0 }", "the same thing"},
           {"experiments.toml", "further_cores = [{ reactor = \"nowhere\", baseline = \"9 m\" }]",
            "unknown reactor"},
           {"experiments.toml", "further_cores = [{ reactor = \"chooz-b1\" }]", "baseline"},
           {"experiments.toml", "further_backgrounds = [\"radon\"]", "unknown spectrum"},
           {"experiments.toml", "channel = \"ccqe\"", "\"ibd\""},
           {"experiments.toml", "channel = \"ibd\"", "cross_section"},
           {"experiments.toml", "channel = \"ibd\"\ncross_section = \"none\"", "vogel-beacom"},
           {"experiments.toml", "channel = \"ibd\"\ncross_section = \"couplings\"", "protons"},
           {"experiments.toml", "cross_section = \"couplings\"", "counts inverse beta decays"},
           {"experiments.toml",
            "window = { low = \"3 MeV\", high = \"2 MeV\", bin_width = \"1 MeV\" }", "not below"},
           {"experiments.toml", "window = { low = \"3 MeV\" }", "high"},
           {"experiments.toml", "signal_uncertainties = [{ size = \"1 %\" }]", "of"},
           {"experiments.toml", "signal_uncertainties = [{ of = \"x\", size = 0 }]", "must be"},
           {"backgrounds.toml", "spectrum = \"round\"", "exponential"},
           {"backgrounds.toml",
            "spectrum = \"flat\"\nlow = \"2 MeV\"\nhigh = \"1 MeV\"\nrate = \"1 /day\"",
            "above low"},
           {"backgrounds.toml", "spectrum = \"flat\"\nlow = \"1 MeV\"\nhigh = \"2 MeV\"\nrate = 1",
            "unit"},
           {"backgrounds.toml", "spectrum = \"flat\"\nlow = \"1 MeV\"\nhigh = \"2 MeV\"", "rate"},
           {"backgrounds.toml",
            "spectrum = \"flat\"\nlow = \"1 MeV\"\nhigh = \"2 MeV\"\nrate = \"1 /day\"\n"
            "rate_per_mass = \"1 /day/t\"",
            "one of them"},
           {"backgrounds.toml", "spectrum = \"line\"\nrate = \"1 /day\"", "energy"},
           {"backgrounds.toml", "spectrum = \"table\"\nedges = [1, 2, 3]\nper_bin = [1]",
            "wants 2 values"},
           {"backgrounds.toml", "spectrum = \"table\"\nedges = [1, 2, 2]\nper_bin = [1, 1]",
            "ascending"},
           {"backgrounds.toml", "spectrum = \"table\"\nedges = [1, 2]\nper_bin = [-1]", "must be"},
           {"backgrounds.toml", "spectrum = \"table\"\nedges = [1, 2]\nper_bin = [0]", "integral"},
           {"backgrounds.toml", "spectrum = \"table\"\nenergies = [1, 2]\nper_MeV = [1, nan]",
            "nan"},
           {"backgrounds.toml", "spectrum = \"table\"\nenergies = [1, 2]\nper_bin = [1, 1]",
            "per_MeV"},
       }) {
    const bool of_detector = std::string_view(file) == "experiments.toml";
    const std::string whole =
        "[mine]\n" + std::string(text) + "\n" + (of_detector ? detector : source);
    INFO(file << ": " << text);
    std::string message;
    try {
      world_with({{file, whole}});
      FAIL_CHECK("accepted");
    } catch (const InputError& error) {
      message = error.what();
    }
    CHECK_THAT(message, Contains("mine/" + std::string(file) + ":"));
    CHECK_THAT(message, Contains("mine."));
    CHECK_THAT(message, Contains(says));
  }
}

TEST_CASE("fractions that cannot be shares of a whole are refused") {
  const auto refused = [](const Files& own, const std::string& file, const std::string& says) {
    CHECK_THROWS_WITH(world_with(own), Contains("mine/" + file) && Contains(says));
  };
  refused({{"reactors.toml",
            "[reactor.taishan-1]\nfission_fractions = { U235 = 0.5, U238 = 0.07, "
            "Pu239 = 0.0, Pu241 = 0.0 }\n"}},
          "reactors.toml", "sum to 0.57");
  refused({{"isotopes.toml",
            "[12B]\nbranches = [\n"
            "{ beta = \"electron\", fraction = 0.99, endpoint = \"13 MeV\", "
            "extra_visible = \"0 MeV\" },\n"
            "{ beta = \"electron\", fraction = 0.99, endpoint = \"9 MeV\", "
            "extra_visible = \"0 MeV\" },\n]\n"}},
          "isotopes.toml", "1.98 betas");
}

namespace {

// tao-30m with what a text adds to it, and a joint experiment of it and its inverse beta decays.
World with_decays(const std::string& of_scattering = "", const std::string& of_decays = "") {
  return world_with({{"experiments.toml", R"(
[tao-30m]
title = "TAO"
)" + of_scattering + R"(
[decays]
title = "Inverse beta decays"
channel = "ibd"
cross_section = "couplings"
reactor = "taishan-1"
mass = "1 t"
baseline = "30 m"
electrons = "3.372e29 /t"
protons = "7.331e28 /t"
efficiency = 0.5
window = { low = "1 MeV", high = "8 MeV", bin_width = "0.5 MeV" }
)" + of_decays + R"(
[in-situ]
title = "Both"
members = ["tao-30m", "decays"]
)"}});
}

// A flux of which the normalisation is not known, one thing to all members.
const Changes free_flux = {{"flux_uncertainty", 1e4}, {"flux_correlation", 1.0}};

Changes with(Changes changes, const Changes& more) {
  for (const auto& [key, value] : more)
    changes.insert_or_assign(key, value);
  return changes;
}

}  // namespace

TEST_CASE("inverse beta decays are those of the integrals, and loops do not change them") {
  const World world = with_decays();
  const Scenario scenario = point(world, "decays");
  const setup::Site& site = scenario.site();
  REQUIRE(site.beta_decay);
  const Rates r = rates(world, scenario);
  const experiment::BetaDecayBasis basis(
      {*scenario.flux.model, {1.0, 8.0, 0.5}, site.response, *site.beta_decay, 1e-10});
  CHECK(r.tested.value.size() == 14);
  CHECK((r.tested.value == basis.events_per_day(site.reactor, site.detector).value).all());
  CHECK((r.reference.value == r.tested.value).all());
  CHECK((r.difference.value == 0.0).all());
  CHECK((r.hadronic.value == 0.0).all());
  CHECK((r.background.value == 0.0).all());
}

TEST_CASE("antineutrinos that disappear make no decays") {
  const World world = with_decays();
  const Scenario scenario =
      point(world, "decays", {{"oscillation.sin2_2theta", 0.3}, {"oscillation.delta_m2", 1.0}});
  const setup::Site& site = scenario.site();
  const experiment::FluxModel left =
      scenario.flux.model->after({0.3, 1.0, site.detector.baseline_m});
  const experiment::BetaDecayBasis basis(
      {left, {1.0, 8.0, 0.5}, site.response, *site.beta_decay, 1e-10});
  const Rates r = rates(world, scenario);
  CHECK((r.tested.value == basis.events_per_day(site.reactor, site.detector).value).all());
  CHECK(r.tested.value.sum() < 0.9 * rates(world, point(world, "decays")).tested.value.sum());
}

TEST_CASE("an experiment's own window takes the place of the job's") {
  const World world =
      with_decays("window = { low = \"2 MeV\", high = \"6 MeV\", bin_width = \"0.25 MeV\" }");
  const Rates own = rates(world, point(world, "tao-30m"));
  const World plain = with_decays();
  const Rates set =
      rates(plain, point(plain, "tao-30m",
                         {{"window.low", 2.0}, {"window.high", 6.0}, {"window.bin_width", 0.25}}));
  REQUIRE(own.tested.value.size() == 16);
  CHECK((own.tested.value == set.tested.value).all());
  CHECK((own.background.value == set.background.value).all());
}

TEST_CASE("decays without limit and without uncertainties make the flux known") {
  const World world = with_decays();
  Scenario both = point(world, "in-situ", free_flux);
  both.sites[1].detector.mass_t = 1e15;
  const Scenario known = point(world, "tao-30m", {{"flux_uncertainty", 0.0}});
  for (const double t : {0.3, 5.0, 100.0})
    CHECK(chi2(world, both, t) == Approx(chi2(world, known, t)).epsilon(1e-10));
}

TEST_CASE("decays of unknown efficiency say nothing of the flux") {
  const World world =
      with_decays("", "signal_uncertainties = [{ of = \"efficiency\", size = 1e8 }]");
  const Scenario both = point(world, "in-situ", free_flux);
  const Scenario alone = point(world, "tao-30m", free_flux);
  for (const double t : {0.3, 5.0, 100.0})
    CHECK(chi2(world, both, t) == Approx(chi2(world, alone, t)).epsilon(1e-10));
  // With a factor of zero on it there is no such uncertainty.
  const Scenario exact =
      point(world, "in-situ", with(free_flux, {{"signal_uncertainties.scale", 0.0}}));
  const World plain = with_decays();
  CHECK(chi2(world, exact, 5.0) == chi2(plain, point(plain, "in-situ", free_flux), 5.0));
}

TEST_CASE("what is uncertain alike in both members leaves their ratio alone") {
  const std::string common =
      "signal_uncertainties = [{ of = \"volume\", size = \"3 %\", correlation = \"volume\" }]";
  const std::string own = "signal_uncertainties = [{ of = \"volume\", size = \"3 %\" }]";
  const World none = with_decays(), alike = with_decays(common, common),
              apart = with_decays(own, own);
  const double without = chi2(none, point(none, "in-situ", free_flux), 5.0);
  CHECK(chi2(alike, point(alike, "in-situ", free_flux), 5.0) == Approx(without).epsilon(1e-10));
  CHECK(chi2(apart, point(apart, "in-situ", free_flux), 5.0) < 0.5 * without);
  CHECK(prediction::signal_groups(point(alike, "in-situ")).size() == 1);
  CHECK(prediction::signal_groups(point(apart, "in-situ")).size() == 2);
}

TEST_CASE(
    "chi2 with decays is that of the covariance and of a descent, the shape of the flux free or "
    "not") {
  const World world =
      with_decays("signal_uncertainties = [{ of = \"electrons\", size = \"0.3 %\" }]",
                  "signal_uncertainties = [{ of = \"protons\", size = \"0.9 %\" },"
                  " { of = \"efficiency\", size = \"0.7 %\" }]");
  for (const double shape : {0.0, 0.1}) {
    const Scenario both = point(world, "in-situ",
                                {{"flux_uncertainty", 0.05},
                                 {"flux_correlation", 1.0},
                                 {"flux_shape.free_scale", shape},
                                 {"signal_uncertainties.scale", 1.5}});
    const Rates r = rates(world, both);
    const auto scattering = r.bins_of_sites.at(0), decays = r.bins_of_sites.at(1);
    REQUIRE(scattering + decays == r.tested.value.size());
    Eigen::ArrayXd of_electrons = 1.5 * 0.003 * r.tested.value;
    of_electrons.tail(decays) = 0.0;
    Eigen::ArrayXd of_protons = r.tested.value;
    of_protons.head(scattering) = 0.0;
    std::vector<Eigen::ArrayXd> columns = {of_electrons, 1.5 * 0.009 * of_protons,
                                           1.5 * 0.007 * of_protons};
    Eigen::ArrayXd all_bins = Eigen::ArrayXd::Zero(r.tested.value.size());
    for (const experiment::Spectrum& bin : r.systematic.flux_bins) {
      columns.push_back(shape * bin.value);
      all_bins += bin.value;
    }
    if (shape > 0.0)  // bins of the flux are all of it
      CHECK((all_bins - r.tested.value).abs().maxCoeff() < 1e-8 * r.tested.value.maxCoeff());
    const double background = both.uncertainties.background;
    std::vector<Eigen::ArrayXd> pulls = columns;
    pulls.push_back(0.05 * r.tested.value);
    pulls.push_back(background * r.background.value);
    for (const double t : {0.3, 5.0}) {
      const double closed = chi2(world, both, t);
      CHECK(closed == Approx(static_cast<double>(by_covariance(r, r.background.value, 0.05,
                                                               background, columns, t)))
                          .epsilon(1e-10));
      CHECK(closed == Approx(static_cast<double>(by_descent(r, pulls, t))).epsilon(1e-10));
    }
  }
}

TEST_CASE("a free flux has a bin that no decay sees, below the threshold") {
  const World world = with_decays();
  const Scenario both = point(world, "in-situ", {{"flux_shape.free_scale", 1.0}});
  const auto edges = prediction::free_flux_edges_MeV(both);
  CHECK(edges.front() == Approx(1.806).epsilon(1e-4));
  CHECK(edges.size() == both.flux.uncertainties->inner_edges_MeV.size() + 1);
  const Rates r = rates(world, both);
  REQUIRE(r.systematic.flux_bins.size() == edges.size() + 1);
  const Eigen::ArrayXd& unseen = r.systematic.flux_bins.front().value;
  CHECK((unseen.tail(r.bins_of_sites.at(1)) == 0.0).all());
  CHECK(unseen[0] > 0.0);
}

TEST_CASE("an energy scale that is off moves the windows of all members") {
  const World world = with_decays();
  const Scenario both = point(world, "in-situ", {{"energy_scale_uncertainty", 0.01}});
  const Rates r = rates(world, both);
  REQUIRE(r.systematic.energy_scale);
  // By the difference of decays in windows that are moved by hand.
  const auto moved = [&](double shift) {
    Scenario s = point(world, "decays");
    s.site().window = setup::Window{1.0 + shift, 8.0 * (1.0 + shift), 0.5 * (1.0 + shift)};
    return Eigen::ArrayXd(rates(world, s).tested.value);
  };
  const double step = 1e-3;
  const Eigen::ArrayXd slope = (moved(step) - moved(-step)) / (2.0 * step);
  const Eigen::ArrayXd found = r.systematic.energy_scale->signal.value.tail(14);
  for (Eigen::Index bin = 1; bin < 14; ++bin)  // the spectrum begins in the first
    CHECK(found[bin] == Approx(slope[bin]).epsilon(1e-4).margin(1e-4 * slope.abs().maxCoeff()));
}
