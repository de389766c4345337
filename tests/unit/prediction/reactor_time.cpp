// Reactors in time: fuel that burns up, cycles and calendars, and data in periods of a cycle.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/problems.hpp"
#include "nuloop/setup/warnings.hpp"
#include "unit/prediction/own_world.hpp"

#include <map>
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace {

using namespace nuloop;
using namespace nuloop::test;
using Catch::Contains;

double time_yr(const World& world, const Scenario& scenario) {
  return prediction::discovery_time_yr(rates(world, scenario), scenario);
}

// d^T C^-1 d: counts of data with variances, and changes of all bins by one standard deviation of
// each pull.
Real by_covariance(const RealVector& difference, const RealVector& variance,
                   const std::vector<RealVector>& pulls) {
  RealMatrix covariance = variance.asDiagonal();
  for (const RealVector& change : pulls)
    covariance += change * change.transpose();
  return difference.dot(covariance.ldlt().solve(difference));
}

constexpr const char* reactor_text = R"(
title = "A core"
thermal_power = "4.60 GW"
fission_fractions = { U235 = 0.561, U238 = 0.076, Pu239 = 0.307, Pu241 = 0.056 }
source = "a test"
)";

// Cores of taishan-1 that run as the texts say: core-0, core-1, ...
std::string cores(const std::vector<std::string>& texts) {
  std::string all;
  for (std::size_t i = 0; i < texts.size(); ++i)
    all += "[reactor.core-" + std::to_string(i) + "]" + reactor_text + texts[i] + "\n";
  return all;
}

// tao-30m at core-0, and what a text adds.
std::string detector(const std::string& text = "") {
  return "[mine]\ntitle = \"Mine\"\nreactor = \"core-0\"\nmass = \"2.8 t\"\nbaseline = \"30 m\"\n"
         "electrons = \"3.372e29 /t\"\nbackground = \"paper-25mwe\"\n" +
         text + "\n";
}

World world_of(const std::vector<std::string>& core_texts, const std::string& text = "") {
  return world_with({{"reactors.toml", cores(core_texts)}, {"experiments.toml", detector(text)}});
}

const std::string second_core = "further_cores = [{ reactor = \"core-1\", baseline = \"60 m\" }]\n";

}  // namespace

TEST_CASE("rates with a fuel that burns up are means over its cycle") {
  const World world = world_with({});
  const experiment::PerFissile<double> begin = {0.637, 0.068, 0.266, 0.028},
                                       end = {0.447, 0.075, 0.389, 0.085};
  for (const std::string name : {"tao-30m", "tao-30m-ibd"}) {
    const Rates cycle = rates(world, point(world, name, {{"fuel", "whole-cycle"}}));
    constexpr int steps = 16;  // of Simpson's rule
    Eigen::ArrayXd mean = 0.0 * cycle.tested.value, middle = mean;
    for (int n = 0; n <= steps; ++n) {
      Scenario fixed = point(world, name);
      const double x = static_cast<double>(n) / steps;
      for (std::size_t i = 0; i < begin.size(); ++i)
        fixed.site().reactor.fission_fractions[i] = (1.0 - x) * begin[i] + x * end[i];
      const Eigen::ArrayXd now = rates(world, fixed).tested.value;
      mean += (n == 0 || n == steps ? 1.0 : n % 2 == 1 ? 4.0 : 2.0) / (3.0 * steps) * now;
      if (2 * n == steps)
        middle = now;
    }
    CHECK((cycle.tested.value / mean - 1.0).abs().maxCoeff() < 1e-11);
    // The composition in the middle makes 2 to 4 parts in 10^5 fewer.
    const double off = cycle.tested.value.sum() / middle.sum() - 1.0;
    CHECK(off > 1e-5);
    CHECK(off < 1e-4);
  }
}

TEST_CASE("a cycle gives a load factor, which multiplies the signal as the paper has it") {
  const World world = world_of({"cycle = { length = \"500 days\", stop = \"100 days\" }"});
  const Scenario cycle = point(world, "mine"), paper = point(world, "tao-30m");
  CHECK(cycle.site().reactor.load_factor == 0.8);
  CHECK(*cycle.site().reactor_on == 0.8);
  const Rates a = rates(world, cycle), b = rates(world, paper);
  CHECK((a.tested.value == b.tested.value).all());
  CHECK((a.background.value == b.background.value).all());
  CHECK(time_yr(world, cycle) == time_yr(world, paper));
  // By its name, and without.
  const Scenario named = point(world, "mine", {{"reactor_time", "load-factor"}});
  CHECK(time_yr(world, named) == time_yr(world, paper));
}

