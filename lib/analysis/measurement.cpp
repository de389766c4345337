// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/measurement.hpp"

#include "analyses.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/prediction/expectation.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace nuloop::analysis {
namespace {

// The charge radius that changes the rate by about as much as there is.
constexpr double charge_radius_scale_cm2 = 1e-31;

statistics::ParameterRange range_of(const Parameter::Quantity& quantity) {
  const double scale = quantity.dimension == io::Dimension::area ? charge_radius_scale_cm2 : 1.0;
  return {quantity.range.low, quantity.range.high, scale};
}

}  // namespace

statistics::ParameterFit measure(const Scenario& scenario, const RateCalculator& calculator) {
  const auto keys = setup::free_parameters_of(scenario.theory.model);
  NULOOP_EXPECTS(keys.size() == 1);
  const Parameter::Quantity& quantity =
      *setup::parameters()[*setup::find_parameter(keys.front())].quantity();
  // A prior on the angle that is measured is part of chi2 and no pull.
  const bool has_prior = scenario.theory.model == physics::Model::free_sin2_theta_w &&
                         scenario.uncertainties.sin2_theta_w > 0.0;
  const auto chi2 = [&](double value) -> Bounded<double> {
    Scenario at = scenario;
    quantity.member(at) = value;
    double prior = 0.0;
    if (has_prior) {
      prior = std::pow((value - at.theory.sin2_theta_w) / at.uncertainties.sin2_theta_w, 2);
      at.uncertainties.sin2_theta_w = 0.0;
    }
    const statistics::ChiSquareCurve curve = prediction::chi_square_curve(calculator.rates(at), at);
    return {curve(at.time.exposure_yr) + prior, curve.error(at.time.exposure_yr)};
  };
  std::vector<double> deltas;
  std::transform(confidence_levels.begin(), confidence_levels.end(), std::back_inserter(deltas),
                 statistics::delta_chi2);
  return statistics::fit_parameter(chi2, range_of(quantity), deltas);
}

namespace {

constexpr double measured_point_s = 1e-3;

// Of chi2 where a measurement keeps no bound: ten times the default tolerance of the integrals.
constexpr double chi2_accuracy = 1e-9;
// Of the root of chi2 at the far ends of a charge radius, 1e9 times its scale away: pulls leave it
// of counts 1e9 times the data's, with their rounding. 1e4 is the root of 1e8 counts.
constexpr double far_end_rounding = 1e9 * 1e4 * std::numeric_limits<double>::epsilon();

class MeasurementWork : public Tabulated<statistics::ParameterFit> {
 public:
  explicit MeasurementWork(const Asked& asked) : Tabulated(asked) {
    using statistics::Interval;
    using statistics::ParameterFit;
    const std::string key = setup::free_parameters_of(setup::models_of(job()).front()).front();
    const Parameter& measured = setup::parameters()[*setup::find_parameter(key)];
    const std::string units(io::common_spelling(measured.quantity()->dimension));
    scales_.push_back({level_scale,
                       "confidence level",
                       {},
                       confidence_levels.size(),
                       {confidence_levels.begin(), confidence_levels.end()}});
    const auto add = [&](const std::string& name, const std::string& of, const std::string& meaning,
                         auto get, const std::vector<std::string>& further = {},
                         sweep::Beyond beyond = sweep::Beyond::nothing) {
      table_.add({"/measurement/" + name, of, meaning, Depth::outer, further, beyond}, get);
    };
    const auto ends = [](Bounded<double> Interval::*end) {
      return [end](const ParameterFit& fit) {
        std::vector<Bounded<double>> all;
        for (const Interval& interval : fit.intervals)
          all.push_back(interval.*end);
        return all;
      };
    };
    add("best_fit", units, "best fit of " + measured.long_name, &ParameterFit::best_fit);
    add("chi2_min", "1", "chi2 there, minimised over the pulls", &ParameterFit::chi2);
    add("other_minimum", "1",
        "how far above chi2_min the lowest other minimum of chi2 is; inf: none",
        &ParameterFit::other_minimum, {}, sweep::Beyond::infinity);
    add("interval_low", units, "lower end of the interval around the best fit; -inf: none",
        ends(&Interval::low), {level_scale}, sweep::Beyond::infinity);
    add("interval_high", units, "upper end of the interval around the best fit; inf: none",
        ends(&Interval::high), {level_scale}, sweep::Beyond::infinity);
  }

