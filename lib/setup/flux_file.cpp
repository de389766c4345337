// SPDX-License-Identifier: GPL-3.0-or-later
#include "flux_file.hpp"

#include "layers.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

namespace fs = std::filesystem;
using experiment::fissile_count;
using experiment::fissile_names;
using experiment::PerFissile;
using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;
using io::TextTable;

constexpr double keV_per_MeV = 1000.0;
constexpr double least_end_MeV = 0.1;   // of any table
constexpr double edge_rounding = 1e-6;  // of a bin's width: published edges are rounded

// The name in provenance of the file that `toml` calls `name`.
std::string name_beside(const io::TextFile& toml, const std::string& name) {
  return (fs::path(toml.name).parent_path() / name).lexically_normal().generic_string();
}

bool may_name_files(const io::TextFile& file) {
  return std::any_of(layers.begin(), layers.end(), [&](std::string_view layer) {
    return (file.name.starts_with(fmt::format("{}fluxes/", layer)) &&
            file.name.ends_with(".toml")) ||
           file.name == fmt::format("{}flux_uncertainties.toml", layer) ||
           file.name == fmt::format("{}reactors.toml", layer);
  });
}

// Calls visit(node, key) for every value of a key `file`, or of a table `files`.
template <class Visit>
void for_each_named(const Node& node, const Visit& visit) {
  if (node.array() != nullptr)
    for (const Node& item : *node.array())
      for_each_named(item, visit);
  if (node.table() == nullptr)
    return;
  for (const auto& [key, value] : *node.table()) {
    if (key == "file" && value.text() != nullptr)
      visit(value, key);
    else if (key == "files" && value.table() != nullptr)
      for (const auto& [isotope, name] : *value.table())
        if (name.text() != nullptr)
          visit(name, fmt::format("{}.{}", key, isotope));
    for_each_named(value, visit);
  }
}

// How the numbers of a file are to be read, the same for all files of a flux.
struct Format {
  std::vector<std::string> columns;
  bool edges = false;  // energies are the edges of bins, not points
  double energies_per_MeV = 1.0;
  double values_per_MeV = 1.0;  // a value times this is per MeV
  bool per_bin = false;
  double bin_width_MeV = 0.0;  // of points that stand for bins
  std::size_t header_lines = 0;

  std::size_t column(std::string_view name) const {
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) -
                                    columns.begin());
  }
  std::size_t energy() const { return column(edges ? "low" : "energy"); }
};

std::vector<std::string> read_names(TableReader& table, const std::string& key) {
  std::vector<std::string> names;
  for (const Node& item : table.array(key))
    names.push_back(io::read_text(item, table.full_key(key)));
  return names;
}

// The columns of a file. @param values what may stand beside the energies.
void read_columns(TableReader& flux, const std::vector<std::string>& values, Format& format) {
  const io::Location where = flux.node("columns").where;
  const std::string key = flux.full_key("columns");
  std::vector<std::string> known = values;
  known.insert(known.end(), {"energy", "low", "high", "-", "..."});
  format.columns = read_names(flux, "columns");
  for (std::size_t i = 0; i < format.columns.size(); ++i) {
    const std::string& name = format.columns[i];
    if (std::find(known.begin(), known.end(), name) == known.end())
      io::fail(where, key, fmt::format("unknown \"{}\"; {}", name, io::suggestion(name, known)));
    if (name == TextTable::further && i + 1 < format.columns.size())
      io::fail(where, key, "\"...\" stands for all further columns, and must be the last");
    if (name != TextTable::skipped && format.column(name) != i)
      io::fail(where, key, fmt::format("\"{}\" is listed twice", name));
  }
  const auto has = [&](const char* name) { return format.column(name) < format.columns.size(); };
  format.edges = has("low") && has("high");
  if (format.edges == has("energy") || has("low") != has("high"))
    io::fail(where, key,
             "wants either \"energy\", the points of a curve, or \"low\" and \"high\", the edges "
             "of bins");
}

