// Fluxes whose numbers stand in text files beside their TOML.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/reactor.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/io/text_table.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

using Spectra = experiment::PerFissile<experiment::FluxModel::Spectrum>;

/// The files among which are those that a document names.
struct FileWithOthers {
  const std::vector<io::TextFile>& all;

  /// The text file that a value names, beside the TOML file in which the value stands.
  /// @throws InputError located at the value.
  const io::TextFile& named_by(const io::Node& node, const std::string& key) const;
};

/// The text files that the fluxes, their uncertainties and the reactors among `files` name with
/// `file` or `files`, by paths from the folder of the TOML. Each is there once, in the order of
/// names.
/// @throws InputError located at the name, if a file cannot be read or is not in configs/.
std::vector<io::TextFile> read_named_files(const std::vector<io::TextFile>& files);

/// The rows of a flux's table, to which a covariance may refer.
struct FluxRows {
  std::vector<double> inner_edges_MeV;  ///< where a row's bin ends; empty if isotopes differ in it
  /// As the file has them, by ascending energy; empty for an isotope that is absent.
  experiment::PerFissile<std::vector<double>> values;
  /// Where the file's n-th row stands by ascending energy.
  experiment::PerFissile<std::vector<std::size_t>> places;
};

struct FileSpectra {
  Spectra spectra;
  FluxRows rows;
};

/// Reads a flux of the form "file": the spectra of its own range.
/// @param flux its TOML, of which title, source, uncertainties, form, low, high and outside are
/// read elsewhere.
/// @param low_MeV,high_MeV what the tables must cover, if `alone`; they do not have to if another
/// flux continues them.
FileSpectra read_file_spectra(io::TableReader& flux, const FileWithOthers& files, double low_MeV,
                              double high_MeV, bool alone);

/// The corrections of a flux, its tables [[corrections]]; none without.
/// @param low_MeV,high_MeV the flux's ends: a correction of which nothing lies between is refused.
/// @param absent isotopes that no correction may name; those for all leave them out.
std::vector<experiment::FluxCorrection> read_corrections(
    io::TableReader& flux, const FileWithOthers& files, double low_MeV, double high_MeV,
    const experiment::PerFissile<bool>& absent);

/// A whole number of lines to leave out at the beginning of a file, key header_lines; 0 without.
std::size_t read_header_lines(io::TableReader& table);

/// Where bins meet, ascending: half-way between energies that are points, or the inner ones of
/// `edges`.
std::vector<double> inner_edges(const std::vector<double>& energies, bool edges);

/// The isotope of that name. @throws InputError located at `where`.
std::size_t read_isotope(const std::string& name, const io::Location& where,
                         const std::string& key);

}  // namespace nuloop::setup
