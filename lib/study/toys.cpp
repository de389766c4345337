// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/toys.hpp"

#include "kinds.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/likelihood_fit.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
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
    statistics::Statistic statistic, const statistics::Comparison& comparison,
    const statistics::LinearStatistic& linear) {
  if (statistic == statistics::Statistic::reference)
    return std::make_unique<statistics::LinearStatistic>(linear);
  return std::make_unique<statistics::FittedStatistic>(statistic, comparison);
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
  const double t = fit.exposure_yr;
  const statistics::Comparison per_year = expectation(calculator.rates(fit), fit);
  const statistics::Comparison comparison = per_year.after(t);
  const statistics::LinearStatistic linear(comparison);
  auto statistic = make_statistic(scenario.statistic, comparison, linear);

  Scenario nature = fit;
  nature.model = truth_of(fit, scenario.toys);
  const statistics::Comparison true_per_year = expectation(calculator.rates(nature), nature);
  const Eigen::VectorXd widths = per_year.widths(), zero = Eigen::VectorXd::Zero(widths.size());
  statistics::ToyTruth truth{true_per_year.after(t), scenario.toys.pulls, zero};
  if (truth.ensemble == statistics::PullEnsemble::profiled) {
    const statistics::Whitened whitened(true_per_year);
    truth.values = widths.cwiseProduct(whitened.minimum(whitened.modes(widths), t).shifts);
  }
  const Eigen::ArrayXd asimov =
      truth.nature.tested.value + (truth.nature.pulls.value * truth.values).array();
  const double significance = scenario.statistic == statistics::Statistic::reference
                                  ? std::sqrt(statistics::Whitened(per_year).curve(widths)(t))
                                  : std::abs((*statistic)(comparison.reference.value, zero));
  const double z_expected = (*statistic)(asimov, truth.values);
  return {std::move(statistic),
          scenario.toys.tail > 0.0 ? statistics::ToyEnsemble(truth, linear, scenario.toys.tail)
                                   : statistics::ToyEnsemble(truth),
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

namespace {

struct Toys {
  double significance;
  double z_expected;
  ToyTally tally;
};

class ToysWork : public Tabulated<Toys> {
 public:
  explicit ToysWork(const Job& job) {
    const auto counts = values_of(job, "toys.count");
    most_toys_ = *std::max_element(counts.begin(), counts.end());
    add_scales();
    const auto add = [&](const std::string& name, const std::string& meaning,
                         const std::vector<std::string>& further, auto get) {
      table_.add({"/toys/" + name, "1", meaning, Part::all, further}, get, "statistical error");
    };
    // The estimates at all values of a scale.
    const auto at_each = [](const std::vector<double>& values, auto estimate) {
      return [values, estimate](const Toys& toys) {
        std::vector<statistics::Estimate> all;
        for (std::size_t i = 0; i < values.size(); ++i)
          all.push_back(estimate(toys.tally, i, values[i]));
        return all;
      };
    };
    add("significance", "sqrt(chi2) of the Asimov data of the other hypothesis", {},
        &Toys::significance);
    add("z_expected", "z of the Asimov data of the truth", {}, &Toys::z_expected);
    add("quantile", "z below which that part of the pseudo-experiments lies", {"/toys/probability"},
        at_each(toy_probabilities(), [](const ToyTally& tally, std::size_t, double probability) {
          return tally.quantile(probability);
        }));
    add("critical", "|z - z_expected| below which that part lies", {"/toys/level"},
        at_each(toy_levels(), [](const ToyTally& tally, std::size_t, double level) {
          return tally.critical(level);
        }));
    add("p_value", "probability of |z| at or above the threshold", {"/toys/threshold"},
        at_each(toy_thresholds(), [](const ToyTally& tally, std::size_t i, double) {
          return tally.tail(i, ToyTally::Side::both);
        }));
    add("p_value_of_significance", "probability of |z| at or above /toys/significance", {},
        [own = toy_thresholds().size()](const Toys& toys) {
          return toys.tally.tail(own, ToyTally::Side::both);
        });
    first_sum_ = table_.fields().size();
    add("histogram", "sum of weights", {"/toys/offset"},
        [](const Toys& toys) { return toys.tally.histogram(); });
    add("histogram_squares", "sum of squared weights", {"/toys/offset"},
        [](const Toys& toys) { return toys.tally.histogram_squares(); });
    add("moments", "sums over the pseudo-experiments", {"/toys/moment"},
        [](const Toys& toys) { return toys.tally.moments(); });
    add("tails", "sums over the pseudo-experiments beyond a threshold", {"/toys/tail"},
        [](const Toys& toys) { return toys.tally.tails(); });
  }

  double point_s(std::size_t) const override { return 3e-6 + 1e-6 * most_toys_; }

 protected:
  // Uses all threads. Goes on from the sums in the row, if there are any.
  Toys outcome(const Point& point, const Row& row) const override {
    const Scenario& scenario = point.scenario;
    const ToyExperiment experiment = toy_experiment(scenario, point.calculator);
    ToyTally tally = empty_tally(experiment);
    Numbers sums = row.get(first_sum_ + 2);
    if (!std::isnan(sums.front())) {  // the beginning of a larger number
      for (const std::size_t i : {first_sum_, first_sum_ + 1, first_sum_ + 3}) {
        const Numbers more = row.get(i);
        sums.insert(sums.end(), more.begin(), more.end());
      }
      tally.restore(sums);
    }
    const auto first = static_cast<std::uint64_t>(tally.toys());
    const auto count = static_cast<std::uint64_t>(scenario.toys.count);
    statistics::run_toys(
        experiment.ensemble, *experiment.statistic,
        {static_cast<std::uint64_t>(scenario.toys.seed), static_cast<std::uint32_t>(point.number)},
        first, count - std::min(first, count), tally);
    return {experiment.significance, experiment.z_expected, std::move(tally)};
  }

 private:
  void add_scales() {
    const auto numbers = [&](const std::string& name, const std::string& meaning,
                             const std::vector<double>& values) {
      scales_.push_back({"/toys/" + name, meaning, {}, values.size(), values});
    };
    const auto names = [&](const std::string& name, const std::vector<std::string>& values) {
      scales_.push_back({"/toys/" + name, name, values, values.size()});
    };
    numbers("probability", "probability of a smaller z", toy_probabilities());
    numbers("level", "probability of a smaller |z|", toy_levels());
    numbers("threshold", "significance", toy_thresholds());
    numbers("offset", "z - z_expected in the middle of a bin; the outermost are open",
            toy_histogram_offsets());
    names("moment", toy_moment_names());
    names("tail", toy_tail_names());
  }

  double most_toys_;
  std::size_t first_sum_ = 0;  // field of the histogram; its squares, moments and tails follow
};

std::string verdict(double holds) {
  return std::isnan(holds) ? "failed" : holds > 0.0 ? "yes" : "no";
}

std::unique_ptr<Report> toys_report(const ResultReader& result) {
  const auto along = [&](const std::string& name, const std::string& scale) {
    return result.table("/toys/" + name, Part::all, {"/toys/" + scale});
  };
  const auto expected = result.table("/toys/z_expected", Part::all).values;
  const ResultTable quantile = along("quantile", "probability");
  const ResultTable p = along("p_value", "threshold"),
                    p_error = along("p_value_error", "threshold");
  const auto own = result.table("/toys/p_value_of_significance", Part::all).values;
  const auto own_error = result.table("/toys/p_value_of_significance_error", Part::all).values;

  constexpr std::array<const char*, 5> bands = {"-2 sigma", "-1 sigma", "median", "+1 sigma",
                                                "+2 sigma"};
  constexpr std::array<const char*, 5> names = {"z_minus_2_sigma", "z_minus_1_sigma", "z_median",
                                                "z_plus_1_sigma", "z_plus_2_sigma"};
  auto report = std::make_unique<PointReport>(result.title());
  std::vector<double> own_sigma, own_sigma_error;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto sigma = statistics::gaussian_sigma({own[i], own_error[i]});
    own_sigma.push_back(sigma.value);
    own_sigma_error.push_back(sigma.error);
  }
  report->add(result.table("/toys/significance", Part::all), "significance", "sqrt(chi2)",
              number_text);
  report->add({"toys_sigma", "in toys", std::move(own_sigma), number_text});
  report->add({"toys_sigma_error", "+-", std::move(own_sigma_error), number_text});
  for (std::size_t i = 0; i < bands.size(); ++i)
    report->add({names[i], fmt::format("z {}", bands[i]), slice(quantile, i), number_text});
  // A tail that differs by more than its error and by more than anybody would mind.
  constexpr double tolerable = 0.05;
  const auto& thresholds = p.axes.back().values;
  const auto three = static_cast<std::size_t>(
      std::find(thresholds.begin(), thresholds.end(), Value(3.0)) - thresholds.begin());
  if (three == thresholds.size())
    throw InputError(result.path() + ": /toys/threshold has no 3");
  std::vector<double> tail = slice(p, three), error = slice(p_error, three), ratio, holds;
  for (std::size_t i = 0; i < tail.size(); ++i) {
    const double gaussian = statistics::gaussian_tail(3.0, expected[i]);
    const double off = std::abs(tail[i] - gaussian);
    ratio.push_back(tail[i] / gaussian);
    holds.push_back(std::isnan(tail[i]) ? tail[i]
                                        : off <= std::max(3.0 * error[i], tolerable * gaussian));
    error[i] /= gaussian;
  }
  report->add({"tail_3_over_gaussian", "p(3)/Gauss", std::move(ratio), number_text});
  report->add({"tail_3_over_gaussian_error", "+-", std::move(error), number_text});
  report->add({"asymptotic", "asymptotic", std::move(holds), verdict});
  return report;
}

}  // namespace

constinit const KindTraits toys_kind = {
    .takes =
        [](const Parameter& parameter) {
          return parameter.role != Parameter::Role::kinematics &&
                 parameter.role != Parameter::Role::discovery;
        },
    .fills_all_threads = true,
    .extension = Extension::toys,
    .work = [](const Job& job, const World&) -> std::unique_ptr<Work> {
      return std::make_unique<ToysWork>(job);
    },
    .report = toys_report};

}  // namespace nuloop::study