// Columns, unit of energy and header, which the files of fluxes and of corrections both have.
Format read_layout(TableReader& table, const std::vector<std::string>& values) {
  Format format;
  read_columns(table, values, format);
  const std::string unit = table.text("energy_unit");
  if (unit != "MeV" && unit != "keV")
    io::fail(table.node("energy_unit").where, table.full_key("energy_unit"),
             "wants \"MeV\" or \"keV\"");
  format.energies_per_MeV = unit == "keV" ? keV_per_MeV : 1.0;
  format.header_lines = read_header_lines(table);
  return format;
}

Format read_format(TableReader& flux, const std::vector<std::string>& values) {
  Format format = read_layout(flux, values);
  const std::string meaning = flux.text("values");
  if (meaning != "per MeV" && meaning != "per keV" && meaning != "per bin")
    io::fail(flux.node("values").where, "values", "wants \"per MeV\", \"per keV\" or \"per bin\"");
  format.values_per_MeV = meaning == "per keV" ? keV_per_MeV : 1.0;
  format.per_bin = meaning == "per bin";
  if (format.per_bin && !format.edges)
    format.bin_width_MeV = flux.quantity("bin_width", Dimension::energy, Range::positive());
  return format;
}

// The file's rows by ascending energy; energies and edges are checked, values are not.
TextTable read_rows(const io::TextFile& file, const Format& format) {
  TextTable table(file, format.columns, format.header_lines);
  const std::size_t energy = format.energy(), high = format.column("high");
  table.sort_by(energy);
  if (table.rows().size() < 2)
    table.fail(table.rows().front(), energy, "is the only row: a flux wants two or more");
  const TextTable::Row* before = nullptr;
  for (const TextTable::Row& row : table.rows()) {
    const double E = row.values[energy];
    const double top = row.values[format.edges ? high : energy];
    if (E < 0.0)
      table.fail(row, energy, fmt::format("{} is negative", E));
    if (top / format.energies_per_MeV > physics::highest_spectrum_energy_MeV)
      table.fail(row, format.edges ? high : energy,
                 fmt::format("{} {} is above {} MeV; check energy_unit", top,
                             format.energies_per_MeV > 1.0 ? "keV" : "MeV",
                             physics::highest_spectrum_energy_MeV));
    if (format.edges && top <= E)
      table.fail(row, high, fmt::format("{} is not above the bin's lower edge, {}", top, E));
    if (before != nullptr && E == before->values[energy])
      table.fail(row, energy, fmt::format("{} is on line {} too", E, before->line));
    if (format.edges && before != nullptr &&
        std::abs(E - before->values[high]) > edge_rounding * (top - E))
      table.fail(row, energy,
                 fmt::format("{} is not where the bin of line {} ends, {}", E, before->line,
                             before->values[high]));
    before = &row;
  }
  return table;
}

// Energies of points, or edges of bins, one more than rows.
std::vector<double> energies_MeV(const TextTable& table, const Format& format) {
  std::vector<double> energies;
  for (const TextTable::Row& row : table.rows())
    energies.push_back(row.values[format.energy()] / format.energies_per_MeV);
  if (format.edges)
    energies.push_back(table.rows().back().values[format.column("high")] / format.energies_per_MeV);
  return energies;
}

// Refuses a table that ends where no antineutrino of a reactor makes a recoil that anybody sees.
void check_unit(const TextTable& table, const Format& format) {
  if (energies_MeV(table, format).back() >= least_end_MeV)
    return;
  const std::size_t column = format.edges ? format.column("high") : format.energy();
  const TextTable::Row& last = table.rows().back();
  table.fail(last, column,
             fmt::format("{} {} is the highest energy; antineutrinos of a reactor have more: check "
                         "energy_unit",
                         last.values[column], format.energies_per_MeV > 1.0 ? "keV" : "MeV"));
}

// Refuses a table that ends within what is used of it.
void check_ends(const TextTable& table, const Format& format, double low_MeV, double high_MeV) {
  const auto energies = energies_MeV(table, format);
  const std::string span = fmt::format(
      "the table spans {} to {} MeV, less than low to high, {} to {} MeV: nothing is "
      "extrapolated; narrow low to high, or name a flux as outside",
      energies.front(), energies.back(), low_MeV, high_MeV);
  if (energies.front() > low_MeV)
    table.fail(table.rows().front(), format.energy(), span);
  if (energies.back() < high_MeV)
    table.fail(table.rows().back(), format.edges ? format.column("high") : format.energy(), span);
}

