// Axes along which several keys move together: reading, refusals, and what becomes of their points.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "message_of.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/sweep/study.hpp"
#include "unit/study_fixture.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using Catch::Contains;
using Catch::StartsWith;
using namespace nuloop;
using setup::Axis;
using setup::Job;
using setup::Scenario;
using setup::Value;
using sweep::Plan;
using sweep::Task;
using test::message_of;
using test::world;
using Values = std::vector<Value>;

io::Node parse(const std::string& text) {
  return io::parse_toml({"job.toml", "job.toml", text});
}

/// A reach with these axes and settings; its first axis is on line 5.
std::string text_of(const std::string& axes, const std::string& settings) {
  return "[job]\nname = \"zipped\"\ntitle = \"Zipped\"\n[axes]\n" + axes + "\n[settings]\n" +
         settings + "\n";
}

Job read(const std::string& axes, const std::string& settings) {
  return analysis::read_job(parse(text_of(axes, settings)), world());
}

const std::string everything_else =
    "experiment = \"tao-30m\"\nmodel = \"nlo\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n";
const std::string sites =
    R"("detector.baseline, background" = [["30 m", "paper-25mwe"], ["44 m", "flat-25mwe"]])";

std::string refusal(const std::string& axes, const std::string& settings = everything_else) {
  return message_of([&] { static_cast<void>(read(axes, settings)); });
}

std::vector<std::string> keys_of(const Axis& axis) {
  std::vector<std::string> keys;
  for (const setup::Column& column : axis.columns)
    keys.push_back(column.key);
  return keys;
}

void check_same(const Job& a, const Job& b) {
  REQUIRE(a.axes.size() == b.axes.size());
  for (std::size_t i = 0; i < a.axes.size(); ++i) {
    CHECK(keys_of(a.axes[i]) == keys_of(b.axes[i]));
    for (std::size_t c = 0; c < a.axes[i].columns.size(); ++c)
      CHECK(a.axes[i].columns[c].values == b.axes[i].columns[c].values);
  }
  CHECK(a.settings == b.settings);
  CHECK(a.resolved == b.resolved);
}

/// All scenarios of a job, with the words for each.
std::vector<std::pair<Scenario, std::string>> scenarios(const Job& job) {
  const sweep::Study study = analysis::make_study(job, world());
  const Plan& plan = study.plan;
  std::vector<std::pair<Scenario, std::string>> list;
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const Task task = plan.task(index);
    for (std::size_t n = 0; n < task.points(); ++n)
      list.emplace_back(test::scenario_of(job, task, n), study.describe(study.point(task, n)));
  }
  return list;
}

}  // namespace

TEST_CASE("the keys of an axis are separated by commas") {
  CHECK(setup::axis_keys("model") == std::vector<std::string>{"model"});
  CHECK(setup::axis_keys("detector.baseline, background") ==
        std::vector<std::string>{"detector.baseline", "background"});
  CHECK(setup::axis_keys(" a ,b,  c d ") == std::vector<std::string>{"a", "b", "c d"});
  CHECK(setup::axis_keys("a,") == std::vector<std::string>{"a", ""});
}

TEST_CASE("a list of points gives each key its value") {
  const Job job = read(sites, everything_else);
  REQUIRE(job.axes.size() == 1);
  const Axis& axis = job.axes[0];
  CHECK(keys_of(axis) == std::vector<std::string>{"detector.baseline", "background"});
  CHECK(axis.values() == Values{30.0, 44.0});
  CHECK(axis.columns.at(1).values == Values{"paper-25mwe", "flat-25mwe"});
  CHECK(job.axis("detector.baseline") == &axis);
  CHECK(job.axis("background") == nullptr);  // it names no dimension
  CHECK_FALSE(job.settings[*setup::find_parameter("background")]);
  CHECK(setup::values_of(job, "detector.baseline") == std::vector{30.0, 44.0});
}

