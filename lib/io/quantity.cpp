// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/quantity.hpp"

#include "nuloop/foundation/errors.hpp"

#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::io {
namespace {

struct Unit {
  std::string_view symbol;
  double factor;   // one of it in canonical units ...
  double divisor;  // ... divided by this, so that decimal conversions round once
};

struct DimensionInfo {
  Dimension dimension;
  std::string_view name;
  std::string_view common;  // as common_spelling gives it
  std::vector<Unit> units;  // the canonical one first
};

const DimensionInfo& info(Dimension dimension) {
  static const std::array<DimensionInfo, 16> table = {{
      {Dimension::number, "a number", "1", {}},
      {Dimension::energy,
       "an energy",
       "MeV",
       {{"MeV", 1, 1}, {"keV", 1, 1e3}, {"eV", 1, 1e6}, {"GeV", 1e3, 1}}},
      {Dimension::mass, "a mass", "t", {{"t", 1, 1}, {"kg", 1, 1e3}, {"g", 1, 1e6}}},
      {Dimension::length, "a length", "m", {{"m", 1, 1}, {"cm", 1, 1e2}, {"km", 1e3, 1}}},
      {Dimension::power,
       "a power",
       "GW",
       {{"GW", 1, 1}, {"MW", 1, 1e3}, {"kW", 1, 1e6}, {"W", 1, 1e9}}},
      {Dimension::time,
       "a time",
       "365.25 day",
       {{"yr", 1, 1},
        {"year", 1, 1},
        {"years", 1, 1},
        {"month", 1, 12},
        {"months", 1, 12},
        {"d", 1, 365.25},
        {"day", 1, 365.25},
        {"days", 1, 365.25},
        {"h", 1, 365.25 * 24},
        {"s", 1, 365.25 * 86400}}},
      {Dimension::inverse_mass, "a number per mass", "1/t", {{"/t", 1, 1}, {"/kg", 1e3, 1}}},
      {Dimension::particle_flux,
       "a particle flux",
       "1/(m^2 s)",
       {{"/m2/s", 1, 1}, {"/cm2/s", 1e4, 1}, {"/m2/h", 1, 3600}}},
      {Dimension::area, "an area", "cm^2", {{"cm2", 1, 1}}},
      {Dimension::area_per_mass, "an area per mass", "cm^2/g", {{"cm2/g", 1, 1}}},
      {Dimension::inverse_energy_squared, "a coupling", "1/GeV^2", {{"/GeV2", 1, 1}}},
      {Dimension::rate,
       "a rate",
       "1/day",
       {{"/day", 1, 1}, {"/d", 1, 1}, {"/h", 24, 1}, {"/s", 86400, 1}, {"/yr", 1, 365.25}}},
      {Dimension::rate_per_mass,
       "a rate per mass",
       "1/(t day)",
       {{"/day/t", 1, 1},
        {"/d/t", 1, 1},
        {"/day/kg", 1e3, 1},
        {"/d/kg", 1e3, 1},
        {"/s/t", 86400, 1},
        {"/s/kg", 86400e3, 1}}},
      {Dimension::mass_squared, "a squared mass", "eV^2", {{"eV2", 1, 1}}},
      {Dimension::quenching, "Birks' constant", "g/(cm^2 MeV)", {{"g/cm2/MeV", 1, 1}}},
      {Dimension::relative, "a relative number", "1", {}},
  }};
  return table.at(static_cast<std::size_t>(dimension));
}

std::string wanted(const DimensionInfo& dimension) {
  std::vector<std::string_view> symbols;
  for (const Unit& unit : dimension.units)
    symbols.push_back(unit.symbol);
  return fmt::format("wants {} with its unit, as in \"1 {}\" (units: {})", dimension.name,
                     symbols.front(), fmt::join(symbols, ", "));
}

// "0.5 %" by its decimal digits, so that it is the double 0.005.
double parse_relative(std::string_view text) {
  std::string digits(text.substr(0, text.find('%')));
  const bool is_per_cent = digits.size() + 1 == text.size();
  while (is_per_cent && digits.ends_with(' '))
    digits.pop_back();
  const bool has_exponent = digits.find_first_of("eE") != std::string::npos;
  if (is_per_cent && !has_exponent)
    digits += "e-2";
  double value = 0.0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status != std::errc() || end != digits.data() + digits.size() ||
      (!is_per_cent && digits != text))
    throw InputError(fmt::format("\"{}\" is no relative number, such as 0.005 or \"0.5 %\"", text));
  return is_per_cent && has_exponent ? value / 100.0 : value;
}

}  // namespace

std::string_view canonical_unit(Dimension dimension) {
  const auto& units = info(dimension).units;
  return units.empty() ? std::string_view() : units.front().symbol;
}

std::string_view common_spelling(Dimension dimension) {
  return info(dimension).common;
}

double parse_quantity(std::string_view text, Dimension dimension) {
  if (dimension == Dimension::relative)
    return parse_relative(text);
  const DimensionInfo& wants = info(dimension);
  double value = 0.0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (dimension == Dimension::number) {
    if (status != std::errc() || end != text.data() + text.size())
      throw InputError(
          fmt::format("\"{}\" is not a number; it is written without quotes or unit", text));
    return value;
  }
  if (status != std::errc())
    throw InputError(fmt::format("\"{}\": {}", text, wanted(wants)));
  std::string_view symbol = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!symbol.empty() && symbol.front() == ' ')
    symbol.remove_prefix(1);
  for (const Unit& unit : wants.units)
    if (unit.symbol == symbol)
      return value * unit.factor / unit.divisor;
  if (symbol.empty())
    throw InputError(fmt::format("\"{}\" lacks its unit: {}", text, wanted(wants)));
  if (symbol.front() == ',')
    throw InputError(fmt::format("\"{}\": decimals stand behind a point, as in \"2.8\"", text));
  throw InputError(
      fmt::format("\"{}\": unit \"{}\" does not fit: {}", text, symbol, wanted(wants)));
}

std::string format_quantity(double value, Dimension dimension) {
  const std::string_view unit = canonical_unit(dimension);
  return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

}  // namespace nuloop::io