// Refuses a table of which nothing is used.
void check_overlap(const TextTable& table, const Format& format, double low_MeV, double high_MeV) {
  const auto energies = energies_MeV(table, format);
  const std::string problem = overlap_problem(energies.front(), energies.back(), low_MeV, high_MeV);
  if (!problem.empty())
    table.fail(table.rows().front(), format.energy(), problem);
}

// The values of a column as the file has them. @throws InputError if one is negative.
std::vector<double> column_values(const TextTable& table, std::size_t column) {
  std::vector<double> values;
  for (const TextTable::Row& row : table.rows()) {
    values.push_back(row.values[column]);
    if (values.back() < 0.0)
      table.fail(row, column, fmt::format("{} is negative", values.back()));
  }
  return values;
}

experiment::StepTable steps(const TextTable& table, const Format& format, std::size_t column) {
  experiment::StepTable result{energies_MeV(table, format), column_values(table, column)};
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    const double width = result.edges_MeV[i + 1] - result.edges_MeV[i];
    result.values[i] *= format.per_bin ? 1.0 / width : format.values_per_MeV;
  }
  return result;
}

// Points from the last at or below `low` to the first at or above `high`. Published tables end in
// zeros, of which there is no logarithm; those beyond are not used.
experiment::LogLinearTable points(const TextTable& table, const Format& format, std::size_t column,
                                  double low_MeV, double high_MeV) {
  const auto energies = energies_MeV(table, format);
  const auto values = column_values(table, column);
  experiment::LogLinearTable result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if ((i + 1 < values.size() && energies[i + 1] <= low_MeV) ||
        (i > 0 && energies[i - 1] >= high_MeV))
      continue;
    if (values[i] == 0.0)
      table.fail(table.rows()[i], column,
                 "is zero: a curve is interpolated in its logarithm; end low to high before it, or "
                 "give the edges of bins, low and high");
    result.energies_MeV.push_back(energies[i]);
    result.log_values.push_back(std::log(format.per_bin ? values[i] / format.bin_width_MeV
                                                        : values[i] * format.values_per_MeV));
  }
  if (result.energies_MeV.size() < 2)
    table.fail(table.rows().front(), format.energy(), "fewer than two points are in low to high");
  return result;
}

// Where the file's n-th row stands by ascending energy.
std::vector<std::size_t> places_of(const TextTable& table) {
  std::vector<std::size_t> ranks(table.rows().size());
  std::iota(ranks.begin(), ranks.end(), std::size_t{0});
  std::sort(ranks.begin(), ranks.end(), [&](std::size_t a, std::size_t b) {
    return table.rows()[a].line < table.rows()[b].line;
  });
  return ranks;
}

// The file and column of each isotope; null for one that is not there.
struct IsotopeColumn {
  const io::TextFile* file = nullptr;
  std::string column;
};

PerFissile<IsotopeColumn> read_sources(TableReader& flux, const FileWithOthers& files,
                                       Format& format) {
  PerFissile<IsotopeColumn> sources;
  flux.refuse_beside("files", {"file"});
  if (flux.has("files")) {
    TableReader named = flux.table("files");
    for (const std::string& isotope : named.keys())
      sources[read_isotope(isotope, named.node(isotope).where, "files")] = {
          &files.named_by(named.node(isotope), named.full_key(isotope)), "value"};
    format = read_format(flux, {"value"});
    if (format.column("value") == format.columns.size())
      io::fail(flux.node("columns").where, "columns", "wants \"value\", the column of the flux");
    return sources;
  }
  const io::TextFile& file = files.named_by(flux.node("file"), "file");
  format = read_format(flux, {fissile_names.begin(), fissile_names.end()});
  for (std::size_t i = 0; i < fissile_count; ++i)
    if (format.column(fissile_names[i]) < format.columns.size())
      sources[i] = {&file, std::string(fissile_names[i])};
  return sources;
}

