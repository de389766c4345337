// Jobs: what a job file means, what it may not say, and the resolved text.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/job.hpp"

#include "catch.hpp"
#include "message_of.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/plan.hpp"
#include "unit/study_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using Catch::Contains;
using nuloop::InputError;
using nuloop::io::Node;
using nuloop::setup::Job;
using nuloop::setup::Value;
using nuloop::test::world;

Node parse(const std::string& text) {
  return nuloop::io::parse_toml({"job.toml", "job.toml", text});
}

Job read(const std::string& text, const std::vector<std::string>& assignments = {}) {
  Node root = parse(text);
  for (const std::string& assignment : assignments)
    nuloop::io::set_value(root, assignment);
  return nuloop::analysis::read_job(root, world());
}

/// What an InputError says; empty if there is none. Other exceptions fail the test.
std::string problem_of(const std::string& text, const std::vector<std::string>& assignments = {}) {
  try {
    static_cast<void>(read(text, assignments));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// A complete job plus lines for its sections.
std::string job_with(const std::string& axes, const std::string& settings) {
  return "[job]\nname = \"study\"\ntitle = \"A study\"\n\n[axes]\n" + axes +
         "\nexperiment = [\"tao-30m\", \"tao-44m\"]\n\n[settings]\n" + settings +
         "\nmodel = \"nlo\"\nflux_uncertainty = 0.01\nexposure = \"1 yr\"\n";
}

/// `job_with` with one line replaced.
std::string job_but(const std::string& line, const std::string& replacement) {
  std::string text = job_with("", "");
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.replace(at, line.size(), replacement);
}

/// Number of the line that holds `mark`.
int line_of(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  REQUIRE(at != std::string::npos);
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + std::ptrdiff_t(at), '\n'));
}

/// The job is refused at the line that holds `mark`; the message names the key.
void check_refused(const std::string& text, const std::string& mark, const std::string& key,
                   const std::string& because = "") {
  CAPTURE(text);
  CHECK_THAT(problem_of(text),
             Catch::StartsWith("job.toml:" + std::to_string(line_of(text, mark)) + ": " + key) &&
                 Contains(because));
}

/// The same for one more axis, and for one more setting.
void axis_refused(const std::string& line, const std::string& key,
                  const std::string& because = "") {
  check_refused(job_with(line, ""), line, "axes." + key, because);
}
void setting_refused(const std::string& line, const std::string& key,
                     const std::string& because = "") {
  check_refused(job_with("", line), line, "settings." + key, because);
}

std::vector<std::string> axis_keys(const Job& job) {
  std::vector<std::string> keys;
  for (const auto& axis : job.axes)
    keys.push_back(axis.column().key);
  return keys;
}

std::vector<double> numbers(const Job& job, const std::string& key) {
  std::vector<double> values;
  if (const auto* axis = job.axis(key))
    for (const Value& value : axis->values())
      values.push_back(std::get<double>(value));
  return values;
}

const Value* setting(const Job& job, const std::string& key) {
  const auto& value = job.settings.at(*nuloop::setup::find_parameter(key));
  return value ? &*value : nullptr;
}

template <class T>
bool is_set(const Job& job, const std::string& key, const T& wanted) {
  const Value* value = setting(job, key);
  return value != nullptr && *value == Value{wanted};
}

std::string fig7() {
  return nuloop::io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "fig7").text;
}

void check_resolved(const Job& job) {
  const Job again = read(job.resolved);
  CHECK(again.name == job.name);
  CHECK(again.title == job.title);
  CHECK(again.kind == job.kind);
  REQUIRE(axis_keys(again) == axis_keys(job));
  for (std::size_t i = 0; i < job.axes.size(); ++i)
    CHECK(again.axes[i].values() == job.axes[i].values());
  CHECK(again.settings == job.settings);
  CHECK(again.resolved == job.resolved);
}

}  // namespace

TEST_CASE("The job of figure 7 has the axes of the figure") {
  const Job job = read(fig7());
  CHECK(job.name == "fig7");
  CHECK(axis_keys(job) == std::vector<std::string>{"experiment", "model", "flux_uncertainty",
                                                   "background_uncertainty", "exposure"});
  std::vector<std::size_t> extents;
  for (const auto& axis : job.axes)
    extents.push_back(axis.size());
  CHECK(extents == std::vector<std::size_t>{5, 2, 2, 1, 120});
  CHECK(job.axis("experiment")->values().front() == Value{"cloud-surface"});
  CHECK(job.axis("experiment")->values().back() == Value{"tao-44m"});
  CHECK(numbers(job, "flux_uncertainty") == std::vector<double>{0.005, 0.010});

  // A month is a twelfth of a year; interpolation rounds a few times at the size of the end.
  const auto exposures = numbers(job, "exposure");
  REQUIRE(exposures.size() == 120);
  CHECK(exposures.front() == 1.0 / 12.0);
  CHECK(exposures.back() == 10.0);
  for (std::size_t k = 0; k < exposures.size(); ++k)
    CHECK(std::abs(exposures[k] - static_cast<double>(k + 1) / 12.0) <=
          2.0 * 10.0 * std::numeric_limits<double>::epsilon());

  CHECK(is_set<std::string>(job, "observable", "electromagnetic"));
  CHECK(is_set(job, "lo.sin2_theta_w", 0.2334));
  CHECK(is_set(job, "window.low", 1.0));
  CHECK(is_set(job, "window.bin_width", 0.5));
}

TEST_CASE("Every job of the repository can be read and is called as its file") {
  namespace fs = std::filesystem;
  std::size_t jobs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(std::string(NULOOP_SOURCE) + "/jobs")) {
    if (entry.path().extension() != ".toml")
      continue;
    INFO(entry.path());
    const std::string text = nuloop::io::read_text_file(entry.path().string(), "job").text;
    std::string name;
    CHECK_NOTHROW(name = read(text).name);
    CHECK(name == entry.path().stem());
    ++jobs;
  }
  CHECK(jobs >= 9);
}

