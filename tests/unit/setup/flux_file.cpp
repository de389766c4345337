// Fluxes and covariances from text files: as published, the same numbers; wrong, found where
// they are.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "folder.hpp"
#include "message_of.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/setup/problems.hpp"
#include "nuloop/setup/world.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace {

using namespace nuloop;
using Catch::Contains;
using experiment::fissile_count;
using experiment::PerFissile;
using setup::World;
using Texts = std::map<std::string, std::string>;
using Changes = std::map<std::string, setup::Value>;
using Real = long double;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

const std::vector<std::string> isotopes = {"U235", "U238", "Pu239", "Pu241"};

// The world of configs/ with more files in configs/fluxes/.
World world_with(const Texts& texts) {
  static const auto files = setup::read_configs(std::string(NULOOP_SOURCE) + "/configs");
  auto all = files;
  for (const auto& [name, text] : texts)
    all.push_back({"configs/fluxes/" + name, name, text});
  return setup::build_world(all);
}

// mine.toml with these lines after the head, of 2 to 8 MeV if `low` and `high` are not among them.
std::string toml(const std::string& lines) {
  const std::string own =
      lines.substr(0, std::min(lines.find(".covariance"), lines.find("[[corrections]]")));
  std::string text = "title = \"mine\"\nsource = \"a test\"\nform = \"file\"\n";
  for (const auto& [key, line] : std::map<std::string, std::string>{
           {"low =", "low = \"2 MeV\"\n"},
           {"high =", "high = \"8 MeV\"\n"},
           {"uncertainties", "uncertainties = \"huber\"\n"},
           {"energy_unit", "energy_unit = \"MeV\"\n"},
           {"values =", "values = \"per MeV\"\n"},
           {"columns", "columns = [\"energy\", \"U235\", \"U238\", \"Pu239\", \"Pu241\"]\n"}})
    if (own.find(key) == std::string::npos)
      text += line;
  return text + lines;
}

const experiment::FluxModel& summation() {
  static const World world = world_with({});
  return world.fluxes.find("summation")->model;
}

// Rows of the summation flux from 0.05 to 10.05 MeV; the numbers as `write` has them.
template <class Write>
std::string rows(const Write& write) {
  std::string text;
  for (int n = 0; n <= 100; ++n) {
    const double E = std::min(0.05 + 0.1 * n, 10.05);
    text += write(E, summation()(E)) + "\n";
  }
  return text;
}

std::string spaced(double E, const PerFissile<double>& S) {
  return fmt::format("{} {}", E, fmt::join(S, " "));
}

void check_same_flux(const World& world, double low, double high) {
  const auto& mine = world.fluxes.find("mine")->model;
  CHECK(mine.low_MeV() == low);
  CHECK(mine.high_MeV() == high);
  for (int n = 0; n <= 350; ++n) {
    const double E = std::lerp(low, high, n / 350.0);
    for (std::size_t i = 0; i < fissile_count; ++i)
      CHECK(mine(E)[i] == Approx(summation()(E)[i]).epsilon(1e-12));
  }
}

// TAO or what is asked for, at tree level or NLO, with what a test changes.
setup::Scenario scenario(const World& world, const Changes& changes) {
  setup::Settings settings = setup::read_settings({&world.defaults}, world);
  const auto set = [&](const std::string& key, const setup::Value& value) {
    settings.at(setup::find_parameter(key).value()) = value;
  };
  for (const auto& [key, value] : Changes{{"experiment", "tao-30m"},
                                          {"model", "lo"},
                                          {"observable", "electron"},
                                          {"flux", "mine"},
                                          {"flux_uncertainty", 0.005},
                                          {"background_uncertainty", 0.1}})
    set(key, value);
  for (const auto& [key, value] : changes)
    set(key, value);
  return setup::make_scenario(settings, world);
}

prediction::Rates rates(const World& world, const setup::Scenario& wanted) {
  prediction::RateCalculator calculator(world);
  calculator.prepare(wanted);
  return calculator.rates(wanted);
}

}  // namespace

TEST_CASE("one flux in the layouts of many publications is one flux") {
  const std::string file = "file = \"mine.txt\"\n";
  const auto check = [](const std::string& lines, const std::string& text) {
    INFO(lines << text.substr(0, 200));
    check_same_flux(world_with({{"mine.toml", toml(lines)}, {"mine.txt", text}}), 2.0, 8.0);
  };
  check(file, rows(spaced));
  check(file, "# a comment\n! another\n\n// and one\n" + rows([](double E, const auto& S) {
                return fmt::format("  {}\t{}   # {}", E, fmt::join(S, "\t"), "behind");
              }));
  check(file + "header_lines = 2\n",
        "\xef\xbb\xbf"
        "Energy,U235,U238,Pu239,Pu241\nMeV,1,1,1,1\n" +
            rows([](double E, const auto& S) {
              return fmt::format("{},{}\r", E, fmt::join(S, " , "));
            }));
  check(file + "energy_unit = \"keV\"\nvalues = \"per keV\"\n", rows([](double E, auto S) {
          for (double& value : S)
            value /= 1000.0;
          return fmt::format("{}; {}", 1000.0 * E, fmt::join(S, "; "));
        }));
  check(file + "values = \"per bin\"\nbin_width = \"250 keV\"\n", rows([](double E, auto S) {
          for (double& value : S)
            value *= 0.25;
          return spaced(E, S);
        }));
  check(file + "columns = [\"-\", \"Pu241\", \"U238\", \"energy\", \"Pu239\", \"U235\", \"-\"]\n",
        rows([](double E, const auto& S) {
          return fmt::format("name +{} {} {} {} {} 3%", S[3], S[1], E, S[2], S[0]);
        }));
  check(file + "columns = [\"energy\", \"U235\", \"U238\", \"Pu239\", \"Pu241\", \"...\"]\n",
        rows([](double E, const auto& S) {
          return spaced(E, S) + (E < 4.0 ? "" : E < 6.0 ? " ; 2 , " : " 1 two 3");
        }));
  // Unsorted: the last rows first.
  std::string text = rows(spaced), turned;
  for (std::size_t end = text.size(); end > 0;) {
    const std::size_t begin = text.rfind('\n', end - 2) + 1;
    turned += text.substr(begin, end - begin);
    end = begin;
  }
  check(file, turned);
  // Zeros where the flux is not used.
  check(file, text + "11 0 0 0 0\n12 0 0 0 0\n");
}

