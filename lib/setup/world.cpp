// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/world.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/setup/parameters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>

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

constexpr double GeV_per_MeV = 1e-3;

constexpr std::array required_files = {
    "analysis.toml",     "backgrounds.toml",        "couplings.toml",
    "experiments.toml",  "flux_uncertainties.toml", "isotopes.toml",
    "named_values.toml", "published.toml",          "reactors.toml"};

// Reads every table of a document as one entry of a catalogue.
template <class Read>
void for_each_table(TableReader& parent, const Read& read) {
  for (const std::string& name : parent.keys()) {
    TableReader entry = parent.table(name);
    read(name, entry);
    entry.finish();
  }
}

PerFissile<double> read_per_fissile(TableReader& table, Dimension dimension, const Range& range) {
  PerFissile<double> values;
  for (std::size_t i = 0; i < fissile_count; ++i)
    values[i] = table.quantity(std::string(fissile_names[i]), dimension, range);
  return values;
}

std::vector<double> read_numbers(TableReader& table, const std::string& key, const Range& range) {
  std::vector<double> values;
  for (const Node& item : table.array(key))
    values.push_back(io::read_quantity(item, table.full_key(key), Dimension::number, range));
  return values;
}

using Spectra = PerFissile<experiment::FluxModel::Spectrum>;

Spectra read_polynomials(TableReader table) {
  Spectra spectra;
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

std::vector<double> read_energies(TableReader& table) {
  auto energies = read_numbers(table, "energies", Range::non_negative());
  if (energies.size() < 2 || !std::is_sorted(energies.begin(), energies.end(), std::less_equal<>()))
    io::fail(table.node("energies").where, table.full_key("energies"),
             "wants two or more ascending energies in MeV");
  return energies;
}

// A value of the isotope for each of so many energies.
std::vector<double> read_column(TableReader& table, const std::string& isotope, const Range& range,
                                std::size_t energies) {
  auto values = read_numbers(table, isotope, range);
  if (values.size() != energies)
    io::fail(table.node(isotope).where, table.full_key(isotope),
             fmt::format("wants {} values, one per energy, not {}", energies, values.size()));
  return values;
}

Spectra read_tables(TableReader table) {
  const auto energies = read_energies(table);
  Spectra spectra;
  for (std::size_t i = 0; i < fissile_count; ++i) {
    auto values =
        read_column(table, std::string(fissile_names[i]), Range::positive(), energies.size());
    std::transform(values.begin(), values.end(), values.begin(),
                   [](double value) { return std::log(value); });
    spectra[i] = experiment::LogLinearTable{energies, std::move(values)};
  }
  table.finish();
  return spectra;
}

// A flux as its file has it; `outside` names another one, which may not be read yet.
struct FluxFile {
  std::string name;
  std::string title;
  std::string source;
  std::string uncertainties;
  io::Location uncertainties_at;
  Spectra spectra;
  double low_MeV;
  double high_MeV;
  bool tabulated = false;
  io::Location energies_at;  // of a table
  std::string outside;       // empty if it is its own everywhere
  io::Location outside_at;
};

FluxFile read_flux(const io::TextFile& file) {
  const Node root = io::parse_toml(file);
  TableReader table(root, "");
  FluxFile flux;
  flux.name = fs::path(file.name).stem().string();
  flux.title = table.text("title");
  flux.source = table.text("source");
  flux.uncertainties = table.text("uncertainties");
  flux.uncertainties_at = table.node("uncertainties").where;
  const std::string form = table.text("form");
  flux.low_MeV = table.quantity("low", Dimension::energy, Range::non_negative());
  flux.high_MeV = table.quantity("high", Dimension::energy,
                                 Range::above_up_to(0.0, physics::highest_spectrum_energy_MeV));
  if (flux.high_MeV <= flux.low_MeV)
    io::fail(table.node("high").where, "high", "must be above low");
  if (form == "exponential-polynomial") {
    // The range of the fit is there for the reader; what is used is low to high.
    table.quantity("fit_low", Dimension::energy, Range::non_negative());
    table.quantity("fit_high", Dimension::energy, Range::positive());
    flux.spectra = read_polynomials(table.table("coefficients"));
  } else if (form == "table") {
    flux.tabulated = true;
    TableReader values = table.table("table");
    flux.energies_at = values.node("energies").where;
    flux.spectra = read_tables(values);
    if (table.has("outside")) {
      flux.outside = table.text("outside");
      flux.outside_at = table.node("outside").where;
    }
  } else {
    io::fail(table.node("form").where, "form",
             io::suggestion(form, {"exponential-polynomial", "table"}));
  }
  table.finish();
  return flux;
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
  if (!other->tabulated)
    refuse(fmt::format("the flux \"{}\" is not a table", flux.outside));
  if (!other->outside.empty())
    refuse(
        fmt::format("the flux \"{}\" is not its own everywhere: it has outside too", flux.outside));
  if (flux.low_MeV < other->low_MeV || flux.high_MeV > other->high_MeV)
    refuse(fmt::format("the flux \"{}\" spans {} to {} MeV, less than low to high", flux.outside,
                       other->low_MeV, other->high_MeV));
  Spectra spectra;
  for (std::size_t i = 0; i < fissile_count; ++i)
    spectra[i] =
        experiment::PiecewiseTable{std::get<experiment::LogLinearTable>(flux.spectra[i]),
                                   std::get<experiment::LogLinearTable>(other->spectra[i])};
  return spectra;
}

// A table alone must cover what is used of it: nothing is extrapolated.
void check_span(const FluxFile& flux) {
  const auto& energies = std::get<experiment::LogLinearTable>(flux.spectra[0]).energies_MeV;
  if (flux.low_MeV < energies.front() || flux.high_MeV > energies.back())
    io::fail(flux.energies_at, "table.energies",
             fmt::format("the table spans {} to {} MeV, less than low to high", energies.front(),
                         energies.back()));
}

Catalogue<experiment::FluxUncertainties> read_flux_uncertainties(const io::TextFile& file) {
  const Node root = io::parse_toml(file);
  TableReader table(root, "");
  Catalogue<experiment::FluxUncertainties> catalogue;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    entry.text("title");
    entry.text("source");
    experiment::FluxUncertainties uncertainties{read_energies(entry), {}};
    for (std::size_t i = 0; i < fissile_count; ++i)
      uncertainties.relative[i] = read_column(entry, std::string(fissile_names[i]),
                                              Range::within(0.0, 1.0), uncertainties.bins());
    catalogue.add(name, std::move(uncertainties));
  });
  return catalogue;
}