TEST_CASE("with a calendar, data without reactor are apart, in calendar time") {
  const World world = world_of({"cycle = { length = \"500 days\", stop = \"150 days\" }"});
  const Scenario s = point(world, "mine", {{"reactor_time", "calendar"}});
  const Real on = 0.7L, days = 365.25L;
  CHECK(s.off_share() == Approx(3.0 / 7.0).epsilon(1e-14));
  // At full power, all the time, from an experiment without a cycle.
  Scenario full = point(world, "tao-30m");
  full.site().reactor.load_factor = 1.0;
  const Rates r = rates(world, full);
  const Eigen::Index bins = r.tested.value.size();
  for (const double t : {0.5, 3.0, 20.0}) {
    const auto both = [&](const Eigen::ArrayXd& with, const Eigen::ArrayXd& without) {
      RealVector all(2 * bins);
      all << days * t * on * with.cast<Real>().matrix(),
          days * t * (1.0L - on) * without.cast<Real>().matrix();
      return all;
    };
    const Eigen::ArrayXd none = 0.0 * r.tested.value;
    const RealVector background = both(r.background.value, r.background.value);
    const Real expected =
        by_covariance(both(r.difference.value, none), both(r.reference.value, none) + background,
                      {0.005L * both(r.tested.value, none), 0.1L * background});
    CHECK(chi2(world, s, t) == Approx(static_cast<double>(expected)).epsilon(1e-10));
  }
  // The share of time off is that of today's key, whose exposure is the time with reactor.
  Scenario share = full;
  share.time.reactor_off_share = 3.0 / 7.0;
  CHECK(time_yr(world, s) == Approx(time_yr(world, share) / 0.7).epsilon(1e-12));
}

TEST_CASE("of several cores each has its load, and off is when none runs") {
  const World world =
      world_of({"calendar = { begin = \"0 days\", end = \"100 days\", off = [[10, 40], [90, 95]] }",
                "calendar = { begin = \"0 days\", end = \"100 days\", on = [[0, 5], [30, 92]] }"},
               second_core);
  const setup::ExperimentEntry& entry = *world.experiments.find("mine");
  CHECK(entry.reactor.load_factor == Approx(0.65).epsilon(1e-15));
  CHECK(entry.further_cores.front().reactor.load_factor == Approx(0.67).epsilon(1e-15));
  // None from day 10 to 30 and from 92 to 95.
  CHECK(*entry.reactor_on == Approx(0.77).epsilon(1e-15));
  // Each core alone, at full power and 30 m away.
  Scenario alone = point(world, "tao-30m");
  alone.site().reactor.load_factor = 1.0;
  const Rates full = rates(world, alone);
  const Rates spread = rates(world, point(world, "mine"));
  const auto compare = [](const Eigen::ArrayXd& found, const Eigen::ArrayXd& expected) {
    CHECK((found / expected - 1.0).abs().maxCoeff() < 1e-13);
  };
  const double load = 0.65 + 0.67 / 4.0;
  compare(spread.tested.value, load * full.tested.value);
  compare(spread.background.value, full.background.value);
  // Apart: events per day of calendar time with any core; with one on as with both.
  const Scenario calendar = point(world, "mine", {{"reactor_time", "calendar"}});
  const Rates apart = rates(world, calendar);
  compare(apart.tested.value, load * full.tested.value);
  compare(apart.background.value, 0.77 * full.background.value);
  CHECK(calendar.off_share() == Approx(0.23 / 0.77).epsilon(1e-13));
}