TEST_CASE("a flux has a file for each isotope, with energies of its own") {
  Texts texts = {
      {"mine.toml", toml("files = { U235 = \"0\", U238 = \"1\", Pu239 = \"2\", Pu241 = \"3\" }\n"
                         "columns = [\"energy\", \"value\"]\n")}};
  for (std::size_t i = 0; i < fissile_count; ++i)
    texts[std::to_string(i)] =
        rows([i](double E, const auto& S) { return fmt::format("{},{}", E, S[i]); }) +
        fmt::format("{},1\n", 11 + i);
  check_same_flux(world_with(texts), 2.0, 8.0);
}

TEST_CASE("bins are flat, and what is beyond them is another flux's") {
  const std::string columns =
      "columns = [\"low\", \"high\", \"U235\", \"U238\", \"Pu239\", \"Pu241\"]\n";
  const World world = world_with(
      {{"mine.toml", toml("file = \"mine.txt\"\nvalues = \"per bin\"\noutside = \"summation\"\n"
                          "low = \"0.05 MeV\"\nhigh = \"10.05 MeV\"\n" +
                          columns)},
       {"mine.txt", "4 8 2 2 2 0\n2 4 3 4 1 0\n"}});
  const auto& mine = world.fluxes.find("mine")->model;
  CHECK(mine(2.0) == PerFissile<double>{1.5, 2.0, 0.5, 0.0});
  CHECK(mine(3.999) == PerFissile<double>{1.5, 2.0, 0.5, 0.0});
  CHECK(mine(4.0) == PerFissile<double>{0.5, 0.5, 0.5, 0.0});
  CHECK(mine(8.0) == PerFissile<double>{0.5, 0.5, 0.5, 0.0});
  CHECK(mine(1.999) == summation()(1.999));
  CHECK(mine(8.001) == summation()(8.001));

  // The rate as the sum over flat pieces: the counts of the tree level between two recoils by
  // Simpson's rule, for U235 alone; constants from the ratio to another flux that is flat.
  const auto events = [](double from, double to) {
    const double m = 0.51099895, right = 0.2334, left = 0.7334;
    const auto primitive = [&](double E, double T) {
      return right * right * T - left * left * E / 3.0 * std::pow(1.0 - T / E, 3) -
             left * right * m * T * T / (2.0 * E * E);
    };
    constexpr int intervals = 2000;
    const double step = (to - from) / intervals;
    double sum = 0.0;
    for (int k = 0; k <= intervals; ++k) {
      const double E = from + k * step;
      const double weight = k == 0 || k == intervals ? 1.0 : k % 2 == 1 ? 4.0 : 2.0;
      sum += weight * (primitive(E, 2.0 * E * E / (m + 2.0 * E)) - primitive(E, 1.0));
    }
    return sum * step / 3.0;
  };
  const auto signal = [&](const std::string& text) {
    const World own =
        world_with({{"mine.toml", toml("file = \"mine.txt\"\n" + columns)}, {"mine.txt", text}});
    return rates(own, scenario(own, {})).tested.value.sum();
  };
  CHECK(signal("2 5 1 0 0 0\n5 8 4 0 0 0\n") / signal("2 5 1 0 0 0\n5 8 1 0 0 0\n") ==
        Approx((events(2, 5) + 4 * events(5, 8)) / (events(2, 5) + events(5, 8))).epsilon(1e-9));
}

