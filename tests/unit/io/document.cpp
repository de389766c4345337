// TOML documents: order, origin, assignments, and the way back to text.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/document.hpp"

#include "catch.hpp"
#include "message_of.hpp"
#include "nuloop/foundation/errors.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

using Catch::Contains;
using Catch::StartsWith;
using nuloop::InputError;
using nuloop::io::Node;
using nuloop::test::message_of;

Node parse(const std::string& text) {
  return nuloop::io::parse_toml({"configs/some.toml", "some.toml", text});
}

std::vector<std::string> keys(const Node& node) {
  std::vector<std::string> names;
  for (const auto& member : *node.table())
    names.push_back(member.key);
  return names;
}

/// The node at a path of keys; an empty table if there is none, so that comparisons fail.
const Node& at(const Node& root, const std::vector<std::string>& path) {
  static const Node nothing{Node::Table{}, {}};
  const Node* node = &root;
  for (const std::string& key : path) {
    node = node->find(key);
    if (node == nullptr)
      return nothing;
  }
  return *node;
}

template <class T>
bool holds(const Node& node, const T& value) {
  const T* held = std::get_if<T>(&node.value);
  return held != nullptr && *held == value;
}

/// Equal in type and value, bit by bit for doubles, wherever they were written.
bool same(const Node& a, const Node& b) {
  if (a.value.index() != b.value.index())
    return false;
  if (const auto* number = std::get_if<double>(&a.value))
    return std::bit_cast<std::uint64_t>(*number) ==
           std::bit_cast<std::uint64_t>(std::get<double>(b.value));
  if (a.array() != nullptr) {
    if (a.array()->size() != b.array()->size())
      return false;
    for (std::size_t i = 0; i < a.array()->size(); ++i)
      if (!same((*a.array())[i], (*b.array())[i]))
        return false;
    return true;
  }
  if (a.table() != nullptr) {
    if (keys(a) != keys(b))
      return false;
    for (std::size_t i = 0; i < a.table()->size(); ++i)
      if (!same((*a.table())[i].value, (*b.table())[i].value))
        return false;
    return true;
  }
  if (const auto* text = a.text())
    return *text == *b.text();
  if (const auto* integer = std::get_if<std::int64_t>(&a.value))
    return *integer == std::get<std::int64_t>(b.value);
  return std::get<bool>(a.value) == std::get<bool>(b.value);
}

bool round_trips(const Node& value) {
  const std::string text = nuloop::io::to_toml(value);
  CAPTURE(text);
  const bool one_line = text.find('\n') == std::string::npos;
  CHECK(one_line);
  return same(at(parse("value = " + text + "\n"), {"value"}), value);
}

const std::string document = R"(zeta = 1
alpha = "first letter, second line"

[work]
mass = "8 t"
distance = 35.0
"lo.sin2" = 0.25
inner = { b = true, a = -2, deep = { z = 1, y = 2 } }
list = [3, 1,
  2]

[work.sub]
z = 1
y = 2

[[item]]
name = "one"

[[item]]
name = "two"

[another]
dotted.key.two = 2
dotted.key.one = 1
)";

}  // namespace

TEST_CASE("Tables keep the order in which their keys were written") {
  const Node root = parse(document);
  using Names = std::vector<std::string>;
  CHECK(keys(root) == Names{"zeta", "alpha", "work", "item", "another"});
  CHECK(keys(at(root, {"work"})) == Names{"mass", "distance", "lo.sin2", "inner", "list", "sub"});
  CHECK(keys(at(root, {"work", "inner"})) == Names{"b", "a", "deep"});
  CHECK(keys(at(root, {"work", "inner", "deep"})) == Names{"z", "y"});
  CHECK(keys(at(root, {"work", "sub"})) == Names{"z", "y"});
  CHECK(keys(at(root, {"another", "dotted", "key"})) == Names{"two", "one"});
}

TEST_CASE("A table named after its own part keeps the place of the first mention") {
  const Node root = parse("[m.sub]\nx = 1\n[a]\nx = 2\n[m]\nw = 3\n");
  CHECK(keys(root) == std::vector<std::string>{"m", "a"});
  CHECK(holds<std::int64_t>(at(root, {"m", "w"}), 3));
  CHECK(holds<std::int64_t>(at(root, {"m", "sub", "x"}), 1));
}

