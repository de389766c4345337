// Pseudo-experiments of a scenario: their statistic against matrices by hand, tails and critical
// values against what normal counts would give, plain against importance sampling.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/toys.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/statistics/likelihood_fit.hpp"
#include "unit/statistics/exact.hpp"
#include "unit/study_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace {

using namespace nuloop;
using analysis::ToyExperiment;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using setup::Scenario;
using statistics::Estimate;
using statistics::ToyTally;

// tao-30m, NLO, 5 years, and what a test changes.
Scenario scenario(const std::map<std::string, setup::Value>& changes) {
  static const setup::Job job = analysis::read_job(
      io::parse_toml({"job", "job",
                      "[job]\nname = \"a\"\ntitle = \"b\"\nkind = \"toys\"\n[axes]\n"
                      "exposure = [\"5 yr\"]\n[settings]\nexperiment = \"tao-30m\"\n"
                      "model = \"nlo\"\nflux_uncertainty = 0.005\ntoys.count = 5000\n"}),
      test::world());
  setup::Settings settings = job.settings;
  settings.at(setup::find_parameter("exposure").value()) = 5.0;
  for (const auto& [key, value] : changes)
    settings.at(setup::find_parameter(key).value()) = value;
  return setup::make_scenario(settings, test::world());
}

const prediction::RateCalculator& prepared(const Scenario& s) {
  static prediction::RateCalculator calculator(test::world());
  calculator.prepare(s);
  return calculator;
}

ToyExperiment experiment_of(const Scenario& s) {
  return analysis::toy_experiment(s, prepared(s));
}

// Expected counts and pulls, from the rates of each model one by one.
struct ByHand {
  VectorXd reference, model, background;  // counts
  VectorXd sigmas;
  double t_days;

  static VectorXd signal(Scenario s, physics::Model model) {
    s.theory.model = model;
    return prepared(s).rates(s).tested.value.matrix();
  }
  explicit ByHand(const Scenario& s)
      : reference(signal(s, s.theory.reference)),
        model(signal(s, s.theory.model)),
        background(prepared(s).rates(s).background.value.matrix()),
        sigmas(2),
        t_days(365.25 * s.time.exposure_yr) {
    for (VectorXd* counts : {&reference, &model, &background})
      *counts *= t_days;
    sigmas << s.uncertainties.flux, s.uncertainties.background;
  }

  // Weights of z for `tested` against `other`, by solving with the whole covariance.
  struct Statistic {
    VectorXd weights;
    MatrixXd pulls;
    double length;  // sqrt(d^T C^-1 d)
  };
  Statistic statistic(const VectorXd& tested, const VectorXd& other) const {
    MatrixXd pulls(tested.size(), 2);
    pulls << tested, background;
    MatrixXd covariance = (other + background).asDiagonal();
    for (Eigen::Index k = 0; k < 2; ++k)
      covariance += sigmas[k] * sigmas[k] * pulls.col(k) * pulls.col(k).transpose();
    const VectorXd direction = other - tested;
    const VectorXd solved = covariance.ldlt().solve(direction);
    const double length = std::sqrt(direction.dot(solved));
    return {solved / length, pulls, length};
  }
};

ToyTally run(const ToyExperiment& experiment, std::uint64_t count, std::uint64_t seed = 1) {
  ToyTally tally = analysis::empty_tally(experiment);
  statistics::run_toys(experiment.ensemble, *experiment.statistic, {seed, 0}, 0, count, tally);
  return tally;
}

double gaussian(double threshold) {
  return std::erfc(threshold / std::numbers::sqrt2);
}

// p value of |z| >= a threshold of analysis::toy_thresholds().
Estimate p_value(const ToyTally& tally, double threshold) {
  return tally.tail(static_cast<std::size_t>(std::lround(2.0 * threshold)) - 1,
                    ToyTally::Side::both);
}