TEST_CASE("a flux is corrected by tables") {
  const std::string three = R"(file = "mine.txt"
[[corrections]]
file = "noneq.csv"
isotopes = ["U235", "Pu239"]
columns = ["energy", "value"]
energy_unit = "MeV"
values = "percent"
[[corrections]]
file = "spent.csv"
columns = ["low", "high", "value"]
energy_unit = "keV"
values = "per keV"
)";
  const Texts texts = {{"mine.txt", "2 4 3 2 1\n8 4 3 2 1\n"},
                       {"noneq.csv", "4,0\n2,5\n3,1\n"},
                       {"spent.csv", "1500,2500,2e-4\n2500,3500,1e-4\n"}};
  const auto with = [&](const std::string& lines, const std::string& name = "mine.txt",
                        const std::string& text = "") {
    Texts all = texts;
    all["mine.toml"] = toml(lines);
    if (!text.empty())
      all[name] = text;
    return world_with(all);
  };
  const World world = with(three);
  const auto& mine = world.fluxes.find("mine")->model;
  CHECK(mine.knots_MeV() == std::vector<double>{2.5, 3.0, 3.5, 4.0});
  // By hand: S (1 + c) + a, c falling from 5 % at 2 MeV to 1 % at 3 and 0 at 4 MeV.
  struct Point {
    double E, c, a;
  };
  for (const auto& [E, c, a] : std::vector<Point>{{2.0, 0.05, 0.2},
                                                  {2.25, 0.04, 0.2},
                                                  {2.75, 0.02, 0.1},
                                                  {3.4, 0.006, 0.1},
                                                  {3.75, 0.0025, 0.0},
                                                  {5.0, 0.0, 0.0},
                                                  {8.0, 0.0, 0.0}}) {
    const PerFissile<double> expected = {4 * (1 + c) + a, 3 + a, 2 * (1 + c) + a, 1 + a};
    std::vector<PerFissile<double>> together(1);
    mine(std::vector{E}, together);
    for (std::size_t i = 0; i < fissile_count; ++i) {
      CHECK(mine(E)[i] == Approx(expected[i]).epsilon(1e-14));
      CHECK(together[0][i] == mine(E)[i]);
      CHECK(mine.restricted(2.0, 8.0)(E)[i] == mine(E)[i]);
    }
  }

  // The same everywhere: a factor on the rate.
  const std::string one = three.substr(0, three.rfind("[[corrections]]"));
  std::string everywhere = one;
  everywhere.erase(everywhere.find("isotopes"),
                   everywhere.find("columns") - everywhere.find("isotopes"));
  const auto signal = [&](const World& of) { return rates(of, scenario(of, {})).tested.value; };
  CHECK((signal(with(everywhere, "noneq.csv", "1,25\n9,25\n")) /
             signal(with("file = \"mine.txt\"\n")) -
         1.25)
            .abs()
            .maxCoeff() < 1e-9);

  const auto refused = [&](const std::string& from, const std::string& to, const std::string& name,
                           const std::string& text, const std::string& problem) {
    std::string lines = one;
    lines.replace(lines.find(from), from.size(), to);
    CHECK_THAT(test::message_of([&] { with(lines, name, text); }), Contains(problem));
  };
  refused("noneq.csv", "noneq.csv", "noneq.csv", "2,-101\n3,1\n",
          "noneq.csv:1:3: value: -101 is below -100");
  refused("percent", "per MeV", "noneq.csv", "2,1\n3,-1\n", "noneq.csv:2:3: value: -1 is below 0");
  refused("percent", "per cent", "", "", "corrections.values: wants");
  refused("\"value\"", "\"U235\"", "", "", "corrections.columns: unknown");
  refused("Pu239", "Pu293", "", "", "unknown isotope");
  refused("noneq.csv", "nowhere.csv", "", "", "nowhere.csv is not there");
  refused("values =", "vals =", "", "", "corrections.vals: unknown key");
}

TEST_CASE("an isotope may be absent where no reactor has it") {
  const World world =
      world_with({{"mine.toml", toml("file = \"mine.txt\"\nabsent = [\"U238\", \"Pu241\"]\n"
                                     "columns = [\"energy\", \"U235\", \"Pu239\"]\n")},
                  {"mine.txt", "2 2 1\n8 1 1\n"}});
  const Changes none = {{"reactor.fission_fraction.U238", 0.0},
                        {"reactor.fission_fraction.Pu241", 0.0}};
  CHECK_THAT(setup::flux_problem(scenario(world, {})), Contains("no spectrum of U238"));
  CHECK_THAT(setup::flux_problem(scenario(world, {{"reactor.fission_fraction.U238", 0.0}})),
             Contains("no spectrum of Pu241") && Contains("0.056"));
  CHECK(setup::flux_problem(scenario(world, none)).empty());
  const auto r = rates(world, scenario(world, none));
  CHECK(r.tested.value.allFinite());
  CHECK(r.tested.value.sum() > 0.0);

  const auto job = [&](const std::string& axes) {
    return test::message_of([&] {
      analysis::read_job(
          io::parse_toml({"job.toml", "job.toml",
                          "[job]\nname = \"a\"\ntitle = \"a\"\n[axes]\n" + axes +
                              "\n[settings]\nmodel = \"nlo\"\nobservable = "
                              "\"electron\"\nflux_uncertainty = 0.01\nexposure = \"1 "
                              "yr\"\nreactor.fission_fraction.Pu241 = 0.0\n"}),
          world);
    });
  };
  const std::string fraction = "\nreactor.fission_fraction.U238 = [0.0, 0.1]";
  CHECK_THAT(job("experiment = [\"tao-30m\"]\nflux = [\"mueller\", \"mine\"]" + fraction),
             Contains("job.toml:6: flux: \"mine\" has no spectrum of U238") && Contains("0.1"));
  CHECK(job("experiment = [\"tao-30m\"]\n\"flux, reactor.fission_fraction.U238\" = "
            "[[\"mueller\", 0.1], [\"mine\", 0.0]]")
            .empty());
  CHECK_THAT(job("experiment = [\"tao-30m\"]\nflux = [\"kurchatov\"]\nflux_shape.covariance_scale "
                 "= [0, 1]"),
             Contains("\"kurchatov\" has uncertainties without covariance"));
}