TEST_CASE("The studies of the influences differ in one axis and share all else") {
  const std::vector<std::pair<std::string, std::string>> studies = {
      {"background", "background"},
      {"bin-width", "window.bin_width"},
      {"energy-per-fission", "energy_per_fission"},
      {"flux", "flux"},
      {"fuel", "fuel"},
      {"resolution", "resolution.stochastic"},
      {"theory", "theory.hadronic_3_gamma_uncertainty"},
      {"threshold", "window.low"}};
  const auto job = [](const std::string& name) {
    const std::string file = std::string(NULOOP_SOURCE) + "/jobs/influences/" + name + ".toml";
    return read(nuloop::io::read_text_file(file, name).text);
  };
  const auto common = [](const Job& study, const std::string& axis) {
    auto settings = study.settings;
    settings.at(*nuloop::setup::find_parameter(axis)).reset();
    return settings;
  };
  for (const auto& [name, axis] : studies) {
    INFO(name);
    const Job study = job(name);
    CHECK(axis_keys(study) ==
          std::vector<std::string>{"experiment", "model", axis, "flux_uncertainty"});
    for (const auto& [other_name, other_axis] : studies) {
      auto mine = common(study, other_axis);
      CHECK(mine == common(job(other_name), axis));
    }
  }
}

TEST_CASE("Settings are empty where an axis rules and defaults where the job is silent") {
  const Job job =
      read(job_with("\"lo.sin2_theta_w\" = [0.23, 0.24]", "\"window.low\" = \"2 MeV\""));
  CHECK(setting(job, "experiment") == nullptr);
  CHECK(setting(job, "lo.sin2_theta_w") == nullptr);
  CHECK(setting(job, "detector.mass") == nullptr);
  CHECK(is_set(job, "window.low", 2.0));
  CHECK(is_set(job, "window.high", 10.0));
  CHECK(is_set<std::string>(job, "flux", "mueller"));
  CHECK(is_set(job, "background_uncertainty", 0.10));
  CHECK(job.axis("model") == nullptr);
  REQUIRE(job.axis("lo.sin2_theta_w") != nullptr);
  CHECK(job.axis("lo.sin2_theta_w")->column().key == "lo.sin2_theta_w");
}

TEST_CASE("Axes are in the order of the file") {
  const std::string head = "[job]\nname = \"j\"\ntitle = \"t\"\n[axes]\n";
  const std::string exposure = "exposure = [\"1 yr\", \"2 yr\"]\n";
  const std::string model = "model = [\"nlo\", \"lo+cr\"]\n";
  const std::string experiment = "experiment = [\"tao-44m\"]\n";
  const std::string tail = "[settings]\nflux_uncertainty = 0.01\n";
  using Keys = std::vector<std::string>;
  CHECK(axis_keys(read(head + exposure + model + experiment + tail)) ==
        Keys{"exposure", "model", "experiment"});
  CHECK(axis_keys(read(head + model + experiment + exposure + tail)) ==
        Keys{"model", "experiment", "exposure"});
  // The values of an axis keep their order too.
  CHECK(read(head + model + experiment + exposure + tail).axis("model")->values() ==
        std::vector<Value>{"nlo", "lo+cr"});
  // What an assignment replaces keeps its place; what it adds comes last, in its turn.
  const std::string text = head + model + experiment + exposure + tail;
  CHECK(axis_keys(read(text, {"axes.experiment=[\"tao-30m\", \"tao-44m\"]", "axes.model=[\"lo\"]",
                              "axes.exposure={ from = \"1 yr\", to = \"2 yr\", points = 3 }"})) ==
        Keys{"model", "experiment", "exposure"});
  CHECK(axis_keys(read(text, {"axes.background_uncertainty=[0.1]", "axes.model=[\"lo\"]"})) ==
        Keys{"model", "experiment", "exposure", "background_uncertainty"});
}

TEST_CASE("Axes are in the order of the file when a dotted table is taken up again") {
  const Job job =
      read(job_with("window.low = [\"1 MeV\"]\nflux = [\"huber\"]\nwindow.high = [\"9 MeV\"]", ""));
  CHECK(axis_keys(job) ==
        std::vector<std::string>{"window.low", "flux", "window.high", "experiment"});
}

TEST_CASE("A linear range hits both ends and is even") {
  const auto check = [](const std::string& text, std::size_t points, double from, double to) {
    const auto values =
        numbers(read(job_with("\"lo.sin2_theta_w\" = " + text, "")), "lo.sin2_theta_w");
    REQUIRE(values.size() == points);
    CHECK(values.front() == from);
    CHECK(values.back() == to);
    for (std::size_t i = 0; i < points; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(points - 1);
      CHECK(std::abs(values[i] - (from + share * (to - from))) <=
            4.0 * std::numeric_limits<double>::epsilon());
    }
  };
  check("{ from = 0.230, to = 0.240, points = 101 }", 101, 0.230, 0.240);
  check("{ from = 0.1, to = 0.7, points = 7, spacing = \"linear\" }", 7, 0.1, 0.7);
  check("{ from = 0.9, to = 0.3, points = 4 }", 4, 0.9, 0.3);
  check("{ from = 0.3, to = 0.4, points = 2.0 }", 2, 0.3, 0.4);
}

TEST_CASE("A logarithmic range hits both ends and has a constant ratio") {
  for (const std::string text :
       {"from = \"0.1 t\", to = \"700 t\"", "from = \"3 kg\", to = \"7 t\"",
        "from = \"5 t\", to = \"0.3 t\""}) {
    const Job job =
        read(job_with("\"detector.mass\" = { " + text + ", points = 31, spacing = \"log\" }", ""));
    const auto ends = read(job_with("\"detector.mass\" = { " + text + ", points = 2 }", ""));
    const auto values = numbers(job, "detector.mass");
    REQUIRE(values.size() == 31);
    CHECK(values.front() == numbers(ends, "detector.mass").front());
    CHECK(values.back() == numbers(ends, "detector.mass").back());
    const double ratio = std::pow(values.back() / values.front(), 1.0 / 30.0);
    for (std::size_t i = 1; i < values.size(); ++i)
      CHECK(values[i] / values[i - 1] == Approx(ratio).epsilon(1e-13));
  }
  const Job job = read(job_with(
      "\"detector.mass\" = { from = \"1 t\", to = \"100 t\", points = 3, spacing = \"log\" }", ""));
  CHECK(numbers(job, "detector.mass")[1] == Approx(10.0).epsilon(1e-14));
}

