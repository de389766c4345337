// The fields of a made-up outcome, and where their numbers go.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/field.hpp"

#include "catch.hpp"
#include "message_of.hpp"
#include "nuloop/foundation/bounded.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using nuloop::Bounded;
using nuloop::sweep::Depth;
using nuloop::sweep::Field;
using nuloop::sweep::FieldTable;

namespace {

struct Outcome {
  double plain;
  Bounded<double> number;
  std::vector<Bounded<double>> list;
  Bounded<Eigen::ArrayXd> spectrum;
  std::vector<Bounded<Eigen::ArrayXd>> spectra;
};

std::vector<double> numbers(const FieldTable<Outcome>& table, std::size_t field,
                            const Outcome& outcome, std::size_t width) {
  std::vector<double> room(16, -1.0);
  const double* end = table.write(field, outcome, width, room.data());
  room.resize(static_cast<std::size_t>(end - room.data()));
  return room;
}

}  // namespace

TEST_CASE("a table has a field for each value and for each error, and knows their numbers") {
  FieldTable<Outcome> table;
  table.add({"/plain", "1", "a number", Depth::innermost}, &Outcome::plain);
  table.add({"/number", "1", "another", Depth::innermost}, &Outcome::number);
  table.add({"/list", "1", "several", Depth::innermost}, &Outcome::list, "statistical error");
  table.add({"/twice", "1", "a function", Depth::outer},
            [](const Outcome& outcome) { return 2.0 * outcome.number; });
  std::vector<std::string> paths;
  for (const Field& field : table.fields())
    paths.push_back(field.path);
  CHECK(paths == std::vector<std::string>{"/plain", "/number", "/number_error", "/list",
                                          "/list_error", "/twice", "/twice_error"});
  CHECK(table.fields()[2].long_name == "bound on the numerical error of number");
  CHECK(table.fields()[4].long_name == "statistical error of list");
  CHECK(table.fields()[6].along == Depth::outer);

  const Outcome outcome{3.0, {4.0, 0.5}, {{5.0, 0.1}, {6.0, 0.2}}, {}, {}};
  using Numbers = std::vector<double>;
  CHECK(numbers(table, 0, outcome, 1) == Numbers{3.0});
  CHECK(numbers(table, 1, outcome, 1) == Numbers{4.0});
  CHECK(numbers(table, 2, outcome, 1) == Numbers{0.5});
  CHECK(numbers(table, 3, outcome, 1) == Numbers{5.0, 6.0});
  CHECK(numbers(table, 4, outcome, 1) == Numbers{0.1, 0.2});
  CHECK(numbers(table, 5, outcome, 1) == Numbers{8.0});
  CHECK(numbers(table, 6, outcome, 1) == Numbers{1.0});
}

TEST_CASE("a number that is not finite is refused, unless its field may have it") {
  using nuloop::sweep::Beyond;
  const double inf = std::numeric_limits<double>::infinity();
  const double none = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [&](Beyond beyond, const Outcome& outcome) {
    FieldTable<Outcome> table;
    table.add({"/plain", "1", "p", Depth::innermost, {}, beyond}, &Outcome::plain);
    table.add({"/list", "1", "l", Depth::innermost, {}, beyond}, &Outcome::list);
    table.add({"/rates", "1/day", "s", Depth::outer, {"/i", "/bin"}, beyond}, &Outcome::spectra);
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < table.fields().size(); ++i) {
      const std::string said = nuloop::test::message_of<nuloop::NumericalError>(
          [&] { static_cast<void>(numbers(table, i, outcome, 3)); });
      if (said.find(table.fields()[i].path + " is not finite") == 0)
        paths.push_back(table.fields()[i].path);
    }
    return paths;
  };
  using Paths = std::vector<std::string>;
  const auto with = [](double plain, double value, double error, double rate, double rate_error) {
    const Bounded<Eigen::ArrayXd> good{Eigen::Array2d(1.0, 2.0), Eigen::Array2d(0.1, 0.2)};
    const Bounded<Eigen::ArrayXd> bad{Eigen::Array2d(1.0, rate), Eigen::Array2d(0.1, rate_error)};
    return Outcome{plain, {}, {{5.0, 0.1}, {value, error}}, {}, {good, bad}};
  };
  for (const Beyond beyond : {Beyond::nothing, Beyond::infinity, Beyond::anything})
    CHECK(refused(beyond, with(1.0, 2.0, 0.1, 3.0, 0.2)).empty());  // padding is no number
  CHECK(refused(Beyond::nothing, with(inf, 2.0, 0.1, 3.0, 0.2)) == Paths{"/plain"});
  CHECK(refused(Beyond::nothing, with(1.0, -inf, inf, none, inf)) ==
        Paths{"/list", "/list_error", "/rates", "/rates_error"});
  CHECK(refused(Beyond::infinity, with(-inf, inf, inf, inf, inf)).empty());
  CHECK(refused(Beyond::infinity, with(none, none, inf, inf, none)) ==
        Paths{"/plain", "/list", "/rates_error"});
  CHECK(refused(Beyond::anything, with(none, none, inf, inf, none)).empty());
}

TEST_CASE("a spectrum with fewer bins than there is room for ends in NaN") {
  FieldTable<Outcome> table;
  table.add({"/spectrum", "1/day", "s", Depth::outer, {"/bin"}}, &Outcome::spectrum);
  table.add({"/spectra", "1/day", "s", Depth::outer, {"/isotope", "/bin"}}, &Outcome::spectra);
  const Bounded<Eigen::ArrayXd> two{Eigen::Array2d(1.0, 2.0), Eigen::Array2d(0.1, 0.2)};
  const Outcome outcome{0.0, {}, {}, two, {two, two}};
  const auto value = numbers(table, 0, outcome, 3), error = numbers(table, 1, outcome, 3);
  REQUIRE(value.size() == 3);
  REQUIRE(error.size() == 3);
  CHECK(value[1] == 2.0);
  CHECK(error[1] == 0.2);
  CHECK(std::isnan(value[2]));
  CHECK(std::isnan(error[2]));
  const auto rows = numbers(table, 2, outcome, 3);
  REQUIRE(rows.size() == 6);
  CHECK(std::isnan(rows[2]));
  CHECK(rows[3] == 1.0);
  CHECK(std::isnan(rows[5]));
}