TEST_CASE("wrong files are refused, with the place and the reason") {
  const std::string good = "2 4 3 2 1\n5 4 3 2 1\n8 4 3 2 1\n";
  const std::string file = "file = \"mine.txt\"\n";
  const std::string bins =
      file + "columns = [\"low\", \"high\", \"U235\", \"U238\", \"Pu239\", \"Pu241\"]\n";
  REQUIRE_NOTHROW(world_with({{"mine.toml", toml(file)}, {"mine.txt", good}}));
  struct Wrong {
    std::string lines, text, where, problem;
  };
  const std::vector<Wrong> table = {
      {file, "2 4 3 2 1\n5 4 x 2 1\n8 4 3 2 1\n", "mine.txt:2:5: U238: ", "\"x\" is not a number"},
      {file, "2 4 3 2 1\n5 nan 3 2 1\n8 4 3 2 1\n", "mine.txt:2:3: U235: ", "not finite"},
      {file, "2 4 3 2 1\n5 4 3 2 inf\n8 4 3 2 1\n", "mine.txt:2:9: Pu241: ", "not finite"},
      {file, "2 4 3 2 1\n5 4 3 2 1e999\n8 4 3 2 1\n", "mine.txt:2:9: Pu241: ", "too large"},
      {file, "2 4 3 2 1\n5 4 3 2\n8 4 3 2 1\n", "mine.txt:2:7: ", "has 4 fields, not 5"},
      {file, "2 4 3 2 1\n5 4 3 2 1 9\n8 4 3 2 1\n", "mine.txt:2:11: ", "has 6 fields, not 5"},
      {file, "2,4,3,2,1\n5,4,,2,1\n8,4,3,2,1\n", "mine.txt:2:5: U238: ", "is empty"},
      {file, "2,4,3,2,1\n5,4,3,2,\n8,4,3,2,1\n", "mine.txt:2:9: Pu241: ", "is empty"},
      {file, "2 4 3 2 1\n5 4 3 -2 1\n8 4 3 2 1\n", "mine.txt:2:7: Pu239: ", "-2 is negative"},
      {file, "2 4 3 2 1\n5 4 3 0 1\n8 4 3 2 1\n", "mine.txt:2:7: Pu239: ", "is zero"},
      {file, "-2 4 3 2 1\n5 4 3 2 1\n8 4 3 2 1\n", "mine.txt:1:1: energy: ", "-2 is negative"},
      {file, "2 4 3 2 1\n8 4 3 2 1\n\n8.0 4 3 2 1\n",
       "mine.txt:4:1: energy: ", "8 is on line 2 too"},
      {file, "# none\n", "mine.txt: ", "holds no numbers"},
      {file, "2 4 3 2 1\n", "mine.txt:1:1: energy: ", "is the only row"},
      {file, "2.5 4 3 2 1\n8 4 3 2 1\n", "mine.txt:1:1: energy: ", "spans 2.5 to 8 MeV"},
      {file, "7.5 4 3 2 1\n2 4 3 2 1\n", "mine.txt:1:1: energy: ", "spans 2 to 7.5 MeV"},
      {file, "2000 4 3 2 1\n8000 4 3 2 1\n",
       "mine.txt:1:1: energy: ", "above 100 MeV; check energy_unit"},
      {file + "energy_unit = \"keV\"\n", good,
       "mine.txt:3:1: energy: ", "spans 0.002 to 0.008 MeV"},
      {file, "Energy 4 3 2 1\n8 4 3 2 1\n", "mine.txt:1:1: energy: ", "\"Energy\" is not a number"},
      {file + "header_lines = 3\n", good, "mine.txt: ", "header lines"},
      {bins, "2 5 4 3 2 1\n8 5 4 3 2 1\n", "mine.txt:2:3: high: ", "5 is not above"},
      {bins, "2 5 4 3 2 1\n5.1 8 4 3 2 1\n", "mine.txt:2:1: low: ", "bin of line 1 ends, 5"},
      {bins, "2 5 4 3 2 1\n4.9 8 4 3 2 1\n", "mine.txt:2:1: low: ", "bin of line 1 ends, 5"},
      {bins, "2 5 4 3 2 1\n5 7 4 3 2 1\n", "mine.txt:2:3: high: ", "spans 2 to 7 MeV"},
      {file + "energy_unit = \"GeV\"\n", good, "mine.toml:10: energy_unit: ", "\"MeV\" or \"keV\""},
      {file + "values = \"per GeV\"\n", good, "mine.toml:10: values: ", "per bin"},
      {file + "values = \"per bin\"\n", good, "bin_width: ", "is missing"},
      {file + "columns = [\"energy\", \"U235\", \"U283\", \"Pu239\", \"Pu241\"]\n", good,
       "mine.toml:10: columns: ", "unknown \"U283\"; did you mean"},
      {file + "columns = [\"energy\", \"U235\", \"U235\", \"Pu239\", \"Pu241\"]\n", good,
       "columns: ", "twice"},
      {file + "columns = [\"...\", \"energy\"]\n", good, "columns: ", "must be the last"},
      {file + "columns = [\"low\", \"U235\", \"U238\", \"Pu239\", \"Pu241\"]\n", good,
       "columns: ", "edges"},
      {file + "columns = [\"energy\", \"U235\", \"-\", \"Pu239\", \"Pu241\"]\n", good,
       "form: ", "absent = [\"U238\"]"},
      {file + "absent = [\"U238\"]\n", good, "absent: ", "U238 has values"},
      {file + "absent = [\"U283\"]\n", good, "absent: ", "unknown isotope \"U283\""},
      {"file = \"your.txt\"\n", good,
       "mine.toml:10: file: ", "configs/fluxes/your.txt is not there"},
      {file + "colums = 3\n", good, "colums: ", "unknown key"},
      {file + "outside = \"mueller\"\n", good, "outside: ", "is not a table"},
  };
  CHECK(table.size() >= 30);
  for (const auto& [lines, text, where, problem] : table) {
    INFO(lines << text);
    const std::string message = test::message_of([&] {
      world_with({{"mine.toml", toml(lines)}, {"mine.txt", text}});
    });
    CHECK_THAT(message, Contains(where));
    CHECK_THAT(message, Contains(problem));
  }
}

