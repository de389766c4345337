// Strict reading of tables: what is refused, and what the message says.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/reader.hpp"

#include "catch.hpp"
#include "message_of.hpp"
#include "nuloop/foundation/errors.hpp"

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace {

using Catch::Contains;
using Catch::StartsWith;
using nuloop::InputError;
using nuloop::io::Dimension;
using nuloop::io::Node;
using nuloop::io::Range;
using nuloop::io::TableReader;
using nuloop::test::message_of;

Node parse(const std::string& text) {
  return nuloop::io::parse_toml({"x", "some.toml", text});
}

/// What is said when `text` is read as number or quantity x of the table t, which is line 2.
std::string problem_of(const std::string& text, Dimension dimension, const Range& range) {
  const Node root = parse("[t]\nx = " + text + "\n");
  TableReader document(root, "");
  TableReader table = document.table("t");
  return message_of([&] { static_cast<void>(table.quantity("x", dimension, range)); });
}

double value_of(const std::string& text, Dimension dimension, const Range& range) {
  const Node root = parse("[t]\nx = " + text + "\n");
  TableReader document(root, "");
  return document.table("t").quantity("x", dimension, range);
}

const auto located = [] { return StartsWith("some.toml:2: t.x: "); };

}  // namespace

TEST_CASE("A table gives what was written under its keys") {
  const Node root = parse(
      "[a]\nmass = \"2800 kg\"\ncount = 3\nshare = 0.5\nname = \"tao\"\nlist = [1, 2]\n"
      "[a.b]\nlow = \"250 keV\"\n");
  TableReader document(root, "");
  TableReader a = document.table("a");
  CHECK(a.quantity("mass", Dimension::mass, Range::positive()) == 2.8);
  CHECK(a.number("count", Range::positive()) == 3.0);
  CHECK(a.number("share", Range::positive()) == 0.5);
  CHECK(a.text("name") == "tao");
  CHECK(a.array("list").size() == 2);
  CHECK(a.has("b"));
  CHECK_FALSE(a.has("c"));
  TableReader b = a.table("b");
  CHECK(b.quantity("low", Dimension::energy, Range::positive()) == 0.25);
  CHECK(b.full_key("low") == "a.b.low");
  CHECK(b.full_key("lo.sin2") == "a.b.\"lo.sin2\"");
  b.finish();
  a.finish();
  document.finish();
}

TEST_CASE("A missing key is named with its table and where that is") {
  const Node root = parse("\n[a]\ny = 1\n[a.b]\nz = 2\n");
  TableReader document(root, "");
  TableReader a = document.table("a");
  const std::string message =
      message_of([&] { static_cast<void>(a.number("fission_fraction", Range{})); });
  CHECK_THAT(message, StartsWith("some.toml:2: a.fission_fraction: ") && Contains("missing"));
  TableReader b = a.table("b");
  CHECK_THAT(message_of([&] { static_cast<void>(b.text("fission_fraction")); }),
             StartsWith("some.toml:4: a.b.fission_fraction: ") && Contains("missing"));
  CHECK_THAT(message_of([&] { static_cast<void>(b.table("fission_fraction")); }),
             Contains("a.b.fission_fraction") && Contains("missing"));
  CHECK_THAT(message_of([&] { static_cast<void>(b.array("fission_fraction")); }),
             Contains("a.b.fission_fraction") && Contains("missing"));
}

TEST_CASE("A misspelt key is shown where it stands with the right spelling") {
  const Node root = parse("[a]\nmass = 1\nbaselin = 2\n");
  TableReader document(root, "");
  TableReader a = document.table("a");
  static_cast<void>(a.number("mass", Range{}));
  CHECK_THAT(message_of([&] { static_cast<void>(a.number("baseline", Range{})); }),
             StartsWith("some.toml:3: a.baselin: ") && Contains("\"baseline\""));
}

TEST_CASE("A key that is read later is not taken for a missing one misspelt") {
  const Node root = parse("[a]\nU238 = 1\nU23 = 2\n");
  TableReader document(root, "");
  TableReader a = document.table("a");
  a.expect({"U235", "U238"});
  CHECK_THAT(message_of([&] { static_cast<void>(a.number("U235", Range{})); }),
             StartsWith("some.toml:3: a.U23: ") && Contains("did you mean \"U235\"?"));
  const Node other_root = parse("[a]\nU238 = 1\n");
  TableReader other_document(other_root, "");
  TableReader other = other_document.table("a");
  other.expect({"U235", "U238"});
  CHECK(message_of([&] { static_cast<void>(other.number("U235", Range{})); }) ==
        "some.toml:1: a.U235: is missing");
  CHECK(other.number("U238", Range{}) == 1.0);
  other.finish();
}