TEST_CASE("Values have the types and contents of the document") {
  const Node root = parse(document);
  CHECK(holds<std::int64_t>(at(root, {"zeta"}), 1));
  CHECK(holds<std::string>(at(root, {"work", "mass"}), "8 t"));
  CHECK(holds<double>(at(root, {"work", "distance"}), 35.0));
  CHECK(holds<double>(at(root, {"work", "lo.sin2"}), 0.25));
  CHECK(holds<bool>(at(root, {"work", "inner", "b"}), true));
  CHECK(holds<std::int64_t>(at(root, {"work", "inner", "a"}), -2));

  const auto* list = at(root, {"work", "list"}).array();
  REQUIRE(list != nullptr);
  REQUIRE(list->size() == 3);
  CHECK(holds<std::int64_t>((*list)[0], 3));
  CHECK(holds<std::int64_t>((*list)[2], 2));

  const auto* items = at(root, {"item"}).array();
  REQUIRE(items != nullptr);
  REQUIRE(items->size() == 2);
  CHECK(holds<std::string>(at((*items)[1], {"name"}), "two"));
  CHECK(root.find("nothing") == nullptr);
  CHECK(root.find("zeta")->find("zeta") == nullptr);
}

TEST_CASE("Every key knows its file and line") {
  const Node root = parse(document);
  const auto where = [&](const std::vector<std::string>& path) { return at(root, path).where; };
  CHECK(where({"zeta"}).text() == "some.toml:1");
  CHECK(where({"alpha"}).line == 2);
  CHECK(where({"work"}).line == 4);
  CHECK(where({"work", "mass"}).text() == "some.toml:5");
  CHECK(where({"work", "lo.sin2"}).line == 7);
  CHECK(where({"work", "inner", "deep", "y"}).line == 8);
  CHECK(where({"work", "list"}).line == 9);
  CHECK((*at(root, {"work", "list"}).array())[2].where.text() == "some.toml:10");
  CHECK(where({"work", "sub", "y"}).line == 14);
  CHECK((*at(root, {"item"}).array())[1].find("name")->where.line == 20);
  CHECK(where({"another", "dotted", "key", "one"}).line == 24);
  // Tables that are there only as part of a longer key.
  CHECK(where({"another", "dotted"}).line == 23);
  CHECK(where({"another", "dotted", "key"}).line == 23);
  CHECK(parse("\n[m.sub]\nx = 1\n").find("m")->where.line == 2);
  CHECK(parse("\n[m.sub]\nx = 1\n[m]\n").find("m")->where.line == 2);
}

TEST_CASE("What is not TOML is an input error with file and line") {
  const auto message = [](const std::string& text) {
    return message_of([&] { static_cast<void>(parse(text)); });
  };
  CHECK_THAT(message("a = 1\nb = \n"), StartsWith("some.toml:2: "));
  CHECK_THAT(message("a = 1\n\nnonsense\n"), StartsWith("some.toml:3: "));
  CHECK_THAT(message("[a\nx = 1\n"), StartsWith("some.toml:1: "));
  CHECK_THAT(message("a = \"no end\n"), StartsWith("some.toml:1: "));
  CHECK_THAT(message("mass = 8 t\n"), StartsWith("some.toml:1: "));
  CHECK_THAT(message("a = 1\nb = \"\xff\"\n"), StartsWith("some.toml:2: "));
}

TEST_CASE("A key given twice is an input error with file and line") {
  const auto message = [](const std::string& text) {
    return message_of([&] { static_cast<void>(parse(text)); });
  };
  CHECK_THAT(message("a = 1\nb = 2\na = 3\n"), StartsWith("some.toml:3: ") && Contains("a"));
  CHECK_THAT(message("[t]\nx = 1\n\n[t]\ny = 2\n"), StartsWith("some.toml:4: "));
  CHECK_THAT(message("x = { a = 1, a = 2 }\n"), StartsWith("some.toml:1: "));
  CHECK_THAT(message("x.y = 1\nx = 2\n"), StartsWith("some.toml:2: "));
}

TEST_CASE("Dates and times are refused with their line") {
  for (const std::string value : {"2024-10-01", "07:32:00", "1979-05-27T07:32:00Z"}) {
    CAPTURE(value);
    CHECK_THAT(message_of([&] { static_cast<void>(parse("a = 1\n[t]\nday = " + value + "\n")); }),
               StartsWith("some.toml:3: ") && Contains("date"));
    Node root = parse("a = 1\n");
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, "a=" + value); }),
               Contains("--set") && Contains("date"));
  }
}