namespace {

// A flux of three points for three isotopes, the last row first in its file, and what a test says
// of its uncertainties.
const std::string three_points = "8 4 2 1\n2 12 6 3\n5 8 4 2\n";
World world_of(const std::string& uncertainties, const Texts& matrices) {
  Texts texts = matrices;
  texts["mine.txt"] = three_points;
  texts["mine.toml"] = toml(
      "file = \"mine.txt\"\ncolumns = [\"energy\", \"U235\", \"Pu239\", \"Pu241\"]\nabsent = "
      "[\"U238\"]\n"
      "[uncertainties]\n" +
      uncertainties);
  return world_with(texts);
}

// Positive definite, and the same every time: A A^T with A of sines. In the file's order.
RealMatrix covariance(Eigen::Index size) {
  RealMatrix a(size, size);
  for (Eigen::Index i = 0; i < size; ++i)
    for (Eigen::Index j = 0; j < size; ++j)
      a(i, j) = 0.02L * std::sin(1.0L + static_cast<Real>(3 * i + 7 * j * j + 5 * i * i * j));
  return (a * a.transpose()).cast<double>().cast<Real>();
}

std::string written(const RealMatrix& matrix) {
  std::string text = "# a matrix\n";
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j)
      text += fmt::format("{}{}", j > 0 ? "\t" : "", static_cast<double>(matrix(i, j)));
    text += "\n";
  }
  return text;
}

// The row of bin-by-bin order that the n-th row of a file over isotopes stands for.
Eigen::Index place(Eigen::Index n, const std::vector<Eigen::Index>& of) {
  const std::vector<Eigen::Index> bins = {2, 0, 1};  // of the rows of three_points
  return 4 * bins[static_cast<std::size_t>(n % 3)] + of[static_cast<std::size_t>(n / 3)];
}

const std::vector<Eigen::Index> in_flux = {0, 2, 3};

// V among all bins and isotopes, with zeros for U238.
RealMatrix placed(const RealMatrix& v) {
  RealMatrix all = RealMatrix::Zero(12, 12);
  for (Eigen::Index i = 0; i < v.rows(); ++i)
    for (Eigen::Index j = 0; j < v.cols(); ++j)
      all(place(i, in_flux), place(j, in_flux)) = v(i, j);
  return all;
}

void check_covariance(const World& world, const RealMatrix& expected) {
  const auto& known = world.fluxes.find("mine")->uncertainties;
  REQUIRE(known.modes.rows() == 12);
  const RealMatrix modes = known.modes.cast<Real>();
  const Real size = expected.diagonal().maxCoeff();
  CHECK((modes * modes.transpose() - expected).cwiseAbs().maxCoeff() < 1e-14L * size);
  for (Eigen::Index a = 0; a < 12; ++a)
    CHECK(known.relative[static_cast<std::size_t>(a % 4)][static_cast<std::size_t>(a / 4)] ==
          Approx(static_cast<double>(std::sqrt(expected(a, a)))).epsilon(1e-14));
  // By eigenvalue, the largest first, and orthogonal.
  const RealMatrix products = modes.transpose() * modes;
  for (Eigen::Index k = 1; k < products.rows(); ++k) {
    CHECK(products(k, k) <= products(k - 1, k - 1));
    CHECK(std::abs(products(k, k - 1)) < 1e-14L * products(0, 0));
  }
}

const std::string full =
    "[uncertainties.covariance]\nfile = \"cov.txt\"\nkind = \"covariance\"\nvalues = \"relative\"\n"
    "isotopes = [\"U235\", \"Pu239\", \"Pu241\"]\n";