TEST_CASE("Assignments change axes and settings") {
  const std::string text =
      job_with("\"lo.sin2_theta_w\" = { from = 0.23, to = 0.24, points = 101 }", "");
  const Job job = read(text, {"axes.\"lo.sin2_theta_w\".points=11", "settings.flux=huber",
                              "settings.detector.mass=2.8 t", "axes.experiment=[\"cloud-surface\"]",
                              "axes.\"window.low\"=[\"1 MeV\", \"2 MeV\"]", "job.name=other",
                              "settings.\"window.high\"=9000 keV"});
  CHECK(numbers(job, "lo.sin2_theta_w").size() == 11);
  CHECK(numbers(job, "lo.sin2_theta_w").back() == 0.24);
  CHECK(is_set<std::string>(job, "flux", "huber"));
  CHECK(is_set(job, "detector.mass", 2.8));
  CHECK(is_set(job, "window.high", 9.0));
  CHECK(job.axis("experiment")->values() == std::vector<Value>{"cloud-surface"});
  CHECK(numbers(job, "window.low") == std::vector<double>{1.0, 2.0});
  CHECK(job.name == "other");
  check_resolved(job);
}

TEST_CASE("What an assignment breaks is reported as the assignment's fault") {
  CHECK_THAT(
      problem_of(job_with("", ""), {"settings.flux=hubert"}),
      Contains("--set settings.flux=hubert") && Contains("settings.flux") && Contains("\"huber\""));
  CHECK_THAT(problem_of(job_with("", ""), {"settings.detector.mass=2.8"}),
             Contains("--set settings.detector.mass=2.8") && Contains("unit"));
  CHECK_THAT(problem_of(job_with("", ""), {"axes.model=[\"nlo\"]"}),
             Contains("settings.model") && Contains("axis"));
}

TEST_CASE("Dotted keys mean the same with and without quotes") {
  const Job quoted = read(job_with("", "\"window.low\" = \"2 MeV\""));
  const Job nested = read(job_with("", "window.low = \"2 MeV\""));
  const Job table = read(job_with("", "window = { low = \"2 MeV\" }"));
  CHECK(is_set(quoted, "window.low", 2.0));
  CHECK(quoted.settings == nested.settings);
  CHECK(quoted.resolved == nested.resolved);
  CHECK(quoted.resolved == table.resolved);

  const Job axis = read(job_with("lo.sin2_theta_w = { from = 0.2, to = 0.3, points = 3 }", ""));
  CHECK(numbers(axis, "lo.sin2_theta_w").size() == 3);
  CHECK(is_set(read(job_with("", "reactor.fission_fraction.U235 = 0.5")),
               "reactor.fission_fraction.U235", 0.5));
}

TEST_CASE("A key written both with and without quotes is refused") {
  check_refused(job_with("", "\"window.low\" = \"2 MeV\"\nwindow.low = \"3 MeV\""),
                "window.low = ", "settings.\"window.low\"", "twice");
  check_refused(job_with("window.low = [\"2 MeV\"]\n\"window.low\" = [\"3 MeV\"]", ""),
                "\"window.low\" = ", "axes.\"window.low\"", "twice");
}

TEST_CASE("The resolved job is a job with the same axes and settings") {
  check_resolved(read(fig7()));
  check_resolved(read(job_with("", "")));
  check_resolved(read(job_with(
      "\"detector.mass\" = { from = \"100 kg\", to = \"7 t\", points = 13, spacing = \"log\" }\n"
      "window.low = [\"300 keV\", \"1 MeV\"]\n"
      "\"resolution.stochastic\" = [0, 0.03, 1e-5]",
      "\"reactor.thermal_power\" = \"2900 MW\"\n\"background.muon_flux\" = \"0.0173 /cm2/s\"\n"
      "\"quadrature.relative_tolerance\" = 1e-12\n\"reactor.load_factor\" = 1\n"
      "\"detector.electrons\" = \"3.1e26 /kg\"")));
}

TEST_CASE("The resolved job keeps any name and title") {
  for (const std::string text : {R"("say \"it\" \\ loud")", R"("two\nlines\tand a tab")",
                                 R"('# [x] = { }')", "\"\xce\xbd\xcc\x84\"", R"("")"}) {
    CAPTURE(text);
    check_resolved(read(job_but("title = \"A study\"", "title = " + text)));
  }
  check_resolved(read(job_but("name = \"study\"", R"(name = 'a "b" \c')")));
}

TEST_CASE("The resolved job writes every setting with its unit") {
  const Job job = read(job_with("", "\"window.low\" = \"300 keV\""));
  CHECK_THAT(job.resolved, Contains("\"window.low\" = \"0.3 MeV\"") &&
                               Contains("\"lo.sin2_theta_w\" = 0.2334") &&
                               Contains("flux = \"mueller\"") && Contains("exposure = \"1 yr\""));
}

TEST_CASE("Unknown keys are refused in every section") {
  setting_refused("flux_uncertanty = 0.1", "flux_uncertanty", "\"flux_uncertainty\"");
  setting_refused("\"window.lo\" = \"1 MeV\"", "\"window.lo\"", "\"window.low\"");
  setting_refused("window.lo = \"1 MeV\"", "\"window.lo\"", "\"window.low\"");
  setting_refused("nonsense = 1", "nonsense", "unknown");
  setting_refused("window = 1", "window", "unknown");
  axis_refused("modell = [\"nlo\"]", "modell", "\"model\"");
  axis_refused("nonsense = [1]", "nonsense", "unknown");
  axis_refused("detector.mas = [\"1 t\"]", "\"detector.mas\"", "\"detector.mass\"");
  axis_refused("\"detector.mass\" = { from = \"1 t\", to = \"2 t\", points = 2, step = 3 }",
               "\"detector.mass\".step", "unknown");
  check_refused(job_but("title =", "author = \"me\"\ntitle ="), "author", "job.author", "unknown");
  check_refused("top = 1\n" + job_with("", ""), "top", "top", "unknown");
}

TEST_CASE("A misspelt key that may be absent is shown with the right spelling") {
  check_refused(job_but("[settings]", "[setting]"), "[setting]", "setting", "\"settings\"");
  axis_refused("\"detector.mass\" = { from = \"1 t\", to = \"2 t\", points = 3, spacin = \"log\" }",
               "\"detector.mass\".spacin", "\"spacing\"");
}

TEST_CASE("An empty table under an unknown key is refused too") {
  setting_refused("nonsense = {}", "nonsense", "unknown");
  axis_refused("nonsense = {}", "nonsense", "unknown");
}