Catalogue<FluxEntry> read_fluxes(const std::vector<io::TextFile>& files) {
  const auto uncertainties =
      read_flux_uncertainties(file_named(files, "configs/flux_uncertainties.toml"));
  std::vector<FluxFile> fluxes;
  for (const io::TextFile& file : files)
    if (file.name.starts_with("configs/fluxes/"))
      fluxes.push_back(read_flux(file));
  for (const FluxFile& flux : fluxes) {
    if (flux.tabulated && flux.outside.empty())
      check_span(flux);
    if (uncertainties.find(flux.uncertainties) == nullptr)
      io::fail(flux.uncertainties_at, "uncertainties",
               fmt::format("unknown \"{}\"; {}", flux.uncertainties,
                           io::suggestion(flux.uncertainties, uncertainties.names())));
  }
  Catalogue<FluxEntry> catalogue;
  for (const FluxFile& flux : fluxes)
    catalogue.add(flux.name, {flux.title,
                              flux.source,
                              {flux.outside.empty() ? flux.spectra : completed(flux, fluxes),
                               flux.low_MeV, flux.high_MeV},
                              *uncertainties.find(flux.uncertainties)});
  return catalogue;
}

// The table `fission_fractions` of an entry.
PerFissile<double> read_fission_fractions(TableReader& entry) {
  TableReader table = entry.table("fission_fractions");
  const auto fractions = read_per_fissile(table, Dimension::number, Range::within(0.0, 1.0));
  if (std::all_of(fractions.begin(), fractions.end(), [](double share) { return share == 0.0; }))
    io::fail(table.where(), entry.full_key("fission_fractions"), "are all zero");
  table.finish();
  return fractions;
}

Catalogue<ReactorSite> read_reactors(TableReader table) {
  Catalogue<ReactorSite> reactors;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    ReactorSite site;
    site.title = entry.text("title");
    site.thermal_power_GW = entry.quantity("thermal_power", Dimension::power, Range::positive());
    site.load_factor = entry.number("load_factor", Range::above_up_to(0.0, 1.0));
    site.fission_fractions = read_fission_fractions(entry);
    entry.text("source");
    reactors.add(name, std::move(site));
  });
  return reactors;
}