// chi2 with the covariance of the flux written out in long double, for t years.
double dense_chi2(const prediction::Rates& r, const setup::Scenario& s, const RealMatrix& v,
                  Real t) {
  const Real days = 365.25L * t;
  const auto counts = [&](const Eigen::ArrayXd& x) -> RealVector {
    return days * x.matrix().cast<Real>();
  };
  const auto sites = static_cast<Eigen::Index>(s.sites.size());
  const Eigen::Index bins = r.tested.value.size() / sites;
  RealMatrix c = RealMatrix((counts(r.reference.value) + counts(r.background.value)).asDiagonal());
  for (Eigen::Index site = 0; site < sites; ++site)
    for (const auto& [rate, sigma] :
         {std::pair{counts(r.tested.value), s.uncertainties.flux},
          std::pair{counts(r.background.value), s.uncertainties.background}}) {
      RealVector part = RealVector::Zero(rate.size());
      part.segment(site * bins, bins) = static_cast<Real>(sigma) * rate.segment(site * bins, bins);
      c += part * part.transpose();
    }
  // What each isotope in each bin of the flux makes, from its share of one standard deviation.
  RealMatrix parts = RealMatrix::Zero(r.tested.value.size(), v.rows());
  for (Eigen::Index a = 0; a < v.rows(); ++a)
    if (v(a, a) > 0)
      parts.col(a) =
          counts(r.systematic.flux[static_cast<std::size_t>(a)].value) /
          static_cast<Real>(s.flux.uncertainties->relative[static_cast<std::size_t>(a % 4)]
                                                          [static_cast<std::size_t>(a / 4)]);
  const Real scale = s.uncertainties.flux_shape_covariance_scale;
  c += scale * scale * parts * v * parts.transpose();
  const RealVector d = counts(r.difference.value);
  const RealVector unit = c.diagonal().cwiseSqrt().cwiseInverse();
  const RealMatrix scaled = unit.asDiagonal() * c * unit.asDiagonal();
  const RealVector e = unit.asDiagonal() * d;
  return static_cast<double>(e.dot(scaled.ldlt().solve(e)));
}

}  // namespace

TEST_CASE("a covariance of the flux is read in every layout") {
  const RealMatrix v = covariance(9);
  check_covariance(world_of(full, {{"cov.txt", written(v)}}), placed(v));

  // Absolute: times the values of the file's rows.
  RealVector flux(9);
  flux << 4, 12, 8, 2, 6, 4, 1, 3, 2;
  std::string absolute = full;
  absolute.replace(absolute.find("relative"), 8, "absolute");
  check_covariance(
      world_of(absolute, {{"cov.txt", written(flux.asDiagonal() * v * flux.asDiagonal())}}),
      placed(v));

  // A correlation, with the standard deviations of the rows.
  const RealVector sigma = v.diagonal().cwiseSqrt().cast<double>().cast<Real>();
  std::string deviations;
  for (std::size_t i = 0; i < in_flux.size(); ++i)
    deviations += fmt::format("{} = [{}]\n", isotopes[static_cast<std::size_t>(in_flux[i])],
                              fmt::join(sigma.data() + 3 * i, sigma.data() + 3 * i + 3, ", "));
  std::string correlation = full;
  correlation.replace(correlation.find("covariance\"\nvalues = \"relative\"\n"), 32,
                      "correlation\"\n");
  const RealVector inverse = sigma.cwiseInverse();
  check_covariance(
      world_of(deviations + correlation,
               {{"cov.txt", written(inverse.asDiagonal() * v * inverse.asDiagonal())}}),
      placed(v));

  // A block of each isotope, one of them known without error.
  RealMatrix blocks = v;
  blocks.block(0, 3, 3, 6).setZero();
  blocks.block(3, 0, 6, 3).setZero();
  blocks.bottomRightCorner(3, 6).setZero();
  blocks.rightCols(3).setZero();
  check_covariance(
      world_of("[uncertainties.covariance]\nfiles = { Pu239 = \"b\", U235 = \"a\" }\nkind = "
               "\"covariance\"\n"
               "values = \"relative\"\n",
               {{"a", written(v.topLeftCorner(3, 3))}, {"b", written(v.block(3, 3, 3, 3))}}),
      placed(blocks));

  // Bins of its own, ascending.
  const World own = world_of("edges = [1, 3, 4, 9]\n" + full, {{"cov.txt", written(v)}});
  const auto& known = own.fluxes.find("mine")->uncertainties;
  CHECK(known.inner_edges_MeV == std::vector<double>{3.0, 4.0});
  CHECK((known.modes * known.modes.transpose())(0, 4 * 2 + 3) ==
        Approx(static_cast<double>(v(0, 8))).epsilon(1e-12));
}

TEST_CASE("modes of a covariance and the covariance are two forms of one chi2") {
  for (const Eigen::Index rank : {9, 4}) {
    RealMatrix v = covariance(9);
    if (rank < 9) {
      const RealMatrix half = v.leftCols(rank);
      v = (20.0L * half * half.transpose()).cast<double>().cast<Real>();
      v = 0.5L * (v + v.transpose());
    }
    const World world = world_of(full, {{"cov.txt", written(v)}});
    CHECK(world.fluxes.find("mine")->uncertainties.modes.cols() == rank);
    for (const std::string experiment : {"tao-30m", "tao-30m+cloud-25mwe"})
      for (const double width : {0.5, 3.0}) {
        Changes changes = {{"experiment", experiment},
                           {"model", "nlo"},
                           {"flux_shape.covariance_scale", 1.5},
                           {"window.bin_width", width}};
        const setup::Scenario s = [&] {
          setup::Scenario at = scenario(world, changes);
          for (setup::Site& site : at.sites)
            site.reactor.fission_fractions[1] = 0.0;
          return at;
        }();
        const prediction::Rates r = rates(world, s);
        const auto curve = prediction::chi_square_curve(r, s);
        const setup::Scenario without = [&] {
          setup::Scenario at = s;
          at.uncertainties.flux_shape_covariance_scale = 0.0;
          return at;
        }();
        for (const double t : {0.1, 5.0, 100.0}) {
          CAPTURE(rank, experiment, width, t);
          CHECK(curve(t) == Approx(dense_chi2(r, s, placed(v), t)).epsilon(1e-10));
          CHECK(curve(t) < 0.999 * prediction::chi_square_curve(r, without)(t));
        }
      }
  }
}

