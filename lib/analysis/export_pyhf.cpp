// Points of a reach as HistFactory workspaces: binned Poisson likelihoods with Gaussian constraints
// (CERN-OPEN-2012-016), in the JSON of pyhf.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/export.hpp"
#include "nuloop/analysis/report.hpp"
#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/sweep/json_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nuloop::analysis {
namespace {

using nlohmann::ordered_json;
using prediction::Pull;
using prediction::SignalAndBackground;
using setup::Scenario;

constexpr std::size_t most_workspaces = 1000;

const ExportTable& points_of(const std::vector<ExportTable>& tables, const setup::Result& result) {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [](const ExportTable& table) { return table.name == "chi2"; });
  if (found == tables.end())
    throw InputError(
        fmt::format("{}: is of kind \"{}\"; workspaces are made of a result of kind \"reach\"",
                    result.path(), result.kind().name));
  if (found->rows() > most_workspaces)
    throw InputError(
        fmt::format("{}: has {} points; each makes a workspace, and at most {} are made; run the "
                    "job with fewer",
                    result.path(), found->rows(), most_workspaces));
  return *found;
}

// The scenario of a row of the table.
setup::Settings settings_of(const ExportTable& points, std::size_t row, const setup::Job& job) {
  setup::Settings settings = job.settings;
  for (const auto& coordinate : points.coordinates)
    settings[*setup::find_parameter(coordinate.name)] = coordinate.values[row];
  return settings;
}

std::string title_of(const ExportTable& points, std::size_t row) {
  std::string title;
  for (const auto& [name, units, values, low, high] : points.coordinates)
    title += fmt::format("{}{} = {}{}", title.empty() ? "" : ", ", name, text_of(values[row]),
                         units.empty() || units == "1" ? "" : " " + units);
  return title;
}

// The detectors' names: a joint experiment has its members'.
std::vector<std::string> detector_names(const setup::Settings& settings,
                                        const setup::World& world) {
  const auto& name = std::get<std::string>(*settings[*setup::find_parameter("experiment")]);
  const setup::ExperimentEntry& entry = *world.experiments.find(name);
  return entry.joint() ? entry.members : std::vector<std::string>{name};
}

// The sites' names: those of the detectors, with the period if there are several.
std::vector<std::string> site_names(const Scenario& scenario,
                                    const std::vector<std::string>& detectors) {
  const std::size_t periods = scenario.sites.size() / detectors.size();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    const std::string& detector = detectors.at(scenario.sites[i].detector_number);
    names.push_back(periods > 1 ? fmt::format("{}, period {}", detector, i % periods + 1)
                                : detector);
  }
  return names;
}

// Names of nuisance parameters. Those of one number stand alone.
class PullNames {
 public:
  PullNames(const Scenario& scenario, const setup::World& world, std::vector<std::string> detectors)
      : world_(world),
        detectors_(std::move(detectors)),
        sources_(prediction::source_groups(scenario)),
        signals_(prediction::signal_groups(scenario)),
        responses_(prediction::response_pulls(scenario)),
        scenario_(scenario) {}

  std::string operator()(const Pull& pull) const {
    using Source = Pull::Source;
    switch (pull.source) {
      case Source::signal_rate:
        return of_detector("flux_uncertainty", pull.number);
      case Source::background_rate:
        return of_detector("background_uncertainty", pull.number);
      case Source::hadronic_loops:
        return "hadronic_loops";
      case Source::angle:
        return "lo.sin2_theta_w";
      case Source::common_signal_rate:
        return "flux_uncertainty of all sites";
      case Source::flux_shape:
        return fmt::format("flux_shape.uncorrelated {}", pull.number);
      case Source::flux_isotope:
        return fmt::format("flux_shape.isotope {}", experiment::fissile_names.at(pull.number));
      case Source::flux_common:
        return "flux_shape.common";
      case Source::flux_covariance:
        return fmt::format("flux_shape.covariance {}", pull.number);
      case Source::flux_free:
        return fmt::format("flux_shape.free {}", pull.number);
      case Source::isotope_yield:
        return "yield of " + world_.isotopes.at(pull.number).name;
      case Source::source_rate:
        return "rate of " + source_name(sources_.at(pull.number));
      case Source::leak:
        return of_detector("beta_decay_leak", pull.number);
      case Source::signal_group:
        return signal_name(signals_.at(pull.number), pull.number);
      case Source::energy_scale:
        return of_detector("energy_scale", pull.number);
      case Source::resolution:
        return of_detector("resolution", pull.number);
      case Source::response:
        return response_name(pull.number);
    }
    return "";
  }