// The members of a joint experiment, which stand before it in the file.
std::vector<std::string> read_members(TableReader& entry,
                                      const Catalogue<ExperimentEntry>& experiments) {
  const std::string key = entry.full_key("members");
  std::vector<std::string> single, members;
  for (const auto& [name, experiment] : experiments.entries())
    if (!experiment.joint())
      single.push_back(name);
  for (const Node& item : entry.array("members")) {
    const std::string name = io::read_text(item, key);
    if (std::find(single.begin(), single.end(), name) == single.end())
      io::fail(item.where, key,
               fmt::format("\"{}\" is none of the single experiments before it; {}", name,
                           io::suggestion(name, single)));
    if (std::find(members.begin(), members.end(), name) != members.end())
      io::fail(item.where, key, fmt::format("\"{}\" is listed twice", name));
    members.push_back(name);
  }
  if (members.size() < 2)
    io::fail(entry.node("members").where, key, "wants two or more experiments");
  return members;
}

Catalogue<ExperimentEntry> read_experiments(const io::TextFile& file,
                                            const Catalogue<ReactorSite>& reactors,
                                            const Catalogue<BackgroundEntry>& backgrounds) {
  const Node root = io::parse_toml(file);
  TableReader table(root, "");
  Catalogue<ExperimentEntry> experiments;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    const std::string title = entry.text("title");
    if (entry.has("members")) {
      ExperimentEntry joint;
      joint.title = title;
      joint.members = read_members(entry, experiments);
      experiments.add(name, std::move(joint));
      return;
    }
    const std::string reactor = entry.text("reactor");
    if (reactors.find(reactor) == nullptr)
      io::fail(entry.node("reactor").where, entry.full_key("reactor"),
               fmt::format("unknown reactor \"{}\"; {}", reactor,
                           io::suggestion(reactor, reactors.names())));
    experiment::Detector detector{};
    detector.mass_t = entry.quantity("mass", Dimension::mass, Range::positive());
    detector.baseline_m = entry.quantity("baseline", Dimension::length, Range::positive());
    detector.electrons_per_t =
        entry.quantity("electrons", Dimension::inverse_mass, Range::positive());
    const std::string background = entry.text("background");
    if (backgrounds.find(background) == nullptr)
      io::fail(entry.node("background").where, entry.full_key("background"),
               fmt::format("unknown background \"{}\"; {}", background,
                           io::suggestion(background, backgrounds.names())));
    experiments.add(name, {title, *reactors.find(reactor), detector, background, {}});
  });
  return experiments;
}

Catalogue<BackgroundEntry> read_backgrounds(const io::TextFile& file) {
  const Node root = io::parse_toml(file);
  TableReader table(root, "");
  Catalogue<BackgroundEntry> backgrounds;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    BackgroundEntry background;
    background.title = entry.text("title");
    background.overburden.muon_flux_per_m2_s =
        entry.quantity("muon_flux", Dimension::particle_flux, Range::non_negative());
    background.overburden.mean_muon_energy_GeV =
        GeV_per_MeV * entry.quantity("mean_muon_energy", Dimension::energy, Range::positive());
    entry.text("source");
    backgrounds.add(name, std::move(background));
  });
  return backgrounds;
}

experiment::BetaBranch read_branch(const Node& node, const std::string& key) {
  TableReader table(node, key);
  const std::string beta = table.text("beta");
  if (beta != "electron" && beta != "positron")
    io::fail(table.node("beta").where, table.full_key("beta"),
             "wants \"electron\" or \"positron\"");
  const experiment::BetaBranch branch{
      beta == "electron" ? experiment::BetaSign::electron : experiment::BetaSign::positron,
      table.number("fraction", Range::above_up_to(0.0, 1.0)),
      table.quantity("endpoint", Dimension::energy, Range::positive()),
      table.quantity("extra_visible", Dimension::energy, Range::non_negative())};
  table.finish();
  return branch;
}

std::vector<experiment::CosmogenicIsotope> read_isotopes(const io::TextFile& file) {
  const Node root = io::parse_toml(file);
  TableReader table(root, "");
  std::vector<experiment::CosmogenicIsotope> isotopes;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    experiment::CosmogenicIsotope isotope;
    isotope.name = name;
    const double charge = entry.number("daughter_charge", Range::within(1.0, 100.0));
    if (charge != std::floor(charge))
      io::fail(entry.node("daughter_charge").where, entry.full_key("daughter_charge"),
               "wants a whole number");
    isotope.daughter_charge = static_cast<int>(charge);
    isotope.yield_cm2_per_g =
        entry.quantity("yield", Dimension::area_per_mass, Range::non_negative());
    isotope.yield_error_cm2_per_g =
        entry.quantity("yield_error", Dimension::area_per_mass, Range::non_negative());
    isotope.reference_energy_GeV =
        GeV_per_MeV * entry.quantity("reference_energy", Dimension::energy, Range::positive());
    isotope.energy_exponent = entry.number("energy_exponent", Range::within(-5.0, 5.0));
    entry.text("source");
    for (const Node& branch : entry.array("branches"))
      isotope.branches.push_back(read_branch(branch, entry.full_key("branches")));
    if (isotope.branches.empty())
      io::fail(entry.node("branches").where, entry.full_key("branches"),
               "wants at least one branch");
    isotopes.push_back(std::move(isotope));
  });
  return isotopes;
}