// Four standard deviations; 1 in 16,000 for each comparison, and the seeds are fixed.
void check_same(const Estimate& a, const Estimate& b) {
  CAPTURE(a.value, a.error, b.value, b.error);
  CHECK(std::abs(a.value - b.value) < 4.0 * std::hypot(a.error, b.error));
}

}  // namespace

TEST_CASE("z of the alternative's Asimov data is sqrt(chi2), that of the tested hypothesis 0") {
  for (const char* experiment : {"tao-30m", "cloud-300mwe"})
    for (const char* model : {"nlo", "lo+cr"})
      for (const char* pulls : {"thrown", "nominal", "profiled"}) {
        CAPTURE(experiment, model, pulls);
        const std::map<std::string, setup::Value> what = {
            {"experiment", experiment}, {"model", model}, {"toys.pulls", pulls}};
        const auto with = [&](const char* tested, const char* truth) {
          auto all = what;
          all["toys.tested"] = tested;
          all["toys.truth"] = truth;
          return scenario(all);
        };
        const ByHand hand(with("model", "model"));
        const auto chi = hand.statistic(hand.model, hand.reference);
        const auto swapped = hand.statistic(hand.reference, hand.model);
        // The covariance is solved with digits lost to its pulls: up to 1e5 of the condition
        // number.
        const double margin = 1e-9;
        const ToyExperiment discovery = experiment_of(with("model", "reference"));
        CHECK(discovery.significance == Approx(chi.length).epsilon(margin));
        if (std::string(pulls) != "profiled")
          CHECK(discovery.z_expected == Approx(chi.length).epsilon(margin));
        CHECK(experiment_of(with("reference", "model")).significance ==
              Approx(swapped.length).epsilon(margin));
        CHECK(chi.length != Approx(swapped.length).epsilon(1e-6));  // other variances
        CHECK(experiment_of(with("model", "model")).z_expected == Approx(0.0).margin(margin));
        CHECK(experiment_of(with("reference", "reference")).z_expected ==
              Approx(0.0).margin(margin));
      }
}

TEST_CASE("z of any data and prior centres is as by hand") {
  const Scenario s = scenario({{"toys.truth", "lo+cr"}});
  const ByHand hand(s);
  const auto statistic = hand.statistic(hand.model, hand.reference);
  const ToyExperiment experiment = experiment_of(s);
  const VectorXd truth = ByHand::signal(s, physics::Model::lo_cr) * hand.t_days;
  CHECK(experiment.z_expected == Approx(statistic.weights.dot(truth - hand.model)).epsilon(1e-9));
  Eigen::Vector2d centres(0.003, -0.07);
  const VectorXd counts = 1.001 * (hand.model + hand.background);
  CHECK((*experiment.statistic)(counts.array(), centres) ==
        Approx(statistic.weights.dot(counts - hand.model - hand.background -
                                     statistic.pulls * centres))
            .epsilon(1e-9));
}

TEST_CASE("A model that is the reference is not compared with it") {
  CHECK_THROWS_AS(experiment_of(scenario({{"model", "lo"}})), NumericalError);
}

