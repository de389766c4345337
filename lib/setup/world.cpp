// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/world.hpp"

#include "experiments.hpp"
#include "flux_file.hpp"
#include "fluxes.hpp"
#include "layers.hpp"
#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/setup/parameters.hpp"
#include "radioactivity.hpp"
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
using experiment::PerFissile;
using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;

// Where nature's constants are, and more: what is far outside has another unit, or is in per cent.
const Range scales_MeV = Range::within(1e2, 1e6);
const Range charm_masses_MeV = Range::within(1e2, 1e5);
const Range strong_couplings = Range::within(0.0, 10.0);
const Range couplings_per_GeV2 = Range::within(-1e-3, 1e-3);  // 2 sqrt2 G_F is 3.3e-5
const Range polarisations = Range::within(-1e3, 1e3);         // of light quarks: 3.6
const Range inner_corrections = Range::within(-0.5, 0.5);
const Range neutron_lifetimes_yr = Range::within(1e-6, 1e-3);  // 2.8e-5
const Range phase_spaces = Range::within(1.0, 3.0);
const Range fission_energies_MeV = Range::within(100.0, 300.0);

constexpr std::array required_files = {
    "analysis.toml",           "backgrounds.toml", "couplings.toml",    "experiments.toml",
    "flux_uncertainties.toml", "isotopes.toml",    "named_values.toml", "published.toml",
    "radioactivity.toml",      "reactors.toml"};

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
    loops.add(name, {*mass, entry.quantity("mass", Dimension::energy, charm_masses_MeV),
                     entry.number("alpha_s", strong_couplings)});
    entry.text("source");
  });
  return loops;
}

bool read_flag(TableReader& entry, const char* key) {
  const Node& node = entry.node(key);
  if (!std::holds_alternative<bool>(node.value))
    io::fail(node.where, entry.full_key(key), "wants true or false");
  return std::get<bool>(node.value);
}

Catalogue<BetaDecayEntry> read_beta_decays(TableReader table) {
  Catalogue<BetaDecayEntry> entries;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    const auto* form = find_named(physics::beta_decay_form_names, entry.text("form"));
    if (form == nullptr)
      io::fail(entry.node("form").where, entry.full_key("form"),
               "wants \"static-nucleons\", \"vogel-beacom\" or \"strumia-vissani\"");
    physics::BetaDecayInputs inputs{*form, entry.number("lambda", Range::within(0.1, 10.0)), 0.0,
                                    read_flag(entry, "outer_correction")};
    if (entry.has("neutron_lifetime")) {
      const double lifetime_yr =
          entry.quantity("neutron_lifetime", Dimension::time, neutron_lifetimes_yr);
      inputs.strength = physics::strength_of_lifetime(
          lifetime_yr * experiment::days_per_year * experiment::seconds_per_day,
          entry.number("phase_space", phase_spaces), inputs.lambda);
    } else {
      const double v_ud = entry.number("v_ud", Range::above_up_to(0.0, 1.0));
      inputs.strength = v_ud * v_ud * (1.0 + entry.number("inner_correction", inner_corrections));
    }
    entries.add(name, {entry.text("title"), inputs});
    entry.text("source");
  });
  return entries;
}

