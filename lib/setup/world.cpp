// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/world.hpp"

#include "flux_file.hpp"
#include "fluxes.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "tables.hpp"

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
    "analysis.toml",           "backgrounds.toml", "couplings.toml", "experiments.toml",
    "flux_uncertainties.toml", "isotopes.toml",    "published.toml", "reactors.toml"};

PerFissile<double> read_per_fissile(TableReader& table, Dimension dimension, const Range& range) {
  PerFissile<double> values;
  for (std::size_t i = 0; i < fissile_count; ++i)
    values[i] = table.quantity(std::string(fissile_names[i]), dimension, range);
  return values;
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
  table.finish();
}

}  // namespace

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
    for (io::TextFile& file : read_named_files(files))
      files.push_back(std::move(file));
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
  world.defaults = io::parse_toml(file_named(files, "configs/analysis.toml"));
  return world;
}

}  // namespace nuloop::setup