TEST_CASE("ranges run side by side, each with its own spacing") {
  const Job job = read(R"("detector.mass, detector.baseline, background.scale" = [
    { from = "1 t", to = "4 t", points = 3 },
    { from = "10 m", to = "1 km", points = 3, spacing = "log" },
    { from = 2, to = 1, points = 3 }])",
                       everything_else);
  REQUIRE(job.axes.size() == 1);
  CHECK(job.axes[0].values() == Values{1.0, 2.5, 4.0});
  REQUIRE(job.axes[0].columns.size() == 3);
  const auto baselines = setup::values_of(job, "detector.baseline");
  REQUIRE(baselines.size() == 3);
  CHECK(baselines.front() == 10.0);
  CHECK(baselines[1] == Approx(100.0).epsilon(1e-14));  // an exponential's rounding
  CHECK(baselines.back() == 1000.0);
  CHECK(setup::values_of(job, "background.scale") == std::vector{2.0, 1.5, 1.0});
}

TEST_CASE("fission fractions move together, as a reactor burns") {
  const Job job = read(
      R"("reactor.fission_fraction.U235, reactor.fission_fraction.U238, reactor.fission_fraction.Pu239, reactor.fission_fraction.Pu241" = [
        [0.70, 0.07, 0.19, 0.04], [0.58, 0.07, 0.29, 0.06], [0.48, 0.07, 0.37, 0.08]])",
      everything_else);
  const auto points = scenarios(job);
  REQUIRE(points.size() == 3);
  CHECK(points[1].first.site().reactor.fission_fractions ==
        experiment::PerFissile<double>{0.58, 0.07, 0.29, 0.06});
  CHECK(points[2].first.site().reactor.fission_fractions ==
        experiment::PerFissile<double>{0.48, 0.07, 0.37, 0.08});
  CHECK(test::plan_of(job).group_count() == 1);
}

TEST_CASE("a zipped axis that is no list of points or ranges is refused where it stands") {
  const auto check = [](const std::string& value, const std::string& because) {
    CAPTURE(value);
    CHECK_THAT(
        refusal("model = [\"nlo\"]\n\"detector.baseline, background\" = " + value,
                "experiment = \"tao-30m\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n"),
        StartsWith("job.toml:6: axes.\"detector.baseline, background\": ") && Contains(because));
  };
  check("[]", "wants a list of points");
  check("\"30 m\"", "wants a list of points");
  check(R"({ from = "1 m", to = "2 m", points = 2 })", "wants a list of points");
  check(R"(["30 m", "44 m"])", "wants 2 values, one per key");
  check(R"([["30 m", "paper-25mwe"], ["44 m"]])", "wants 2 values, one per key");
  check(R"([["30 m", "paper-25mwe", "nlo"]])", "wants 2 values, one per key");
  check(R"([["30 m", "paper-25mwe"], { from = "1 m", to = "2 m", points = 2 }])",
        "wants 2 values, one per key");
  check(R"([{ from = "1 m", to = "2 m", points = 2 }])", "wants 2 ranges, one per key");
  check(R"([{ from = "1 m", to = "2 m", points = 2 }, ["paper-25mwe"]])",
        "background is a name and has no range");
  check(R"([["30 kg", "paper-25mwe"]])", "kg");
  check(R"([["30 m", "paper-25mew"]])", "did you mean \"paper-25mwe\"");
  check(R"([["30 m", "paper-25mwe"], ["30 m", "flat-25mwe"]])",
        "detector.baseline has a value twice; put a key first whose values all differ");
}

TEST_CASE("ranges that run side by side have the same number of points") {
  CHECK_THAT(refusal(R"("detector.mass, detector.baseline" = [
    { from = "1 t", to = "2 t", points = 3 }, { from = "1 m", to = "2 m", points = 4 }])"),
             Contains("the ranges have different numbers of points"));
}

TEST_CASE("a repeated value is allowed behind the first key") {
  const Job job =
      read(R"("background, detector.baseline" = [["paper-25mwe", "30 m"], ["flat-25mwe", "30 m"]])",
           everything_else);
  CHECK(setup::values_of(job, "detector.baseline") == std::vector{30.0, 30.0});
}