namespace {

// Bin `bin` of isotope `isotope` among all.
Eigen::Index at(Eigen::Index isotope, Eigen::Index bin) {
  return 4 * bin + isotope;
}

}  // namespace

TEST_CASE("parts of an uncertainty move together as they say") {
  const World world = world_of(
      "U235 = [0.05, 0.05, 0.05]\nPu239 = [0.06, 0.06, 0.06]\nPu241 = [0.01, 0.01, 0.01]\n"
      "[uncertainties.parts.a]\ncommon = \"none\"\nU235 = [0.01, 0.02, 0.03]\n"
      "[uncertainties.parts.b]\ncommon = \"none\"\nU235 = [0.03, 0, 0]\nPu239 = [0, 0, 0.04]\n"
      "[uncertainties.parts.c]\ncommon = \"energies\"\nU235 = [0.02, -0.01, 0]\n"
      "Pu239 = [0.05, 0.01, 0.02]\n"
      "[uncertainties.parts.d]\ncommon = \"all\"\nU235 = [-0.01, 0.02, 0.01]\n"
      "Pu241 = [0.01, 0.01, 0.02]\n",
      {});
  // Rows of the file are the third, the first and the second bin.
  RealMatrix v = RealMatrix::Zero(12, 12);
  v(at(0, 2), at(0, 2)) = 0.01L * 0.01L + 0.03L * 0.03L;
  v(at(0, 0), at(0, 0)) = 0.02L * 0.02L;
  v(at(0, 1), at(0, 1)) = 0.03L * 0.03L;
  v(at(2, 1), at(2, 1)) = 0.04L * 0.04L;
  const auto together = [&](const std::map<Eigen::Index, Real>& change) {
    for (const auto& [a, x] : change)
      for (const auto& [b, y] : change)
        v(a, b) += x * y;
  };
  together({{at(0, 2), 0.02L}, {at(0, 0), -0.01L}});
  together({{at(2, 2), 0.05L}, {at(2, 0), 0.01L}, {at(2, 1), 0.02L}});
  together({{at(0, 2), -0.01L},
            {at(0, 0), 0.02L},
            {at(0, 1), 0.01L},
            {at(3, 2), 0.01L},
            {at(3, 0), 0.01L},
            {at(3, 1), 0.02L}});
  const auto& known = world.fluxes.find("mine")->uncertainties;
  REQUIRE(known.modes.rows() == 12);
  const RealMatrix modes = known.modes.cast<Real>();
  CHECK((modes * modes.transpose() - v).cwiseAbs().maxCoeff() < 1e-17L);
  CHECK(known.relative[0] == std::vector<double>{0.05, 0.05, 0.05});

  Changes changes = {{"experiment", std::string("tao-30m")},
                     {"model", std::string("nlo")},
                     {"flux_shape.covariance_scale", 1.5}};
  setup::Scenario s = scenario(world, changes);
  s.sites.front().reactor.fission_fractions[1] = 0.0;
  const prediction::Rates r = rates(world, s);
  CHECK(prediction::chi_square_curve(r, s)(5.0) ==
        Approx(dense_chi2(r, s, v, 5.0L)).epsilon(1e-10));
  CHECK_THAT(test::message_of([] {
               world_of(
                   "U235 = [0, 0, 0]\nPu239 = [0, 0, 0]\nPu241 = [0, 0, 0]\n"
                   "[uncertainties.parts.a]\ncommon = \"isotopes\"\n",
                   {});
             }),
             Contains("uncertainties.parts.a.common: ") &&
                 Contains("wants \"none\", \"energies\" or \"all\""));
}

TEST_CASE("Huber's and Mueller's parts make up their totals") {
  const World world = world_with({});
  const auto& known = world.fluxes.find("huber")->uncertainties;
  // 235U, 239Pu and 241Pu in 25 bins have parts of their own; three are common to all of them, and
  // 238U has four.
  CHECK(known.modes.cols() == 75 + 3 + 4);
  const Eigen::VectorXd variances = known.modes.rowwise().squaredNorm();
  for (std::size_t isotope = 0; isotope < fissile_count; ++isotope)
    for (std::size_t bin = 0; bin < known.bins(); ++bin) {
      CAPTURE(isotope, bin);
      const double total = std::sqrt(
          variances(at(static_cast<Eigen::Index>(isotope), static_cast<Eigen::Index>(bin))));
      // Totals have two digits, and the larger of two sides; that of 238U is its largest column.
      const double known_total = known.relative[isotope][bin];
      const double rounding = known_total < 0.1 ? 0.0005 : 0.005;
      CHECK(total > (isotope == 1 ? 1.0 : 0.97) * known_total - rounding);
      CHECK(total < (isotope == 1 ? 1.21 : 1.04) * known_total + rounding);
    }
}

