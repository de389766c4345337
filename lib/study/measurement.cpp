// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/measurement.hpp"

#include "kinds.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/study/expectation.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

// The charge radius that changes the rate by about as much as there is.
constexpr double charge_radius_scale_cm2 = 1e-31;

statistics::ParameterRange range_of(const Parameter::Quantity& quantity) {
  const double scale = quantity.dimension == io::Dimension::area ? charge_radius_scale_cm2 : 1.0;
  return {quantity.range.low, quantity.range.high, scale};
}

}  // namespace

statistics::ParameterFit measure(const Scenario& scenario, const RateCalculator& calculator) {
  const auto keys = free_parameters_of(scenario.model);
  NULOOP_EXPECTS(keys.size() == 1);
  const Parameter::Quantity& quantity = *parameters()[*find_parameter(keys.front())].quantity();
  const auto chi2 = [&](double value) -> Bounded<double> {
    Scenario at = scenario;
    quantity.member(at) = value;
    const statistics::ChiSquareCurve curve = chi_square_curve(calculator.rates(at), at);
    return {curve(at.exposure_yr), curve.error(at.exposure_yr)};
  };
  std::vector<double> deltas;
  std::transform(confidence_levels.begin(), confidence_levels.end(), std::back_inserter(deltas),
                 statistics::delta_chi2);
  return statistics::fit_parameter(chi2, range_of(quantity), deltas);
}

namespace {

constexpr double measured_point_s = 1e-3;

class MeasurementWork : public Tabulated<statistics::ParameterFit> {
 public:
  explicit MeasurementWork(const Job& job) {
    using statistics::Interval;
    using statistics::ParameterFit;
    const std::string key = free_parameters_of(models_of(job).front()).front();
    const Parameter& measured = parameters()[*find_parameter(key)];
    const std::string units(io::common_spelling(measured.quantity()->dimension));
    scales_.push_back({level_scale,
                       "confidence level",
                       {},
                       confidence_levels.size(),
                       {confidence_levels.begin(), confidence_levels.end()}});
    const auto add = [&](const std::string& name, const std::string& of, const std::string& meaning,
                         auto get, const std::vector<std::string>& further = {}) {
      table_.add({"/measurement/" + name, of, meaning, Part::outer, further}, get);
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
        &ParameterFit::other_minimum);
    add("interval_low", units, "lower end of the interval around the best fit; -inf: none",
        ends(&Interval::low), {level_scale});
    add("interval_high", units, "upper end of the interval around the best fit; inf: none",
        ends(&Interval::high), {level_scale});
  }

  double point_s(std::size_t) const override { return measured_point_s; }

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

std::unique_ptr<Report> measurement_report(const ResultReader& result) {
  auto report = std::make_unique<PointReport>(result.title());
  const auto add = [&](const char* dataset, const std::string& heading,
                       std::string (*text)(double)) {
    report->add(result.table(std::string("/measurement/") + dataset, Part::outer), dataset, heading,
                text);
  };
  add("best_fit", "best fit", number_text);
  std::vector<ResultTable> ends;
  for (const char* name : {"low", "high"})
    ends.push_back(result.table(fmt::format("/measurement/interval_{}", name), Part::outer,
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

constinit const KindTraits measurement_kind = {
    .takes =
        [](const Parameter& parameter) {
          using Role = Parameter::Role;
          return (parameter.role == Role::cross_section && !parameter.has(Parameter::Tag::free)) ||
                 parameter.role == Role::rates || parameter.role == Role::uncertainty ||
                 parameter.role == Role::exposure;
        },
    .measures = true,
    .outer_point_s = measured_point_s,
    .inner_point_s = 0.0,
    .work = [](const Job& job, const World&) -> std::unique_ptr<Work> {
      return std::make_unique<MeasurementWork>(job);
    },
    .report = measurement_report};

}  // namespace nuloop::study