TEST_CASE("rates and what is made of them cannot move together, exposure with nothing") {
  const std::string rest = "experiment = \"tao-30m\"\nmodel = \"nlo\"\n";
  const std::string times = "exposure = \"1 yr\"\n", flux = "flux_uncertainty = 0.005\n";
  CHECK_THAT(refusal(R"("detector.baseline, flux_uncertainty" = [["30 m", 0.01]])", rest + times),
             Contains("detector.baseline and flux_uncertainty cannot move together"));
  CHECK_THAT(refusal(R"("flux_uncertainty, detector.baseline" = [[0.01, "30 m"]])", rest + times),
             Contains("flux_uncertainty and detector.baseline cannot move together"));
  for (const char* axis : {R"("exposure, flux_uncertainty" = [["1 yr", 0.01]])",
                           R"("flux_uncertainty, exposure" = [[0.01, "1 yr"]])"})
    CHECK_THAT(refusal(axis, rest), Contains("exposure cannot move with other keys"));
  CHECK_THAT(refusal(R"("detector.mass, exposure" = [["1 t", "1 yr"]])", rest + flux),
             Contains("exposure cannot move with other keys"));
  CHECK(refusal(R"("flux_uncertainty, background_uncertainty" = [[0.01, 0.1], [0.02, 0.2]])",
                rest + times)
            .empty());
}

TEST_CASE("a key occurs once in a job, and must be known") {
  CHECK_THAT(refusal(R"("detector.mass, detector.mass" = [["1 t", "2 t"]])"),
             StartsWith("job.toml:5: axes.\"detector.mass\": is set twice"));
  CHECK_THAT(refusal(sites + "\nbackground = [\"flat-25mwe\"]"),
             StartsWith("job.toml:6: axes.background: is set twice"));
  CHECK_THAT(refusal(sites, everything_else + "background = \"flat-25mwe\""),
             StartsWith("job.toml:11: settings.background: is an axis of this job already"));
  CHECK_THAT(refusal("\"detector.mass, detector.basline\" = [[\"1 t\", \"30 m\"]]"),
             StartsWith("job.toml:5: axes.\"detector.basline\": unknown key") &&
                 Contains("did you mean \"detector.baseline\""));
  CHECK_THAT(refusal("\"detector.mass,\" = [[\"1 t\"]]"),
             StartsWith("job.toml:5: axes.\"\": unknown key"));
  CHECK_THAT(refusal("\"detector.mass, energy\" = [[\"1 t\", \"3 MeV\"]]"),
             StartsWith("job.toml:5: axes.energy: means nothing to a job of kind \"reach\""));
}

TEST_CASE("every point is the scenario of its own values, and is called by all of them") {
  const Job job = read(sites + "\nmodel = [\"lo+cr\", \"nlo\"]",
                       "experiment = \"tao-30m\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n");
  const auto points = scenarios(job);
  REQUIRE(points.size() == 4);
  std::set<std::string> words;
  for (const auto& [scenario, text] : points) {
    const bool near = scenario.site().detector.baseline_m == 30.0;
    const std::string background = near ? "paper-25mwe" : "flat-25mwe";
    CHECK((near || scenario.site().detector.baseline_m == 44.0));
    CHECK(scenario.site().overburden.muon_flux_per_m2_s ==
          world().backgrounds.find(background)->overburden.muon_flux_per_m2_s);
    CHECK(scenario.site().detector.mass_t == world().experiments.find("tao-30m")->detector.mass_t);
    CHECK_THAT(text,
               StartsWith(near ? "detector.baseline = 30 m, background = paper-25mwe, model = "
                               : "detector.baseline = 44 m, background = flat-25mwe, model = "));
    words.insert(text);
  }
  CHECK(words.size() == 4);
}

TEST_CASE("an experiment's defaults do not overrule what moves along with it, in any order") {
  for (const char* axis :
       {R"("experiment, detector.mass" = [["tao-30m", "5 t"], ["cloud-25mwe", "6 t"]])",
        R"("detector.mass, experiment" = [["5 t", "tao-30m"], ["6 t", "cloud-25mwe"]])"}) {
    const auto points =
        scenarios(read(axis, "model = \"nlo\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n"));
    REQUIRE(points.size() == 2);
    CHECK(points[0].first.site().detector.mass_t == 5.0);
    CHECK(points[0].first.site().detector.baseline_m == 30.0);
    CHECK(points[1].first.site().detector.mass_t == 6.0);
    CHECK(points[1].first.site().detector.baseline_m == 35.0);
  }
}