TEST_CASE("A text file is read whole and a missing one is an input error") {
  const std::string path = "document_test_file.toml";
  const std::string text = "a = 1\r\n# no newline at the end: \xc3\xa9";
  std::ofstream(path, std::ios::binary) << text;
  const auto file = nuloop::io::read_text_file(path, "configs/a.toml");
  std::filesystem::remove(path);
  CHECK(file.text == text);
  CHECK(file.name == "configs/a.toml");
  CHECK(file.path == path);

  CHECK_THAT(
      message_of([&] { static_cast<void>(nuloop::io::read_text_file("no/such.toml", "x")); }),
      StartsWith("no/such.toml: "));
  CHECK_THAT(message_of([&] { static_cast<void>(nuloop::io::read_text_file(".", "x")); }),
             StartsWith(".: "));
}

TEST_CASE("An empty text file is read as an empty text") {
  const std::string path = "document_test_empty.toml";
  std::ofstream(path, std::ios::binary).close();
  const std::string problem =
      message_of([&] { CHECK(nuloop::io::read_text_file(path, "x").text.empty()); });
  std::filesystem::remove(path);
  CHECK(problem == "");
}

TEST_CASE("An assignment replaces the value at a dotted key") {
  Node root = parse(document);
  nuloop::io::set_value(root, "zeta=17");
  nuloop::io::set_value(root, "work.distance=-2.5e-3");
  nuloop::io::set_value(root, "work.inner.b=false");
  nuloop::io::set_value(root, "work.\"lo.sin2\"=0.23");
  nuloop::io::set_value(root, "work.list=[\"x\", 'y']");
  nuloop::io::set_value(root, "work.inner.deep={ q = 5 }");
  CHECK(holds<std::int64_t>(at(root, {"zeta"}), 17));
  CHECK(holds<double>(at(root, {"work", "distance"}), -2.5e-3));
  CHECK(holds<bool>(at(root, {"work", "inner", "b"}), false));
  CHECK(holds<double>(at(root, {"work", "lo.sin2"}), 0.23));
  REQUIRE(at(root, {"work", "list"}).array() != nullptr);
  CHECK(holds<std::string>(at(root, {"work", "list"}).array()->at(1), "y"));
  CHECK(keys(at(root, {"work", "inner", "deep"})) == std::vector<std::string>{"q"});
  // What was there keeps its place.
  CHECK(keys(root) == keys(parse(document)));
  CHECK(keys(at(root, {"work"})) == keys(at(parse(document), {"work"})));
}

TEST_CASE("Characters that move a terminal's cursor or change its colours are refused") {
  using nuloop::io::has_control_characters;
  for (const char* text : {"\x1b[31mred", "a\bb", "bell\a", "\x7f", "a\rb", "end\r",
                           "\xc2\x9b"
                           "31m"})
    CHECK(has_control_characters(text));
  for (const char* text :
       {"", "plain", "two\nlines", "two\r\nlines", "a\ttab", "\xc2\xa0", "\xce\xbd"})
    CHECK_FALSE(has_control_characters(text));
  CHECK_THAT(message_of([] { parse("a = 1\nb = \"\\u001b[2J\"\n"); }),
             Contains("2: a text holds a control character"));
  CHECK_THAT(message_of([] { parse("a = 1\n\"b\\u0007\" = 2\n"); }),
             Contains("2: a key holds a control character"));
  CHECK_THAT(message_of([] { parse("\"two\\nlines\" = 2\n"); }), Contains("control character"));
  Node root = parse("");
  const std::string said =
      message_of([&] { nuloop::io::set_value(root, "settings.flux=\x1b[31mhuber"); });
  CHECK_THAT(said, Contains("holds a control character"));
  CHECK_FALSE(has_control_characters(said));
}