 private:
  std::string of_detector(std::string_view name, std::size_t detector) const {
    return detectors_.size() == 1 ? std::string(name)
                                  : fmt::format("{} of {}", name, detectors_.at(detector));
  }

  std::string at_site(std::string_view name, std::size_t site) const {
    return of_detector(name, scenario_.sites.at(site).detector_number);
  }

  std::string source_name(const prediction::CorrelationGroup& group) const {
    if (!group.name.empty())
      return "group " + group.name;
    const auto& [site, place] = group.members.front();
    return at_site(
        world_.sources.entries().at(scenario_.sites.at(site).sources.at(place).number).first, site);
  }

  std::string signal_name(const prediction::CorrelationGroup& group, std::size_t number) const {
    return group.name.empty() ? fmt::format("signal_uncertainties {}", number)
                              : "signal_uncertainties of group " + group.name;
  }

  std::string response_name(std::size_t number) const {
    using Part = prediction::ResponsePull::Part;
    const auto& [site, part] = responses_.at(number);
    const char* what = part == Part::efficiency  ? "efficiency"
                       : part == Part::threshold ? "threshold"
                       : part == Part::scale     ? "energy scale's table"
                                                 : "recorded share's table";
    return at_site(fmt::format("response_uncertainties {}", what), site);
  }

  const setup::World& world_;
  std::vector<std::string> detectors_;
  std::vector<prediction::CorrelationGroup> sources_;
  std::vector<prediction::CorrelationGroup> signals_;
  std::vector<prediction::ResponsePull> responses_;
  const Scenario& scenario_;
};

// All that a workspace is made of. Spectra are per day.
struct Ingredients {
  prediction::Rates rates;
  std::vector<Pull> pulls;
  std::vector<SignalAndBackground> tested;     // by each pull
  std::vector<SignalAndBackground> reference;  // the same, were the reference under test
  std::vector<std::string> names;              // of the pulls
  std::vector<std::string> sites;
  double days = 0.0;
  double reactor_off_share = 0.0;
};

using Values = Eigen::ArrayXd;

std::vector<double> list_of(const Values& values) {
  return {values.begin(), values.end()};
}

// One channel: a stretch of the bins, in days with or without reactor.
class Channel {
 public:
  Channel(const Ingredients& all, std::string name, Eigen::Index first, Eigen::Index bins,
          bool reactor_on)
      : all_(all), name_(std::move(name)), first_(first), bins_(bins), reactor_on_(reactor_on) {}

  ordered_json samples() const {
    const auto& rates = all_.rates;
    ordered_json samples = ordered_json::array();
    if (reactor_on_)
      samples.push_back(sample("tested signal", rates.tested.value, [&](std::size_t k) -> Values {
        return all_.tested[k].signal.value;
      }));
    samples.push_back(sample("background", background(), [&](std::size_t k) -> Values {
      return all_.tested[k].background.value;
    }));
    if (reactor_on_) {
      samples.push_back(
          sample("reference - tested", rates.difference.value, [&](std::size_t k) -> Values {
            return all_.reference[k].signal.value - all_.tested[k].signal.value;
          }));
      samples.back()["modifiers"].push_back(
          {{"name", "mu"}, {"type", "normfactor"}, {"data", nullptr}});
    }
    return {{"name", name_}, {"samples", samples}};
  }

  ordered_json observation() const {
    Values counts = counts_of(background());
    if (reactor_on_)
      counts += counts_of(all_.rates.reference.value);
    return {{"name", name_}, {"data", list_of(counts)}};
  }

 private:
  Values background() const {
    const Values& all = all_.rates.background.value;
    return reactor_on_ || !all_.rates.leak ? all : all - all_.rates.leak->value;
  }

  Values counts_of(const Values& per_day) const {
    return all_.days * (reactor_on_ ? 1.0 : all_.reactor_off_share) *
           per_day.segment(first_, bins_);
  }

  // A pull is a shift of the counts, which a histosys of two opposite shifts is too, whichever way
  // it is interpolated between them.
  template <class Response>
  ordered_json sample(const char* name, const Values& per_day, const Response& response) const {
    const Values counts = counts_of(per_day);
    ordered_json modifiers = ordered_json::array();
    for (std::size_t k = 0; k < all_.pulls.size(); ++k) {
      const Values shift = all_.pulls[k].sigma * counts_of(response(k));
      if ((shift != 0.0).any())
        modifiers.push_back(
            {{"name", all_.names[k]},
             {"type", "histosys"},
             {"data",
              {{"hi_data", list_of(counts + shift)}, {"lo_data", list_of(counts - shift)}}}});
    }
    return {{"name", name}, {"data", list_of(counts)}, {"modifiers", modifiers}};
  }