TEST_CASE("A job lacks nothing") {
  CHECK_THAT(problem_of(job_but("name = \"study\"", "")),
             Contains("job.toml:1") && Contains("job.name"));
  CHECK_THAT(problem_of(job_but("title = \"A study\"", "")),
             Contains("job.toml:1") && Contains("job.title"));
  CHECK_THAT(problem_of("[axes]\n"), Contains("job.toml") && Contains("job"));
  CHECK_THAT(problem_of("[job]\nname = \"a\"\ntitle = \"b\"\n"),
             Contains("job.toml") && Contains("axes"));
  CHECK_THAT(problem_of(""), Contains("job.toml") && Contains("job"));
  for (const std::string line :
       {"exposure = \"1 yr\"", "model = \"nlo\"", "flux_uncertainty = 0.01",
        "experiment = [\"tao-30m\", \"tao-44m\"]"}) {
    const std::string key = line.substr(0, line.find(' '));
    CHECK_THAT(problem_of(job_but(line, "")), Contains("job.toml") && Contains(": " + key + ": ") &&
                                                  Contains("missing") && Contains("[axes]"));
  }
}

TEST_CASE("Sections are tables") {
  check_refused("settings = 1\n[job]\nname = \"a\"\ntitle = \"b\"\n[axes]\n", "settings",
                "settings", "table");
  check_refused("axes = 1\n[job]\nname = \"a\"\ntitle = \"b\"\n", "axes", "axes", "table");
  check_refused("job = 1\n[axes]\n", "job", "job", "table");
}

TEST_CASE("A key is an axis or a setting but not both") {
  const std::string line = "flux = \"huber\"";
  check_refused(job_with("flux = [\"mueller\"]", line), line, "settings.flux", "axis");
  const std::string dotted = "window.low = \"2 MeV\"";
  check_refused(job_with("\"window.low\" = [\"1 MeV\"]", dotted), dotted, "settings.\"window.low\"",
                "axis");
}

TEST_CASE("The values of an axis are a list of different values") {
  axis_refused("flux = [\"huber\", \"mueller\", \"huber\"]", "flux", "twice");
  axis_refused("\"lo.sin2_theta_w\" = [0.23, 0.24, 0.230]", "\"lo.sin2_theta_w\"", "twice");
  axis_refused("\"detector.mass\" = [\"1 t\", \"1000 kg\"]", "\"detector.mass\"", "twice");
  axis_refused("flux = []", "flux", "at least one");
  axis_refused("\"lo.sin2_theta_w\" = []", "\"lo.sin2_theta_w\"", "at least one");
  axis_refused("flux = \"huber\"", "flux", "list");
  axis_refused("\"lo.sin2_theta_w\" = 0.23", "\"lo.sin2_theta_w\"", "list");
  axis_refused("flux = [1]", "flux", "text");
  axis_refused("flux = [[\"huber\"]]", "flux", "text");
  axis_refused("\"lo.sin2_theta_w\" = [true]", "\"lo.sin2_theta_w\"");
  const std::string text = job_with("\"lo.sin2_theta_w\" = [0.23,\n  0.24,\n  0.23]", "");
  check_refused(text, "  0.23]", "axes.\"lo.sin2_theta_w\"", "twice");
}

TEST_CASE("The points of a range are a whole number of at least two and not absurd") {
  const auto range = [](const std::string& points) {
    return "\"detector.mass\" = { from = \"1 t\", to = \"2 t\", points = " + points + " }";
  };
  for (const std::string points : {"2.5", "1", "0", "-1", "-3.0", "1e12", "1000000000000", "nan",
                                   "inf", "true", "\"many\"", "[3]"}) {
    axis_refused(range(points), "\"detector.mass\".points");
  }
  axis_refused("\"detector.mass\" = { from = \"1 t\", to = \"2 t\" }", "\"detector.mass\".points",
               "missing");
  axis_refused("\"detector.mass\" = { to = \"2 t\", points = 3 }", "\"detector.mass\".from",
               "missing");
  axis_refused("\"detector.mass\" = { from = \"2 t\", points = 3 }", "\"detector.mass\".to",
               "missing");
}

TEST_CASE("A range has two ends that are values of the parameter") {
  axis_refused("\"detector.mass\" = { from = \"-1 t\", to = \"2 t\", points = 3 }",
               "\"detector.mass\".from", "out of range");
  axis_refused("\"detector.mass\" = { from = \"1 t\", to = 2, points = 3 }", "\"detector.mass\".to",
               "unit");
  axis_refused("\"detector.mass\" = { from = \"1 t\", to = \"inf t\", points = 3 }",
               "\"detector.mass\".to");
  axis_refused("\"lo.sin2_theta_w\" = { from = nan, to = 0.3, points = 3 }",
               "\"lo.sin2_theta_w\".from");
  axis_refused("\"detector.mass\" = { from = \"1 t\", to = \"1000 kg\", points = 3 }",
               "\"detector.mass\"", "equal");
}

TEST_CASE(
    "The spacing of a range is linear or logarithmic and a logarithm needs a positive number") {
  const std::string ends = "\"background.scale\" = { from = 0, to = 2, points = 3, spacing = ";
  for (const std::string spacing : {"\"cubic\"", "\"LOG\"", "\"\"", "3"})
    axis_refused(ends + spacing + " }", "\"background.scale\".spacing");
  axis_refused(ends + "\"log\" }", "\"background.scale\"", "above zero");
  axis_refused("\"background.scale\" = { from = 2, to = 0, points = 3, spacing = \"log\" }",
               "\"background.scale\"", "above zero");
}

TEST_CASE("A choice has no range") {
  const std::string line = "model = { from = \"lo\", to = \"nlo\", points = 2 }";
  const std::string text =
      "[job]\nname = \"a\"\ntitle = \"b\"\n[axes]\n" + line + "\nexperiment = [\"tao-30m\"]\n";
  check_refused(text, line, "axes.");
}

TEST_CASE("Unknown names are refused with the nearest or all that there are") {
  const std::string line = "experiment = [\"tao-30m\", \"tao-30\"]";
  check_refused(job_but("experiment = [\"tao-30m\", \"tao-44m\"]", line), line, "axes.experiment",
                "\"tao-30m\"");
  const std::string far = "experiment = [\"super-kamiokande\"]";
  check_refused(job_but("experiment = [\"tao-30m\", \"tao-44m\"]", far), far, "axes.experiment",
                "cloud-25mwe, cloud-300mwe, tao-30m");
  setting_refused("flux = \"Huber\"", "flux", "\"huber\"");
  setting_refused("observable = \"electro\"", "observable", "electron");
  setting_refused("flux = 3", "flux", "text");
}