void read_couplings(const Node& root, World& world) {
  TableReader table(root, "");
  const auto coupling = [&](const char* key) {
    return table.quantity(key, Dimension::inverse_energy_squared, couplings_per_GeV2);
  };
  const auto chosen = [&](const char* key, const auto& candidates) {
    const std::string name = table.text(key);
    if (candidates.find(name) == nullptr)
      io::fail(table.node(key).where, table.full_key(key),
               fmt::format("unknown \"{}\"; {}", name, io::suggestion(name, candidates.names())));
    return *candidates.find(name);
  };
  physics::OneLoopInputs& inputs = world.one_loop;
  inputs.scale_MeV = table.quantity("scale", Dimension::energy, scales_MeV);
  inputs.left_same_flavour = coupling("left_same_flavour");
  inputs.left_other_flavour = coupling("left_other_flavour");
  inputs.right = coupling("right");
  inputs.up_quark = {coupling("up_quark_left"), coupling("up_quark_right")};
  inputs.hadronic_gamma_gamma = table.number("hadronic_gamma_gamma", polarisations);
  inputs.hadronic_3_gamma = table.number("hadronic_3_gamma", polarisations);
  inputs.sin2_theta_w = table.number("sin2_theta_w", Range::inside(0.0, 1.0));
  if (table.has("inverse_beta_decay"))
    world.beta_decays = read_beta_decays(table.table("inverse_beta_decay"));
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
std::vector<NamedValue> read_named_values(const Node& root, const physics::OneLoopInputs& inputs) {
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

// The file of reactors: the world takes what is not of a single one.
Catalogue<ReactorSite> read_reactor_file(const std::vector<io::TextFile>& files, World& world) {
  const Node root = document(files, "reactors.toml");
  TableReader table(root, "");
  Catalogue<ReactorSite> sites = read_reactors(table.table("reactor"), {files});
  TableReader energies = table.table("energy_per_fission");
  for_each_table(energies, [&](const std::string& name, TableReader& entry) {
    world.energies_per_fission_MeV.add(
        name, read_per_fissile(entry, Dimension::energy, fission_energies_MeV));
    PerFissile<double> errors;
    errors.fill(nan);
    if (entry.has("uncertainty")) {
      TableReader uncertainty = entry.table("uncertainty");
      // Published ones are below 1 MeV; a value in the place of its uncertainty is not.
      errors = read_per_fissile(uncertainty, Dimension::energy, Range::within(0.0, 20.0));
      uncertainty.finish();
    }
    world.energy_per_fission_errors_MeV.add(name, errors);
    entry.text("source");
  });
  TableReader fuels = table.table("fuel");
  for_each_table(fuels, [&](const std::string& name, TableReader& entry) {
    world.fuels.add(name, {entry.text("title"), read_fuel(entry)});
    entry.text("source");
  });
  table.finish();
  return sites;
}

// The TOML files of a folder and of its fluxes/, by name.
void add_files(const std::string& folder, std::string_view prefix,
               std::vector<io::TextFile>& files) {
  try {
    std::vector<std::string> names;
    for (const fs::path& inner : {fs::path(folder), fs::path(folder) / "fluxes"})
      if (fs::is_directory(inner))
        for (const auto& entry : fs::directory_iterator(inner))
          if (entry.path().extension() == ".toml")
            names.push_back(entry.path().lexically_relative(folder).generic_string());
    std::sort(names.begin(), names.end());
    for (const std::string& name : names)
      files.push_back(io::read_text_file((fs::path(folder) / name).string(),
                                         fmt::format("{}{}", prefix, name)));
  } catch (const fs::filesystem_error& error) {
    throw InputError(fmt::format("{}: the folder of configurations cannot be read ({})", folder,
                                 error.code().message()));
  }
}

// What nobody would read must not look as if it were.
void check_own_names(const std::vector<io::TextFile>& files) {
  std::vector<std::string> names;
  for (const char* name : required_files)
    if (std::string_view(name) != "published.toml")
      names.emplace_back(name);
  for (const io::TextFile& file : files) {
    const std::string name = file.name.substr(own_prefix.size());
    if (!name.starts_with("fluxes/") && std::find(names.begin(), names.end(), name) == names.end())
      throw InputError(fmt::format("{}: is no file of a configuration; {}", file.path,
                                   io::suggestion(name, names)));
  }
}

void add_own_files(const std::string& folder, std::vector<io::TextFile>& files) {
  if (!fs::is_directory(folder))
    throw InputError(folder + ": the folder of your own configurations is missing");
  const std::size_t shipped = files.size();
  add_files(folder, own_prefix, files);
  std::erase_if(files, [](const io::TextFile& file) {
    return is_own(file) && io::parse_toml(file).find("job") != nullptr;  // a job beside them
  });
  if (files.size() == shipped)
    throw InputError(folder + ": holds no configurations; `nuloop init` makes an example");
  check_own_names({files.begin() + static_cast<std::ptrdiff_t>(shipped), files.end()});
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

std::string installed(const std::string& name) {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  return (program.parent_path().parent_path() / "share" / "nuloop" / name).string();
}

std::string configs_folder() {
  const char* folder = std::getenv("NULOOP_CONFIGS");
  if (folder != nullptr && *folder != '\0')
    return folder;
  return installed("configs");
}

std::vector<io::TextFile> read_configs(const std::string& folder, const std::string& own) {
  std::vector<io::TextFile> files;
  if (!fs::is_directory(folder))
    throw InputError(folder +
                     ": the folder of configurations is missing; set NULOOP_CONFIGS to it");
  for (const char* required : required_files)
    if (!fs::exists(fs::path(folder) / required))
      throw InputError(fmt::format("{}/{}: is missing; NULOOP_CONFIGS may name another folder",
                                   folder, required));
  add_files(folder, shipped_prefix, files);
  if (!own.empty())
    add_own_files(own, files);
  for (io::TextFile& file : read_named_files(files))
    files.push_back(std::move(file));
  return files;
}

std::vector<std::string> unread_files(const std::string& folder, const std::string& own,
                                      const std::vector<io::TextFile>& files) {
  std::vector<std::string> names;
  for (const auto& [root, prefix] : {std::pair{folder, shipped_prefix}, {own, own_prefix}}) {
    const fs::path fluxes = fs::path(root) / "fluxes";
    std::error_code error;
    if (root.empty() || !fs::is_directory(fluxes, error))
      continue;
    for (const auto& entry : fs::directory_iterator(fluxes, error)) {
      const std::string file = entry.path().filename().string();
      const std::string name = fmt::format("{}fluxes/{}", prefix, file);
      const bool is_read = std::any_of(files.begin(), files.end(),
                                       [&](const io::TextFile& one) { return one.name == name; });
      if (!is_read && entry.is_regular_file(error) && !file.starts_with('.') &&
          !file.ends_with('~') && !file.ends_with(".md") && !io::has_control_characters(file))
        names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string unread_warning(const std::string& name) {
  return fmt::format(
      "{0}: is not read, because no TOML file names it; a flux of fluxes/NAME.toml reads it with "
      "form = \"file\" and file = \"{1}\"",
      name, fs::path(name).filename().string());
}

World build_world(const std::vector<io::TextFile>& files) {
  World world;
  io::Problems problems;
  problems.none_in([&] { world.fluxes = read_fluxes(files); });
  Catalogue<ReactorSite> sites;
  const bool reactors = problems.none_in([&] { sites = read_reactor_file(files, world); });
  const bool chains =
      problems.none_in([&] { world.chains = read_chains(document(files, "radioactivity.toml")); });
  const bool backgrounds = chains && problems.none_in([&] {
    read_backgrounds(document(files, "backgrounds.toml"), world);
  });
  const bool couplings =
      problems.none_in([&] { read_couplings(document(files, "couplings.toml"), world); });
  problems.none_in([&] {
    world.defaults = document(files, "analysis.toml");
    if (reactors && backgrounds && couplings)
      world.experiments = read_experiments(document(files, "experiments.toml"), sites, world);
  });
  problems.none_in([&] { world.isotopes = read_isotopes(document(files, "isotopes.toml")); });
  problems.none_in([&] {
    if (couplings)
      world.named_values = read_named_values(document(files, "named_values.toml"), world.one_loop);
  });
  problems.raise();
  return world;
}

}  // namespace nuloop::setup
