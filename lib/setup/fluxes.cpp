// SPDX-License-Identifier: GPL-3.0-or-later
#include "fluxes.hpp"

#include "flux_file.hpp"
#include "flux_uncertainties.hpp"
#include "layers.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

using experiment::fissile_count;
using experiment::fissile_names;
using experiment::LogLinearTable;
using experiment::NoSpectrum;
using experiment::PerFissile;
using experiment::StepTable;
using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;

Spectra read_polynomials(TableReader table) {
  Spectra spectra;
  table.expect({fissile_names.begin(), fissile_names.end()});
  for (std::size_t i = 0; i < fissile_count; ++i) {
    const std::string isotope(fissile_names[i]);
    const auto values = read_numbers(table, isotope, Range{});
    experiment::ExponentialPolynomial polynomial{};
    if (values.size() != polynomial.coefficients.size())
      io::fail(table.node(isotope).where, table.full_key(isotope),
               fmt::format("wants {} coefficients, not {}", polynomial.coefficients.size(),
                           values.size()));
    std::copy(values.begin(), values.end(), polynomial.coefficients.begin());
    spectra[i] = polynomial;
  }
  table.finish();
  return spectra;
}

Spectra read_tables(TableReader table) {
  constexpr double nearest_MeV = 1e-5;  // integrals between nearer ones are all rounding
  const auto energies = read_energies(table, "energies");
  for (std::size_t i = 1; i < energies.size(); ++i)
    if (energies[i] - energies[i - 1] < nearest_MeV)
      io::fail(table.node("energies").where, table.full_key("energies"),
               fmt::format("{} and {} MeV are nearer than {} MeV; for a flux with steps "
                           "form = \"file\" takes bins with edges low and high",
                           energies[i - 1], energies[i], nearest_MeV));
  Spectra spectra;
  table.expect({fissile_names.begin(), fissile_names.end()});
  for (std::size_t i = 0; i < fissile_count; ++i) {
    auto values =
        read_column(table, std::string(fissile_names[i]), Range::positive(), energies.size());
    std::transform(values.begin(), values.end(), values.begin(),
                   [](double value) { return std::log(value); });
    spectra[i] = LogLinearTable{energies, std::move(values)};
  }
  table.finish();
  return spectra;
}

// A flux as its file has it; `outside` names another one, which may not be read yet, and so does
// `uncertainties` unless they are its own.
struct FluxFile {
  std::string name;
  std::string title;
  std::string source;
  std::string uncertainties;
  io::Location uncertainties_at;
  std::optional<UncertaintiesRead> own_uncertainties;
  Spectra spectra;
  std::vector<experiment::FluxCorrection> corrections;
  double low_MeV;
  double high_MeV;
  io::Location energies_at;  // of a table in the file itself; no line for others
  std::string outside;       // empty if it is its own everywhere
  io::Location outside_at;
};

void read_outside(TableReader& table, FluxFile& flux) {
  if (!table.has("outside"))
    return;
  flux.outside = table.text("outside");
  flux.outside_at = table.node("outside").where;
}

// By its form: the spectra, and the rows of a table to which its uncertainties may refer.
std::optional<FluxRows> read_form(TableReader& table, const FileWithOthers& files, FluxFile& flux) {
  const std::string form = table.text("form");
  if (form == "exponential-polynomial") {
    // The range of the fit is there for the reader; what is used is low to high.
    const double low = table.quantity("fit_low", Dimension::energy, Range::non_negative());
    const double high = table.quantity("fit_high", Dimension::energy, Range::positive());
    if (high <= low)
      io::fail(table.node("fit_high").where, "fit_high", "must be above fit_low");
    flux.spectra = read_polynomials(table.table("coefficients"));
  } else if (form == "table") {
    TableReader values = table.table("table");
    flux.energies_at = values.node("energies").where;
    flux.spectra = read_tables(values);
    read_outside(table, flux);
  } else if (form == "file") {
    read_outside(table, flux);
    FileSpectra read =
        read_file_spectra(table, files, flux.low_MeV, flux.high_MeV, flux.outside.empty());
    flux.spectra = std::move(read.spectra);
    return std::move(read.rows);
  } else {
    io::fail(table.node("form").where, "form",
             io::suggestion(form, {"exponential-polynomial", "table", "file"}));
  }
  return std::nullopt;
}