TEST_CASE("Keys that mean nothing without another one, or say the same as it, are refused") {
  const auto problem = [](const std::string& keys, bool beside) {
    const Node root = parse("[a]\n" + keys);
    TableReader document(root, "");
    TableReader a = document.table("a");
    return message_of([&] {
      if (beside)
        a.refuse_beside("edge", {"energies", "values"});
      else
        static_cast<void>(a.has_with("edge", {"width", "height"}));
    });
  };
  CHECK(problem("width = 1\nedge = 2\n", false).empty());
  CHECK(problem("other = 1\n", false).empty());
  CHECK(problem("x = 1\nheight = 1\n", false) ==
        "some.toml:3: a.height: means nothing without edge, which is missing");
  CHECK(problem("egde = 1\nwidth = 1\n", false) ==
        "some.toml:2: a.egde: unknown key; did you mean \"edge\"?");
  CHECK(problem("edge = 1\nwidth = 1\n", true).empty());
  CHECK(problem("values = 1\n", true).empty());
  CHECK(problem("edge = 1\nvalues = 1\n", true) ==
        "some.toml:3: a.values: and edge say the same thing: one of them is enough");
}

TEST_CASE("A table is named without a key") {
  const Node root = parse("[a.b]\nx = 1\n");
  TableReader document(root, "");
  CHECK(document.table("a").table("b").full_key("") == "a.b");
}

TEST_CASE("A key that nobody asked for is refused at the end") {
  const Node root = parse("[a]\nmass = 1\nmas = 2\n");
  TableReader document(root, "");
  TableReader a = document.table("a");
  static_cast<void>(a.number("mass", Range{}));
  CHECK_THAT(message_of([&] { a.finish(); }),
             StartsWith("some.toml:3: a.mas: ") && Contains("unknown") && Contains("\"mass\""));

  const Node other = parse("[a]\nmass = 1\ncompletely_different = 2\n");
  TableReader reader(*other.find("a"), "a");
  static_cast<void>(reader.number("mass", Range{}));
  CHECK_THAT(message_of([&] { reader.finish(); }),
             StartsWith("some.toml:3: a.completely_different: ") && Contains("unknown") &&
                 Contains("mass"));
  CHECK_THAT(message_of([&] { document.finish(); }), Catch::Equals(""));
}

TEST_CASE("Keys in their order count as read") {
  const Node root = parse("b = 1\na = 2\n");
  TableReader document(root, "");
  CHECK_FALSE(message_of([&] { document.finish(); }).empty());
  CHECK(document.keys() == std::vector<std::string>{"b", "a"});
  CHECK(message_of([&] { document.finish(); }).empty());
}

TEST_CASE("A key that was looked up but not read stays unknown") {
  const Node root = parse("spacing = 1\n");
  TableReader document(root, "");
  CHECK(document.has("spacing"));
  CHECK_FALSE(message_of([&] { document.finish(); }).empty());
}

TEST_CASE("A value of the wrong type is refused with file and line and key") {
  const Node root =
      parse("[t]\nnumber = 1\ntext = \"a\"\nlist = [1]\nflag = true\ntable = { a = 1 }\n");
  TableReader document(root, "");
  TableReader t = document.table("t");
  const auto refused = [&](int line, const std::string& key, const std::function<void()>& action) {
    CHECK_THAT(message_of(action),
               StartsWith("some.toml:" + std::to_string(line) + ": t." + key + ": "));
  };
  refused(2, "number", [&] { static_cast<void>(t.text("number")); });
  refused(2, "number", [&] { static_cast<void>(t.array("number")); });
  refused(2, "number", [&] { static_cast<void>(t.table("number")); });
  refused(3, "text", [&] { static_cast<void>(t.number("text", Range{})); });
  refused(3, "text", [&] { static_cast<void>(t.table("text")); });
  refused(4, "list", [&] { static_cast<void>(t.number("list", Range{})); });
  refused(4, "list", [&] { static_cast<void>(t.text("list")); });
  refused(4, "list", [&] { static_cast<void>(t.table("list")); });
  refused(5, "flag", [&] { static_cast<void>(t.number("flag", Range{})); });
  refused(5, "flag",
          [&] { static_cast<void>(t.quantity("flag", Dimension::mass, Range::positive())); });
  refused(6, "table", [&] { static_cast<void>(t.number("table", Range{})); });
  refused(6, "table", [&] { static_cast<void>(t.array("table")); });
}

