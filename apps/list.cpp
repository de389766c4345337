// nuloop list: what there is to choose from.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/analysis.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <iostream>
#include <map>

#include <fmt/ranges.h>

namespace nuloop::apps {
namespace {

void list_experiments(const setup::World& world) {
  for (const auto& [name, entry] : world.experiments.entries())
    if (entry.joint())
      put("  {:<16} {}: {}{}{} [{}]\n", name, entry.title, fmt::join(entry.members, " and "),
          entry.members.size() > 1 ? " fitted together" : "",
          entry.periods > 1 ? fmt::format(", in {} periods", entry.periods) : "",
          place_text(entry.where));
    else
      put("  {:<16} {}: {} t at {} m from {}, background {}{}{} [{}]\n", name, entry.title,
          entry.detector.mass_t, entry.detector.baseline_m, entry.reactor.title, entry.background,
          entry.further_backgrounds.empty() ? "" : ", ", fmt::join(entry.further_backgrounds, ", "),
          place_text(entry.where));
}

void list_models(const setup::World&) {
  for (const physics::ModelRow& row : physics::model_table)
    put("  {:<20} {}\n", row.name, row.meaning);
}

void list_fluxes(const setup::World& world) {
  for (const auto& [name, entry] : world.fluxes.entries())
    put("  {:<16} {}; {} to {} MeV\n", name, entry.title, entry.model.low_MeV(),
        entry.model.high_MeV());
}

void list_fuels(const setup::World& world) {
  for (const auto& [name, entry] : world.fuels.entries()) {
    const auto& [middle, half_change] = entry.fuel;
    put("  {:<16} {}:", name, entry.title);
    for (std::size_t i = 0; i < middle.size(); ++i) {
      put("{} {} ", i == 0 ? "" : ",", experiment::fissile_names[i]);
      if (entry.fuel.burns_up())
        put("{:.4g} to {:.4g}", middle[i] - half_change[i], middle[i] + half_change[i]);
      else
        put("{}", middle[i]);
    }
    std::cout << "\n";
  }
}

void list_energies_per_fission(const setup::World& world) {
  for (const auto& [name, energies_MeV] : world.energies_per_fission_MeV.entries()) {
    put("  {:<16}", name);
    for (std::size_t i = 0; i < energies_MeV.size(); ++i)
      put("{} {} {} MeV", i == 0 ? "" : ",", experiment::fissile_names[i], energies_MeV[i]);
    std::cout << "\n";
  }
}

void list_backgrounds(const setup::World& world) {
  for (const auto& [name, entry] : world.backgrounds.entries())
    put("  {:<16} {}; {} muons/m2/s, {} GeV\n", name, entry.title,
        entry.overburden.muon_flux_per_m2_s, entry.overburden.mean_muon_energy_GeV);
  for (const auto& [name, source] : world.sources.entries())
    put("  {:<16} {}; {} /day, {} /day/t, known to {}\n", name, source.title, source.rate_per_day,
        source.rate_per_t_day, source.relative_error);
}

void list_values(const setup::World& world) {
  for (const setup::NamedValue& value : world.named_values)
    put("  {} = {:<16} {:.5g}: {}\n", value.key, value.name, value.value, value.title);
}

void list_keys(const setup::World&) {
  for (const setup::Parameter& parameter : setup::parameters()) {
    const auto* quantity = parameter.quantity();
    const auto unit = quantity != nullptr ? io::canonical_unit(quantity->dimension) : "name";
    put("  {:<32} {}{}\n", parameter.key, parameter.long_name,
        unit.empty() ? "" : fmt::format(" ({})", unit));
  }
}

// A job of that kind that takes part in nothing but this list.
sweep::Study example_of(const setup::Kind& kind, const setup::World& world) {
  const std::map<std::string_view, std::string_view> values = {
      {"experiment", "\"tao-30m\""},
      {"model", kind.measures ? "\"free-charge-radius\"" : "\"nlo\""},
      {"flux_uncertainty", "0.005"},
      {"exposure", "\"1 yr\""},
      {"flavour", "\"nuebar_e\""},
      {"energy", "\"4 MeV\""},
      {"recoil", "\"1 MeV\""},
      {"toys.truth", "\"model\""},
      {"toys.count", "5000"}};
  std::string text = fmt::format(
      "[job]\nname = \"x\"\ntitle = \"\"\nkind = \"{}\"\n[axes]\n[settings]\n", kind.name);
  for (const setup::Parameter& parameter : setup::parameters())
    if (const auto value = values.find(parameter.key);
        value != values.end() && parameter.matters_to(kind))
      text += fmt::format("\"{}\" = {}\n", parameter.key, value->second);
  return analysis::make_study(analysis::read_job(io::parse_toml({"list", "list", text}), world),
                              world);
}

void list_fields(const setup::World& world) {
  const auto along = [](sweep::Depth depth, bool has_inner_axes) -> std::string {
    if (depth == sweep::Depth::inner && has_inner_axes)
      return "all axes but exposure";
    return depth == sweep::Depth::outer && has_inner_axes ? "outer axes" : "all axes";
  };
  for (const setup::Kind* kind : analysis::kinds()) {
    put("  kind {}\n", kind->name);
    const sweep::Study study = example_of(*kind, world);
    for (const sweep::Field& field : study.layout.fields()) {
      std::string over = along(field.along, kind->has_inner_axes);
      for (const std::string& scale : field.further)
        over += ", " + scale.substr(scale.rfind('/') + 1);
      put("    {:<38}{:<40}{:<12}{}\n", field.path, over, field.units, field.long_name);
    }
    for (const sweep::Scale& scale : study.layout.scales())
      put("    {:<38}{:<52}{}\n", scale.path, "scale", scale.long_name);
  }
}

void list_tables(const setup::World&) {
  for (const auto& [kind, name, meaning] : analysis::further_tables())
    put("  {:<16} {:<16} {}\n", kind, name, meaning);
}

}  // namespace

int list(const Words& words) {
  const std::vector<std::pair<std::string, void (*)(const setup::World&)>> lists = {
      {"experiments", list_experiments},
      {"models", list_models},
      {"fluxes", list_fluxes},
      {"fuels", list_fuels},
      {"energies", list_energies_per_fission},
      {"backgrounds", list_backgrounds},
      {"values", list_values},
      {"keys", list_keys},
      {"fields", list_fields},
      {"tables", list_tables}};
  Options options("list");
  if (!options.parse(words))
    return status::done;

  const setup::World world = load_world(options);
  if (options.has("what")) {
    (*named(lists, options.text("what"), "list"))(world);
    return status::done;
  }
  for (const auto& [name, print] : lists) {
    std::cout << name << "\n";
    print(world);
  }
  return status::done;
}

}  // namespace nuloop::apps
