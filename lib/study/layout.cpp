// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/layout.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/study/impacts.hpp"
#include "nuloop/study/measurement.hpp"
#include "nuloop/study/rates.hpp"
#include "nuloop/study/toys.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

constexpr const char* fissile_scale = "/rates/fissile_isotope";
constexpr const char* cosmogenic_scale = "/rates/cosmogenic_isotope";
constexpr const char* input_scale = "/impacts/input";
constexpr const char* level_scale = "/measurement/level";

// The unit of a time.
std::string years() {
  return std::string(io::common_spelling(io::Dimension::time));
}

bool shapes_the_bins(const Parameter& parameter) {
  return parameter.key.starts_with("window.");
}

// Calls visit(scenario) for every combination of the window's axes, row-major; the scenarios hold
// nothing but the window.
template <class Visit>
void for_each_window(const Job& job, const Visit& visit) {
  std::vector<const Axis*> axes;  // innermost first
  std::size_t combinations = 1;
  for (const Axis& axis : job.axes)
    if (shapes_the_bins(axis)) {
      axes.insert(axes.begin(), &axis);
      combinations *= axis.values.size();
    }
  const auto set = [](Scenario& scenario, std::size_t parameter, const Value& value) {
    parameters()[parameter].quantity()->member(scenario) = std::get<double>(value);
  };
  for (std::size_t n = 0; n < combinations; ++n) {
    Scenario scenario;
    for (const char* key : {"window.low", "window.high", "window.bin_width"})
      if (const auto& value = job.settings[*find_parameter(key)])
        set(scenario, *find_parameter(key), *value);
    std::size_t rest = n;
    for (const Axis* axis : axes) {
      axis->visit(rest % axis->values.size(), [&](std::size_t parameter, const Value& value) {
        if (shapes_the_bins(parameters()[parameter]))
          set(scenario, parameter, value);
      });
      rest /= axis->values.size();
    }
    visit(scenario);
  }
}

std::size_t most_bins(const Job& job) {
  std::size_t bins = 0;
  for_each_window(job, [&](const Scenario& scenario) {
    bins = std::max(bins, study::binning(scenario).size());
  });
  return bins;
}

}  // namespace

std::vector<const char*> stored_rates(const Job& job) {
  if ((job.kind != Kind::reach && job.kind != Kind::rates) || !job.store_rates)
    return {};
  std::vector<const char*> names = {"signal_lo", "signal", "background"};
  if (job.kind == Kind::reach)
    names.insert(names.end(), {"signal_difference", "hadronic_response"});
  return names;
}

Layout::Layout(const Job& job, const World& world) {
  switch (job.kind) {
    case Kind::reach:
      add_reach();
      if (job.store_rates)
        add_rates(job, world);
      break;
    case Kind::impacts:
      add_impacts(job, world);
      break;
    case Kind::rates:
      add_rates(job, world);
      break;
    case Kind::cross_section:
      add_cross_section();
      break;
    case Kind::toys:
      add_toys();
      break;
    case Kind::measurement:
      add_measurement(job);
      break;
  }
}

void Layout::add_reach() {
  datasets_.push_back({"/chi2", "1", "chi2 against LO, minimised over the pulls", Part::all, {}});
  datasets_.push_back({"/chi2_error", "1", "bound on the numerical error of chi2", Part::all, {}});
  datasets_.push_back({"/significance", "1", "sqrt(chi2)", Part::all, {}});
  add_discovery_time();
}

void Layout::add_discovery_time() {
  datasets_.push_back({"/discovery_time",
                       years(),
                       "exposure at which the significance reaches discovery.significance; "
                       "inf for never",
                       Part::without_exposure,
                       {}});
  datasets_.push_back({"/discovery_time_error",
                       years(),
                       "bound on the numerical error of discovery_time",
                       Part::without_exposure,
                       {}});
}

