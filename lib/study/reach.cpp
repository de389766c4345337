// Jobs of kind "reach": chi2 after each exposure, significance, discovery time.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "kinds.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/statistics/whitened.hpp"
#include "nuloop/study/expectation.hpp"
#include "nuloop/study/published.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::study {
namespace {

using Uncertainties = std::vector<std::pair<std::size_t, double>>;  // parameter, value

// A combination of the uncertainties on axes, and where the results of its exposures stand among
// all.
struct InnerPoint {
  Uncertainties uncertainties;
  Indices chi2;
};

// Row-major over the inner axes.
struct Reach {
  std::vector<Bounded<double>> chi2;
  std::vector<double> significance;
  std::vector<Bounded<double>> time_yr;  // without exposure
  std::optional<Rates> rates;            // if they are stored
};

class ReachWork : public Tabulated<Reach> {
 public:
  explicit ReachWork(const Job& job)
      : exposures_(values_of(job, "exposure")), store_rates_(job.store_rates) {
    add_inner_points(job);
    table_.add({"/chi2", "1", "chi2 against LO, minimised over the pulls", Part::all},
               &Reach::chi2);
    table_.add({"/significance", "1", "sqrt(chi2)", Part::all}, &Reach::significance);
    table_.add(discovery_time_field(), &Reach::time_yr);
    if (!store_rates_)
      return;
    bins_ = most_bins(job);
    scales_.push_back({bin_scale, "bin of visible energy", {}, bins_});
    for (std::size_t i = 0; i < stored_rates.size(); ++i)
      table_.add(
          {std::string("/rates/") + stored_rates[i].name,
           "1/day",
           stored_rates[i].long_name,
           Part::outer,
           {bin_scale}},
          [i](const Reach& reach) -> const auto& { return (*reach.rates).*spectra_of_rates[i]; },
          rates_error);
  }

  double point_s(std::size_t inner_points) const override {
    const auto inner = static_cast<double>(inner_points);
    return 3e-6 + inner * (4e-7 / static_cast<double>(exposures_.size()) + 3e-8);
  }

 protected:
  Reach outcome(const Point& point, const Row&) const override {
    Scenario scenario = point.scenario;
    Rates rates = point.known != nullptr ? *point.known : point.calculator.rates(scenario);
    Reach reach{std::vector<Bounded<double>>(points_.size() * exposures_.size()),
                std::vector<double>(points_.size() * exposures_.size()),
                std::vector<Bounded<double>>(points_.size()),
                {}};
    std::vector<Pull> compared;
    double compared_share = 0.0;
    std::optional<statistics::Whitened> comparison;
    for (std::size_t n = 0; n < points_.size(); ++n) {
      for (const auto& [parameter, value] : points_[n].uncertainties)
        parameters()[parameter].quantity()->member(scenario) = value;
      const std::vector<Pull> pulls = pulls_of(scenario);
      if (scenario.statistic != statistics::Statistic::reference) {
        evaluate(statistics::FittedCurve(scenario.statistic, expectation(rates, scenario)),
                 scenario, n, reach);
        continue;
      }
      if (!comparison || !same_sources(pulls, compared) ||
          scenario.reactor_off_share != compared_share) {
        comparison.emplace(expectation(rates, scenario));
        compared = pulls;
        compared_share = scenario.reactor_off_share;
      }
      evaluate(comparison->curve(widths(pulls)), scenario, n, reach);
    }
    if (store_rates_)
      reach.rates = std::move(rates);
    return reach;
  }

 private:
  void add_inner_points(const Job& job) {
    std::vector<const Axis*> axes;
    Indices extents, without_exposure;
    for (const Axis& axis : job.axes)
      if (axis.definition().is_inner(job.kind)) {
        axes.push_back(&axis);
        extents.push_back(axis.values.size());
        if (belongs(axis, Part::without_exposure, job.kind))
          without_exposure.push_back(axis.values.size());
      }
    points_.resize(size_of(without_exposure));
    for (std::size_t n = 0; n < size_of(extents); ++n) {
      const Indices at = indices_of(n, extents);
      Indices combination;
      Uncertainties uncertainties;
      for (std::size_t i = 0; i < axes.size(); ++i)
        if (belongs(*axes[i], Part::without_exposure, job.kind)) {
          combination.push_back(at[i]);
          axes[i]->visit(at[i], [&](std::size_t parameter, const Value& value) {
            uncertainties.emplace_back(parameter, std::get<double>(value));
          });
        }
      InnerPoint& point = points_[position_of(combination, strides_of(without_exposure))];
      point.uncertainties = std::move(uncertainties);
      point.chi2.push_back(n);
    }
  }

  template <class Curve>
  void evaluate(const Curve& curve, const Scenario& scenario, std::size_t n, Reach& reach) const {
    const double time_yr = discovery_time_yr(curve, scenario);
    reach.time_yr[n] = {time_yr, curve.reach_error(time_yr)};
    for (std::size_t i = 0; i < exposures_.size(); ++i) {
      const double chi2 = curve(exposures_[i]);
      reach.chi2[points_[n].chi2[i]] = {chi2, curve.error(exposures_[i])};
      reach.significance[points_[n].chi2[i]] = std::sqrt(chi2);
    }
  }

  std::vector<double> exposures_;
  bool store_rates_;
  std::vector<InnerPoint> points_;
};

// Discovery times, and the published ones beside the rows whose scenario is theirs.
std::unique_ptr<Report> reach_report(const ResultReader& result) {
  auto report = std::make_unique<PointReport>(result.title());
  report->add(result.table("/discovery_time", Part::without_exposure), "discovery_time_yr",
              "discovery time (yr)", years_text);
  report->call_rows("discovery_times");

  const auto files = read_configs(configs_folder());
  const World world = build_world(files);
  const auto published = read_published(file_named(files, "configs/published.toml"), world);
  io::TableReader job(result.job(), "job");
  const Settings job_settings = read_settings({&job.node("settings")}, world);
  const auto keys = report->keys();
  std::vector<double> times;
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < report->rows(); ++row) {
    Settings settings = job_settings;
    const auto coordinates = report->coordinates(row);
    for (std::size_t i = 0; i < coordinates.size(); ++i)
      if (const auto parameter = find_parameter(keys[i]))
        settings[*parameter] = coordinates[i];
    const auto entry = std::find_if(published.begin(), published.end(),
                                    [&](const auto& time) { return time.belongs_to(settings); });
    times.push_back(entry == published.end() ? nan : entry->discovery_time_yr);
    texts.push_back(entry == published.end() ? "" : entry->quoted_as);
  }
  report->add_sparse("published_yr", "published", std::move(times), std::move(texts));
  return report;
}

}  // namespace

constinit const KindTraits reach_kind = {
    .takes =
        [](const Parameter& parameter) {
          return parameter.role != Parameter::Role::kinematics &&
                 parameter.role != Parameter::Role::toys;
        },
    .has_inner_axes = true,
    .rates_are_optional = true,
    .extension = Extension::rates,
    .work = [](const Job& job, const World&) -> std::unique_ptr<Work> {
      return std::make_unique<ReachWork>(job);
    },
    .report = reach_report};

}  // namespace nuloop::study
