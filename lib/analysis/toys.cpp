// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/toys.hpp"

#include "analyses.hpp"
#include "nuloop/analysis/earlier_toys.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/groups.hpp"
#include "nuloop/statistics/likelihood_fit.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace nuloop::analysis {
namespace {

using statistics::ToyTally;

physics::Model truth_of(const Scenario& fit, const setup::ToySettings& toys) {
  if (const auto* model = std::get_if<physics::Model>(&toys.truth))
    return *model;
  return std::get<setup::Hypothesis>(toys.truth) == toys.tested ? fit.theory.model
                                                                : fit.theory.reference;
}

// The closed form where there is one.
std::unique_ptr<statistics::TestStatistic> make_statistic(
    statistics::Statistic statistic, const statistics::Comparison& comparison,
    const statistics::LinearStatistic& linear) {
  if (statistic == statistics::Statistic::reference)
    return std::make_unique<statistics::LinearStatistic>(linear);
  return std::make_unique<statistics::FittedStatistic>(statistic, comparison);
}

struct Compared {
  statistics::Comparison fit;
  statistics::Comparison nature;
};

// What the fit compares and what nature is, per year, in bins that the statistic has terms for.
Compared compared(const Scenario& fit, const Scenario& nature, const RateCalculator& calculator) {
  const auto all = [&](const prediction::Rates& rates) {
    return prediction::expectation(rates, prediction::pulls_of(fit), fit.off_share());
  };
  const prediction::Rates rates = calculator.rates(fit);
  const statistics::Comparison known = all(rates), truth = all(calculator.rates(nature));
  const statistics::Groups groups = statistics::groups_of(
      fit.criterion.statistic, known, prediction::parts_of(rates, fit.off_share()), &truth);
  return {statistics::together(known, groups), statistics::together(truth, groups)};
}

}  // namespace

Scenario with_tested_model(const Scenario& scenario) {
  Scenario fit = scenario;
  fit.data.reset();
  if (scenario.toys.tested == setup::Hypothesis::reference)
    std::swap(fit.theory.model, fit.theory.reference);
  return fit;
}

Scenario in_nature(const Scenario& scenario, physics::Model model) {
  Scenario nature = scenario.data ? *scenario.data : scenario;
  nature.theory.reference = with_tested_model(scenario).theory.reference;
  nature.theory.model = model;
  return nature;
}