void Layout::add_impacts(const Job& job, const World& world) {
  add_discovery_time();
  Scale scale{input_scale, "input of the discovery time", {}, 0};
  for (const ImpactInput& input : impact_inputs(world, models_of(job))) {
    scale.names.push_back(input.name);
    scale.units.push_back(input.units);
  }
  scale.length = scale.names.size();
  scales_.push_back(std::move(scale));
  // Units of inputs differ from one to the next: they stand in /impacts/unit.
  const auto add = [&](const char* name, const std::string& units, const char* meaning) {
    datasets_.push_back(
        {std::string("/impacts/") + name, units, meaning, Part::outer, {input_scale}});
  };
  add("value", "", "the input, in its unit");
  add("derivative", "", "of the discovery time in Julian years, per unit of the input");
  add("derivative_error", "", "bound on the numerical error of derivative");
  add("elasticity", "1", "d ln(discovery time)/d ln(input); NaN for an input of zero");
  add("uncertainty", "", "one sigma of the input, in its unit; NaN where none is known");
  add("shift", years(), "derivative times uncertainty");
}

void Layout::add_rates(const Job& job, const World& world) {
  bins_ = most_bins(job);
  const auto add = [&](const std::string& name, const std::string& meaning,
                       const std::vector<std::string>& further) {
    datasets_.push_back({"/rates/" + name, "1/day", meaning, Part::outer, further});
    datasets_.push_back(
        {"/rates/" + name + "_error", "1/day", "error bound of " + name, Part::outer, further});
  };
  scales_.push_back({bin_scale, "bin of visible energy", {}, bins_});
  const std::vector<std::string> meanings = {
      "events at LO", "events of the tested model", "cosmogenic background",
      "signal_lo - signal, of which most errors cancel", "what Pi_3gamma + 1 would add to signal"};
  const auto names = stored_rates(job);
  for (std::size_t i = 0; i < names.size(); ++i)
    add(names[i], meanings[i], {bin_scale});
  if (job.kind != Kind::rates)
    return;
  Scale fissile{fissile_scale, "fissile isotope", {}, experiment::fissile_count};
  fissile.names.assign(experiment::fissile_names.begin(), experiment::fissile_names.end());
  Scale cosmogenic{cosmogenic_scale, "cosmogenic isotope", {}, world.isotopes.size()};
  for (const experiment::CosmogenicIsotope& isotope : world.isotopes)
    cosmogenic.names.push_back(isotope.name);
  scales_.push_back(std::move(fissile));
  scales_.push_back(std::move(cosmogenic));
  add("signal_by_isotope", "signal from the antineutrinos of each fissile isotope",
      {fissile_scale, bin_scale});
  add("background_by_isotope", "background of each cosmogenic isotope",
      {cosmogenic_scale, bin_scale});
}

void Layout::add_cross_section() {
  const auto add = [&](const char* path, const char* meaning) {
    datasets_.push_back({path, "cm^2/MeV", meaning, Part::outer, {}});
  };
  add("/cross_section", "dsigma/dT");
  add("/born", "Born part of dsigma/dT");
  add("/loops", "closed loops, or charge radius, in dsigma/dT");
  add("/photonic", "photonic part of dsigma/dT");
}

void Layout::add_toys() {
  const auto numbers = [&](const std::string& name, const std::string& meaning,
                           const std::vector<double>& values) {
    scales_.push_back({"/toys/" + name, meaning, {}, values.size(), values});
  };
  numbers("probability", "probability of a smaller z", toy_probabilities());
  numbers("level", "probability of a smaller |z|", toy_levels());
  numbers("threshold", "significance", toy_thresholds());
  numbers("offset", "z - z_expected in the middle of a bin; the outermost are open",
          toy_histogram_offsets());
  scales_.push_back({"/toys/moment", "moment", toy_moment_names(), toy_moment_names().size()});
  scales_.push_back({"/toys/tail", "tail", toy_tail_names(), toy_tail_names().size()});

  const auto add = [&](const std::string& name, const std::string& meaning,
                       const std::vector<std::string>& further) {
    datasets_.push_back({"/toys/" + name, "1", meaning, Part::all, further});
  };
  const auto estimate = [&](const std::string& name, const std::string& meaning,
                            const std::vector<std::string>& further) {
    add(name, meaning, further);
    add(name + "_error", "statistical error of " + name, further);
  };
  add("significance", "sqrt(chi2) of the Asimov data of the other hypothesis", {});
  add("z_expected", "z of the Asimov data of the truth", {});
  estimate("quantile", "z below which that part of the pseudo-experiments lies",
           {"/toys/probability"});
  estimate("critical", "|z - z_expected| below which that part lies", {"/toys/level"});
  estimate("p_value", "probability of |z| at or above the threshold", {"/toys/threshold"});
  estimate("p_value_of_significance", "probability of |z| at or above /toys/significance", {});
  add("histogram", "sum of weights", {"/toys/offset"});
  add("histogram_squares", "sum of squared weights", {"/toys/offset"});
  add("moments", "sums over the pseudo-experiments", {"/toys/moment"});
  add("tails", "sums over the pseudo-experiments beyond a threshold", {"/toys/tail"});
}

