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

// What is odd about a scenario, as it would be about a job of one point.
void warn_of(const setup::Kind& kind, const setup::Settings& values, const setup::World& world) {
  setup::Job job;
  job.kind = &kind;
  job.settings = values;
  for (const std::string& warning : setup::warnings(job, world))
    put_warnings(warning);
}

// What a scenario asks for must be there: a window that its experiment and flux cover.
void check_rates(const setup::Scenario& scenario, const std::string& experiment,
                 const std::vector<std::string>& keys, const setup::World& world) {
  const auto [parameter, time_off] =
      setup::time_problem(experiment,
                          {scenario.time.follows_calendar,
                           std::find(keys.begin(), keys.end(), "reactor.load_factor") != keys.end(),
                           scenario.time.reactor_off_share},
                          world);
  if (parameter)
    throw InputError(fmt::format("{}: {}", setup::parameters()[*parameter].key, time_off));
  const std::string problem = setup::window_problem(
      scenario.window.low_MeV, scenario.window.high_MeV, scenario.window.bin_width_MeV);
  if (!problem.empty())
    throw InputError(problem);
  const std::string coverage =
      setup::coverage_problem(experiment, scenario.window.low_MeV, scenario.window.high_MeV, world);
  if (!coverage.empty())
    throw InputError(coverage);
  const std::string flux = setup::flux_problem(scenario);
  if (!flux.empty())
    throw InputError(fmt::format("flux: {}", flux));
}

// The world of the data, where one is wanted.
void check_data(const setup::Scenario& scenario, const std::vector<std::size_t>& given,
                const setup::Kind& kind) {
  for (const std::size_t parameter : given)
    if (const auto& key = setup::parameters()[parameter]; key.of_data && !key.matters_to(kind))
      throw InputError(fmt::format("{}: means nothing here: there are no data", key.key));
  if (!scenario.data)
    return;
  const std::string flux = setup::flux_problem(*scenario.data);
  if (!flux.empty())
    throw InputError("data.flux: " + flux);
  const std::string data = setup::data_problem(scenario, false);
  if (!data.empty())
    throw InputError("data.experiment: " + data);
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
  const setup::Kind& kind = analysis::kind_named(kind_name);
  if (options.has("model"))
    named(physics::model_names, options.text("model"), "--model");
  if (options.has("observable"))
    named(physics::observable_names, options.text("observable"), "--observable");

  io::Node root{io::Node::Table{{"settings", {io::Node::Table{}, {}}}}, {}};
  auto& settings =
      std::get<io::Node::Table>(std::get<io::Node::Table>(root.value).front().value.value);
  for (const auto& [option, key] : option_keys)
    if (options.has(option))
      settings.push_back({key, option_node(options.text(option), option, key, world)});
  if (options.has("set"))
    for (const std::string& assignment : options.texts("set"))
      io::set_value(root, assignment);
  io::TableReader document(root, "");
  const io::Node& all = document.node("settings");
  document.finish();
  setup::Settings values = setup::read_settings({&world.defaults, &all}, world);
  if (const auto& name = values[*setup::find_parameter("experiment")])
    setup::leave_to_experiments(values, setup::read_settings({&all}, world),
                                {std::get<std::string>(*name)}, world);
  setup::check_complete(values, kind, elsewhere, world.defaults.where);
  std::vector<std::size_t> given;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i])
      given.push_back(i);
  const auto& experiment = values[*setup::find_parameter("experiment")];
  const setup::JointProblem joint = setup::joint_problem(
      experiment ? std::get<std::string>(*experiment) : "", given, kind, world);
  if (!joint.text.empty())
    throw InputError(fmt::format(
        "{}: {}", joint.parameter ? setup::parameters()[*joint.parameter].key : "experiment",
        joint.text));
  setup::Scenario scenario = setup::make_scenario(values, world);
  check_data(scenario, given, kind);
  std::vector<std::string> keys;
  for (const std::size_t parameter : given)
    keys.push_back(setup::parameters()[parameter].key);
  setup::check_free_parameters(
      {scenario.theory.model, scenario.theory.reference}, keys,
      [](std::string_view key) { return io::Location{key == "model" ? "--model" : "--set"}; });
  if (scenario.uncertainties.sin2_theta_w > 0.0) {
    const std::string angle = setup::angle_problem(scenario.theory.model, kind);
    if (!angle.empty())
      throw InputError("lo.sin2_theta_w_uncertainty: " + angle);
  }
  for (const std::string& key : keys)
    if (const std::string fuel = setup::fuel_problem(key, scenario); !fuel.empty())
      throw InputError(fmt::format("{}: {}", key, fuel));
  if (!kind.integrates)
    return scenario;
  check_rates(scenario, std::get<std::string>(*experiment), keys, world);
  warn_of(kind, values, world);
  return scenario;
}

prediction::Rates compute_rates(const setup::Scenario& scenario, const setup::World& world) {
  prediction::RateCalculator calculator(world);
  calculator.prepare(scenario);
  return calculator.rates(scenario);
}

std::string tree_level_column(const setup::Scenario& scenario) {
  using Angle = physics::ModelRow::Angle;
  const Angle angle = physics::row_of(scenario.theory.model).angle;
  if (angle == Angle::none)
    return "";
  return fmt::format(
      "{}", angle == Angle::own ? scenario.theory.free.sin2_theta_w : scenario.theory.sin2_theta_w);
}

}  // namespace nuloop::apps
