// SPDX-License-Identifier: GPL-3.0-or-later
#include "tables.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace nuloop::setup {

using experiment::fissile_count;
using experiment::fissile_names;

experiment::PerFissile<double> read_per_fissile(io::TableReader& table, io::Dimension dimension,
                                                const io::Range& range) {
  experiment::PerFissile<double> values;
  table.expect({fissile_names.begin(), fissile_names.end()});
  for (std::size_t i = 0; i < fissile_count; ++i)
    values[i] = table.quantity(std::string(fissile_names[i]), dimension, range);
  return values;
}

std::vector<double> read_numbers(io::TableReader& table, const std::string& key,
                                 const io::Range& range) {
  std::vector<double> values;
  for (const io::Node& item : table.array(key))
    values.push_back(io::read_quantity(item, table.full_key(key), io::Dimension::number, range));
  return values;
}

std::vector<double> read_energies(io::TableReader& table, const std::string& key) {
  auto energies = read_numbers(table, key, io::Range::non_negative());
  if (energies.size() < 2 || !std::is_sorted(energies.begin(), energies.end(), std::less_equal<>()))
    io::fail(table.node(key).where, table.full_key(key),
             "wants two or more ascending energies in MeV");
  return energies;
}

std::string overlap_problem(double first_MeV, double last_MeV, double low_MeV, double high_MeV) {
  constexpr double GeV = 1000.0, keV = 0.001;
  const auto overlap = [&](double unit) {
    return first_MeV * unit < high_MeV && last_MeV * unit > low_MeV;
  };
  if (overlap(1.0))
    return "";
  std::string unit;
  for (const auto& [name, factor] : {std::pair{"GeV", GeV}, {"keV", keV}})
    if (overlap(factor))
      unit = fmt::format("; are they {}, {:.6g} to {:.6g} MeV?", name, first_MeV * factor,
                         last_MeV * factor);
  return fmt::format(
      "energies of {:.6g} to {:.6g} MeV are all outside of low to high, {} to {} MeV, "
      "and would not be used{}",
      first_MeV, last_MeV, low_MeV, high_MeV, unit);
}

std::vector<double> read_column(io::TableReader& table, const std::string& key,
                                const io::Range& range, std::size_t energies) {
  auto values = read_numbers(table, key, range);
  if (values.size() != energies)
    io::fail(table.node(key).where, table.full_key(key),
             fmt::format("wants {} values, one per energy, not {}", energies, values.size()));
  return values;
}

}  // namespace nuloop::setup