// @param name of its document in fluxes/.
FluxFile read_flux(const std::string& name, const Node& root, const FileWithOthers& files) {
  TableReader table(root, "");
  FluxFile flux;
  flux.name = std::filesystem::path(name).stem().string();
  table.expect({"file", "files"});
  flux.title = table.text("title");
  flux.source = table.text("source");
  const Node& uncertainties = table.node("uncertainties");
  flux.uncertainties_at = uncertainties.where;
  if (uncertainties.table() == nullptr)
    flux.uncertainties = table.text("uncertainties");
  flux.low_MeV = table.quantity("low", Dimension::energy, Range::non_negative());
  flux.high_MeV = table.quantity("high", Dimension::energy,
                                 Range::above_up_to(0.0, physics::highest_spectrum_energy_MeV));
  if (flux.high_MeV <= flux.low_MeV)
    io::fail(table.node("high").where, "high", "must be above low");
  const std::optional<FluxRows> rows = read_form(table, files, flux);
  PerFissile<bool> absent;
  std::transform(flux.spectra.begin(), flux.spectra.end(), absent.begin(),
                 [](const auto& one) { return std::holds_alternative<NoSpectrum>(one); });
  flux.corrections = read_corrections(table, files, flux.low_MeV, flux.high_MeV, absent);
  if (uncertainties.table() != nullptr) {
    TableReader own = table.table("uncertainties");
    flux.own_uncertainties = read_uncertainties(own, files, rows ? &*rows : nullptr, absent);
    own.finish();
  }
  table.finish();
  return flux;
}

bool is_table(const FluxFile& flux) {
  return std::all_of(flux.spectra.begin(), flux.spectra.end(), [](const auto& spectrum) {
    return std::holds_alternative<LogLinearTable>(spectrum);
  });
}

// The spectra with those of the flux `outside` where the flux's own tables end.
Spectra completed(const FluxFile& flux, const std::vector<FluxFile>& all) {
  const auto refuse = [&](const std::string& problem) {
    io::fail(flux.outside_at, "outside", problem);
  };
  const auto other = std::find_if(all.begin(), all.end(), [&](const FluxFile& candidate) {
    return candidate.name == flux.outside;
  });
  if (other == all.end()) {
    std::vector<std::string> names;
    for (const FluxFile& candidate : all)
      names.push_back(candidate.name);
    refuse(
        fmt::format("unknown flux \"{}\"; {}", flux.outside, io::suggestion(flux.outside, names)));
  }
  if (!is_table(*other))
    refuse(fmt::format("the flux \"{}\" is not a table", flux.outside));
  if (!other->outside.empty())
    refuse(
        fmt::format("the flux \"{}\" is not its own everywhere: it has outside too", flux.outside));
  if (flux.low_MeV < other->low_MeV || flux.high_MeV > other->high_MeV)
    refuse(fmt::format("the flux \"{}\" spans {} to {} MeV, less than low to high", flux.outside,
                       other->low_MeV, other->high_MeV));
  Spectra spectra;
  for (std::size_t i = 0; i < fissile_count; ++i) {
    const auto& beyond = std::get<LogLinearTable>(other->spectra[i]);
    if (const auto* curve = std::get_if<LogLinearTable>(&flux.spectra[i]))
      spectra[i] = experiment::PiecewiseTable{*curve, beyond};
    else if (const auto* steps = std::get_if<StepTable>(&flux.spectra[i]))
      spectra[i] = experiment::PiecewiseSteps{*steps, beyond};
    else
      spectra[i] = NoSpectrum{};
  }
  return spectra;
}

