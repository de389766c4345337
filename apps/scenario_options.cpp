// SPDX-License-Identifier: GPL-3.0-or-later
#include "scenario_options.hpp"

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/warnings.hpp"
#include "put.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nuloop::apps {
namespace {

struct OptionKey {
  const char* option;
  const char* key;
};

constexpr OptionKey option_keys[] = {{"experiment", "experiment"},
                                     {"model", "model"},
                                     {"observable", "observable"},
                                     {"sin2-theta-w", "lo.sin2_theta_w"},
                                     {"bin-width", "window.bin_width"},
                                     {"flux-uncertainty", "flux_uncertainty"},
                                     {"background-uncertainty", "background_uncertainty"}};

// Numbers stay numbers; on the command line a bare energy is in MeV.
io::Node option_node(const std::string& text, const char* option, const char* key,
                     const setup::World& world) {
  const io::Location where{std::string("--") + option};
  const setup::Parameter& parameter = setup::parameters()[*setup::find_parameter(key)];
  if (parameter.quantity() == nullptr || setup::find_named_value(world, key, text) != nullptr)
    return {text, where};
  double value = 0.0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc()) {
    const auto names = setup::names_of_values(world, key);
    throw UsageError(
        fmt::format("--{}: \"{}\" is not a number{}", option, text,
                    names.empty() ? "" : " nor the name of one; " + io::suggestion(text, names)));
  }
  if (end != text.data() + text.size())
    return {text, where};
  const io::Dimension dimension = parameter.quantity()->dimension;
  if (io::canonical_unit(dimension).empty())
    return {value, where};
  return {io::format_quantity(value, dimension), where};
}

// Keys that a verb takes as options, or not at all, are no settings of its.
void refuse_keys(const io::Node& root, const std::vector<std::string>& keys,
                 const Options& options) {
  for (const auto& [key, node] : setup::leaves_of(*root.find("settings")))
    if (std::find(keys.begin(), keys.end(), key) != keys.end())
      io::fail(node->where, "settings." + key,
               options.find(key) != nullptr
                   ? fmt::format("is given by --{}", key)
                   : fmt::format("means nothing to nuloop {}", options.verb()));
}

}  // namespace

setup::World load_world(const Options& options) {
  const std::string folder = setup::configs_folder(), own = options.text_or("configs", "");
  const auto files = setup::read_configs(folder, own);
  for (const std::string& name : setup::unread_files(folder, own, files))
    put_warnings(setup::unread_warning(name));
  return setup::build_world(files);
}

std::string place_text(const io::Location& where) {
  std::string text = where.text();
  if (const std::string folder = setup::configs_folder(); text.starts_with(folder))
    text.replace(0, folder.size(), "configs");
  return text;
}

setup::Scenario make_scenario(const Options& options, const setup::World& world,
                              std::string_view kind_name,
                              const std::vector<std::string>& elsewhere) {
  if (options.has("model"))
    named(physics::model_names, options.text("model"), "--model");
  if (options.has("observable"))
    named(physics::observable_names, options.text("observable"), "--observable");

  io::Node root{io::Node::Table{{"settings", {io::Node::Table{}, {}}}}, world.defaults.where};
  auto& settings =
      std::get<io::Node::Table>(std::get<io::Node::Table>(root.value).front().value.value);
  std::vector<io::Given> given;
  for (const auto& [option, key] : option_keys)
    if (options.has(option)) {
      settings.push_back({key, option_node(options.text(option), option, key, world)});
      given.push_back({std::string("settings.") + key, spoken_name(*options.find(option))});
    }
  io::set_values(root, options.texts("set"), std::move(given));
  refuse_keys(root, elsewhere, options);
  const setup::Job job = setup::read_point(root, analysis::kind_named(kind_name), elsewhere, world);
  for (const std::string& warning : setup::warnings(job, world))
    put_warnings(warning);
  return setup::make_scenario(job.settings, world);
}

}  // namespace nuloop::apps
