// SPDX-License-Identifier: GPL-3.0-or-later
#include "scenario_options.hpp"

#include "nuloop/foundation/errors.hpp"

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
io::Node option_node(const std::string& text, const char* option, const char* key) {
  const io::Location where{std::string("--") + option};
  const study::Parameter& parameter = study::parameters()[*study::find_parameter(key)];
  if (parameter.quantity() == nullptr)
    return {text, where};
  double value = 0.0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc())
    throw UsageError(fmt::format("--{}: \"{}\" is not a number", option, text));
  if (end != text.data() + text.size())
    return {text, where};
  const io::Dimension dimension = parameter.quantity()->dimension;
  if (dimension == io::Dimension::number)
    return {value, where};
  return {io::format_quantity(value, dimension), where};
}

}  // namespace

study::World load_world() {
  return study::build_world(study::read_configs(study::configs_folder()));
}

study::Scenario make_scenario(const Options& options, const study::World& world,
                              std::string_view kind_name,
                              const std::vector<std::string>& elsewhere) {
  const study::Kind kind = *find_named(study::kind_names, kind_name);
  if (options.has("model"))
    named(physics::model_names, options.text("model"), "--model");
  if (options.has("observable"))
    named(physics::observable_names, options.text("observable"), "--observable");

  io::Node root{io::Node::Table{{"settings", {io::Node::Table{}, {}}}}, {}};
  auto& settings =
      std::get<io::Node::Table>(std::get<io::Node::Table>(root.value).front().value.value);
  for (const auto& [option, key] : option_keys)
    if (options.has(option))
      settings.push_back({key, option_node(options.text(option), option, key)});
  if (options.has("set"))
    for (const std::string& assignment : options.texts("set"))
      io::set_value(root, assignment);
  io::TableReader document(root, "");
  const io::Node& all = document.node("settings");
  document.finish();
  const study::Settings values = study::read_settings({&world.defaults, &all}, world);
  study::check_complete(values, kind, elsewhere, world.defaults.where);
  std::vector<std::size_t> given;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i])
      given.push_back(i);
  const auto& experiment = values[*study::find_parameter("experiment")];
  const study::JointProblem joint = study::joint_problem(
      experiment ? std::get<std::string>(*experiment) : "", given, kind, world);
  if (!joint.text.empty())
    throw InputError(fmt::format(
        "{}: {}", joint.parameter ? study::parameters()[*joint.parameter].key : "experiment",
        joint.text));
  study::Scenario scenario = study::make_scenario(values, world);
  std::vector<std::string> keys;
  for (const std::size_t parameter : given)
    keys.push_back(study::parameters()[parameter].key);
  study::check_free_parameters({scenario.model}, keys, [](std::string_view key) {
    return io::Location{key == "model" ? "--model" : "--set"};
  });
  if (!study::traits_of(kind).integrates)
    return scenario;
  const std::string problem = study::window_problem(
      scenario.window_low_MeV, scenario.window_high_MeV, scenario.bin_width_MeV);
  if (!problem.empty())
    throw InputError(problem);
  return scenario;
}

study::Rates compute_rates(const study::Scenario& scenario, const study::World& world) {
  study::RateCalculator calculator(world);
  calculator.prepare(scenario);
  return calculator.rates(scenario);
}

std::string tree_level_column(const study::Scenario& scenario) {
  switch (scenario.model) {
    case physics::Model::nlo:
    case physics::Model::free_couplings:
      return "";
    case physics::Model::free_sin2_theta_w:
      return fmt::format("{}", scenario.free.sin2_theta_w);
    default:
      return fmt::format("{}", scenario.sin2_theta_w);
  }
}

}  // namespace nuloop::apps