TEST_CASE("With many counts 3 sigma is 3 sigma") {
  const Estimate p = p_value(run(experiment_of(scenario({})), 400'000), 3.0);
  CHECK(p.error < 0.04 * p.value);
  check_same(p, {gaussian(3.0), 0.0});
}

// Given nature's pulls, counts are nearly normal, and so is z. Its variance under the tested
// hypothesis is not 1: chi2 has the variance of the other one, and where nature's pulls are thrown
// each of them scales the variance of the counts.
TEST_CASE("Tails with many counts are those of normal counts with the variances there are") {
  for (const char* experiment : {"tao-30m", "cloud-surface"})
    for (const char* pulls : {"thrown", "nominal"}) {
      CAPTURE(experiment, pulls);
      const Scenario s =
          scenario({{"experiment", experiment}, {"toys.pulls", pulls}, {"toys.tail", 5.0}});
      const ByHand hand(s);
      const auto [weights, directions, length] = hand.statistic(hand.model, hand.reference);
      const VectorXd squares = weights.array().square();
      const VectorXd shifts = hand.sigmas.cwiseProduct(directions.transpose() * weights);
      const VectorXd scales = hand.sigmas.cwiseProduct(directions.transpose() * squares);
      const double variance = squares.dot(hand.model + hand.background);
      const auto tail = [&](double threshold) {
        if (std::string(pulls) == "nominal")  // the auxiliary measurements shift z alone
          return gaussian(threshold / std::sqrt(variance + shifts.squaredNorm()));
        // Trapezia over two normal numbers: exponentially exact.
        double sum = 0.0, norm = 0.0;
        constexpr double step = 0.125;
        for (int i = -64; i <= 64; ++i)
          for (int j = -64; j <= 64; ++j) {
            const Eigen::Vector2d g(step * i, step * j);
            const double spread = std::sqrt(2.0 * (variance + scales.dot(g)));
            const double weight = std::exp(-0.5 * g.squaredNorm()), shift = shifts.dot(g);
            norm += weight;
            sum +=
                0.5 * weight *
                (std::erfc((threshold - shift) / spread) + std::erfc((threshold + shift) / spread));
          }
        return sum / norm;
      };
      const ToyTally tally = run(experiment_of(s), 300'000);
      for (const double threshold : {2.0, 3.0, 4.0, 5.0}) {
        CAPTURE(threshold, tail(threshold) / gaussian(threshold));
        check_same(p_value(tally, threshold), {tail(threshold), 0.0});
      }
      const double total = variance + shifts.squaredNorm();  // of z
      CHECK(total < 1.0);
      CHECK(total > 0.98);
      CHECK((tail(5.0) > gaussian(5.0)) == (std::string(pulls) == "thrown"));
    }
}

TEST_CASE("Importance sampling has the tails of brute force, and 5 sigma besides") {
  for (const char* experiment : {"tao-30m", "cloud-300mwe"})
    for (const double low_MeV : {1.0, 5.0}) {
      CAPTURE(experiment, low_MeV);
      std::map<std::string, setup::Value> what = {{"experiment", experiment},
                                                  {"model", "lo+cr"},
                                                  {"window.low", low_MeV},
                                                  {"exposure", low_MeV > 1.0 ? 0.001 : 1.0}};
      const ToyTally plain = run(experiment_of(scenario(what)), 400'000);
      what["toys.tail"] = 5.0;
      const ToyTally tilted = run(experiment_of(scenario(what)), 100'000, 2);
      for (const double threshold : {1.0, 2.0, 3.0, 3.5})
        check_same(p_value(plain, threshold), p_value(tilted, threshold));
      check_same(plain.quantile(0.5), tilted.quantile(0.5));
      check_same(plain.critical(0.9), tilted.critical(0.9));
      check_same(plain.mean(), tilted.mean());
      const Estimate five = p_value(tilted, 5.0);
      CHECK(five.value > 0.0);
      CHECK(five.error < 0.1 * five.value);
    }
}

TEST_CASE("With few counts 3 sigma is less, and 5 sigma much less") {
  const Scenario s = scenario({{"experiment", "cloud-300mwe"},
                               {"model", "lo+cr"},
                               {"window.low", 5.0},
                               {"exposure", 0.1 / 365.25},
                               {"toys.tail", 5.0}});
  const ByHand hand(s);
  REQUIRE((hand.model + hand.background).sum() < 10.0);
  const ToyTally tally = run(experiment_of(s), 100'000);
  const Estimate three = p_value(tally, 3.0), five = p_value(tally, 5.0);
  CHECK(three.value - 4.0 * three.error > 2.0 * gaussian(3.0));
  CHECK(five.value - 4.0 * five.error > 100.0 * gaussian(5.0));
  // Not downwards: there are no fewer counts than none.
  const auto none = Eigen::ArrayXd::Zero(hand.model.size());
  REQUIRE((*experiment_of(s).statistic)(none, VectorXd::Zero(2)) > -5.0);
  CHECK(tally.tail(9, ToyTally::Side::below).value == 0.0);
}

TEST_CASE("Every statistic is the fit of that name, the paper's its closed form") {
  for (const auto& [name, statistic] : statistics::statistic_names)
    for (const double low_MeV : {1.0, 5.0}) {
      CAPTURE(std::string(name), low_MeV);
      const Scenario s = scenario({{"experiment", "cloud-300mwe"},
                                   {"model", "lo+cr"},
                                   {"window.low", low_MeV},
                                   {"exposure", 2.0 / 365.25},
                                   {"statistic", std::string(name)}});
      const ByHand hand(s);
      MatrixXd pulls(hand.model.size(), 2);
      pulls << hand.model, hand.background;
      const Eigen::ArrayXd other = hand.reference + hand.background;
      const statistics::FittedStatistic fit(
          statistic, statistics::exact(hand.reference - hand.model, other, pulls, hand.sigmas));
      const ToyExperiment experiment = experiment_of(s);
      statistics::Toys toys(100);
      Eigen::ArrayXd z_of_each;
      double distance = 0.0;
      for (std::uint64_t number = 0; number < 300; ++number) {
        const auto row = static_cast<Eigen::Index>(number % 100);
        if (row == 0) {
          experiment.ensemble.generate({3, 0}, number, toys);
          experiment.statistic->of_each(toys.counts, toys.centres, z_of_each);
        }
        const Eigen::ArrayXd counts = toys.counts.row(row).transpose();
        const VectorXd centres = toys.centres.row(row).transpose();
        const double z = z_of_each[row];
        CHECK(z == Approx((*experiment.statistic)(counts, centres)).epsilon(1e-12).margin(1e-12));
        const double expected = fit(counts, centres);
        const double chi2 =
            fit.minimum(counts, centres, statistics::FittedStatistic::Strength::tested).value;
        // Fits promise 1e-10 of q for each empty bin, 1e-6 where many end at no expectation.
        distance = std::max(distance, std::abs(z * z - expected * expected) / (1.0 + chi2));
        if (std::abs(expected) > 0.01)
          CHECK(std::signbit(z) == std::signbit(expected));
      }
      CHECK(distance < (low_MeV > 1.0 ? 1e-6 : 1e-9));
      const VectorXd zero = VectorXd::Zero(2);
      CHECK(experiment.significance == Approx(std::abs(fit(other, zero))).epsilon(1e-7));
    }
}

TEST_CASE("With many counts the five statistics are one, normal and without bias") {
  std::vector<ToyTally> tallies;
  for (const auto& [name, statistic] : statistics::statistic_names) {
    CAPTURE(std::string(name));
    // Truth and seed are the same: so are the counts.
    tallies.push_back(
        run(experiment_of(scenario({{"statistic", std::string(name)}, {"toys.pulls", "nominal"}})),
            20'000));
    check_same(tallies.back().quantile(0.5), {0.0, 0.0});
    check_same(tallies.back().critical(0.68), {0.994458, 0.0});
    check_same(tallies.back().critical(0.90), {1.644854, 0.0});
    check_same(tallies.back().critical(0.95), {1.959964, 0.0});
    // The same toys: what is left is of relative order 1/sqrt(counts), 0.02 at 10 MeV, and the
    // histogram's step.
    CHECK(tallies.back().mean().value == Approx(tallies.front().mean().value).margin(0.02));
    CHECK(tallies.back().critical(0.90).value ==
          Approx(tallies.front().critical(0.90).value).margin(0.02));
  }
}

// Neyman's variances are those of the fluctuations themselves, the likelihood's those expected.
TEST_CASE("With few counts the likelihood ratio is nearest to normal and Neyman's chi2 is biased") {
  const auto tallies = [](double days) {
    std::map<std::string, ToyTally> found;
    for (const auto& [name, statistic] : statistics::statistic_names) {
      const Scenario s = scenario({{"experiment", "cloud-300mwe"},
                                   {"model", "lo+cr"},
                                   {"window.low", 5.0},
                                   {"exposure", days / 365.25},
                                   {"toys.tail", 5.0},
                                   {"statistic", std::string(name)}});
      const ByHand hand(s);
      CHECK((hand.model + hand.background).sum() == Approx(77.0 * days).epsilon(0.01));
      found.emplace(name, run(experiment_of(s), 40'000));
    }
    return found;
  };
  const auto ratio = [](const ToyTally& tally) {
    const Estimate p = p_value(tally, 5.0);
    return Estimate{p.value / gaussian(5.0), p.error / gaussian(5.0)};
  };
  for (const double days : {0.7, 2.0}) {
    const auto found = tallies(days);
    const Estimate likelihood = ratio(found.at("poisson"));
    const Estimate bias = found.at("neyman").quantile(0.5);
    CAPTURE(days, likelihood.value, likelihood.error, bias.value, bias.error);
    // 54 events make it less likely than a normal z, 154 as likely.
    CHECK(std::abs(std::log(likelihood.value)) < 1.0);
    for (const char* name : {"reference", "neyman", "pearson", "combined"}) {
      const Estimate other = ratio(found.at(name));
      CAPTURE(name, other.value, other.error);
      CHECK(other.value - 4.0 * other.error > std::exp(1.0));
    }
    if (days < 1.0)
      for (const char* name : {"reference", "pearson", "combined", "poisson"}) {
        const Estimate median = found.at(name).quantile(0.5);
        CAPTURE(name, median.value, median.error);
        CHECK(-bias.value - std::abs(median.value) > 4.0 * std::hypot(bias.error, median.error));
      }
  }
}

// Feldman and Cousins (physics/9711021): the family of alternatives of a charge radius is linear
// in it, so that any other radius gives the direction of the fit.
TEST_CASE("Critical rises of chi2 are asymptotic with many counts and not with few") {
  const std::map<double, double> roots = {{0.68, 0.994458}, {0.90, 1.644854}, {0.95, 1.959964}};
  const auto tally = [](const char* name, double radius, double low_MeV, double days,
                        const char* reference, std::uint64_t count) {
    return run(experiment_of(scenario({{"experiment", "cloud-300mwe"},
                                       {"model", "free-charge-radius"},
                                       {"free.charge_radius", radius},
                                       {"reference", reference},
                                       {"window.low", low_MeV},
                                       {"exposure", days / 365.25},
                                       {"toys.pulls", "nominal"},
                                       {"statistic", name}})),
               count);
  };
  for (const double radius : {-30e-33, 20e-33}) {
    const ToyTally many = tally("poisson", radius, 1.0, 1000.0, "lo+cr", 40'000);
    for (const auto& [level, root] : roots) {
      CAPTURE(radius, level);
      check_same(many.critical(level), {root, 0.0});
    }
  }
  // Five events.
  for (const char* name : {"reference", "poisson"}) {
    const ToyTally few = tally(name, 0.0, 5.0, 0.065, "lo+cr", 40'000);
    int different = 0;
    for (const auto& [level, root] : roots) {
      const Estimate critical = few.critical(level);
      CAPTURE(name, level, critical.value, critical.error);
      // The histogram's step of 0.02 besides, as the distribution has steps.
      if (std::abs(critical.value - root) > 4.0 * critical.error + 0.02)
        ++different;
    }
    CHECK(different >= 2);
  }
  // Which radius gives the direction makes no difference to a likelihood ratio.
  const ToyTally a = tally("poisson", -30e-33, 1.0, 3.0, "lo+cr", 5'000);
  const ToyTally b = tally("poisson", -30e-33, 1.0, 3.0, "lo", 5'000);
  CHECK(a.critical(0.9).value == Approx(b.critical(0.9).value).epsilon(1e-6));
}