  const Ingredients& all_;
  std::string name_;
  Eigen::Index first_, bins_;
  bool reactor_on_;
};

Ingredients ingredients(const Scenario& scenario, const setup::World& world,
                        prediction::RateCalculator& calculator,
                        const std::vector<std::string>& detectors) {
  Scenario swapped = scenario;
  std::swap(swapped.theory.model, swapped.theory.reference);
  calculator.make_room();
  calculator.prepare(scenario);
  calculator.prepare(swapped);
  Ingredients all;
  all.rates = calculator.rates(scenario);
  all.pulls = prediction::pulls_of(scenario);
  const auto combinations = prediction::flux_combinations(all.rates, all.pulls);
  all.tested = prediction::responses(all.rates, all.pulls, combinations);
  all.reference = prediction::responses(calculator.rates(swapped), all.pulls, combinations);
  const PullNames name(scenario, world, detectors);
  for (const Pull& pull : all.pulls)
    all.names.push_back(name(pull));
  all.sites = site_names(scenario, detectors);
  all.days = experiment::days_per_year * scenario.time.exposure_yr;
  all.reactor_off_share = scenario.off_share();
  return all;
}

// @param significance with which mu = 0 is rejected: no pull goes further at its minimum.
ordered_json workspace(const Ingredients& all, const std::string& title, double significance) {
  ordered_json channels = ordered_json::array(), observations = ordered_json::array();
  const auto add = [&](const Channel& channel) {
    channels.push_back(channel.samples());
    observations.push_back(channel.observation());
  };
  Eigen::Index first = 0;
  for (std::size_t site = 0; site < all.sites.size(); ++site) {
    const Eigen::Index bins = all.rates.bins_of_sites[site];
    add({all, all.sites[site], first, bins, true});
    if (all.reactor_off_share > 0.0)
      add({all, all.sites[site] + " without reactor", first, bins, false});
    first += bins;
  }
  const double most = std::ceil(significance) + 5.0;
  ordered_json parameters = {{{"name", "mu"}, {"inits", {1.0}}, {"bounds", {{-10.0, 10.0}}}}};
  for (std::size_t k = 0; k < all.pulls.size(); ++k)
    if (all.pulls[k].sigma > 0.0)
      parameters.push_back({{"name", all.names[k]}, {"inits", {0.0}}, {"bounds", {{-most, most}}}});
  return {{"channels", channels},
          {"observations", observations},
          {"measurements",
           {{{"name", title}, {"config", {{"poi", "mu"}, {"parameters", parameters}}}}}},
          {"version", "1.0.0"}};
}

}  // namespace

std::vector<ExportFile> pyhf_files(const std::vector<ExportTable>& tables,
                                   const setup::Result& result, const setup::Job& job,
                                   const setup::World& world) {
  const ExportTable& points = points_of(tables, result);
  ExportTable index = points;
  index.coordinates.insert(index.coordinates.begin(), {"workspace", "", {}, {}, {}});
  ExportTable::Quantity rejection{"poisson_significance", "1", "", {}, {}, ""};
  std::vector<ExportFile> files;
  prediction::RateCalculator calculator(world);
  for (std::size_t row = 0; row < points.rows(); ++row) {
    const setup::Settings settings = settings_of(points, row, job);
    const Scenario scenario = setup::make_scenario(settings, world);
    if (scenario.data)
      throw InputError(result.path() +
                       ": its data come from another world than the fit (data.*); workspaces are "
                       "made of data that the reference of the fit expects");
    const Ingredients all =
        ingredients(scenario, world, calculator, detector_names(settings, world));
    const statistics::FittedCurve chi2(statistics::Statistic::poisson,
                                       prediction::expectation(all.rates, scenario));
    rejection.values.push_back(std::sqrt(chi2(scenario.time.exposure_yr)));
    const std::string name = fmt::format("workspace-{}.json", row);
    files.emplace_back(
        name,
        sweep::json_text(workspace(all, title_of(points, row), rejection.values.back())) + "\n");
    index.coordinates.front().values.emplace_back(name);
  }
  index.quantities.push_back(std::move(rejection));
  index.name = "workspaces";
  files.push_back(csv_files({index}).front());
  return files;
}

}  // namespace nuloop::analysis