TEST_CASE("Closed ends of a range belong to it and open ones do not") {
  const auto closed = Range::within(0.0, 0.5);
  CHECK(value_of("0", Dimension::number, closed) == 0.0);
  CHECK(value_of("0.5", Dimension::number, closed) == 0.5);
  CHECK_THAT(problem_of("-1e-300", Dimension::number, closed), located());
  CHECK_THAT(problem_of("0.5000000000000001", Dimension::number, closed),
             located() && Contains("out of range") && Contains("[0, 0.5]"));

  const auto open = Range::inside(0.0, 1.0);
  CHECK(value_of("1e-300", Dimension::number, open) == 1e-300);
  CHECK(value_of("0.9999999999999999", Dimension::number, open) < 1.0);
  CHECK_THAT(problem_of("0", Dimension::number, open), located() && Contains("(0, 1)"));
  CHECK_THAT(problem_of("1", Dimension::number, open), located());
  CHECK_THAT(problem_of("1.0", Dimension::number, open), located());

  const auto half_open = Range::above_up_to(0.0, 12.0);
  CHECK(value_of("\"12 MeV\"", Dimension::energy, half_open) == 12.0);
  CHECK_THAT(problem_of("\"0 MeV\"", Dimension::energy, half_open),
             located() && Contains("(0 MeV, 12 MeV]"));
  CHECK_THAT(problem_of("\"12001 keV\"", Dimension::energy, half_open),
             located() && Contains("12.001 MeV"));

  CHECK(value_of("0", Dimension::number, Range::non_negative()) == 0.0);
  CHECK_THAT(problem_of("-1", Dimension::number, Range::non_negative()),
             located() && Contains("at least 0"));
  CHECK_THAT(problem_of("\"-1 t\"", Dimension::mass, Range::positive()),
             located() && Contains("above 0 t"));
  CHECK_THAT(problem_of("\"0 t\"", Dimension::mass, Range::positive()), located());
}

TEST_CASE("Numbers that are not finite are refused by every range") {
  for (const std::string number : {"nan", "-nan", "inf", "-inf", "+inf"})
    for (const Range& range : {Range{}, Range::positive(), Range::within(-1.0, 1.0)}) {
      CAPTURE(number);
      CHECK_THAT(problem_of(number, Dimension::number, range), located());
    }
  CHECK_FALSE(Range{}.contains(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(Range{}.contains(std::numeric_limits<double>::infinity()));
  CHECK(Range{}.contains(std::numeric_limits<double>::max()));
  CHECK(Range{}.contains(-1.0));
}

TEST_CASE("A bare number is refused where a quantity is wanted") {
  CHECK_THAT(problem_of("2.8", Dimension::mass, Range::positive()),
             located() && Contains("unit") && Contains("\"2.8 t\""));
  CHECK_THAT(problem_of("3", Dimension::time, Range::positive()),
             located() && Contains("unit") && Contains("\"3 yr\""));
  CHECK_THAT(problem_of("\"3\"", Dimension::time, Range::positive()),
             located() && Contains("unit"));
  CHECK_THAT(problem_of("\"3 m\"", Dimension::time, Range::positive()),
             located() && Contains("\"m\""));
}

TEST_CASE("A unit is refused where a plain number is wanted") {
  CHECK_THAT(problem_of("\"0.5 t\"", Dimension::number, Range::positive()),
             located() && Contains("unit"));
  CHECK_THAT(problem_of("\"50 %\"", Dimension::number, Range::positive()), located());
  CHECK_THAT(problem_of("\"half\"", Dimension::number, Range::positive()), located());
}

TEST_CASE("The root may have no name and its keys none before theirs") {
  const Node root = parse("a = 1\n");
  TableReader document(root, "");
  CHECK(document.full_key("a") == "a");
  CHECK_THAT(message_of([&] { static_cast<void>(document.text("a")); }),
             StartsWith("some.toml:1: a: "));
  CHECK_THAT(message_of([&] { TableReader(*root.find("a"), "some.name"); }),
             StartsWith("some.toml:1: some.name: ") && Contains("table"));
}

TEST_CASE("Values set on the command line are located there") {
  Node root = parse("[t]\nx = 1\n");
  nuloop::io::set_value(root, "t.x=2.8");
  TableReader document(root, "");
  TableReader t = document.table("t");
  CHECK_THAT(
      message_of([&] { static_cast<void>(t.quantity("x", Dimension::mass, Range::positive())); }),
      StartsWith("--set t.x=2.8: t.x: "));
}

TEST_CASE("The nearest spelling is offered if any is near") {
  const std::vector<std::string> names = {"tao-30m", "tao-44m", "cloud-surface", "mass"};
  CHECK(nuloop::io::nearest("tao-30", names) == "tao-30m");
  CHECK(nuloop::io::nearest("tao-44", names) == "tao-44m");
  CHECK(nuloop::io::nearest("clod-sufrace", names) == "cloud-surface");
  CHECK(nuloop::io::nearest("mass", names) == "mass");
  CHECK(nuloop::io::nearest("juno", names).empty());
  CHECK(nuloop::io::nearest("tao-30m", {}).empty());
  CHECK_THAT(nuloop::io::suggestion("tao-30", names), Contains("did you mean \"tao-30m\""));
  CHECK_THAT(nuloop::io::suggestion("juno", names), Contains("tao-30m") && Contains("mass"));
}