TEST_CASE("data are taken for a part of a calendar, of a cycle, of a core's life") {
  const auto on = [](const std::vector<std::string>& texts, const std::string& begin,
                     const std::string& end, const std::string& more = "") {
    const World world = world_of(
        texts, more + "data_taking = { begin = \"" + begin + "\", end = \"" + end + "\" }");
    return *world.experiments.find("mine")->reactor_on;
  };
  const std::string calendar =
      "calendar = { begin = \"0 days\", end = \"100 days\", off = [[10, 40]] }";
  CHECK(on({calendar}, "20 days", "60 days") == Approx(0.5).epsilon(1e-15));
  CHECK(on({calendar}, "50 days", "60 days") == 1.0);
  const std::string cycle =
      "cycle = { length = \"100 days\", stop = \"20 days\", begin = \"-30 days\" }\n";
  // Stops from day 50 to 70 and 150 to 170.
  CHECK(on({cycle}, "0 days", "160 days") == Approx(130.0 / 160.0).epsilon(1e-15));
  CHECK(on({cycle + "commissioned = \"20 days\"\nshut_down = \"100 days\""}, "0 days",
           "160 days") == Approx(60.0 / 160.0).epsilon(1e-15));
  CHECK(on({"shut_down = \"30 days\""}, "0 days", "40 days") == 0.75);
  // With a second core whose stops are 20 days later there is none without any.
  const std::string later =
      "cycle = { length = \"100 days\", stop = \"20 days\", begin = \"-10 days\" }";
  CHECK(on({cycle, later}, "0 days", "160 days", second_core) == 1.0);
  const std::string overlapping =
      "cycle = { length = \"100 days\", stop = \"20 days\", begin = \"-15 days\" }";
  CHECK(on({cycle, overlapping}, "0 days", "200 days", second_core) == 0.95);
}

TEST_CASE("a live time is exposure, for all that is counted") {
  const std::string measured = "further_backgrounds = [\"known\"]\n";
  const Files source = {
      {"backgrounds.toml",
       "[known]\ntitle = \"Known\"\nsource = \"a test\"\nspectrum = \"flat\"\nlow = \"1 MeV\"\n"
       "high = \"5 MeV\"\nrate = \"300 /day\"\nenergies_are = \"measured\"\nuncertainty = 0.2\n"}};
  const auto world_with_live_time = [&](const std::string& text) {
    Files files = source;
    files["reactors.toml"] = cores({"load_factor = 0.8"});
    files["experiments.toml"] = detector(measured + text);
    return world_with(files);
  };
  const World all = world_with_live_time(""), half = world_with_live_time("live_time = 0.5");
  const double whole = time_yr(all, point(all, "mine"));
  CHECK(time_yr(half, point(half, "mine")) == Approx(2.0 * whole).epsilon(1e-13));
  CHECK(time_yr(all, point(all, "mine", {{"detector.live_time", 0.25}})) ==
        Approx(4.0 * whole).epsilon(1e-13));
  const Rates r = rates(all, point(all, "mine")), h = rates(half, point(half, "mine"));
  CHECK((h.background.value - 0.5 * r.background.value).abs().maxCoeff() < 1e-10);
}

namespace {

// A joint experiment of tao-30m and its decays, with and without periods.
std::string joint(const std::string& fuel) {
  return R"(
[decays]
title = "Inverse beta decays"
channel = "ibd"
cross_section = "couplings"
reactor = "taishan-1"
mass = "1 t"
baseline = "30 m"
electrons = "3.372e29 /t"
protons = "7.331e28 /t"
efficiency = { threshold = "1.5 MeV", width = "0.2 MeV" }
resolution = { stochastic = 0.05 }
window = { low = "1 MeV", high = "8 MeV", bin_width = "1 MeV" }
signal_uncertainties = [{ of = "protons", size = "0.9 %" }, { of = "neutrons", size = "0.7 %" }]
response_uncertainties = { efficiency = "1 %", threshold = "20 keV" }
[whole]
title = "A cycle"
members = ["tao-30m", "decays"]
fuel = ")" +
         fuel +
         R"("
[parts]
title = "A cycle in parts"
members = ["tao-30m", "decays"]
periods = 3
fuel = ")" +
         fuel +
         R"("
[alone]
title = "Scattering in parts"
members = ["tao-30m"]
periods = 2
fuel = ")" +
         fuel + "\"\n";
}

constexpr const char* hardly_burnt = R"(
[fuel.hardly-burnt]
title = "Hardly burnt"
source = "a test"
fission_fractions = { U235 = 0.561, U238 = 0.076, Pu239 = 0.307, Pu241 = 0.056 }
fission_fractions_at_end = { U235 = 0.561000001, U238 = 0.076, Pu239 = 0.306999999, Pu241 = 0.056 }
)";

}  // namespace