TEST_CASE("Numbers that are not finite are refused") {
  for (const std::string number : {"nan", "inf", "-inf"}) {
    setting_refused("\"lo.sin2_theta_w\" = " + number, "\"lo.sin2_theta_w\"", "out of range");
    setting_refused("\"background.scale\" = " + number, "\"background.scale\"", "out of range");
    setting_refused("\"detector.mass\" = \"" + number + " t\"", "\"detector.mass\"");
    axis_refused("\"background.scale\" = [1, " + number + "]", "\"background.scale\"",
                 "out of range");
  }
}

TEST_CASE("Numbers out of their range and numbers without unit are refused") {
  setting_refused("\"detector.mass\" = \"-1 t\"", "\"detector.mass\"", "above 0 t");
  setting_refused("\"detector.mass\" = \"0 t\"", "\"detector.mass\"", "above 0 t");
  setting_refused("detector.mass = 2.8", "\"detector.mass\"", "unit");
  setting_refused("detector.mass = \"2.8\"", "\"detector.mass\"", "unit");
  setting_refused("detector.mass = \"2.8 m\"", "\"detector.mass\"", "\"m\"");
  setting_refused("\"lo.sin2_theta_w\" = \"0.23 t\"", "\"lo.sin2_theta_w\"");
  setting_refused("\"lo.sin2_theta_w\" = 1", "\"lo.sin2_theta_w\"", "(0, 1)");
  setting_refused("\"reactor.load_factor\" = 1.01", "\"reactor.load_factor\"", "(0, 1]");
  setting_refused("\"background_uncertainty\" = -0.1", "background_uncertainty", "at least 0");
  setting_refused("background_uncertainty = [0.1]", "background_uncertainty");
  axis_refused("\"detector.mass\" = [\"1 t\", 2]", "\"detector.mass\"", "unit");
  const std::string line = "exposure = 1";
  check_refused(job_but("exposure = \"1 yr\"", line), line, "settings.exposure", "\"1 yr\"");
  const std::string negative = "exposure = \"-1 yr\"";
  check_refused(job_but("exposure = \"1 yr\"", negative), negative, "settings.exposure",
                "out of range");
}

TEST_CASE("A window is not empty wherever its ends are written") {
  const auto refused = [](const std::string& axes, const std::string& settings) {
    check_refused(job_with(axes, settings), "window.low", "window.low", "window.high");
  };
  refused("", "\"window.low\" = \"10 MeV\"");
  refused("", "\"window.low\" = \"2 MeV\"\n\"window.high\" = \"2 MeV\"");
  refused("", "window.low = \"3 MeV\"\nwindow.high = \"2 MeV\"");
  refused("\"window.low\" = [\"1 MeV\", \"6 MeV\"]", "\"window.high\" = \"5 MeV\"");
  refused("\"window.low\" = [\"1 MeV\", \"4 MeV\"]\n\"window.high\" = [\"9 MeV\", \"3 MeV\"]", "");
  CHECK_THAT(problem_of(job_with("", "\"window.high\" = \"1 MeV\"")),
             Contains("job.toml") && Contains("window.low") && Contains("window.high"));
  CHECK(problem_of(job_with("\"window.low\" = [\"1 MeV\", \"2.9 MeV\"]\n"
                            "\"window.high\" = [\"9 MeV\", \"3 MeV\"]",
                            ""))
            .empty());
}

TEST_CASE("A window has no absurd number of bins") {
  check_refused(job_with("", "\"window.bin_width\" = \"1 eV\""), "window.bin_width",
                "window.bin_width", "bins");
  check_refused(job_with("window.bin_width = [\"1 MeV\", \"0.1 keV\"]", ""), "window.bin_width",
                "window.bin_width", "bins");
  check_refused(
      job_with("\"window.bin_width\" = { from = \"1 eV\", to = \"1 MeV\", points = 2 }", ""),
      "window.bin_width", "window.bin_width", "bins");
  CHECK(problem_of(job_with("", "\"window.bin_width\" = \"1 keV\"")).empty());
}

TEST_CASE("The name of a job can name a file") {
  for (const std::string name : {"\"a/b\"", "\"/\"", "\"../x\"", "\"\"", "3"}) {
    const std::string line = "name = " + name;
    check_refused(job_but("name = \"study\"", line), line, "job.name");
  }
  const std::string line = "title = 3";
  check_refused(job_but("title = \"A study\"", line), line, "job.title", "text");
}

namespace {

/// Lines for the header, the axes and the settings of a job that is otherwise empty.
std::string job_of_kind(const std::string& kind, const std::string& axes,
                        const std::string& settings) {
  return "[job]\nname = \"study\"\ntitle = \"A study\"\nkind = \"" + kind + "\"\n\n[axes]\n" +
         axes + "\n\n[settings]\n" + settings + "\n";
}

const std::string rates_axes = "experiment = [\"tao-30m\"]\nmodel = [\"lo\", \"nlo\"]";
const std::string cross_section_axes =
    "model = [\"lo\", \"nlo\"]\nenergy = [\"4 MeV\"]\nrecoil = [\"1 MeV\"]";
const std::string measurement_axes =
    "experiment = [\"tao-30m\"]\nmodel = [\"free-charge-radius\"]\n"
    "flux_uncertainty = [0.005, 0.01]\nexposure = [\"1 yr\", \"2 yr\"]";

std::string job_file(const std::string& name) {
  return nuloop::io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/" + name, name).text;
}

/// The keys in the section [settings] of a resolved job.
std::vector<std::string> settings_of(const Job& job) {
  const Node root = parse(job.resolved);
  std::vector<std::string> keys;
  for (const auto& [key, node] : *root.find("settings")->table())
    keys.push_back(key);
  return keys;
}

}  // namespace