void Layout::add_measurement(const Job& job) {
  const std::string key = free_parameters_of(models_of(job).front()).front();
  const Parameter& measured = parameters()[*find_parameter(key)];
  const std::string units(io::common_spelling(measured.quantity()->dimension));
  scales_.push_back({level_scale,
                     "confidence level",
                     {},
                     confidence_levels.size(),
                     {confidence_levels.begin(), confidence_levels.end()}});
  const auto add = [&](const std::string& name, const std::string& of, const std::string& meaning,
                       const std::vector<std::string>& further) {
    const std::string path = "/measurement/" + name;
    datasets_.push_back({path, of, meaning, Part::outer, further});
    datasets_.push_back(
        {path + "_error", of, "bound on the numerical error of " + name, Part::outer, further});
  };
  add("best_fit", units, "best fit of " + measured.long_name, {});
  add("chi2_min", "1", "chi2 there, minimised over the pulls", {});
  datasets_.push_back({"/measurement/other_minimum",
                       "1",
                       "how far above chi2_min the lowest other minimum of chi2 is; inf: none",
                       Part::outer,
                       {}});
  add("interval_low", units, "lower end of the interval around the best fit; -inf: none",
      {level_scale});
  add("interval_high", units, "upper end of the interval around the best fit; inf: none",
      {level_scale});
}

std::vector<Group> Layout::groups() const {
  std::vector<Group> groups;
  for (const Dataset& dataset : datasets_) {
    const std::string path = dataset.path.substr(0, dataset.path.rfind('/'));
    const auto known = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& group) { return group.path == path; });
    NULOOP_EXPECTS(known == groups.end() || known->along == dataset.along);
    if (!path.empty() && known == groups.end())
      groups.push_back({path, dataset.along});
  }
  return groups;
}

std::size_t Layout::index(std::string_view path) const {
  const auto found = std::find_if(datasets_.begin(), datasets_.end(),
                                  [&](const Dataset& dataset) { return dataset.path == path; });
  NULOOP_EXPECTS(found != datasets_.end());
  return static_cast<std::size_t>(found - datasets_.begin());
}

std::vector<std::size_t> Layout::further_lengths(const Dataset& dataset) const {
  std::vector<std::size_t> lengths;
  for (const std::string& path : dataset.further)
    for (const Scale& scale : scales_)
      if (scale.path == path)
        lengths.push_back(scale.length);
  return lengths;
}

BlockShape::BlockShape(const Job& job, const Plan& plan, const Task& task, Part part,
                       const std::vector<std::size_t>& further) {
  std::vector<std::size_t> outer_positions;  // of the outer axes in this shape
  for (std::size_t i = 0; i < job.axes.size(); ++i) {
    const Axis& axis = job.axes[i];
    if (!belongs(axis, part, job.kind))
      continue;
    const auto outer = std::find(plan.outer_axes().begin(), plan.outer_axes().end(), i);
    const bool is_outer = outer != plan.outer_axes().end();
    const auto position = static_cast<std::size_t>(outer - plan.outer_axes().begin());
    if (is_outer)
      outer_positions.push_back(count_.size());
    start_.push_back(is_outer ? task.start[position] : 0);
    count_.push_back(is_outer ? task.count[position] : axis.values.size());
    keys_.push_back(axis.definition().key);
  }
  for (const std::size_t length : further) {
    start_.push_back(0);
    count_.push_back(length);
  }
  strides_.assign(count_.size(), 1);
  for (std::size_t i = count_.size(); i-- > 1;)
    strides_[i - 1] = strides_[i] * count_[i];
  for (const std::size_t position : outer_positions)
    outer_strides_.push_back(strides_[position]);
}

std::size_t BlockShape::size() const {
  return std::accumulate(count_.begin(), count_.end(), std::size_t{1}, std::multiplies<>());
}