TEST_CASE("periods of a cycle make the events of all of it") {
  const World world = world_with({{"experiments.toml", joint("whole-cycle")}});
  const Scenario parts = point(world, "parts");
  REQUIRE(parts.sites.size() == 6);
  const Rates whole = rates(world, point(world, "whole")), r = rates(world, parts);
  const Eigen::Index scattering = 9, decays = 7;
  REQUIRE(r.bins_of_sites == std::vector<Eigen::Index>{9, 9, 9, 7, 7, 7});
  CHECK(r.detectors_of_sites == std::vector<std::size_t>{0, 0, 0, 1, 1, 1});
  const auto compare = [&](const experiment::Spectrum& all, const experiment::Spectrum& divided) {
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(scattering + decays);
    for (Eigen::Index n = 0; n < 3; ++n) {
      sum.head(scattering) += divided.value.segment(n * scattering, scattering);
      sum.tail(decays) += divided.value.segment(3 * scattering + n * decays, decays);
    }
    CHECK((sum - all.value).abs().maxCoeff() < 1e-12 * all.value.maxCoeff());
  };
  compare(whole.tested, r.tested);
  compare(whole.background, r.background);
  compare(whole.difference, r.difference);
  // Less uranium, fewer antineutrinos: by 1.5 to 2 % from the first to the second third.
  const double first = r.tested.value.head(scattering).sum();
  const double second = r.tested.value.segment(scattering, scattering).sum();
  CHECK(second < 0.99 * first);
  CHECK(second > 0.97 * first);
}

TEST_CASE("periods with the same fuel are one measurement: all pulls are shared") {
  const World world =
      world_with({{"experiments.toml", joint("hardly-burnt")}, {"reactors.toml", hardly_burnt}});
  for (const Changes& changes :
       {Changes{}, Changes{{"flux_correlation", 0.5}, {"flux_uncertainty", 0.02}},
        Changes{{"flux_shape.free_scale", 0.1}}, Changes{{"flux_shape.isotope_scale", 1.0}},
        Changes{{"flux_shape.covariance_scale", 1.0}}, Changes{{"isotope_yields.scale", 1.0}},
        Changes{{"energy_scale_uncertainty", 0.01}, {"resolution_uncertainty", 0.1}},
        Changes{{"reactor_off.share", 0.2}}}) {
    const double whole = chi2(world, point(world, "whole", changes), 5.0);
    const double parts = chi2(world, point(world, "parts", changes), 5.0);
    INFO((changes.empty() ? "" : changes.begin()->first));
    CHECK(parts == Approx(whole).epsilon(1e-8));
  }
  CHECK(prediction::signal_groups(point(world, "parts")).size() == 2);
  CHECK(prediction::response_pulls(point(world, "parts")).size() == 2);
}

TEST_CASE("chi2 of periods is that of the covariance, each isotope's flux by itself") {
  const World world = world_with({{"experiments.toml", joint("whole-cycle")}});
  const Scenario s = point(world, "alone", {{"flux_shape.isotope_scale", 5.0}});
  const Rates r = rates(world, s);
  REQUIRE(r.bins_of_sites == std::vector<Eigen::Index>{9, 9});
  const Real days = 365.25L * 4.0L;
  const auto counts = [&](const Eigen::ArrayXd& values) -> RealVector {
    return days * values.cast<Real>().matrix();
  };
  // By hand: the events of each isotope in each half, with the uncertainties of the flux.
  std::vector<RealVector> pulls = {0.005L * counts(r.tested.value),
                                   0.1L * counts(r.background.value)};
  REQUIRE(r.systematic.flux.size() % 4 == 0);
  for (std::size_t isotope = 0; isotope < 4; ++isotope) {
    RealVector sum = RealVector::Zero(18);
    for (std::size_t i = isotope; i < r.systematic.flux.size(); i += 4)
      sum += 5.0L * counts(r.systematic.flux[i].value);
    pulls.push_back(sum);
  }
  const Real expected = by_covariance(counts(r.difference.value),
                                      counts(r.reference.value + r.background.value), pulls);
  CHECK(chi2(world, s, 4.0) == Approx(static_cast<double>(expected)).epsilon(1e-10));
  // Isotopes are told apart, so that more is known than of their sum.
  const World plain = world_with({});
  CHECK(chi2(world, s, 4.0) >
        chi2(plain,
             point(plain, "tao-30m", {{"fuel", "whole-cycle"}, {"flux_shape.isotope_scale", 5.0}}),
             4.0));
}

