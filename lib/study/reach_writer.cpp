// SPDX-License-Identifier: GPL-3.0-or-later
#include "writers.hpp"

#include <cmath>
#include <optional>

namespace nuloop::study {

ReachWriter::ReachWriter(const Filling& filling)
    : chi2_(filling, "/chi2"),
      chi2_error_(filling, "/chi2_error"),
      significance_(filling, "/significance"),
      time_(filling, "/discovery_time"),
      time_error_(filling, "/discovery_time_error"),
      exposures_(values_of(filling.job, "exposure")),
      exposure_stride_(chi2_.shape.stride("exposure")) {
  for (const Axis& axis : filling.job.axes)
    if (axis.definition().role == Parameter::Role::uncertainty)
      add_uncertainty(axis);
}

void ReachWriter::operator()(const std::vector<std::size_t>& offset, Scenario scenario,
                             const Rates& rates) const {
  std::vector<Pull> compared;
  double compared_share = 0.0;
  std::optional<statistics::AsimovComparison> comparison;
  for (const InnerPoint& point : points_) {
    point.apply(scenario);
    const std::vector<Pull> pulls = pulls_of(scenario);
    if (scenario.statistic != statistics::Statistic::reference) {
      write(offset, point,
            fitted_curve(expectation(rates, scenario), scenario.statistic, widths(pulls)),
            scenario);
      continue;
    }
    if (!comparison || !same_sources(pulls, compared) ||
        scenario.reactor_off_share != compared_share) {
      comparison.emplace(compare(expectation(rates, scenario)));
      compared = pulls;
      compared_share = scenario.reactor_off_share;
    }
    write(offset, point, comparison->curve(widths(pulls)), scenario);
  }
}

template <class Curve>
void ReachWriter::write(const std::vector<std::size_t>& offset, const InnerPoint& point,
                        const Curve& curve, const Scenario& scenario) const {
  const double time_yr = discovery_time_yr(curve, scenario);
  time_.at(offset)[point.time_offset] = time_yr;
  time_error_.at(offset)[point.time_offset] = curve.reach_error(time_yr);
  for (std::size_t i = 0; i < exposures_.size(); ++i) {
    const std::size_t position = point.chi2_offset + i * exposure_stride_;
    const double chi2 = curve(exposures_[i]);
    chi2_.at(offset)[position] = chi2;
    chi2_error_.at(offset)[position] = curve.error(exposures_[i]);
    significance_.at(offset)[position] = std::sqrt(chi2);
  }
}

void ReachWriter::InnerPoint::apply(Scenario& scenario) const {
  for (const auto& [parameter, value] : uncertainties)
    parameters()[parameter].quantity()->member(scenario) = value;
}

void ReachWriter::add_uncertainty(const Axis& axis) {
  const std::string& key = axis.definition().key;
  std::vector<InnerPoint> points;
  for (const InnerPoint& before : points_)
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
      InnerPoint point = before;
      axis.visit(i, [&](std::size_t parameter, const Value& value) {
        point.uncertainties.emplace_back(parameter, std::get<double>(value));
      });
      point.chi2_offset += i * chi2_.shape.stride(key);
      point.time_offset += i * time_.shape.stride(key);
      points.push_back(std::move(point));
    }
  points_ = std::move(points);
}

}  // namespace nuloop::study
