// Jobs: what a job file means, what it may not say, and the resolved text.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/job.hpp"

#include "message_of.hpp"
#include "nuloop/foundation/errors.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace {

using Catch::Contains;
using nuloop::InputError;
using nuloop::io::Node;
using nuloop::study::Job;
using nuloop::study::Value;
using nuloop::test::world;

Node parse(const std::string& text) {
  return nuloop::io::parse_toml({"job.toml", "job.toml", text});
}

Job read(const std::string& text, const std::vector<std::string>& assignments = {}) {
  Node root = parse(text);
  for (const std::string& assignment : assignments)
    nuloop::io::set_value(root, assignment);
  return nuloop::study::read_job(root, world());
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
    keys.push_back(axis.definition().key);
  return keys;
}

std::vector<double> numbers(const Job& job, const std::string& key) {
  std::vector<double> values;
  if (const auto* axis = job.axis(key))
    for (const Value& value : axis->values)
      values.push_back(std::get<double>(value));
  return values;
}

const Value* setting(const Job& job, const std::string& key) {
  const auto& value = job.settings.at(*nuloop::study::find_parameter(key));
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
  REQUIRE(axis_keys(again) == axis_keys(job));
  for (std::size_t i = 0; i < job.axes.size(); ++i)
    CHECK(again.axes[i].values == job.axes[i].values);
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
    extents.push_back(axis.values.size());
  CHECK(extents == std::vector<std::size_t>{5, 2, 2, 1, 120});
  CHECK(job.axis("experiment")->values.front() == Value{"cloud-surface"});
  CHECK(job.axis("experiment")->values.back() == Value{"tao-44m"});
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
  CHECK(job.axis("lo.sin2_theta_w")->definition().key == "lo.sin2_theta_w");
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
  CHECK(read(head + model + experiment + exposure + tail).axis("model")->values ==
        std::vector<Value>{"nlo", "lo+cr"});
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
  CHECK(job.axis("experiment")->values == std::vector<Value>{"cloud-surface"});
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

TEST_CASE("The name of a job has no control characters") {
  for (const std::string name : {"a\\u0000b", "a\\nb", "\\u001b[2J", "a\\u007f"})
    check_refused(job_but("\"study\"", "\"" + name + "\""), "name = \"" + name + "\"", "job.name",
                  "control");
  CHECK(read(job_but("\"study\"", "\"\\u03bd a\"")).name == "\xce\xbd a");
}

TEST_CASE("Ranges of numbers that are hardly above zero are read") {
  const Job job =
      read(job_with("\"background.scale\" = { from = 0, to = 4e-310, points = 5 }", ""));
  const auto& values = job.axis("background.scale")->values;
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

TEST_CASE("What analysis.toml leaves out must be in the job") {
  for (const std::string key : {"window.low", "window.high", "flux", "lo.sin2_theta_w"}) {
    std::vector<nuloop::io::TextFile> files =
        nuloop::study::read_configs(std::string(NULOOP_SOURCE) + "/configs");
    for (nuloop::io::TextFile& file : files)
      if (file.name == "configs/analysis.toml") {
        const auto at = file.text.find("\n" + key + " = ");
        REQUIRE(at != std::string::npos);
        file.text.erase(at + 1, file.text.find('\n', at + 1) - at);
      }
    const nuloop::study::World world = nuloop::study::build_world(files);
    CHECK_THAT(
        nuloop::test::message_of([&] { nuloop::study::read_job(parse(job_with("", "")), world); }),
        Contains(": " + key + ": is missing"));
  }
}