TEST_CASE("a covariance that is none is refused, and how far it is from one said") {
  const auto refused = [](const std::string& lines, const std::string& matrix,
                          const std::string& where, const std::string& problem) {
    const std::string message = test::message_of([&] { world_of(lines, {{"cov.txt", matrix}}); });
    INFO(lines << matrix);
    CHECK_THAT(message, Contains(where));
    CHECK_THAT(message, Contains(problem));
  };
  const std::string one =
      "[uncertainties.covariance]\nfile = \"cov.txt\"\nkind = \"covariance\"\nvalues = "
      "\"relative\"\nisotopes = [\"Pu239\"]\n";
  refused(one, "4 1 0\n1 4 0\n",
          "cov.txt:2:1: ", "2 rows of 3 numbers; isotopes and bins make 3 of 3");
  refused(one, "4 1\n1 4\n0 0\n", "cov.txt:3:1: ", "3 rows of 2");
  refused(one, "4 1 0\n1 4\n0 0 4\n", "cov.txt:2:3: ", "2 fields, not 3");
  refused(one, "4 1 0\n2 4 0\n0 0 4\n",
          "cov.txt:2:1: ", "not symmetric: 2 here, and 1 in row 1, column 2; they differ by 0.25");
  refused(one, "4 1 0\n1 -4 0\n0 0 4\n", "cov.txt:2:3: ", "diagonal is negative");
  refused(one, "1 2 0\n2 1 0\n0 0 1\n",
          "mine.toml:12: covariance: ", "least eigenvalue is -1, -0.333 of the largest");
  refused(one, "1 nan 0\n2 1 0\n0 0 1\n", "cov.txt:1:3: ", "not finite");
  const std::string correlation =
      "[uncertainties.covariance]\nfile = \"cov.txt\"\nkind = \"correlation\"\nisotopes = "
      "[\"Pu239\"]\n";
  const std::string deviations = "U235 = [0, 0, 0]\nPu239 = [0.1, 0.1, 0.1]\nPu241 = [0, 0, 0]\n";
  refused(deviations + correlation, "1 0 0\n0 2 0\n0 0 1\n", "cov.txt:2:3: ", "not 1");
  refused(correlation, "1 0 0\n0 1 0\n0 0 1\n", "uncertainties.U235", "is missing");
  refused(deviations + one, "1 0 0\n0 1 0\n0 0 1\n", "uncertainties.U235", "unknown key");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string lines = one;
    return lines.replace(lines.find(from), from.size(), to);
  };
  const std::string unit = "1 0 0\n0 1 0\n0 0 1\n";
  refused(with("Pu239", "U238"), unit, "isotopes: ", "U238 is absent");
  refused(with("Pu239", "Pu240"), unit, "isotopes: ", "unknown isotope");
  refused(with("\"Pu239\"", "\"Pu239\", \"Pu239\""), unit, "isotopes: ", "twice");
  refused(with("\"relative\"", "\"percent\""), unit, "values: ", "absolute");
  refused("energies = [2, 5, 8]\n" + with("\"relative\"", "\"absolute\""), unit,
          "values: ", "needs the flux's own table");
  refused(with("kind = \"covariance\"", "kind = \"matrix\""), unit, "kind: ", "correlation");
  refused(with("cov.txt", "cow.txt"), unit, "file: ", "configs/fluxes/cow.txt is not there");
  // Rounding that is said to be some is forgiven.
  const auto forgiven = test::message_of([&] {
    world_of(one + "rounding = 0.001\n", {{"cov.txt", "1 1.0005 0\n1.0005 1 0\n0 0 1\n"}});
  });
  CHECK(forgiven == "");
}

TEST_CASE("text files are read from beside their flux, and none from elsewhere") {
  namespace fs = std::filesystem;
  const test::Folder folder;
  const std::string configs = folder / "configs";
  fs::copy(std::string(NULOOP_SOURCE) + "/configs", configs, fs::copy_options::recursive);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(configs + "/fluxes/" + name) << text;
  };
  fs::create_directory(configs + "/fluxes/data");
  write("data/mine.csv", "2,4,3,2,1\n8,4,3,2,1\n");
  write("data/unused.csv", "none");
  write("mine.toml", toml("file = \"data/mine.csv\"\n"));
  const auto files = setup::read_configs(configs);
  CHECK(files.back().name == "configs/fluxes/data/mine.csv");
  CHECK(std::count_if(files.begin(), files.end(),
                      [](const auto& file) { return !file.name.ends_with(".toml"); }) == 1);
  CHECK(setup::build_world(files).fluxes.find("mine")->model(4.0)[0] == Approx(4.0).epsilon(1e-14));

  const auto refused = [&](const std::string& name) {
    write("mine.toml", toml("file = \"" + name + "\"\n"));
    return test::message_of([&] { setup::read_configs(configs); });
  };
  CHECK_THAT(refused("none.csv"), Contains("mine.toml:10: file: ") && Contains("No such file"));
  CHECK_THAT(refused("../../mine.csv"), Contains("mine.toml:10: file: ") && Contains("stays in"));
  CHECK_THAT(refused("/etc/passwd"), Contains("mine.toml:10: file: ") && Contains("stays in"));
}