Catalogue<physics::CharmLoop> read_charm_loops(TableReader table) {
  using Mass = physics::CharmLoop::Mass;
  Catalogue<physics::CharmLoop> loops;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    const std::string definition = entry.text("definition");
    const std::vector<std::pair<std::string, Mass>> definitions = {
        {"msbar-at-scale", Mass::at_scale}, {"msbar-at-mass", Mass::at_mass}, {"pole", Mass::pole}};
    const auto* mass = find_named(definitions, definition);
    if (mass == nullptr)
      io::fail(entry.node("definition").where, entry.full_key("definition"),
               "wants \"msbar-at-scale\", \"msbar-at-mass\" or \"pole\"");
    loops.add(name, {*mass, entry.quantity("mass", Dimension::energy, Range::positive()),
                     entry.number("alpha_s", Range::non_negative())});
    entry.text("source");
  });
  return loops;
}

void read_couplings(const io::TextFile& file, World& world) {
  const Node root = io::parse_toml(file);
  TableReader table(root, "");
  const auto coupling = [&](const char* key) {
    return table.quantity(key, Dimension::inverse_energy_squared, Range{});
  };
  const auto chosen = [&](const char* key, const auto& candidates) {
    const std::string name = table.text(key);
    if (candidates.find(name) == nullptr)
      io::fail(table.node(key).where, table.full_key(key),
               fmt::format("unknown \"{}\"; {}", name, io::suggestion(name, candidates.names())));
    return *candidates.find(name);
  };
  physics::OneLoopInputs& inputs = world.one_loop;
  inputs.scale_MeV = table.quantity("scale", Dimension::energy, Range::positive());
  inputs.left_same_flavour = coupling("left_same_flavour");
  inputs.left_other_flavour = coupling("left_other_flavour");
  inputs.right = coupling("right");
  inputs.up_quark = {coupling("up_quark_left"), coupling("up_quark_right")};
  inputs.hadronic_gamma_gamma = table.number("hadronic_gamma_gamma", Range{});
  inputs.hadronic_3_gamma = table.number("hadronic_3_gamma", Range{});
  inputs.sin2_theta_w = table.number("sin2_theta_w", Range::inside(0.0, 1.0));
  world.charm_loops = read_charm_loops(table.table("charm_loop"));
  inputs.charm = chosen("charm", world.charm_loops);
  if (table.has("uncertainty")) {
    TableReader uncertainty = table.table("uncertainty");
    for (const char* key : {"hadronic_gamma_gamma", "hadronic_3_gamma"})
      if (uncertainty.has(key))
        world.uncertainties.add(fmt::format("one_loop.{}", key),
                                uncertainty.number(key, Range::non_negative()));
    uncertainty.finish();
  }
  Catalogue<physics::AlphaScheme> schemes;
  for (const auto& [name, scheme] : physics::alpha_scheme_names)
    schemes.add(std::string(name), scheme);
  inputs.alpha = chosen("alpha", schemes);
  Catalogue<physics::AlphaScheme> of_charge_radius;
  for (const auto& [name, scheme] : physics::charge_radius_alpha_names)
    of_charge_radius.add(std::string(name), scheme);
  inputs.charge_radius_alpha = chosen("charge_radius_alpha", of_charge_radius);
  table.finish();
}

// The angle at which tree level has that coupling of configs/couplings.toml.
double angle_of_coupling(const physics::OneLoopInputs& inputs, const Node& node,
                         const std::string& key) {
  const std::string coupling = io::read_text(node, key);
  if (coupling == "right")
    return inputs.right / physics::coupling_unit_GeV2;
  if (coupling == "left_same_flavour")
    return inputs.left_same_flavour / physics::coupling_unit_GeV2 - 0.5;
  io::fail(node.where, key, io::suggestion(coupling, {"left_same_flavour", "right"}));
}

