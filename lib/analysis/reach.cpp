// Jobs of kind "reach": chi2 after each exposure, significance, discovery time.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analyses.hpp"
#include "nuloop/analysis/earlier_result.hpp"
#include "nuloop/analysis/published.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/prediction/curves.hpp"

#include <algorithm>
#include <any>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace nuloop::analysis {
namespace {

using prediction::spectra_of_rates;

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
  Rates rates;                           // if they are stored
};

// What is taken for a point and serves again at the next.
struct Storage {
  Scenario scenario;
  prediction::Curves curves;
  Reach reach;
};

class ReachWork : public JobWork {
 public:
  explicit ReachWork(const Asked& asked)
      : JobWork(asked), exposures_(setup::values_of(job(), "exposure")) {
    add_inner_points();
    table_.add(
        {"/chi2", "1", "chi2 against the reference, minimised over the pulls", Depth::innermost},
        &Reach::chi2);
    table_.add({"/significance", "1", "sqrt(chi2)", Depth::innermost}, &Reach::significance);
    table_.add(discovery_time_field(), &Reach::time_yr);
    if (!job().store_rates)
      return;
    add_bins();
    for (std::size_t i = 0; i < stored_rates.size(); ++i)
      table_.add(
          {std::string("/rates/") + stored_rates[i].name,
           "1/day",
           stored_rates[i].long_name,
           Depth::outer,
           {bin_scale}},
          [i](const Reach& reach) -> const auto& { return reach.rates.*spectra_of_rates[i]; },
          rates_error);
    if (setup::has_data_world(job()))
      table_.add(
          {"/rates/data_background",
           "1/day",
           "background in the world of the data",
           Depth::outer,
           {bin_scale}},
          [](const Reach& reach) -> const auto& {
            const Rates& rates = reach.rates;
            return rates.data_background ? *rates.data_background : rates.background;
          },
          rates_error);
  }

  const std::vector<sweep::Field>& fields() const override { return table_.fields(); }

  double point_s(std::size_t inner_points) const override {
    const auto inner = static_cast<double>(inner_points);
    return 3e-6 + inner * (4e-7 / static_cast<double>(exposures_.size()) + 3e-8);
  }

  std::unique_ptr<sweep::Earlier> earlier(const std::string& path) const override {
    return std::make_unique<EarlierResult>(path, asked());
  }

  sweep::Bound bound(const sweep::Layout& layout, std::size_t field, const sweep::TaskResult& a,
                     const sweep::TaskResult& b) const override {
    if (layout.fields()[field].path != "/significance")
      return sweep::bound_by_errors(layout, field, a, b);
    return {[own = sweep::both(layout, "/significance", a, b),
             chi2_error = sweep::both(layout, "/chi2_error", a, b)](std::size_t n) {
      // |a - b| (a + b) is the difference of chi2.
      return chi2_error.sum(n) / own.sum(n);
    }};
  }

 protected:
  void compute(const Point& point, Row& row, std::any& kept) const override {
    auto* storage = std::any_cast<Storage>(&kept);
    if (storage == nullptr)
      storage = &kept.emplace<Storage>();
    Reach& reach = storage->reach;
    if (point.known == nullptr)
      point.calculator.rates(point.scenario, reach.rates);
    else if (job().store_rates)
      reach.rates = *point.known;
    evaluate(point, point.known != nullptr ? *point.known : reach.rates, *storage);
    sweep::put(table_, reach, row);
  }

 private:
  void add_inner_points() {
    std::vector<const sweep::Axis*> axes;
    Indices extents, without_exposure;
    for (const sweep::Axis& axis : job().axes)
      if (axis.depth != Depth::outer) {
        axes.push_back(&axis);
        extents.push_back(axis.size());
        if (axis.depth == Depth::inner)
          without_exposure.push_back(axis.size());
      }
    points_.resize(size_of(without_exposure));
    for (std::size_t n = 0; n < size_of(extents); ++n) {
      const Indices at = indices_of(n, extents);
      Indices combination;
      Uncertainties uncertainties;
      for (std::size_t i = 0; i < axes.size(); ++i)
        if (axes[i]->depth == Depth::inner) {
          combination.push_back(at[i]);
          axes[i]->visit(at[i], [&](const sweep::Column& column, const sweep::Value& value) {
            uncertainties.emplace_back(column.parameter, std::get<double>(value));
          });
        }
      InnerPoint& point = points_[position_of(combination, strides_of(without_exposure))];
      point.uncertainties = std::move(uncertainties);
      point.chi2.push_back(n);
    }
  }