  sweep::Grain grain() const override { return {measured_point_s, 0.0}; }
  double point_s(std::size_t) const override { return measured_point_s; }

  sweep::Bound bound(const sweep::Layout& layout, std::size_t field, const sweep::TaskResult& a,
                     const sweep::TaskResult& b) const override {
    if (layout.fields()[field].path != "/measurement/other_minimum")
      return sweep::bound_by_errors(layout, field, a, b);
    const auto part = [&](const char* path) { return sweep::both(layout, path, a, b); };
    // Whether the range of what is measured has no ends: a charge radius, in cm^2; no mixing angle.
    const bool is_endless = layout.fields()[layout.index("/measurement/best_fit")].units != "1";
    return {[own = part("/measurement/other_minimum"), least = part("/measurement/chi2_min"),
             error = part("/measurement/chi2_min_error"),
             of_root = is_endless ? far_end_rounding : 0.0](std::size_t n) {
      const double sum = own.sum(n) + least.sum(n);
      // The roots of two numbers add up to at most the root of twice their sum.
      return chi2_accuracy * sum + of_root * std::sqrt(2.0 * sum) + error.sum(n);
    }};
  }

 protected:
  statistics::ParameterFit outcome(const Point& point, const Row&) const override {
    return measure(point.scenario, point.calculator);
  }

 private:
  static constexpr const char* level_scale = "/measurement/level";
};

// Ends of intervals that chi2 does not close are infinite.
std::string end_text(double value) {
  if (std::isinf(value))
    return value > 0.0 ? "none" : "-none";
  return number_text(value);
}

std::unique_ptr<Report> measurement_report(const setup::Result& result) {
  auto report = std::make_unique<PointReport>(result);
  const auto add = [&](const char* dataset, const std::string& heading,
                       std::string (*text)(double)) {
    report->add(result.table(std::string("/measurement/") + dataset, Depth::outer), dataset,
                heading, text);
  };
  add("best_fit", "best fit", number_text);
  std::vector<sweep::ResultTable> ends;
  for (const char* name : {"low", "high"})
    ends.push_back(result.table(fmt::format("/measurement/interval_{}", name), Depth::outer,
                                {"/measurement/level"}));
  const auto levels = ends.front().axes.back().values;
  for (std::size_t level = 0; level < levels.size(); ++level)
    for (std::size_t side = 0; side < ends.size(); ++side) {
      const std::string percent = fmt::format("{:.4g}", 100.0 * std::get<double>(levels[level]));
      const char* name = side == 0 ? "low" : "high";
      report->add({fmt::format("interval_{}_{}", percent, name),
                   fmt::format("{} % {}", percent, name), slice(ends[side], level), end_text});
    }
  add("chi2_min", "chi2 min", number_text);
  add("other_minimum", "other minimum", end_text);
  return report;
}

}  // namespace

constinit const Analysis measurement_analysis = {
    .kind = {.name = "measurement",
             .takes =
                 [](const Parameter& parameter) {
                   using Role = Parameter::Role;
                   return parameter.role == Role::cross_section || parameter.role == Role::rates ||
                          parameter.role == Role::propagation || parameter.role == Role::data ||
                          parameter.role == Role::uncertainty || parameter.role == Role::exposure;
                 },
             .measures = true},
    .work = [](const Asked& asked) -> std::unique_ptr<sweep::Work> {
      return std::make_unique<MeasurementWork>(asked);
    },
    .report = measurement_report,
    .tables = measurement_tables};

}  // namespace nuloop::analysis