// Values of keys by their names: a table for each key, and in it one for each name.
std::vector<NamedValue> read_named_values(const io::TextFile& file,
                                          const physics::OneLoopInputs& inputs) {
  const Node root = io::parse_toml(file);
  TableReader table(root, "");
  std::vector<NamedValue> values;
  for_each_table(table, [&](const std::string& key, TableReader& names) {
    const auto parameter = find_parameter(key);
    const auto* quantity = parameter ? parameters()[*parameter].quantity() : nullptr;
    if (quantity == nullptr)
      io::fail(names.where(), key, "is no key of a job with a number");
    for_each_table(names, [&](const std::string& name, TableReader& entry) {
      const double value =
          entry.has("coupling")
              ? angle_of_coupling(inputs, entry.node("coupling"), entry.full_key("coupling"))
              : entry.quantity("value", quantity->dimension, quantity->range);
      entry.text("source");
      values.push_back({key, name, value, entry.text("title")});
    });
  });
  return values;
}

}  // namespace

const NamedValue* find_named_value(const World& world, std::string_view key,
                                   std::string_view name) {
  const auto found =
      std::find_if(world.named_values.begin(), world.named_values.end(),
                   [&](const NamedValue& v) { return v.key == key && v.name == name; });
  return found != world.named_values.end() ? &*found : nullptr;
}

std::vector<std::string> names_of_values(const World& world, std::string_view key) {
  std::vector<std::string> names;
  for (const NamedValue& value : world.named_values)
    if (value.key == key)
      names.push_back(value.name);
  return names;
}

const io::TextFile& file_named(const std::vector<io::TextFile>& files, const std::string& name) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const io::TextFile& file) { return file.name == name; });
  if (found == files.end())
    throw InputError(name + ": is missing from the configuration folder");
  return *found;
}

std::string configs_folder() {
  const char* folder = std::getenv("NULOOP_CONFIGS");
  if (folder != nullptr && *folder != '\0')
    return folder;
  const fs::path program = fs::read_symlink("/proc/self/exe");
  return (program.parent_path().parent_path() / "share" / "nuloop" / "configs").string();
}

std::vector<io::TextFile> read_configs(const std::string& folder) {
  std::vector<io::TextFile> files;
  try {
    if (!fs::is_directory(folder))
      throw InputError(folder +
                       ": the folder of configurations is missing; set NULOOP_CONFIGS to it");
    const fs::path real = fs::canonical(folder);
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(real))
      if (entry.path().extension() == ".toml")
        names.push_back(entry.path().lexically_relative(real).generic_string());
    std::sort(names.begin(), names.end());
    for (const char* required : required_files)
      if (std::find(names.begin(), names.end(), required) == names.end())
        throw InputError(fmt::format("{}/{}: is missing; NULOOP_CONFIGS may name another folder",
                                     folder, required));
    for (const std::string& name : names)
      files.push_back(io::read_text_file((real / name).string(), "configs/" + name));
  } catch (const fs::filesystem_error& error) {
    throw InputError(fmt::format("{}: the folder of configurations cannot be read ({})", folder,
                                 error.code().message()));
  }
  return files;
}

World build_world(const std::vector<io::TextFile>& files) {
  World world;
  world.fluxes = read_fluxes(files);

  const Node reactors = io::parse_toml(file_named(files, "configs/reactors.toml"));
  TableReader table(reactors, "");
  const Catalogue<ReactorSite> sites = read_reactors(table.table("reactor"));
  TableReader energies = table.table("energy_per_fission");
  for_each_table(energies, [&](const std::string& name, TableReader& entry) {
    world.energies_per_fission_MeV.add(
        name, read_per_fissile(entry, Dimension::energy, Range::positive()));
    PerFissile<double> errors;
    errors.fill(nan);
    if (entry.has("uncertainty")) {
      TableReader uncertainty = entry.table("uncertainty");
      errors = read_per_fissile(uncertainty, Dimension::energy, Range::non_negative());
      uncertainty.finish();
    }
    world.energy_per_fission_errors_MeV.add(name, errors);
    entry.text("source");
  });
  TableReader fuels = table.table("fuel");
  for_each_table(fuels, [&](const std::string& name, TableReader& entry) {
    world.fuels.add(name, {entry.text("title"), read_fission_fractions(entry)});
    entry.text("source");
  });
  table.finish();

  world.backgrounds = read_backgrounds(file_named(files, "configs/backgrounds.toml"));
  world.experiments =
      read_experiments(file_named(files, "configs/experiments.toml"), sites, world.backgrounds);
  world.isotopes = read_isotopes(file_named(files, "configs/isotopes.toml"));
  read_couplings(file_named(files, "configs/couplings.toml"), world);
  world.named_values =
      read_named_values(file_named(files, "configs/named_values.toml"), world.one_loop);
  world.defaults = io::parse_toml(file_named(files, "configs/analysis.toml"));
  return world;
}

}  // namespace nuloop::setup