  // chi2 at all inner points, whose scenarios differ from the point's in their uncertainties.
  void evaluate(const Point& point, const Rates& rates, Storage& storage) const {
    const bool differ = !points_.front().uncertainties.empty();
    if (differ)
      storage.scenario = point.scenario;
    const Scenario& scenario = differ ? storage.scenario : point.scenario;
    storage.reach.chi2.resize(points_.size() * exposures_.size());
    storage.reach.significance.resize(points_.size() * exposures_.size());
    storage.reach.time_yr.resize(points_.size());
    storage.curves.begin(rates, point.calculator);
    for (std::size_t n = 0; n < points_.size(); ++n) {
      for (const auto& [parameter, value] : points_[n].uncertainties)
        setup::parameters()[parameter].quantity()->member(storage.scenario) = value;
      storage.curves.with(scenario,
                          [&](const auto& curve) { put(curve, scenario, n, storage.reach); });
    }
  }

  template <class Curve>
  void put(const Curve& curve, const Scenario& scenario, std::size_t n, Reach& reach) const {
    const double time_yr = prediction::discovery_time_yr(curve, scenario);
    reach.time_yr[n] = {time_yr, curve.reach_error(time_yr)};
    for (std::size_t i = 0; i < exposures_.size(); ++i) {
      const double chi2 = curve(exposures_[i]);
      reach.chi2[points_[n].chi2[i]] = {chi2, curve.error(exposures_[i])};
      reach.significance[points_[n].chi2[i]] = std::sqrt(chi2);
    }
  }

  sweep::FieldTable<Reach> table_;
  std::vector<double> exposures_;
  std::vector<InnerPoint> points_;
};

// Discovery times, and the published ones beside the rows whose scenario is theirs.
std::unique_ptr<Report> reach_report(const setup::Result& result) {
  io::TableReader job(result.job(), "job");
  io::TableReader asked = job.table("settings");
  const std::string significance =
      asked.has("discovery.significance")
          ? fmt::format(" at {} sigma", asked.number("discovery.significance", {}))
          : "";
  auto report = std::make_unique<PointReport>(result);
  report->add(result.rows("/discovery_time", Depth::inner),
              sweep::StreamedNumbers(result, "/discovery_time"), "discovery_time_yr",
              "discovery time" + significance + " (yr)", years_text);
  report->call_rows("discovery_times");

  const auto files = setup::configs_of(result);
  const World world = setup::build_world(files);
  const auto published = read_published(setup::file_named(files, "configs/published.toml"), world);
  setup::Settings settings = setup::read_settings({&job.node("settings")}, world);
  const auto keys = report->keys();
  std::map<std::size_t, PointReport::Cell> cells;
  for (std::size_t row = 0; row < report->rows(); ++row) {
    const auto coordinates = report->coordinates(row);
    for (std::size_t i = 0; i < coordinates.size(); ++i)
      if (const auto parameter = setup::find_parameter(keys[i]))
        settings[*parameter] = coordinates[i];
    const auto entry = std::find_if(published.begin(), published.end(),
                                    [&](const auto& time) { return time.belongs_to(settings); });
    if (entry != published.end())
      cells[row] = {entry->discovery_time_yr, entry->quoted_as};
  }
  report->add_sparse("published_yr", "published", std::move(cells));
  return report;
}

}  // namespace

constinit const Analysis reach_analysis = {
    .kind = {.name = "reach",
             .takes =
                 [](const Parameter& parameter) {
                   return parameter.role != Parameter::Role::kinematics &&
                          parameter.role != Parameter::Role::toys;
                 },
             .has_inner_axes = true,
             .rates_are_optional = true},
    .work = [](const Asked& asked) -> std::unique_ptr<sweep::Work> {
      return std::make_unique<ReachWork>(asked);
    },
    .report = reach_report,
    .tables = reach_tables};

}  // namespace nuloop::analysis