// The most that a correction changes of a flux where all published fluxes have values, relative.
double largest_correction(const experiment::FluxModel& flux,
                          const std::vector<experiment::FluxCorrection>& corrections) {
  constexpr double first_MeV = 2.0, last_MeV = 8.0;
  double largest = 0.0;
  const auto look = [&](const experiment::FluxCorrection& correction, double energy_MeV,
                        double value) {
    if (energy_MeV < std::max(first_MeV, flux.low_MeV()) ||
        energy_MeV > std::min(last_MeV, flux.high_MeV()))
      return;
    const PerFissile<double> bare = flux(energy_MeV);
    const bool relative = correction.kind == experiment::FluxCorrection::Kind::relative;
    for (std::size_t i = 0; i < fissile_count; ++i)
      if (correction.isotopes[i] && bare[i] > 0.0)
        largest = std::max(largest, std::abs(relative ? value : value / bare[i]));
  };
  for (const experiment::FluxCorrection& correction : corrections)
    if (const auto* curve = std::get_if<experiment::EnergyTable>(&correction.table))
      for (std::size_t n = 0; n < curve->values.size(); ++n)
        look(correction, curve->energies_MeV[n], curve->values[n]);
    else if (const auto* steps = std::get_if<StepTable>(&correction.table))
      for (std::size_t n = 0; n < steps->values.size(); ++n)
        look(correction, 0.5 * (steps->edges_MeV[n] + steps->edges_MeV[n + 1]), steps->values[n]);
  return largest;
}

// A table alone must cover what is used of it: nothing is extrapolated. One that another flux
// completes must have a part in it.
void check_span(const FluxFile& flux) {
  const auto& energies = std::get<LogLinearTable>(flux.spectra[0]).energies_MeV;
  const std::string problem =
      overlap_problem(energies.front(), energies.back(), flux.low_MeV, flux.high_MeV);
  if (!problem.empty())
    io::fail(flux.energies_at, "table.energies", problem);
  if (!flux.outside.empty())
    return;
  if (flux.low_MeV < energies.front() || flux.high_MeV > energies.back())
    io::fail(flux.energies_at, "table.energies",
             fmt::format("the table spans {} to {} MeV, less than low to high", energies.front(),
                         energies.back()));
}

}  // namespace

Catalogue<FluxEntry> read_fluxes(const std::vector<io::TextFile>& files) {
  const auto uncertainties = read_flux_uncertainties(files);
  io::Problems problems;
  std::vector<FluxFile> fluxes;
  for (const std::string& name : flux_documents(files))
    problems.none_in([&] { fluxes.push_back(read_flux(name, document(files, name), {files})); });
  problems.raise();
  Catalogue<FluxEntry> catalogue;
  const auto add = [&](const FluxFile& flux) {
    if (flux.energies_at.line > 0)
      check_span(flux);
    const UncertaintiesRead* known =
        flux.own_uncertainties ? &*flux.own_uncertainties : uncertainties.find(flux.uncertainties);
    if (known == nullptr)
      io::fail(flux.uncertainties_at, "uncertainties",
               fmt::format("unknown \"{}\"; {}", flux.uncertainties,
                           io::suggestion(flux.uncertainties, uncertainties.names())));
    const auto& edges = known->known.inner_edges_MeV;
    const std::string problem =
        edges.empty() ? ""
                      : overlap_problem(edges.front(), edges.back(), flux.low_MeV, flux.high_MeV);
    if (!problem.empty())
      io::fail(flux.uncertainties_at, "uncertainties", problem);
    const Spectra spectra = flux.outside.empty() ? flux.spectra : completed(flux, fluxes);
    catalogue.add(flux.name,
                  {flux.title,
                   flux.source,
                   {spectra, flux.low_MeV, flux.high_MeV, flux.corrections},
                   known->known,
                   known->own ? known->other_meanings : std::vector<OtherMeaning>{},
                   largest_correction({spectra, flux.low_MeV, flux.high_MeV}, flux.corrections)});
  };
  for (const FluxFile& flux : fluxes)
    problems.none_in([&] { add(flux); });
  problems.raise();
  return catalogue;
}

}  // namespace nuloop::setup