TEST_CASE("what cannot be of reactors in time is refused with file, line and key") {
  struct Wrong {
    std::string core, experiment, key, says;
  };
  const std::string calendar = "calendar = { begin = \"0 days\", end = \"100 days\", ";
  const std::string year = "cycle = { length = \"365 days\", stop = \"30 days\" }\n";
  for (const auto& [core, text, key, says] : std::vector<Wrong>{
           {"cycle = { length = \"0 days\", stop = \"0 days\" }", "", "cycle.length", "0 days"},
           {"cycle = { length = \"100 days\", stop = \"100 days\" }", "", "cycle.stop", "shorter"},
           {"cycle = { length = \"100 days\", stop = \"-1 days\" }", "", "cycle.stop",
            "out of range"},
           {"cycle = { length = 100, stop = \"1 days\" }", "", "cycle.length", "unit"},
           {"cycle = { length = \"100 days\" }", "", "cycle.stop", "missing"},
           {"cycle = { length = \"100 days\", stop = \"1 days\", stops = 2 }", "", "cycle.stops",
            "unknown"},
           {year + "load_factor = 0.8", "", "load_factor", "and cycle count the same time off"},
           {calendar + "off = [] }\nload_factor = 0.8", "", "load_factor", "and calendar"},
           {year + calendar + "off = [] }", "", "calendar", "and cycle"},
           {calendar + "off = [[10, 30], [20, 40]] }", "", "calendar.off", "overlap"},
           {calendar + "on = [[50, 60], [20, 40]] }", "", "calendar.on", "stand before"},
           {calendar + "off = [[30, 10]] }", "", "calendar.off", "day 10 is not after day 30"},
           {calendar + "off = [[30, 30]] }", "", "calendar.off", "day 30 is not after"},
           {calendar + "off = [[90, 110]] }", "", "calendar.off", "not within"},
           {calendar + "off = [[90, 95, 99]] }", "", "calendar.off", "[first day, last day]"},
           {calendar + "off = [[90, nan]] }", "", "calendar.off", "nan"},
           {calendar + "off = [], on = [] }", "", "calendar", "one of"},
           {"calendar = { begin = \"9 days\", end = \"1 days\", off = [] }", "", "calendar.end",
            "not after begin"},
           {calendar + "off = [[0, 100]] }", "", "mine.reactor", "does not run"},
           {calendar + "file = \"nowhere.txt\", intervals = \"off\" }", "", "calendar.file",
            "nowhere.txt"},
           {"commissioned = \"50 days\"\nshut_down = \"40 days\"", "", "shut_down", "not after"},
           {"shut_down = \"40 days\"", "", "data_taking", "missing"},
           {year, "data_taking = { begin = \"0 days\", end = \"9 days\" }", "data_taking",
            "cycle.begin"},
           {calendar + "off = [] }", "data_taking = { begin = \"0 days\", end = \"101 days\" }",
            "data_taking", "not within the calendar"},
           {"load_factor = 0.8", "data_taking = { begin = \"0 days\", end = \"9 days\" }",
            "data_taking", "means nothing"},
           {"load_factor = 0.8", "live_time = 0", "mine.live_time", "(0, 1]"},
           {"load_factor = 0.8", "live_time = 1.1", "mine.live_time", "1.1"},
           {"load_factor = 0.8\nfission_fractions_at_end = { U235 = 0.5, U238 = 0.1, Pu239 = 0.2, "
            "Pu241 = 0.1 }",
            "", "core-0.fission_fractions_at_end", "sum to 0.9"}}) {
    INFO(core << " " << text);
    std::string message;
    try {
      world_of({core}, text);
      FAIL_CHECK("accepted");
    } catch (const InputError& error) {
      message = error.what();
    }
    CHECK_THAT(message, Contains("mine/") && Contains(".toml:"));
    CHECK_THAT(message, Contains(key));
    CHECK_THAT(message, Contains(says));
  }
}

TEST_CASE("periods and fuels of joint experiments that cannot be are refused") {
  const auto refused = [](const std::string& text, const std::string& key,
                          const std::string& says) {
    CHECK_THROWS_WITH(
        world_with({{"experiments.toml", "[wrong]\ntitle = \"Wrong\"\n" + text}}),
        Contains("mine/experiments.toml:") && Contains("wrong." + key) && Contains(says));
  };
  const std::string members = "members = [\"tao-30m\", \"tao-30m-ibd\"]\n";
  refused(members + "periods = 4", "periods", "stays the same");
  refused(members + "fuel = \"whole-cycle\"\nperiods = 1", "periods", "1");
  refused(members + "fuel = \"whole-cycle\"\nperiods = 2.5", "periods", "whole number");
  refused(members + "fuel = \"hole-cycle\"", "fuel", "whole-cycle");
  refused(members + "fuel = \"end-of-cycle\"\nperiods = 2", "periods", "stays the same");
  refused("members = [\"tao-30m\"]\nperiods = 2", "periods", "stays the same");
}

