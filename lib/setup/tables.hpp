// Reading of tables that several files of configs/ have.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/reactor.hpp"
#include "nuloop/io/reader.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

inline constexpr double GeV_per_MeV = 1e-3;

/// Reads every table of a document as one entry of a catalogue. @throws InputError with the
/// problems of all entries.
template <class Read>
void for_each_table(io::TableReader& parent, const Read& read) {
  io::Problems problems;
  for (const std::string& name : parent.keys())
    problems.none_in([&] {
      io::TableReader entry = parent.table(name);
      read(name, entry);
      entry.finish();
    });
  problems.raise();
}

/// A key of a table with a number for each fissile isotope.
experiment::PerFissile<double> read_per_fissile(io::TableReader& table, io::Dimension dimension,
                                                const io::Range& range);

/// A list of dimensionless numbers.
std::vector<double> read_numbers(io::TableReader& table, const std::string& key,
                                 const io::Range& range);

/// Two or more ascending energies, in MeV.
std::vector<double> read_energies(io::TableReader& table, const std::string& key = "energies");

/// The problem of energies from `first` to `last` of which none is between `low` and `high`, where
/// they are used: they may be in another unit. Empty if some are. All in MeV.
std::string overlap_problem(double first_MeV, double last_MeV, double low_MeV, double high_MeV);

/// A list of as many numbers as there are energies.
std::vector<double> read_column(io::TableReader& table, const std::string& key,
                                const io::Range& range, std::size_t energies);

}  // namespace nuloop::setup
