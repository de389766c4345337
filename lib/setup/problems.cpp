// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/problems.hpp"

#include "nuloop/foundation/names.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

// The bins of an experiment's own, if it has some.
bool same_window(const std::optional<Window>& a, const std::optional<Window>& b) {
  if (!a || !b)
    return a.has_value() == b.has_value();
  return a->low_MeV == b->low_MeV && a->high_MeV == b->high_MeV &&
         a->bin_width_MeV == b->bin_width_MeV && a->edges_MeV == b->edges_MeV;
}

// The backgrounds of a site that have an uncertainty, by their numbers.
std::vector<std::size_t> uncertain_sources(const Site& site) {
  std::vector<std::size_t> numbers;
  for (const Source& source : site.sources)
    if (source.source->relative_error > 0.0)
      numbers.push_back(source.number);
  return numbers;
}

bool same_uncertainties(const Site& a, const Site& b) {
  const auto& x = a.signal_uncertainties;
  const auto& y = b.signal_uncertainties;
  const auto parts = [](const ResponseUncertainties& u) {
    return std::array{u.efficiency > 0.0, u.threshold_MeV > 0.0, u.scale.has_value(),
                      u.shares.has_value()};
  };
  return uncertain_sources(a) == uncertain_sources(b) &&
         std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](const SignalUncertainty& one, const SignalUncertainty& other) {
                      return one.correlation_group == other.correlation_group;
                    }) &&
         parts(*a.response_uncertainties) == parts(*b.response_uncertainties);
}

}  // namespace

KeyProblem joint_problem(const std::string& experiment, const std::vector<std::size_t>& given,
                         const Kind& kind, const World& world) {
  const ExperimentEntry* entry = world.experiments.find(experiment);
  if (entry == nullptr || !entry->joint() || !kind.integrates)
    return {};
  if (!kind.why_no_joint.empty())
    return {std::nullopt,
            fmt::format("\"{}\" is a joint experiment: {}", experiment, kind.why_no_joint)};
  for (const std::size_t parameter : given)
    if (parameters()[parameter].has(Parameter::Tag::site))
      return {parameter,
              fmt::format("belongs to a single detector or reactor; \"{}\" is a joint experiment",
                          experiment)};
  return {};
}

KeyProblem time_problem(const std::string& experiment, const TimeOff& time, const World& world) {
  const auto problem = [](const char* key, const std::string& text) -> KeyProblem {
    return {find_parameter(key), text};
  };
  const ExperimentEntry& entry = *world.experiments.find(experiment);
  std::vector<std::string> members = entry.members;
  if (!entry.joint())
    members.push_back(experiment);
  const ExperimentEntry& first = *world.experiments.find(members.front());
  for (const std::string& name : members) {
    const ExperimentEntry& member = *world.experiments.find(name);
    if (!time.follows_calendar) {
      if (time.reactor_off_share > 0.0 && member.has_operation && !time.sets_load_factor)
        return problem("reactor_off.share",
                       fmt::format("counts time off twice: the load factor of \"{}\" follows from "
                                   "the cycle or calendar of its reactor in reactors.toml; set "
                                   "reactor_time = \"calendar\" in the place of the share",
                                   name));
      continue;
    }
    if (!member.reactor_on)
      return problem(
          "reactor_time",
          fmt::format("\"calendar\" wants a cycle or calendar of every core of \"{}\" in "
                      "reactors.toml, and of several cores data_taking",
                      name));
    if (member.reactor_on != first.reactor_on)
      return problem(
          "reactor_time",
          fmt::format("\"calendar\" wants one share of time with reactor; that of \"{}\" "
                      "is {}, that of \"{}\" {}",
                      members.front(), *first.reactor_on, name, *member.reactor_on));
  }
  if (time.follows_calendar && time.sets_load_factor)
    return problem("reactor.load_factor",
                   "and reactor_time = \"calendar\" both say when the reactor runs");
  if (time.follows_calendar && time.reactor_off_share > 0.0)
    return problem("reactor_off.share",
                   "and reactor_time = \"calendar\" count the same time off twice");
  return {};
}