TEST_CASE("A job is of the kind that it names and of kind reach without a name") {
  CHECK(read(job_with("", "")).kind->name == "reach");
  CHECK(read(job_but("title =", "kind = \"reach\"\ntitle =")).kind->name == "reach");
  CHECK(read(job_of_kind("rates", rates_axes, "")).kind->name == "rates");
  CHECK(read(job_of_kind("cross-section", cross_section_axes, "")).kind->name == "cross-section");
  CHECK(read(job_file("fig7.toml")).kind->name == "reach");
  CHECK(read(job_file("fig6.toml")).kind->name == "rates");
  CHECK(read(job_file("fig4.toml")).kind->name == "cross-section");
  CHECK(read(job_file("impacts.toml")).kind->name == "impacts");
  CHECK(read(job_of_kind("rates", rates_axes, "flux_uncertainty = 0.01\nexposure = \"1 yr\""),
             {"job.kind=reach"})
            .kind->name == "reach");
}

TEST_CASE("An unknown kind is refused with the nearest") {
  for (const auto& [kind, nearest] : std::vector<std::pair<std::string, std::string>>{
           {"rate", "\"rates\""},
           {"Reach", "\"reach\""},
           {"cross_section", "\"cross-section\""},
           {"measurment", "\"measurement\""},
           {"spectrum of everything", "reach, rates, cross-section"},
           {"", "reach"}})
    check_refused(job_of_kind(kind, rates_axes, ""), "kind =", "job.kind", nearest);
  check_refused(job_but("title =", "kind = 3\ntitle ="), "kind =", "job.kind", "text");
}

TEST_CASE("A key that means nothing to the kind is refused where it is written") {
  const auto refused = [](const std::string& kind, const std::string& axes,
                          const std::string& line) {
    const std::string key = line.substr(0, line.find(" ="));
    const std::string because = "means nothing to a job of kind \"" + kind + "\"";
    check_refused(job_of_kind(kind, axes, line), line, "settings." + key, because);
    const std::string list = key + " = [" + line.substr(line.find(" =") + 3) + "]";
    check_refused(job_of_kind(kind, axes + "\n" + list, ""), list, "axes." + key, because);
  };
  for (const std::string line :
       {"exposure = \"1 yr\"", "flux_uncertainty = 0.01", "background_uncertainty = 0.1",
        "\"theory.hadronic_3_gamma_uncertainty\" = 0.2", "\"discovery.significance\" = 3",
        "flavour = \"nu_e\"", "energy = \"4 MeV\"", "recoil = \"1 MeV\""})
    refused("rates", rates_axes, line);
  for (const std::string line :
       {"experiment = \"tao-30m\"", "flux = \"huber\"", "\"window.low\" = \"2 MeV\"",
        "\"detector.mass\" = \"1 t\"", "\"resolution.constant\" = 0.01", "exposure = \"1 yr\"",
        "\"quadrature.relative_tolerance\" = 1e-9", "\"background.scale\" = 2"})
    refused("cross-section", cross_section_axes, line);
  const std::string reach_axes = rates_axes + "\nexposure = [\"1 yr\"]\nflux_uncertainty = [0.01]";
  for (const std::string line : {"flavour = \"nu_e\"", "energy = \"4 MeV\"", "recoil = \"1 MeV\""})
    refused("reach", reach_axes, line);
  for (const std::string line : {"\"discovery.significance\" = 3", "flavour = \"nu_e\""})
    refused("measurement", measurement_axes, line);
}

TEST_CASE("A model's free parameters are given, and none that it has not") {
  const auto reach = [](const std::string& model, const std::string& settings) {
    return job_of_kind("reach",
                       "experiment = [\"tao-30m\"]\nflux_uncertainty = [0.01]\n"
                       "exposure = [\"1 yr\"]\nmodel = " +
                           model,
                       settings);
  };
  const std::string couplings = "\"free.c_l\" = 0.7\nfree.c_r = -0.2";
  CHECK(problem_of(reach("[\"free-couplings\"]", couplings)).empty());
  CHECK(problem_of(reach("[\"free-couplings\", \"lo+cr\"]", couplings)).empty());
  CHECK(problem_of(reach("[\"free-charge-radius\"]", "free.charge_radius = \"-8.3e-33 cm2\""))
            .empty());
  CHECK(problem_of(reach("[\"free-sin2-theta-w\"]", "free.sin2_theta_w = 0.24")).empty());
  CHECK_THAT(problem_of(reach("[\"free-couplings\"]", "free.c_l = 0.7")),
             Contains("free.c_r: is missing: model \"free-couplings\""));
  check_refused(reach("[\"free-charge-radius\"]", ""), "model =", "free.charge_radius", "missing");
  for (const std::string model : {"[\"lo+cr\"]", "[\"free-sin2-theta-w\"]", "[\"nlo\"]"})
    check_refused(reach(model, "free.sin2_theta_w = 0.24\n\"free.c_l\" = 0.7"),
                  model == "[\"free-sin2-theta-w\"]" ? "free.c_l" : "free.sin2_theta_w",
                  model == "[\"free-sin2-theta-w\"]" ? "free.c_l" : "free.sin2_theta_w",
                  "no free parameter of the model");
  const std::string grid =
      "\"free.c_l\" = { from = -1, to = 1, points = 5 }\n"
      "free.c_r = [-0.2, 0.2]";
  CHECK(problem_of(reach("[\"free-couplings\"]\n" + grid, "")).empty());
  for (const auto& [line, because] : std::vector<std::pair<std::string, std::string>>{
           {"free.charge_radius = 1e-33", "lacks its unit"},
           {"free.charge_radius = \"1e-33 m\"", "unit \"m\" does not fit"},
           {"free.sin2_theta_w = 1.0", "out of range"},
           {"free.c_l = nan", "out of range"}})
    CHECK_THAT(problem_of(reach("[\"free-couplings\"]", line)), Contains(because));
  // Data may have them too, and then have values.
  CHECK(problem_of(reach("[\"lo\"]", "reference = \"free-couplings\"\n" + couplings)).empty());
  CHECK_THAT(problem_of(reach("[\"lo\"]", "reference = \"free-couplings\"")),
             Contains("free.c_l: is missing: model \"free-couplings\""));
}

TEST_CASE("A measurement takes the free parameters of its data and not the one it measures") {
  const auto measurement = [](const std::string& settings) {
    return problem_of(job_of_kind("measurement", measurement_axes, settings));
  };
  CHECK(measurement("reference = \"free-couplings\"\nfree.c_l = 0.7\nfree.c_r = 0.2").empty());
  for (const std::string line :
       {"\"free.charge_radius\" = \"0 cm2\"", "\"free.sin2_theta_w\" = 0.23", "\"free.c_l\" = 0.7"})
    CHECK_THAT(measurement(line), Contains("is no free parameter"));
  CHECK_THAT(measurement("reference = \"free-charge-radius\"\nfree.charge_radius = \"0 cm2\""),
             Contains("reference: has the parameter that is measured"));
}