ToyExperiment toy_experiment(const Scenario& scenario, const RateCalculator& calculator) {
  const Scenario fit = with_tested_model(scenario);
  const double t = fit.time.exposure_yr;
  const Scenario nature = in_nature(scenario, truth_of(fit, scenario.toys));
  const auto [per_year, true_per_year] = compared(fit, nature, calculator);
  const statistics::Comparison comparison = per_year.after(t);
  // What weighs a bin that the reference leaves empty and the statistic does not: the closed form
  // only says where to sample then.
  const statistics::Counts& n = per_year.reference;
  const statistics::Counts variance{(n.value > 0.0).select(n.value, per_year.tested.value),
                                    n.error};
  statistics::Comparison weighed = comparison;
  weighed.reference.value = t * variance.value;
  const statistics::LinearStatistic linear(weighed);
  auto statistic = make_statistic(scenario.criterion.statistic, comparison, linear);

  const Eigen::VectorXd widths = per_year.widths(), zero = Eigen::VectorXd::Zero(widths.size());
  statistics::ToyTruth truth{true_per_year.after(t), scenario.toys.pulls, zero};
  if (truth.ensemble == statistics::PullEnsemble::profiled) {
    const statistics::Whitened whitened(true_per_year, variance);
    truth.values = widths.cwiseProduct(whitened.minimum(whitened.modes(widths), t).shifts);
  }
  const Eigen::ArrayXd asimov =
      truth.nature.tested.value + (truth.nature.pulls.value * truth.values).array();
  const double significance = scenario.criterion.statistic == statistics::Statistic::reference
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

constexpr double most_trial_toys = 1e5;  // of a point

// The same job with no more pseudo-experiments than a trial needs.
Job with_few_toys(Job job) {
  const std::size_t count = *setup::find_parameter("toys.count");
  const auto limit = [](sweep::Value& value) {
    value = std::min(std::get<double>(value), most_trial_toys);
  };
  if (job.settings[count])
    limit(*job.settings[count]);
  sweep::for_each_column(job.axes, [&](sweep::Column& column) {
    if (column.parameter == count)
      std::for_each(column.values.begin(), column.values.end(), limit);
  });
  return job;
}

// Of z, in standard deviations, and of sums of weights of pseudo-experiments.
constexpr double toy_accuracy = 1e-8;
// Of sums over pseudo-experiments and what follows from them, in the statistical error.
constexpr double statistical_share = 1e-3;

// By how much sums over pseudo-experiments may differ. Counts are drawn from means that differ in
// their last digits, so that here and there one of 1e8 is another by one: z of this
// pseudo-experiment and the logarithm of its weight then move by 1e-5.
double of_sum(double sum, double sum_of_squares) {
  return toy_accuracy * sum + statistical_share * std::sqrt(sum_of_squares);
}
double of_squares(double sum_of_squares) {
  return statistical_share * sum_of_squares;
}

// By how much one of the moments in a row may differ: number; sums of w, w^2, w y, w y^2, w^2 y,
// w^2 y^2, of which those of y may cancel.
double of_moment(const sweep::Both& moments, std::size_t first, std::size_t moment) {
  const auto largest = [&](std::size_t i) { return moments.largest(first + i); };
  switch (moment) {
    case 0:
      return 0.0;
    case 1:
      return of_sum(largest(1), largest(2));
    case 2:
      return of_squares(largest(2));
    case 3:
    case 4:
      return of_sum(largest(1) + largest(4), largest(2) + largest(6));
    default:
      return of_squares(largest(2) + largest(6));
  }
}

sweep::Bound bound_of_toys(const sweep::Layout& layout, std::size_t field,
                           const sweep::TaskResult& a, const sweep::TaskResult& b) {
  const std::string& path = layout.fields()[field].path;
  const sweep::Both own = sweep::both(layout, path, a, b);
  if (path == "/toys/significance" || path == "/toys/z_expected")
    return {[own](std::size_t n) { return toy_accuracy * (1.0 + own.largest(n)); }};
  if (path == "/toys/moments")
    return {[own, moments = toy_moment_names().size()](std::size_t n) {
      return of_moment(own, n - n % moments, n % moments);
    }};
  if (path == "/toys/histogram")
    return {[own, squares = sweep::both(layout, "/toys/histogram_squares", a, b)](std::size_t n) {
      return of_sum(own.largest(n), squares.largest(n));
    }};
  if (path == "/toys/tails")  // sums of w and w^2 by turns
    return {[own](std::size_t n) {
      return n % 2 == 0 ? of_sum(own.largest(n), own.largest(n + 1)) : of_squares(own.largest(n));
    }};
  if (path == "/toys/histogram_squares")
    return {[own](std::size_t n) { return of_squares(own.largest(n)); }};
  return {[own, error = sweep::both(layout, sweep::holds_errors(path) ? path : path + "_error", a,
                                    b)](std::size_t n) {
    return toy_accuracy * own.largest(n) + statistical_share * error.largest(n);
  }};
}

class ToysWork : public Tabulated<Toys> {
 public:
  explicit ToysWork(const Asked& asked)
      : Tabulated(asked), counts_(setup::values_of(job(), "toys.count")) {
    add_scales();
    const auto add = [&](const std::string& name, const std::string& meaning,
                         const std::vector<std::string>& further, auto get,
                         sweep::Beyond beyond = sweep::Beyond::nothing) {
      table_.add({"/toys/" + name, "1", meaning, Depth::innermost, further, beyond}, get,
                 "statistical error");
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
        at_each(toy_probabilities(),
                [](const ToyTally& tally, std::size_t, double probability) {
                  return tally.quantile(probability);
                }),
        sweep::Beyond::infinity);
    add("critical", "|z - z_expected| below which that part lies", {"/toys/level"},
        at_each(toy_levels(), [](const ToyTally& tally, std::size_t,
                                 double level) { return tally.critical(level); }),
        sweep::Beyond::infinity);
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

  double point_s(std::size_t) const override {
    return 3e-6 + 1e-6 * *std::max_element(counts_.begin(), counts_.end());
  }

  // No more pseudo-experiments of a point than a trial needs; they are its length.
  std::shared_ptr<const sweep::Work> trial() const override {
    return std::make_shared<ToysWork>(Asked{with_few_toys(job()), world(), asked().provenance});
  }
  void prepare(RateCalculator& calculator, const Scenario& scenario,
               const Team& team) const override {
    calculator.prepare(scenario, team);
    if (scenario.data)  // in which pulls are thrown too
      calculator.prepare(*scenario.data, team);
  }

  double length(const sweep::Point& point) const override { return scenario(point.at).toys.count; }
  double mean_length() const override {
    return std::accumulate(counts_.begin(), counts_.end(), 0.0) /
           static_cast<double>(counts_.size());
  }

  std::unique_ptr<sweep::Earlier> earlier(const std::string& path) const override {
    return std::make_unique<EarlierToys>(path, asked());
  }

  sweep::Bound bound(const sweep::Layout& layout, std::size_t field, const sweep::TaskResult& a,
                     const sweep::TaskResult& b) const override {
    return bound_of_toys(layout, field, a, b);
  }

 protected:
  // Uses all threads. Goes on from the sums in the row, if there are any.
  Toys outcome(const Point& point, const Row& row) const override {
    const Scenario& scenario = point.scenario;
    const ToyExperiment experiment = toy_experiment(scenario, point.calculator);
    ToyTally tally = empty_tally(experiment);
    sweep::Numbers sums = row.get(first_sum_ + 2);
    if (!std::isnan(sums.front())) {  // the beginning of a larger number
      for (const std::size_t i : {first_sum_, first_sum_ + 1, first_sum_ + 3}) {
        const sweep::Numbers more = row.get(i);
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

  std::vector<double> counts_;
  std::size_t first_sum_ = 0;  // field of the histogram; its squares, moments and tails follow
};

std::string verdict(double holds) {
  return std::isnan(holds) ? "failed" : holds > 0.0 ? "yes" : "no";
}

std::unique_ptr<Report> toys_report(const setup::Result& result) {
  const auto along = [&](const std::string& name, const std::string& scale) {
    return result.table("/toys/" + name, Depth::innermost, {"/toys/" + scale});
  };
  const auto expected = result.table("/toys/z_expected", Depth::innermost).values;
  const sweep::ResultTable quantile = along("quantile", "probability");
  const sweep::ResultTable p = along("p_value", "threshold"),
                           p_error = along("p_value_error", "threshold");
  const auto own = result.table("/toys/p_value_of_significance", Depth::innermost).values;
  const auto own_error =
      result.table("/toys/p_value_of_significance_error", Depth::innermost).values;

  constexpr std::array<const char*, 5> bands = {"-2 sigma", "-1 sigma", "median", "+1 sigma",
                                                "+2 sigma"};
  constexpr std::array<const char*, 5> names = {"z_minus_2_sigma", "z_minus_1_sigma", "z_median",
                                                "z_plus_1_sigma", "z_plus_2_sigma"};
  auto report = std::make_unique<PointReport>(result);
  std::vector<double> own_sigma, own_sigma_error;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto sigma = statistics::gaussian_sigma({own[i], own_error[i]});
    own_sigma.push_back(sigma.value);
    own_sigma_error.push_back(sigma.error);
  }
  report->add(result.table("/toys/significance", Depth::innermost), "significance", "sqrt(chi2)",
              number_text);
  report->add({"toys_sigma", "in toys", std::move(own_sigma), number_text});
  report->add({"toys_sigma_error", "+-", std::move(own_sigma_error), number_text});
  for (std::size_t i = 0; i < bands.size(); ++i)
    report->add({names[i], fmt::format("z {}", bands[i]), slice(quantile, i), number_text});
  // A tail that differs by more than its error and by more than anybody would mind.
  constexpr double tolerable = 0.05;
  const auto& thresholds = p.axes.back().values;
  const auto three = static_cast<std::size_t>(
      std::find(thresholds.begin(), thresholds.end(), sweep::Value(3.0)) - thresholds.begin());
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

constinit const Analysis toys_analysis = {
    .kind = {.name = "toys",
             .takes =
                 [](const Parameter& parameter) {
                   return parameter.role != Parameter::Role::kinematics &&
                          parameter.role != Parameter::Role::discovery;
                 },
             .fills_all_threads = true},
    .work = [](const Asked& asked) -> std::unique_ptr<sweep::Work> {
      return std::make_unique<ToysWork>(asked);
    },
    .report = toys_report,
    .tables = toys_tables};

}  // namespace nuloop::analysis