TEST_CASE("An assignment takes quoted keys with dots of either quote") {
  Node root = parse("[axes]\n\"lo.sin2_theta_w\" = { from = 0.23, to = 0.24, points = 101 }\n");
  nuloop::io::set_value(root, "axes.\"lo.sin2_theta_w\".points=11");
  CHECK(holds<std::int64_t>(at(root, {"axes", "lo.sin2_theta_w", "points"}), 11));
  nuloop::io::set_value(root, "axes.'lo.sin2_theta_w'.points=12");
  CHECK(holds<std::int64_t>(at(root, {"axes", "lo.sin2_theta_w", "points"}), 12));
  CHECK(keys(at(root, {"axes"})) == std::vector<std::string>{"lo.sin2_theta_w"});
}

TEST_CASE("A key that is given twice is refused, however it is written") {
  const auto said = [](const std::vector<std::string>& assignments,
                       const std::vector<nuloop::io::Given>& given = {}) {
    Node root = parse("[axes]\nexposure = { from = 1, to = 2 }\n[settings]\n\"window.low\" = 1\n");
    return message_of([&] { nuloop::io::set_values(root, assignments, given); });
  };
  using List = std::vector<std::string>;
  // The same key; a table and a part of it, in either order.
  for (const auto& [first, second] :
       {std::pair{"settings.flux=huber", "settings.flux=mueller"},
        std::pair{"settings.flux=huber", "settings.flux=huber"},
        std::pair{"settings.window.low=1", "settings.\"window.low\"=2"},
        std::pair{"settings.window.low=1", "'settings'.window. low =2"},
        std::pair{"axes.exposure.to=3", "axes.exposure={ to = 4 }"},
        std::pair{"axes.exposure={ to = 4 }", "axes.exposure.to=3"}}) {
    CAPTURE(first, second);
    const std::string both = said({first, "settings.mass=1", second});
    CHECK_THAT(both, StartsWith(std::string("--set ") + second + ": ") &&
                         Contains(std::string("--set ") + first + ";"));
  }
  CHECK_THAT(said({"settings.window.low=2"}, {{"settings.window.low", "--low"}}),
             StartsWith("--set settings.window.low=2: ") && Contains("--low"));
  // What only begins alike is another key.
  CHECK(said({"settings.flux=huber", "settings.flux_uncertainty=0.1", "axes.exposure.to=3",
              "axes.exposure.from=2"},
             {{"settings.flux_correlation", "--correlation"}}) == "");
  // The right ones are set, in their order.
  Node root = parse("[settings]\n\"window.low\" = 1\n");
  nuloop::io::set_values(root, List{"settings.window.low=2", "settings.b=3"});
  CHECK(holds<std::int64_t>(at(root, {"settings", "window.low"}), 2));
  CHECK(keys(at(root, {"settings"})) == List{"window.low", "b"});
}

TEST_CASE("An assignment of what is not TOML is text") {
  Node root = parse("");
  nuloop::io::set_value(root, "settings.flux=huber");
  nuloop::io::set_value(root, "settings.detector.mass=2.8 t");
  nuloop::io::set_value(root, "settings.model=lo+cr");
  nuloop::io::set_value(root, "settings.note=a = b # c");
  nuloop::io::set_value(root, "settings.quoted=\"2.8 t\"");
  CHECK(holds<std::string>(at(root, {"settings", "flux"}), "huber"));
  CHECK(holds<std::string>(at(root, {"settings", "detector", "mass"}), "2.8 t"));
  CHECK(holds<std::string>(at(root, {"settings", "model"}), "lo+cr"));
  CHECK(holds<std::string>(at(root, {"settings", "note"}), "a = b # c"));
  CHECK(holds<std::string>(at(root, {"settings", "quoted"}), "2.8 t"));
}

TEST_CASE("A key that was written with its dots in quotes is found without them") {
  nuloop::io::Node root = parse("[settings]\n\"window.low\" = \"1 MeV\"\n");
  nuloop::io::set_value(root, "settings.window.low=2 MeV");
  const Node* settings = root.find("settings");
  REQUIRE(settings->table()->size() == 1);
  CHECK(*settings->find("window.low")->text() == "2 MeV");
}

TEST_CASE("An assignment cannot smuggle in further keys") {
  Node root = parse("");
  nuloop::io::set_value(root, "a=1\nb = 2");
  CHECK(keys(root) == std::vector<std::string>{"a"});
  CHECK(holds<std::string>(at(root, {"a"}), "1\nb = 2"));
}