TEST_CASE("a calendar may be a text file, whose lines are named") {
  const auto world = [](const std::string& rows) {
    return world_with(
        {{"reactors.toml", cores({"calendar = { begin = \"0 days\", end = \"100 days\", file = "
                                  "\"calendar.txt\", intervals = \"off\" }"})},
         {"calendar.txt", rows},
         {"experiments.toml", detector()}});
  };
  CHECK(*world("# off\n10 40\n90, 95  # the second\n").experiments.find("mine")->reactor_on ==
        Approx(0.65).epsilon(1e-15));
  CHECK_THROWS_WITH(world("10 40\n\n30 50\n"), Contains("calendar.txt:3") && Contains("overlap"));
  CHECK_THROWS_WITH(world("40 10\n"), Contains("calendar.txt:1") && Contains("not after"));
  CHECK_THROWS_WITH(world("10 40 50\n"), Contains("calendar.txt:1"));
}

TEST_CASE("a job that counts time off twice is refused, and both keys are named") {
  const World world = world_of({"cycle = { length = \"500 days\", stop = \"100 days\" }"});
  const auto read = [&](const std::string& settings) {
    return analysis::read_job(
        io::parse_toml({"job", "job.toml",
                        "[job]\nname = \"x\"\ntitle = \"\"\n[axes]\nexposure = [\"1 yr\"]\n"
                        "[settings]\nmodel = \"nlo\"\nflux_uncertainty = 0.005\n" +
                            settings}),
        world);
  };
  const std::string mine = "experiment = \"mine\"\n", tao = "experiment = \"tao-30m\"\n";
  const std::string calendar = "reactor_time = \"calendar\"\n";
  const auto refused = [&](const std::string& settings, const std::string& key,
                           const std::string& other) {
    CHECK_THROWS_WITH(read(settings), Contains("job.toml:") && Contains(key) && Contains(other));
  };
  refused(mine + "\"reactor_off.share\" = 0.25", "reactor_off.share", "cycle or calendar");
  refused(mine + calendar + "\"reactor_off.share\" = 0.25", "reactor_off.share", "reactor_time");
  refused(mine + calendar + "\"reactor.load_factor\" = 0.9", "reactor.load_factor", "reactor_time");
  refused(tao + calendar, "reactor_time", "\"tao-30m\"");
  refused(mine + "reactor_time = \"callendar\"", "reactor_time", "\"calendar\"");
  refused(tao + "fuel = \"whole-cycle\"\n\"reactor.fission_fraction.U235\" = 0.5",
          "reactor.fission_fraction.U235", "stays the same");
  CHECK_NOTHROW(read(mine + calendar));
  CHECK_NOTHROW(read(tao + "fuel = \"end-of-cycle\"\n\"reactor.fission_fraction.U235\" = 0.5"));
  // What is given in the place of the cycle counts once.
  CHECK_NOTHROW(read(mine + "\"reactor.load_factor\" = 1\n\"reactor_off.share\" = 0.25"));
  // The warning of a load factor without a cycle stays.
  const auto warned = setup::warnings(read(tao + "\"reactor_off.share\" = 0.25"), world);
  REQUIRE(warned.size() == 1);
  CHECK_THAT(warned.front(), Contains("reactor_off.share"));
}

TEST_CASE("members of a joint experiment follow one calendar") {
  const std::string both =
      detector() +
      "[other]\ntitle = \"Other\"\nreactor = \"core-1\"\nmass = \"2 t\"\nbaseline = \"40 m\"\n"
      "electrons = \"3.372e29 /t\"\nbackground = \"paper-25mwe\"\n"
      "[both]\ntitle = \"Both\"\nmembers = [\"mine\", \"other\"]\n";
  const auto problem = [&](const std::string& stop) {
    const World world = world_with(
        {{"reactors.toml", cores({"cycle = { length = \"500 days\", stop = \"100 days\" }",
                                  "cycle = { length = \"500 days\", stop = \"" + stop + "\" }"})},
         {"experiments.toml", both}});
    return setup::time_problem("both", {true, false, 0.0}, world).text;
  };
  CHECK(problem("100 days").empty());
  CHECK_THAT(problem("120 days"), Contains("0.8") && Contains("0.76"));
}