std::string angle_problem(physics::Model tested, const Kind& kind) {
  using Angle = physics::ModelRow::Angle;
  const Angle angle = physics::row_of(tested).angle;
  if (angle == Angle::given || (angle == Angle::own && kind.measures))
    return {};
  return fmt::format(
      "is a pull on the angle of tree level in the tested model, and \"{}\" {}; to fit LO to data "
      "of NLO test model \"lo\" with reference \"nlo\"",
      name_of(physics::model_names, tested),
      angle == Angle::own ? "has its own, free.sin2_theta_w" : "has none");
}

std::string window_problem(double low_MeV, double high_MeV, double bin_width_MeV) {
  constexpr double most_bins = 10000.0;
  if (low_MeV >= high_MeV)
    return fmt::format("window.low = {} MeV is not below window.high = {} MeV", low_MeV, high_MeV);
  if ((high_MeV - low_MeV) / bin_width_MeV > most_bins)
    return fmt::format("window.bin_width = {} MeV makes more than {} bins", bin_width_MeV,
                       most_bins);
  return "";
}

std::string coverage_problem(const std::string& experiment, double low_MeV, double high_MeV,
                             const World& world) {
  const ExperimentEntry& entry = *world.experiments.find(experiment);
  for (const std::string& member : entry.members)
    if (std::string problem = coverage_problem(member, low_MeV, high_MeV, world); !problem.empty())
      return problem;
  if (entry.window) {
    low_MeV = entry.window->low_MeV;
    high_MeV = entry.window->high_MeV;
  }
  const auto problem = [&](const char* what, double first_MeV, double last_MeV) -> std::string {
    if (first_MeV <= low_MeV && last_MeV >= high_MeV)
      return "";
    return fmt::format(
        "the {} of \"{}\" ({}) is a table from {} to {} MeV of visible energy, less than the "
        "window from {} to {} MeV; nothing is extrapolated",
        what, experiment, entry.where.text(), first_MeV, last_MeV, low_MeV, high_MeV);
  };
  if (const auto& table = entry.efficiency)
    if (std::string text =
            problem("efficiency", table->energies_MeV.front(), table->energies_MeV.back());
        !text.empty())
      return text;
  if (const auto& table = entry.energy_scale)
    return problem("energy_scale", table->energies_MeV.front() * table->values.front(),
                   table->energies_MeV.back() * table->values.back());
  return "";
}

std::string fuel_problem(const Scenario& s) {
  if (s.site().reactor.half_change == experiment::PerFissile<double>{})
    return "";
  return "is of a fuel that stays the same, and that of this reactor changes during its cycle: set "
         "`fuel`, or write both of its compositions in reactors.toml";
}

std::string flux_problem(const Scenario& s) {
  const auto missing = [&](const experiment::Reactor& reactor) -> std::string {
    for (std::size_t i = 0; i < experiment::fissile_count; ++i)
      if (reactor.fission_fractions[i] > 0.0 && !s.flux.model->has(i))
        return fmt::format(
            "has no spectrum of {0}, of which the reactor's fission fraction is {1}; give the "
            "flux one, or set reactor.fission_fraction.{0} to 0",
            experiment::fissile_names[i], reactor.fission_fractions[i]);
    return "";
  };
  for (const Site& site : s.sites) {
    std::string problem = missing(site.reactor);
    for (const Core& core : site.further_cores)
      if (problem.empty())
        problem = missing(core.reactor);
    if (!problem.empty())
      return problem;
  }
  if (s.uncertainties.flux_shape_covariance_scale > 0.0 && s.flux.uncertainties->modes.cols() == 0)
    return "has uncertainties without covariance, which flux_shape.covariance_scale wants";
  return "";
}

std::string data_problem(const Scenario& s, bool draws) {
  if (!s.data)
    return "";
  const std::vector<Site>& sites = s.data->sites;
  if (sites.size() != s.sites.size())
    return fmt::format("has {} detectors where the fit has {}", sites.size(), s.sites.size());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (!same_window(sites[i].window, s.sites[i].window))
      return "has bins of its own that are not those of the fit";
    if (sites[i].beta_decay.has_value() != s.sites[i].beta_decay.has_value())
      return "does not count what the fit counts";
    if (draws && !same_uncertainties(sites[i], s.sites[i]))
      return "has other uncertainties than the fit, in whose pulls pseudo-experiments are thrown";
  }
  return "";
}

}  // namespace nuloop::setup
