// Quantities as text: every unit, exact conversions, refusals, and the way back to text.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/quantity.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/reader.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using Catch::Contains;
using nuloop::InputError;
using nuloop::io::Dimension;
using nuloop::io::format_quantity;
using nuloop::io::parse_quantity;
using nuloop::io::Range;

std::string problem_of(const std::string& text, Dimension dimension) {
  try {
    static_cast<void>(parse_quantity(text, dimension));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string reading_problem(const std::string& text, Dimension dimension, const Range& range) {
  try {
    static_cast<void>(
        nuloop::io::read_quantity({text, {"job.toml", 3}}, "window.low", dimension, range));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

const std::vector<Dimension> all_dimensions = {Dimension::number,
                                               Dimension::energy,
                                               Dimension::mass,
                                               Dimension::length,
                                               Dimension::power,
                                               Dimension::time,
                                               Dimension::inverse_mass,
                                               Dimension::particle_flux,
                                               Dimension::area,
                                               Dimension::area_per_mass,
                                               Dimension::inverse_energy_squared};

}  // namespace

TEST_CASE("Every unit converts to the canonical one exactly") {
  struct Case {
    const char* text;
    Dimension dimension;
    double value;
  };
  // Right-hand sides are correctly rounded: literals, or one division of exact numbers.
  const auto row = GENERATE(values<Case>({
      {"1 MeV", Dimension::energy, 1.0},
      {"250 keV", Dimension::energy, 0.25},
      {"511 keV", Dimension::energy, 0.511},
      {"300 eV", Dimension::energy, 3e-4},
      {"1.5 GeV", Dimension::energy, 1500.0},
      {"2.8 t", Dimension::mass, 2.8},
      {"2800 kg", Dimension::mass, 2.8},
      {"2.8e6 g", Dimension::mass, 2.8},
      {"35 m", Dimension::length, 35.0},
      {"3500 cm", Dimension::length, 35.0},
      {"1.25 km", Dimension::length, 1250.0},
      {"4.6 GW", Dimension::power, 4.6},
      {"4600 MW", Dimension::power, 4.6},
      {"4.6e6 kW", Dimension::power, 4.6},
      {"4.6e9 W", Dimension::power, 4.6},
      {"1 yr", Dimension::time, 1.0},
      {"1 year", Dimension::time, 1.0},
      {"2 years", Dimension::time, 2.0},
      {"1 month", Dimension::time, 1.0 / 12.0},
      {"7 months", Dimension::time, 7.0 / 12.0},
      {"365.25 d", Dimension::time, 1.0},
      {"365.25 days", Dimension::time, 1.0},
      {"1 day", Dimension::time, 1.0 / 365.25},
      {"8766 h", Dimension::time, 1.0},
      {"31557600 s", Dimension::time, 1.0},
      {"3.372e29 /t", Dimension::inverse_mass, 3.372e29},
      {"2.5 /kg", Dimension::inverse_mass, 2500.0},
      {"180 /m2/s", Dimension::particle_flux, 180.0},
      {"0.018 /cm2/s", Dimension::particle_flux, 180.0},
      {"3600 /m2/h", Dimension::particle_flux, 1.0},
      {"-8.3e-33 cm2", Dimension::area, -8.3e-33},
      {"0.25 cm2/g", Dimension::area_per_mass, 0.25},
      {"1.1663787e-5 /GeV2", Dimension::inverse_energy_squared, 1.1663787e-5},
      {"0.2334", Dimension::number, 0.2334},
      {"-3", Dimension::number, -3.0},
  }));
  CAPTURE(row.text);
  CHECK(parse_quantity(row.text, row.dimension) == row.value);
}

TEST_CASE("The canonical unit converts by one and is the one that is written") {
  for (const Dimension dimension : all_dimensions) {
    const std::string unit(nuloop::io::canonical_unit(dimension));
    CAPTURE(unit);
    CHECK(unit.empty() == (dimension == Dimension::number));
    CHECK_FALSE(nuloop::io::common_spelling(dimension).empty());
    CHECK(parse_quantity("0.7" + unit, dimension) == 0.7);
  }
  CHECK(nuloop::io::canonical_unit(Dimension::energy) == "MeV");
  CHECK(nuloop::io::common_spelling(Dimension::time) == "365.25 day");
  CHECK(nuloop::io::common_spelling(Dimension::number) == "1");
}

TEST_CASE("Relative numbers are written as numbers or in per cent") {
  for (const auto& [text, value] : {std::pair{"0.5 %", 0.005},
                                    {"0.1%", 0.001},
                                    {"10  %", 0.1},
                                    {"100 %", 1.0},
                                    {"0 %", 0.0},
                                    {"0.7 %", 0.007},
                                    {"2.3 %", 0.023},
                                    {"1e-1 %", 0.001},
                                    {"0.29 %", 0.0029},
                                    {"0.3", 0.3}}) {
    CAPTURE(text);
    CHECK(parse_quantity(text, Dimension::relative) == value);
    CHECK(reading_problem(text, Dimension::relative, Range::within(0.0, 1.0)).empty());
  }
  for (const char* text : {"", "%", " %", "0.5 %%", "0.5 % ", "0.5 MeV", "% 5", "5 %5",
                           "5 per cent", "5e %", "0.5 "}) {
    CAPTURE(text);
    CHECK_THAT(problem_of(text, Dimension::relative), Contains("no relative number"));
  }
  CHECK_THAT(reading_problem("200 %", Dimension::relative, Range::within(0.0, 1.0)),
             Contains("2 is out of range"));
  CHECK_THAT(reading_problem("5 %", Dimension::number, Range::within(0.0, 1.0)),
             Contains("without quotes"));
  CHECK(format_quantity(0.005, Dimension::relative) == "0.005");
  CHECK(nuloop::io::common_spelling(Dimension::relative) == "1");
}

TEST_CASE("Blanks between number and unit do not matter") {
  CHECK(parse_quantity("8t", Dimension::mass) == 8.0);
  CHECK(parse_quantity("8   t", Dimension::mass) == 8.0);
  // The e of eV is not an exponent.
  CHECK(parse_quantity("2eV", Dimension::energy) == 2e-6);
  CHECK(parse_quantity("2e6eV", Dimension::energy) == 2.0);
}

TEST_CASE("A quantity without its unit is refused with the unit that is wanted") {
  CHECK_THAT(problem_of("1", Dimension::energy), Contains("unit") && Contains("MeV"));
  CHECK_THAT(problem_of("2.8 ", Dimension::mass), Contains("unit") && Contains("kg"));
  for (const Dimension dimension : all_dimensions) {
    if (dimension == Dimension::number)
      continue;
    const std::string unit(nuloop::io::canonical_unit(dimension));
    CHECK_THAT(problem_of("1.5", dimension), Contains("1.5") && Contains(unit));
  }
}

TEST_CASE("A unit of another dimension is refused") {
  for (const Dimension written : all_dimensions)
    for (const Dimension wanted : all_dimensions) {
      if (written == wanted)
        continue;
      const std::string text = format_quantity(1.5, written);
      const std::string unit(nuloop::io::canonical_unit(wanted));
      CAPTURE(text, unit);
      CHECK_THAT(problem_of(text, wanted), Contains(text) && Contains(unit));
    }
}

TEST_CASE("Units are spelt in one way") {
  for (const char* text : {"1 mev", "1 MEV", "1 Mev", "1 MeV ", "1 MeVs", "1 M eV", "1 MeV 2",
                           "1 MeV; drop", "1 MeV.", "1\tMeV"}) {
    CAPTURE(text);
    CHECK_THAT(problem_of(text, Dimension::energy), Contains("MeV"));
  }
}

TEST_CASE("What does not begin with a number is refused") {
  for (const char* text : {"", " ", "MeV", "one MeV", " 1 MeV", "+1 MeV", ".", "- 1 MeV", "1,5 MeV",
                           "0x10 MeV", "1e MeV", "1e400 MeV"}) {
    CAPTURE(text);
    CHECK_FALSE(problem_of(text, Dimension::energy).empty());
  }
  for (const char* text : {"", "x", "1 ", "1 MeV", "1e400", "0.1.2"}) {
    CAPTURE(text);
    CHECK_FALSE(problem_of(text, Dimension::number).empty());
  }
}

TEST_CASE("Quantities that are not finite never pass a range") {
  for (const std::string number : {"nan", "-nan", "inf", "-inf", "infinity", "NAN", "INF"}) {
    CAPTURE(number);
    for (const Range& range : {Range{}, Range::positive(), Range::non_negative()}) {
      CHECK_THAT(reading_problem(number + " MeV", Dimension::energy, range),
                 Contains("job.toml:3") && Contains("window.low"));
      CHECK_THAT(reading_problem(number, Dimension::number, range),
                 Contains("job.toml:3") && Contains("window.low"));
    }
  }
}

TEST_CASE("A quantity that overflows in its conversion never passes a range") {
  CHECK_THAT(reading_problem("1e308 GeV", Dimension::energy, Range{}),
             Contains("job.toml:3") && Contains("window.low"));
}

TEST_CASE("Formatted quantities are read back to the same value") {
  std::mt19937_64 random(1905);
  std::uniform_real_distribution<double> exponent(-40.0, 40.0);
  for (const Dimension dimension : all_dimensions)
    for (int i = 0; i < 3000; ++i) {
      // In turn of a size that occurs, and of any bits.
      double value = std::pow(10.0, exponent(random));
      if (i % 2 == 1) {
        do
          value = std::bit_cast<double>(random());
        while (!std::isfinite(value));
      }
      const std::string text = format_quantity(value, dimension);
      if (parse_quantity(text, dimension) != value)
        FAIL(text << " is read back as " << parse_quantity(text, dimension));
    }
}

TEST_CASE("Formatted quantities are short") {
  CHECK(format_quantity(0.1, Dimension::energy) == "0.1 MeV");
  CHECK(format_quantity(2.8, Dimension::mass) == "2.8 t");
  CHECK(format_quantity(0.2334, Dimension::number) == "0.2334");
}