TEST_CASE("An assignment makes the tables that it needs at the end") {
  Node root = parse("[first]\nx = 1\n");
  nuloop::io::set_value(root, "second.third.fourth=4");
  nuloop::io::set_value(root, "first.y=2");
  CHECK(keys(root) == std::vector<std::string>{"first", "second"});
  CHECK(keys(at(root, {"first"})) == std::vector<std::string>{"x", "y"});
  CHECK(holds<std::int64_t>(at(root, {"second", "third", "fourth"}), 4));
}

TEST_CASE("What an assignment sets says so when it is asked where it is from") {
  Node root = parse("[a]\nx = 1\n");
  nuloop::io::set_value(root, "a.x=[1, { y = 2 }]");
  const std::string origin = "--set a.x=[1, { y = 2 }]";
  const Node& x = at(root, {"a", "x"});
  CHECK(x.where.text() == origin);
  REQUIRE(x.array() != nullptr);
  CHECK(x.array()->at(1).where.text() == origin);
  CHECK(at(x.array()->at(1), {"y"}).where.text() == origin);
}

TEST_CASE("An assignment through something that is not a table is an input error") {
  for (const std::string assignment :
       {"zeta.x=1", "work.list.x=1", "work.mass.unit=kg", "work.inner.deep.z.more.and.more=1"}) {
    Node root = parse(document);
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, assignment); }),
               Contains("--set " + assignment) && Contains("not a table"));
  }
}

TEST_CASE("An assignment without key or equals sign is an input error") {
  for (const std::string assignment : {"", "=", "=5", "settings.flux", "settings.flux huber"}) {
    Node root = parse(document);
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, assignment); }),
               Contains("--set") && Contains("key=value"));
    CHECK(same(root, parse(document)));
  }
}

TEST_CASE("An assignment with an empty part of its key is an input error") {
  for (const std::string assignment : {".a=1", "a.=1", "a..b=1", ".=1"}) {
    CAPTURE(assignment);
    Node root = parse("");
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, assignment); }), Contains("--set"));
  }
}

TEST_CASE("An assignment whose quoted key does not end is an input error") {
  for (const std::string assignment : {"\"a=1", "a.'b.c=1"}) {
    CAPTURE(assignment);
    Node root = parse("");
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, assignment); }), Contains("--set"));
  }
}

TEST_CASE("Text survives the way to TOML and back on one line") {
  for (const std::string text :
       {"", "plain", "with blanks ", "\"quoted\"", "it's", "'''", "\"\"\"", "back\\slash", "\\n",
        "C:\\temp\\u1234", "tab\there", "two\nlines", "\nfirst", "carriage\r\nreturn",
        "= # [ ] { }", "\xc3\xa9lectron \xce\xbd\xcc\x84 \xe2\x86\x92 \xf0\x9f\x94\xac",
        "both ' and \"", "ends in \\"}) {
    CAPTURE(text);
    CHECK(round_trips({text, {}}));
  }
}