TEST_CASE("an axis makes groups of tasks if any of its keys changes the integrals") {
  const std::string rest = "model = \"nlo\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n";
  const std::string mixing = "\n\"lo.sin2_theta_w\" = [0.231, 0.232, 0.233]";
  const Job job = read(
      R"("experiment, window.low" = [["tao-30m", "1 MeV"], ["tao-44m", "2 MeV"]])" + mixing, rest);
  const sweep::Study study = analysis::make_study(job, world());
  const Plan& plan = study.plan;
  CHECK(plan.group_count() == 2);
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const Task task = plan.task(index);
    CHECK(task.count[0] == 1);
    for (std::size_t n = 0; n < task.points(); ++n) {
      const Scenario s = test::scenario_of(job, task, n);
      CHECK(s.window.low_MeV == (plan.group_of(index) == 0 ? 1.0 : 2.0));
    }
  }
  CHECK(
      test::plan_of(
          read(R"("experiment, detector.mass" = [["tao-30m", "1 t"], ["tao-44m", "2 t"]])" + mixing,
               rest))
          .group_count() == 1);
}

TEST_CASE("windows that move along with something have their own bins") {
  const Job job = read(
      R"("experiment, window.low, window.bin_width" = [["tao-30m", "1 MeV", "3 MeV"], ["tao-44m", "8 MeV", "1 MeV"]])",
      "model = \"nlo\"\nflux_uncertainty = 0.005\nexposure = \"1 yr\"\n");
  REQUIRE(setup::shapes_the_bins(job.axes[0]));
  CHECK(test::study_of(job).layout.scale("/rates/bin").length == 3);
  const analysis::BinEdges edges = analysis::bin_edges(job, 3);
  CHECK(std::vector(edges.low.begin(), edges.low.begin() + 5) ==
        std::vector{1.0, 4.0, 7.0, 8.0, 9.0});
  CHECK(std::vector(edges.high.begin(), edges.high.begin() + 5) ==
        std::vector{4.0, 7.0, 10.0, 9.0, 10.0});
  REQUIRE(edges.low.size() == 6);
  CHECK(edges.low[5] != edges.low[5]);  // NaN: the second window has two bins
}

TEST_CASE("both ends of a window may move together, past each other's values") {
  const std::string axis =
      R"("window.low, window.high" = [["1 MeV", "3 MeV"], ["3 MeV", "6 MeV"], ["6 MeV", "10 MeV"]])";
  const Job job = read(axis, everything_else);
  CHECK(analysis::most_bins(job) == 8);
  CHECK_THAT(refusal(R"("window.low, window.high" = [["1 MeV", "3 MeV"], ["6 MeV", "5 MeV"]])"),
             StartsWith("job.toml:5: window.low: ") && Contains("not below"));
  CHECK_THAT(refusal(axis + "\n\"window.bin_width\" = [\"1 MeV\", \"1e-4 MeV\"]"),
             StartsWith("job.toml:6: window.bin_width: ") && Contains("bins"));
}

TEST_CASE("the resolved job is the same job") {
  for (
      const std::string& axes :
      {sites, sites + "\nreactor.load_factor = [0.5, 1]",
       std::string(R"("detector.mass, detector.baseline" = [
          { from = "1 t", to = "3 t", points = 7 }, { from = "10 m", to = "1 km", points = 7, spacing = "log" }])"),
       std::string(
           R"("theory.hadronic_3_gamma_uncertainty, background_uncertainty" = [[0.0, 0.1], [0.2, 0.3]])")}) {
    CAPTURE(axes);
    const Job job = read(axes, everything_else);
    check_same(analysis::read_job(parse(job.resolved), world()), job);
  }
}

TEST_CASE("an assignment changes such an axis or adds one") {
  const auto with = [](const std::string& assignment) {
    io::Node root = parse(text_of(sites, everything_else));
    io::set_value(root, assignment);
    return analysis::read_job(root, world());
  };
  const Job changed = with(R"(axes."detector.baseline, background"=[["20 m", "none"]])");
  REQUIRE(changed.axes.size() == 1);
  CHECK(changed.axes[0].values() == Values{20.0});
  CHECK(changed.axes[0].columns.at(1).values == Values{"none"});
  const Job added =
      with(R"(axes."detector.mass, detector.electrons"=[["2 t", "3e29 /t"], ["3 t", "2e29 /t"]])");
  REQUIRE(added.axes.size() == 2);
  CHECK(keys_of(added.axes[1]) == std::vector<std::string>{"detector.mass", "detector.electrons"});
  const std::string wrong = R"(axes."detector.baseline, background"=[["20 m"]])";
  CHECK_THAT(message_of([&] { with(wrong); }),
             StartsWith("--set " + wrong + ": ") && Contains("wants 2 values"));
}
