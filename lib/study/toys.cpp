// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/toys.hpp"

#include "nuloop/statistics/likelihood_fit.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

using statistics::ToyTally;

physics::Model truth_of(const Scenario& fit, const ToySettings& toys) {
  if (const auto* model = std::get_if<physics::Model>(&toys.truth))
    return *model;
  return std::get<Hypothesis>(toys.truth) == toys.tested ? fit.model : fit.reference;
}

// The closed form where there is one.
std::unique_ptr<statistics::TestStatistic> make_statistic(
    statistics::Statistic statistic, const statistics::LinearModel& model,
    const Eigen::ArrayXd& variance, const statistics::LinearStatistic& linear) {
  if (statistic == statistics::Statistic::reference)
    return std::make_unique<statistics::LinearStatistic>(linear);
  return std::make_unique<statistics::FittedStatistic>(statistic, model, variance);
}

}  // namespace

Scenario with_tested_model(const Scenario& scenario) {
  Scenario fit = scenario;
  if (scenario.toys.tested == Hypothesis::reference)
    std::swap(fit.model, fit.reference);
  return fit;
}

ToyExperiment toy_experiment(const Scenario& scenario, const RateCalculator& calculator) {
  const Scenario fit = with_tested_model(scenario);
  const Eigen::VectorXd sigmas = widths(pulls_of(fit));
  const double t = fit.exposure_yr;
  const Expectation e = expectation(calculator.rates(fit), fit);
  const statistics::LinearModel model{t * (e.tested.value + e.background.value),
                                      t * e.difference.value, t * e.responses.value, sigmas};
  const Eigen::ArrayXd other = t * (e.reference.value + e.background.value);
  const statistics::LinearStatistic linear(model, other);
  auto statistic = make_statistic(scenario.statistic, model, other, linear);

  Scenario nature = fit;
  nature.model = truth_of(fit, scenario.toys);
  const Expectation true_e = expectation(calculator.rates(nature), nature);
  statistics::ToyTruth truth{t * (true_e.tested.value + true_e.background.value),
                             t * true_e.responses.value, sigmas, scenario.toys.pulls,
                             Eigen::VectorXd::Zero(sigmas.size())};
  if (truth.ensemble == statistics::PullEnsemble::profiled)
    truth.values = compare(true_e).pulls_at_minimum(sigmas, t);
  const Eigen::ArrayXd asimov = truth.mean + (truth.pulls * truth.values).array();
  const double significance =
      scenario.statistic == statistics::Statistic::reference
          ? std::sqrt(compare(e).curve(sigmas)(t))
          : std::abs((*statistic)(other, Eigen::VectorXd::Zero(sigmas.size())));
  const double z_expected = (*statistic)(asimov, truth.values);
  return {std::move(statistic),
          scenario.toys.tail > 0.0
              ? statistics::ToyEnsemble(std::move(truth), linear, scenario.toys.tail)
              : statistics::ToyEnsemble(std::move(truth)),
          significance, z_expected};
}

ToyTally empty_tally(const ToyExperiment& experiment) {
  std::vector<double> thresholds = toy_thresholds();
  thresholds.push_back(experiment.significance);
  return {experiment.z_expected, std::move(thresholds)};
}

std::vector<double> toy_probabilities() {
  std::vector<double> values;
  for (const double sigma : {-2.0, -1.0, 0.0, 1.0, 2.0})
    values.push_back(0.5 * std::erfc(-sigma / std::sqrt(2.0)));
  return values;
}

std::vector<double> toy_levels() {
  return {0.68, 0.90, 0.95};
}

std::vector<double> toy_thresholds() {
  std::vector<double> values;
  for (int half = 1; half <= 12; ++half)
    values.push_back(0.5 * half);
  return values;
}

std::vector<double> toy_histogram_offsets() {
  std::vector<double> values(ToyTally::bins);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = (static_cast<double>(i) - 0.5) / ToyTally::steps_per_unit - ToyTally::half_range;
  return values;
}

std::vector<std::string> toy_moment_names() {
  return {"toys", "w", "w2", "w y", "w y2", "w2 y", "w2 y2"};
}

std::vector<std::string> toy_tail_names() {
  std::vector<std::string> names;
  const auto add = [&](const std::string& threshold) {
    for (const char* what : {"w above", "w2 above", "w below", "w2 below"})
      names.push_back(fmt::format("{} {}", what, threshold));
  };
  for (const double threshold : toy_thresholds())
    add(fmt::format("{}", threshold));
  add("significance");
  return names;
}

}  // namespace nuloop::study