TEST_CASE("A number may be given by the name that configs/ has for it") {
  const auto angle = [](const std::string& value) {
    return read(job_with("\"lo.sin2_theta_w\" = " + value, ""));
  };
  const Job named = angle("[\"fitted\", \"c_R\", 0.23122]");
  const auto values = nuloop::setup::values_of(named, "lo.sin2_theta_w");
  REQUIRE(values.size() == 3);
  CHECK(values[0] == 0.2334);
  CHECK(values[1] == Approx(0.76911e-5 / (2.0 * std::sqrt(2.0) * 1.1663787e-5)).epsilon(1e-14));
  CHECK_THROWS_WITH(angle("[\"c_r\"]"),
                    Contains("axes.\"lo.sin2_theta_w\"") && Contains("did you mean \"c_R\"?"));
  CHECK_THROWS_WITH(angle("[\"fitted\", 0.2334]"), Contains("listed twice"));
}

TEST_CASE("A measurement is of one model with one free parameter") {
  CHECK(read(job_of_kind("measurement", measurement_axes, "")).kind->name == "measurement");
  for (const std::string models : {"\"nlo\"", "\"lo\"", "\"free-couplings\"",
                                   "\"free-charge-radius\", \"free-sin2-theta-w\""}) {
    std::string axes = measurement_axes;
    const std::string own = "\"free-charge-radius\"";
    axes.replace(axes.find(own), own.size(), models);
    check_refused(job_of_kind("measurement", axes, ""), "model =", "model",
                  "one model with one free parameter");
  }
  // All its axes are outer ones.
  const auto plan = nuloop::test::plan_of(read(
      job_of_kind("measurement", measurement_axes + "\nbackground_uncertainty = [0.1, 0.2]", "")));
  CHECK(plan.inner_points() == 1);
  CHECK(plan.outer_points() == 2 * 2 * 2);
}

TEST_CASE("A key meant for another kind is not suggested") {
  CHECK_THAT(problem_of(job_of_kind("rates", rates_axes, "recoi = \"1 MeV\"")),
             Contains("unknown key") && !Contains("\"recoil\""));
  CHECK_THAT(problem_of(job_of_kind("cross-section", cross_section_axes, "flavor = \"nu_e\"")),
             Contains("unknown key") && Contains("\"flavour\""));
}

TEST_CASE("Each kind of job lacks nothing") {
  const auto lacks = [](const std::string& text, const std::string& line, const std::string& key) {
    std::string without = text;
    without.erase(text.find(line), line.size());
    CAPTURE(without);
    CHECK_THAT(problem_of(without), Contains("job.toml") && Contains(": " + key + ": ") &&
                                        Contains("missing") && Contains("[settings]"));
  };
  const std::string cross_section = job_of_kind("cross-section", cross_section_axes, "");
  lacks(cross_section, "energy = [\"4 MeV\"]", "energy");
  lacks(cross_section, "recoil = [\"1 MeV\"]", "recoil");
  lacks(cross_section, "model = [\"lo\", \"nlo\"]", "model");
  const std::string rates = job_of_kind("rates", rates_axes, "");
  lacks(rates, "experiment = [\"tao-30m\"]", "experiment");
  lacks(rates, "model = [\"lo\", \"nlo\"]", "model");
  // The flavour has a default in configs/analysis.toml.
  CHECK(is_set<std::string>(read(cross_section), "flavour", "nuebar_e"));
  // Without that default the job must name it.
  nuloop::setup::World silent = world();
  std::erase_if(std::get<Node::Table>(silent.defaults.value),
                [](const auto& member) { return member.key == "flavour"; });
  try {
    static_cast<void>(nuloop::analysis::read_job(parse(cross_section), silent));
    FAIL("a cross section of no neutrino");
  } catch (const InputError& error) {
    CHECK_THAT(error.what(), Contains(": flavour: ") && Contains("missing"));
  }
}

TEST_CASE("The resolved job names its kind and what matters to it, and is the same job") {
  for (const std::string& text :
       {job_file("fig4.toml"), job_file("fig6.toml"), job_file("fig7.toml"),
        job_file("impacts.toml"), job_of_kind("rates", rates_axes, "\"window.low\" = \"300 keV\""),
        job_of_kind("cross-section", cross_section_axes, "flavour = \"nu_mu\"")}) {
    const Job job = read(text);
    check_resolved(job);
    const std::string kind(job.kind->name);
    CHECK_THAT(job.resolved, Contains("kind = \"" + kind + "\""));
    const auto keys = settings_of(job);
    CHECK_FALSE(keys.empty());
    for (const std::string& key : keys) {
      CAPTURE(kind, key);
      CHECK(nuloop::setup::parameters()[*nuloop::setup::find_parameter(key)].matters_to(*job.kind));
    }
    // Defaults for this kind are written out.
    CHECK(std::count(keys.begin(), keys.end(), "lo.sin2_theta_w") == 1);
    CHECK(std::count(keys.begin(), keys.end(), "flavour") == (job.kind->name == "cross-section"));
    CHECK(std::count(keys.begin(), keys.end(), "background_uncertainty") +
              (job.axis("background_uncertainty") != nullptr) ==
          (kind == "reach" || job.kind->name == "impacts"));
  }
}

TEST_CASE("A cross section has energies and recoils that it is known for") {
  const auto refused = [](const std::string& axes, const std::string& line,
                          const std::string& key) {
    check_refused(job_of_kind("cross-section", axes + line, ""), line, "axes." + key,
                  "out of range");
  };
  const std::string model = "model = [\"nlo\"]\n";
  refused(model + "recoil = [\"1 MeV\"]\n", "energy = [\"10.1 GeV\"]", "energy");
  refused(model + "recoil = [\"1 MeV\"]\n", "energy = [\"1 eV\"]", "energy");
  refused(model + "energy = [\"1 MeV\"]\n", "recoil = [\"0 MeV\"]", "recoil");
  // A window means nothing to it, however empty the configs leave it.
  CHECK(problem_of(job_of_kind("cross-section", cross_section_axes, "")).empty());
}