// What is not there must be said to be absent, and nothing else.
void check_absent(TableReader& flux, const PerFissile<IsotopeColumn>& sources) {
  PerFissile<bool> absent{};
  if (flux.has("absent"))
    for (const Node& item : flux.array("absent"))
      absent[read_isotope(io::read_text(item, "absent"), item.where, "absent")] = true;
  for (std::size_t i = 0; i < fissile_count; ++i) {
    if (absent[i] && sources[i].file != nullptr)
      io::fail(flux.node("absent").where, "absent",
               fmt::format("{} has values, and is not absent", fissile_names[i]));
    if (!absent[i] && sources[i].file == nullptr)
      io::fail(flux.node("form").where, "form",
               fmt::format("no file or column has {0}; absent = [\"{0}\"] says so of an isotope "
                           "that no reactor of yours has",
                           fissile_names[i]));
  }
}

// The isotopes of a correction: those that it lists, else all that there are.
PerFissile<bool> read_corrected(TableReader& table, const PerFissile<bool>& absent) {
  PerFissile<bool> isotopes{};
  if (!table.has("isotopes")) {
    std::transform(absent.begin(), absent.end(), isotopes.begin(), std::logical_not<>());
    return isotopes;
  }
  const std::string key = table.full_key("isotopes");
  for (const Node& item : table.array("isotopes")) {
    const std::size_t isotope = read_isotope(io::read_text(item, key), item.where, key);
    if (absent[isotope])
      io::fail(item.where, key, fmt::format("{} is absent from the flux", fissile_names[isotope]));
    isotopes[isotope] = true;
  }
  if (isotopes == PerFissile<bool>{})
    io::fail(table.node("isotopes").where, key, "wants an isotope");
  return isotopes;
}

// How a value of a correction is meant.
struct Meaning {
  std::string_view name;
  experiment::FluxCorrection::Kind kind;
  double factor;
  double least;
};
constexpr std::array<Meaning, 4> meanings = {
    {{"relative", experiment::FluxCorrection::Kind::relative, 1.0, -1.0},
     {"percent", experiment::FluxCorrection::Kind::relative, 0.01, -100.0},
     {"per MeV", experiment::FluxCorrection::Kind::additive, 1.0, 0.0},
     {"per keV", experiment::FluxCorrection::Kind::additive, keV_per_MeV, 0.0}}};

experiment::FluxCorrection read_correction(TableReader table, const FileWithOthers& files,
                                           double low_MeV, double high_MeV,
                                           const PerFissile<bool>& absent) {
  const Format format = read_layout(table, {"value"});
  const std::size_t column = format.column("value");
  if (column == format.columns.size())
    io::fail(table.node("columns").where, table.full_key("columns"),
             "wants \"value\", the column of the correction");
  const std::string name = table.text("values");
  const auto meaning = std::find_if(meanings.begin(), meanings.end(),
                                    [&](const Meaning& one) { return one.name == name; });
  if (meaning == meanings.end())
    io::fail(table.node("values").where, table.full_key("values"),
             "wants \"relative\", \"percent\", \"per MeV\" or \"per keV\"");
  const PerFissile<bool> isotopes = read_corrected(table, absent);
  const TextTable rows =
      read_rows(files.named_by(table.node("file"), table.full_key("file")), format);
  table.finish();
  check_overlap(rows, format, low_MeV, high_MeV);
  check_unit(rows, format);
  std::vector<double> values;
  for (const TextTable::Row& row : rows.rows()) {
    if (row.values[column] < meaning->least)
      rows.fail(row, column, fmt::format("{} is below {}", row.values[column], meaning->least));
    values.push_back(meaning->factor * row.values[column]);
  }
  auto energies = energies_MeV(rows, format);
  if (format.edges)
    return {meaning->kind, isotopes, experiment::StepTable{std::move(energies), std::move(values)}};
  return {meaning->kind, isotopes, experiment::EnergyTable{std::move(energies), std::move(values)}};
}

}  // namespace

std::vector<double> inner_edges(const std::vector<double>& energies, bool edges) {
  if (edges)
    return {energies.begin() + 1, energies.end() - 1};
  std::vector<double> between;
  for (std::size_t i = 1; i < energies.size(); ++i)
    between.push_back(0.5 * (energies[i - 1] + energies[i]));
  return between;
}