TEST_CASE("Numbers and flags survive the way to TOML and back with their type") {
  for (const double number :
       {0.0, -0.0, 0.1, 5.0, -5.0, 1.0 / 3.0, 1e-300, 1e300, 1e15, 1e16, 1e17, 123456789012345680.0,
        -2.5e-7, 5e-324, std::numeric_limits<double>::max(), std::numeric_limits<double>::min(),
        std::numeric_limits<double>::epsilon(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    CAPTURE(number);
    CHECK(round_trips({number, {}}));
  }
  for (const std::int64_t integer :
       {std::int64_t{0}, std::int64_t{5}, std::int64_t{-42},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CAPTURE(integer);
    CHECK(round_trips({integer, {}}));
  }
  CHECK(round_trips({true, {}}));
  CHECK(round_trips({false, {}}));
}

TEST_CASE("Doubles of any bits survive the way to TOML and back") {
  std::mt19937_64 random(2024);
  for (int i = 0; i < 5000;) {
    const auto number = std::bit_cast<double>(random());
    if (!std::isfinite(number))
      continue;
    ++i;
    const Node back = parse("value = " + nuloop::io::to_toml({number, {}}));
    if (!same(at(back, {"value"}), {number, {}}))
      FAIL("not read back: " << nuloop::io::to_toml({number, {}}));
  }
}

TEST_CASE("Doubles are written in their shortest form") {
  CHECK(nuloop::io::to_toml({0.1, {}}) == "0.1");
  CHECK(nuloop::io::to_toml({5.0, {}}) == "5.0");
  CHECK(nuloop::io::to_toml({0.2334, {}}) == "0.2334");
}

TEST_CASE("Nested values survive the way to TOML and back") {
  CHECK(round_trips({Node::Array{}, {}}));
  CHECK(round_trips({Node::Table{}, {}}));
  CHECK(round_trips(parse(document)));
  CHECK(round_trips(parse("x = [[1, 2], [], [\"a\\nb\", { c = [true, 0.5] }]]\n")));
  CHECK(round_trips(parse("\"\" = 1\n\"a b\" = 2\n\"lo.sin2\" = 3\n\"\xce\xb8\" = 4\n-_9 = 5\n")));
}

TEST_CASE("Keys are quoted where TOML asks for it") {
  CHECK(nuloop::io::to_toml_key("flux_uncertainty-2") == "flux_uncertainty-2");
  CHECK(nuloop::io::to_toml_key("lo.sin2_theta_w") == "\"lo.sin2_theta_w\"");
  CHECK(nuloop::io::to_toml_key("a b") == "\"a b\"");
  CHECK(nuloop::io::to_toml_key("") == "\"\"");
}

TEST_CASE("Keys with quotes and backslashes survive the way to TOML and back") {
  for (const std::string key : {"say \"it\"", "back\\slash"}) {
    CAPTURE(key);
    const Node table{Node::Table{{key, {std::int64_t{1}, {}}}}, {}};
    Node back;
    const std::string problem =
        message_of([&] { back = parse("value = " + nuloop::io::to_toml(table)); });
    CHECK(problem == "");
    CHECK(same(at(back, {"value"}), table));
  }
}

TEST_CASE("What is nested too deeply is an input error, not the end of the stack") {
  const auto repeated = [](const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
      all += text;
    return all;
  };
  const std::string key = repeated("a.", 400000) + "a";
  const std::string quoted_key = repeated("\",\".", 400000) + "a";
  for (const std::string& text :
       {key + " = 1", quoted_key + " = 1", "[" + key + "]",
        "x = { s = \"\"\"#'\"\"\"\", " + key + " = 1 }", "# don't\n" + key + " = 1",
        repeated("a = { a.a.a.a = { ", 20) + repeated(" } }", 20),
        "a = " + repeated("[", 70) + repeated("]", 70)}) {
    CAPTURE(text.substr(0, 60));
    CHECK_THAT(message_of([&] { parse(text); }), Contains("some.toml") && Contains("deep"));
  }
  Node root = parse("");
  for (const std::string& assignment :
       {key + "=1", "a={" + key + "=1}", "a=" + repeated("[", 70) + repeated("]", 70)})
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, assignment); }), Contains("deep"));
}

TEST_CASE("Many dots are no depth where they are not in a key") {
  const std::string dots(1000, '.');
  const Node root =
      parse("# " + dots + "\na = \"" + dots + "\" # " + dots + "\nb = '" + dots +
            "'\nc = \"\"\"\n\\\"" + dots + "\n" + dots + "\"\"\"\nd = [" + "1.5, 2.5]\n");
  CHECK(holds(at(root, {"a"}), dots));
  CHECK(holds(at(root, {"b"}), dots));
  CHECK(holds(at(root, {"c"}), "\"" + dots + "\n" + dots));
  std::string key = "a";
  for (int i = 1; i < 64; ++i)
    key += ".a";
  CHECK(keys(parse(key + " = 1")) == std::vector<std::string>{"a"});
}

TEST_CASE("UTF-8 is told from other bytes") {
  using nuloop::io::is_utf8;
  for (const std::string text :
       {"", "plain", "\x7f", "\xc2\x80", "\xce\xbd", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
    CHECK(is_utf8("a" + text + "b"));
  }
  CHECK(is_utf8(std::string("a\0b", 3)));
  for (const std::string bytes : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xce", "\xce\xce",
                                  "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                  "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    CAPTURE(bytes);
    CHECK_FALSE(is_utf8(bytes));
    CHECK_FALSE(is_utf8("a" + bytes + "b"));
    // It would make a resolved job that is not TOML.
    Node root = parse("");
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, "a=" + bytes); }), Contains("UTF-8"));
    CHECK_THAT(message_of([&] { nuloop::io::set_value(root, bytes + "=1"); }), Contains("UTF-8"));
  }
}