TEST_CASE("The name of a job has no control characters") {
  for (const std::string name : {"a\\u0000b", "a\\nb", "\\u001b[2J", "a\\u007f"})
    check_refused(job_but("\"study\"", "\"" + name + "\""), "name = \"" + name + "\"", "",
                  "control character");
  CHECK(read(job_but("\"study\"", "\"\\u03bd a\"")).name == "\xce\xbd a");
}

TEST_CASE("Ranges of numbers that are hardly above zero are read") {
  const Job job =
      read(job_with("\"background.scale\" = { from = 0, to = 4e-310, points = 5 }", ""));
  const auto& values = job.axis("background.scale")->values();
  REQUIRE(values.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(
        std::get<double>(values[i]) ==
        Approx(static_cast<double>(i) * 1e-310).margin(std::numeric_limits<double>::denorm_min()));
}

TEST_CASE("Axes of absurd size are refused before there is memory for them") {
  const auto range = [](const std::string& key, const std::string& unit,
                        const std::string& points) {
    return "\"" + key + "\" = { from = \"1 " + unit + "\", to = \"2 " + unit +
           "\", points = " + points + " }\n";
  };
  axis_refused(range("detector.mass", "t", "1000001"), "\"detector.mass\".points", "out of range");
  const std::string large =
      range("detector.mass", "t", "1000000") + range("detector.baseline", "m", "1000000");
  CHECK(problem_of(job_with(large, "")).find("scenarios") != std::string::npos);
}

TEST_CASE("Jobs that no machine could hold are refused at once") {
  const auto range = [](const std::string& key, const std::string& ends,
                        const std::string& points) {
    return "\"" + key + "\" = { " + ends + ", points = " + points + " }\n";
  };
  const std::string low = "from = \"1 MeV\", to = \"2 MeV\"";
  const std::string high = "from = \"9 MeV\", to = \"10 MeV\"";
  CHECK_THAT(problem_of(job_with(range("resolution.stochastic", "from = 0.01, to = 0.1", "10000") +
                                     range("resolution.constant", "from = 0.01, to = 0.1", "101"),
                                 "")),
             Contains("axes") && Contains("sets of integrals"));
  CHECK_THAT(problem_of(job_with(
                 range("background_uncertainty", "from = 0.01, to = 0.1", "20000") +
                     range("theory.hadronic_3_gamma_uncertainty", "from = 0.01, to = 0.1", "20000"),
                 "")),
             Contains("axes") && Contains("uncertainties and exposure"));
  check_refused(job_with(range("window.low", low, "300") + range("window.high", high, "300"),
                         "\"window.bin_width\" = \"10 keV\""),
                "window.bin_width", "window.bin_width", "bins in all");
  CHECK(problem_of(job_with(range("window.low", low, "100") + range("window.high", high, "100"),
                            "\"window.bin_width\" = \"10 keV\""))
            .empty());
}

TEST_CASE("Axes of several keys are as long as they may be, and read in time") {
  const auto zipped = [](const std::string& points) {
    return "\"detector.mass, detector.baseline\" = [{ from = \"1 t\", to = \"2 t\", points = " +
           points + " }, { from = \"1 m\", to = \"2 m\", points = " + points + " }]";
  };
  check_refused(job_with(zipped("500001"), ""), "detector.mass", "axes.\"detector.mass, ",
                "values");
  // Comparing each of so many points with each other would take minutes.
  CHECK(read(job_with(zipped("500000"), "")).axes.front().size() == 500000);
}

TEST_CASE("A single point is read and checked as a job is") {
  const auto problem = [](const std::string& kind, const std::string& settings,
                          const std::vector<std::string>& elsewhere = {},
                          const std::string& missing = "") {
    nuloop::setup::World world = nuloop::test::world();
    world.defaults.where = {"analysis.toml"};
    std::erase_if(std::get<nuloop::io::Node::Table>(world.defaults.value),
                  [&](const auto& member) { return member.key == missing; });
    nuloop::io::Node root =
        nuloop::io::parse_toml({"point", "point", "[settings]\n" + settings + "\n"});
    root.where = world.defaults.where;
    return nuloop::test::message_of([&] {
      nuloop::setup::read_point(root, nuloop::analysis::kind_named(kind), elsewhere, world);
    });
  };
  const std::string tao = "experiment = \"tao-30m\"\nmodel = \"nlo\"\n",
                    reach = tao + "flux_uncertainty = 0.005\n";
  CHECK(problem("rates", tao).empty());
  CHECK(problem("reach", reach, {"exposure"}).empty());
  CHECK_THAT(problem("reach", reach), Contains("analysis.toml: exposure: is missing"));
  CHECK_THAT(problem("rates", tao + "exposure = \"1 yr\""),
             Contains("point:4: settings.exposure: means nothing to a job of kind \"rates\""));
  for (const std::string key : {"flux", "window.low", "quadrature.relative_tolerance"}) {
    CHECK_THAT(problem("rates", tao, {}, key),
               Catch::StartsWith("analysis.toml") && Contains(": " + key + ": is missing"));
    CHECK(
        problem("cross-section", "model = \"nlo\"", {"flavour", "energy", "recoil"}, key).empty());
  }
  CHECK_THAT(problem("rates", tao + "window.low = \"11 MeV\""),
             Catch::StartsWith("point:4: window.low"));
  CHECK_THAT(problem("rates", "experiment = \"tao-30m\"\nmodel = \"free-charge-radius\""),
             Contains("point:3: free.charge_radius: is missing"));
  // Whose bins no result has to hold.
  CHECK(problem("rates", "experiment = \"tao-30m-ibd\"\nmodel = \"nlo\"").empty());
}

TEST_CASE("What analysis.toml leaves out must be in the job") {
  for (const std::string key : {"window.low", "window.high", "flux", "lo.sin2_theta_w"}) {
    std::vector<nuloop::io::TextFile> files =
        nuloop::setup::read_configs(std::string(NULOOP_SOURCE) + "/configs");
    for (nuloop::io::TextFile& file : files)
      if (file.name == "configs/analysis.toml") {
        const auto at = file.text.find("\n" + key + " = ");
        REQUIRE(at != std::string::npos);
        file.text.erase(at + 1, file.text.find('\n', at + 1) - at);
      }
    const nuloop::setup::World world = nuloop::setup::build_world(files);
    CHECK_THAT(nuloop::test::message_of(
                   [&] { nuloop::analysis::read_job(parse(job_with("", "")), world); }),
               Contains(": " + key + ": is missing"));
  }
}
