// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/used_configs.hpp"

#include "layers.hpp"
#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

using io::Node;

// On which no number depends once names of values are numbers in the job.
constexpr std::array left_out = {"named_values.toml", "published.toml"};

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Values before the tables, as TOML wants them.
void add_table(const Node::Table& table, const std::string& path, std::string& text) {
  for (const auto& [key, node] : table)
    if (node.table() == nullptr)
      text += fmt::format("{} = {}\n", io::to_toml_key(key), io::to_toml(node));
  for (const auto& [key, node] : table)
    if (node.table() != nullptr) {
      const std::string full = path + (path.empty() ? "" : ".") + io::to_toml_key(key);
      text += fmt::format("\n[{}]\n", full);
      add_table(*node.table(), full, text);
    }
}

std::string text_of(const Node& root) {
  std::string text;
  add_table(*root.table(), "", text);
  text.erase(0, text.find_first_not_of('\n'));
  return text;
}

Node only(const Node& root, const std::vector<std::string>& names) {
  Node kept{Node::Table{}, root.where};
  for (const io::Member& member : *root.table())
    if (contains(names, member.key))
      std::get<Node::Table>(kept.value).push_back(member);
  return kept;
}

// The experiments that a job names, with the members of joint ones.
std::vector<std::string> used_experiments(const Node& root, const Job& job) {
  std::vector<std::string> names = names_in_both_worlds(job, "experiment");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Node* entry = root.find(names[i]);
    const Node* members = entry != nullptr ? entry->find("members") : nullptr;
    if (members != nullptr && members->array() != nullptr)
      for (const Node& member : *members->array())
        names.push_back(*member.text());
  }
  return names;
}

// The text of a key of a table, if it has one.
void add_text(const Node& table, std::string_view key, std::vector<std::string>& list) {
  const Node* node = table.find(key);
  if (node != nullptr && node->text() != nullptr && !contains(list, *node->text()))
    list.push_back(*node->text());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> used_configs(
    const std::vector<io::TextFile>& files, const Job& job) {
  std::vector<std::pair<std::string, std::string>> used;
  const auto add = [&](const std::string& name, const Node& root) {
    used.emplace_back(name, text_of(root));
  };
  for (const char* name : {"analysis.toml", "backgrounds.toml", "couplings.toml", "isotopes.toml",
                           "radioactivity.toml", "reactors.toml"})
    add(name, document(files, name));
  std::string naming = used.back().second;  // texts that may name text files
  const Node experiments = document(files, "experiments.toml");
  add("experiments.toml", only(experiments, used_experiments(experiments, job)));

  std::vector<std::string> fluxes = names_in_both_worlds(job, "flux"), uncertainties;
  add_text(document(files, "analysis.toml"), "flux", fluxes);  // of any job
  for (std::size_t i = 0; i < fluxes.size(); ++i) {
    const std::string name = fmt::format("fluxes/{}.toml", fluxes[i]);
    const Node flux = document(files, name);
    add_text(flux, "outside", fluxes);
    add_text(flux, "uncertainties", uncertainties);
    add(name, flux);
    naming += used.back().second;
  }
  add("flux_uncertainties.toml", only(document(files, "flux_uncertainties.toml"), uncertainties));
  naming += used.back().second;
  for (const io::TextFile& file : files) {
    const std::filesystem::path path = file.name;
    if (file.name.starts_with(shipped_prefix) && path.extension() != ".toml" &&
        naming.find(path.filename().string()) != std::string::npos)
      used.emplace_back(file.name.substr(shipped_prefix.size()), file.text);
  }
  return used;
}

std::vector<std::pair<std::string, std::string>> stored_configs(const sweep::ResultReader& file) {
  auto folder = file.used_configs();
  if (folder.empty())
    return folder;
  std::string naming;  // texts that may name text files
  for (const auto& [name, text] : folder)
    naming += text;
  for (const auto& [name, text] : file.own_files())
    if (!name.ends_with(".toml") &&
        naming.find(std::filesystem::path(name).filename().string()) != std::string::npos)
      folder.emplace_back(name.substr(own_prefix.size()), text);
  for (const auto& [name, text] : folder) {
    const std::filesystem::path path = name;
    if (path.is_absolute() || path != path.lexically_normal() || path.begin()->string() == "..")
      throw InputError(
          fmt::format("{}: holds a file outside of its folder, {}", file.path(), name));
  }
  return folder;
}

std::vector<std::pair<std::string, std::string>> configs_from(const sweep::ResultReader& file) {
  auto folder = stored_configs(file);
  if (folder.empty())
    throw InputError(file.path() +
                     ": holds no configurations; results of earlier programs have none");
  for (const char* name : left_out)
    folder.emplace_back(name, "# Nothing of it was used.\n");
  return folder;
}

}  // namespace nuloop::setup