const io::TextFile& FileWithOthers::named_by(const Node& node, const std::string& key) const {
  const auto toml = std::find_if(all.begin(), all.end(), [&](const io::TextFile& file) {
    return file.path == node.where.origin;
  });
  if (toml == all.end())
    io::fail(node.where, key, "names a file, which only a file of a configuration can");
  const std::string name = name_beside(*toml, io::read_text(node, key));
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const io::TextFile& file) { return file.name == name; });
  if (found == all.end())
    io::fail(node.where, key, fmt::format("{} is not there", name));
  return *found;
}

std::vector<io::TextFile> read_named_files(const std::vector<io::TextFile>& files) {
  std::map<std::string, io::TextFile> found;
  for (const io::TextFile& toml : files) {
    if (!may_name_files(toml))
      continue;
    for_each_named(io::parse_toml(toml), [&](const Node& node, const std::string& key) {
      const std::string name = name_beside(toml, *node.text());
      const std::string layer = toml.name.substr(0, toml.name.find('/') + 1);
      if (!name.starts_with(layer) || fs::path(*node.text()).is_absolute())
        io::fail(node.where, key,
                 "wants a path from the folder of this file that stays in the folder of "
                 "configurations");
      const fs::path path = (fs::path(toml.path).parent_path() / *node.text()).lexically_normal();
      try {
        found.emplace(name, io::read_text_file(path.string(), name));
      } catch (const InputError& error) {
        io::fail(node.where, key, error.what());
      }
    });
  }
  std::vector<io::TextFile> list;
  for (auto& [name, file] : found)
    list.push_back(std::move(file));
  return list;
}

FileSpectra read_file_spectra(TableReader& flux, const FileWithOthers& files, double low_MeV,
                              double high_MeV, bool alone) {
  Format format;
  const PerFissile<IsotopeColumn> sources = read_sources(flux, files, format);
  check_absent(flux, sources);
  FileSpectra result;
  bool same_rows = true;
  for (std::size_t i = 0; i < fissile_count; ++i) {
    result.spectra[i] = experiment::NoSpectrum{};
    if (sources[i].file == nullptr)
      continue;
    const TextTable table = read_rows(*sources[i].file, format);
    if (alone)
      check_ends(table, format, low_MeV, high_MeV);
    check_overlap(table, format, low_MeV, high_MeV);
    check_unit(table, format);
    const std::size_t column = format.column(sources[i].column);
    if (format.edges)
      result.spectra[i] = steps(table, format, column);
    else
      result.spectra[i] = points(table, format, column, low_MeV, high_MeV);
    auto edges = inner_edges(energies_MeV(table, format), format.edges);
    same_rows &= result.rows.inner_edges_MeV.empty() || edges == result.rows.inner_edges_MeV;
    result.rows.inner_edges_MeV = std::move(edges);
    result.rows.values[i] = column_values(table, column);
    result.rows.places[i] = places_of(table);
  }
  if (!same_rows)
    result.rows.inner_edges_MeV.clear();
  return result;
}

std::vector<experiment::FluxCorrection> read_corrections(TableReader& flux,
                                                         const FileWithOthers& files,
                                                         double low_MeV, double high_MeV,
                                                         const PerFissile<bool>& absent) {
  std::vector<experiment::FluxCorrection> corrections;
  if (flux.has("corrections"))
    for (const Node& item : flux.array("corrections"))
      corrections.push_back(
          read_correction({item, "corrections"}, files, low_MeV, high_MeV, absent));
  return corrections;
}

std::size_t read_header_lines(TableReader& table) {
  if (!table.has("header_lines"))
    return 0;
  const double lines = table.number("header_lines", Range::within(0.0, 1e6));
  if (lines != std::floor(lines))
    io::fail(table.node("header_lines").where, table.full_key("header_lines"),
             "wants a whole number");
  return static_cast<std::size_t>(lines);
}

std::size_t read_isotope(const std::string& name, const io::Location& where,
                         const std::string& key) {
  const auto found = std::find(fissile_names.begin(), fissile_names.end(), name);
  if (found == fissile_names.end())
    io::fail(where, key,
             fmt::format("unknown isotope \"{}\"; {}", name,
                         io::suggestion(name, {fissile_names.begin(), fissile_names.end()})));
  return static_cast<std::size_t>(found - fissile_names.begin());
}

}  // namespace nuloop::setup