std::size_t BlockShape::stride(std::string_view key) const {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  return found == keys_.end() ? 0 : strides_[static_cast<std::size_t>(found - keys_.begin())];
}

std::size_t BlockShape::outer_offset(const std::vector<std::size_t>& offset) const {
  NULOOP_EXPECTS(offset.size() == outer_strides_.size());
  return std::inner_product(offset.begin(), offset.end(), outer_strides_.begin(), std::size_t{0});
}

bool belongs(const Parameter& parameter, Part part, Kind kind) {
  switch (part) {
    case Part::all:
      return true;
    case Part::without_exposure:
      return parameter.role != Parameter::Role::exposure;
    case Part::outer:
      return !parameter.is_inner(kind);
  }
  return false;
}

bool belongs(const Axis& axis, Part part, Kind kind) {
  return belongs(axis.definition(), part, kind);
}

std::string axis_dataset(const Parameter& parameter) {
  return parameter.key == "background" ? "background_model" : parameter.key;
}

bool shapes_the_bins(const Axis& axis) {
  return axis.any([](const Parameter& parameter) { return shapes_the_bins(parameter); });
}

BinEdges bin_edges(const Job& job, std::size_t bins) {
  BinEdges edges;
  for_each_window(job, [&](const Scenario& scenario) {
    const experiment::Binning binning = study::binning(scenario);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      edges.low.push_back(bin < binning.size() ? binning.low_MeV(bin) : nan);
      edges.high.push_back(bin < binning.size() ? binning.high_MeV(bin) : nan);
    }
  });
  return edges;
}

double data_bytes(const Job& job, const Plan& plan, const Layout& layout) {
  const auto texts = [](const auto& names) {  // where each stands, its header, and itself
    std::size_t size = 0;
    for (const std::string& name : names)
      size += 16 + 16 + (name.size() + 7) / 8 * 8;
    return static_cast<double>(size);
  };
  double bytes = static_cast<double>(plan.outer_points());  // the status
  // Checksum and number of each task.
  bytes += static_cast<double>(plan.task_count()) * (sizeof(std::uint32_t) + sizeof(std::int32_t));
  double windows = 1.0;
  for (const Axis& axis : job.axes) {
    double size = 0.0;
    for (std::size_t n = 0; n < axis.values.size(); ++n)
      axis.visit(n, [&](std::size_t, const Value& value) {
        const auto* name = std::get_if<std::string>(&value);
        size += name != nullptr ? texts(std::array{*name}) : sizeof(double);
      });
    bytes += size;
    for (const Group& group : layout.groups())
      bytes += belongs(axis, group.along, job.kind) ? size : 0.0;
    windows *= shapes_the_bins(axis) ? static_cast<double>(axis.values.size()) : 1.0;
  }
  for (const Scale& scale : layout.scales()) {
    bytes += texts(scale.units);
    const std::size_t number = scale.numbers.empty() ? sizeof(std::int32_t) : sizeof(double);
    bytes += scale.names.empty() ? static_cast<double>(scale.length * number) : texts(scale.names);
  }
  bytes += 2.0 * sizeof(double) * windows * static_cast<double>(layout.bins());  // their edges
  for (const Dataset& dataset : layout.datasets()) {
    double size = sizeof(double);
    for (const Axis& axis : job.axes)
      if (belongs(axis, dataset.along, job.kind))
        size *= static_cast<double>(axis.values.size());
    for (const std::size_t length : layout.further_lengths(dataset))
      size *= static_cast<double>(length);
    bytes += size;
  }
  return bytes;
}

double result_bytes(const Job& job, const Plan& plan, const Layout& layout) {
  // What describes the file and each dataset: rough, from files as they are.
  constexpr double file_bytes = 9400.0;
  constexpr double dataset_bytes = 680.0;
  const std::size_t further = layout.bins() > 0 ? 5 : 3;  // bin edges, status, checksums, tasks
  std::size_t datasets =
      job.axes.size() + layout.scales().size() + layout.datasets().size() + further;
  for (const Group& group : layout.groups())
    for (const Axis& axis : job.axes)
      datasets += belongs(axis, group.along, job.kind) ? 1 : 0;
  return data_bytes(job, plan, layout) + static_cast<double>(job.resolved.size()) + file_bytes +
         dataset_bytes * static_cast<double>(datasets);
}

}  // namespace nuloop::study
