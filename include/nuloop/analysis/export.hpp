// A result as tables for other programs: CSV, or a HEPData submission.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/result.hpp"
#include "nuloop/sweep/study.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nuloop::analysis {

/// Fields of a result that run along the same axes and scales, a row for each point of these. Units
/// are spelled as in the result; "1" for pure numbers, empty for names.
struct ExportTable {
  struct Coordinate {
    std::string name;
    std::string units;
    std::vector<sweep::Value> values;  ///< one per row; none if these are bins
    std::vector<double> low, high;     ///< the ends of bins; none if these are values
  };
  struct Quantity {
    std::string name;
    std::string units;
    std::string long_name;
    std::vector<double> values;  ///< one per row; NaN where there is none
    std::vector<double> errors;  ///< the field's error, one per row; none if it has none
    std::string error_name;
  };
  std::string name;  ///< that of its first field, with _ for /
  std::vector<Coordinate> coordinates;
  std::vector<Quantity> quantities;

  std::size_t rows() const { return quantities.front().values.size(); }
};

/// All fields of a result. Rows of bins that a point does not have are left out.
/// @throws InputError if the file lacks a part of it.
std::vector<ExportTable> export_tables(const setup::Result& result, const sweep::Study& study);

/// A file of an export: its name and its text.
using ExportFile = std::pair<std::string, std::string>;

/// A file for each table, with a header "name [unit]". Numbers are in the fewest digits that tell
/// them from all others; nan and inf are written so.
std::vector<ExportFile> csv_files(const std::vector<ExportTable>& tables);

/// submission.yaml and a YAML file for each table, as the JSON schemas 1.1.1 of HEPData
/// submissions have them. What is no number is "-", and infinity the text "inf". Errors of zero are
/// left out. Each quantity is qualified by the settings of the job that are not zero.
std::vector<ExportFile> hepdata_files(const std::vector<ExportTable>& tables,
                                      const setup::Result& result);

/// A HistFactory workspace in the JSON of pyhf for each point of a result of kind "reach", and
/// workspaces.csv, which says what each is of. FORMAT.md says what a workspace means. The rates are
/// computed anew, on all threads.
/// @throws InputError if the result is of another kind or has more than 1000 points.
/// @throws NumericalError
std::vector<ExportFile> pyhf_files(const std::vector<ExportTable>& tables,
                                   const setup::Result& result, const setup::Job& job,
                                   const setup::World& world);

}  // namespace nuloop::analysis
