// Pseudo-experiments against exact tails, and their tallies bit for bit.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/toys.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include <Eigen/Core>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <omp.h>

namespace {

using nuloop::infinity;
using namespace nuloop::statistics;
using nuloop::NumericalError;
using Side = ToyTally::Side;

// Estimates may be off by so many standard deviations; the seeds are fixed.
constexpr double deviations = 4.0;

struct Setup {
  LinearModel model;
  LinearStatistic statistic;
  ToyTruth truth;  // the tested hypothesis
};

// 18 bins of a signal over a background like those of an experiment; the highest bin expects
// `level`, the lowest a two-hundredth of it. The variance is that of the truth, so that z has unit
// variance under it.
Setup spectra(double level, PullEnsemble ensemble, double signal_sigma = 0.005) {
  constexpr Eigen::Index bins = 18;
  Eigen::ArrayXd signal(bins), background(bins), direction(bins);
  for (Eigen::Index i = 0; i < bins; ++i) {
    const double x = static_cast<double>(i) / (bins - 1);
    signal[i] = level * std::exp(-11.5 * x);
    background[i] = 0.1 * level * std::exp(-3.0 * x);
    direction[i] = signal[i] * (0.03 - 0.02 * x);
  }
  Eigen::MatrixXd pulls(bins, 2);
  pulls << signal, background;
  const LinearModel model{signal + background, direction, pulls,
                          Eigen::Vector2d(signal_sigma, 0.1)};
  ToyTruth truth{model.with(model.expected), ensemble, {}};
  Eigen::ArrayXd variance = model.expected;
  if (ensemble == PullEnsemble::profiled) {
    truth.values = Eigen::Vector2d(0.004, -0.07);
    variance += (pulls * truth.values).array();
  }
  return {model, LinearStatistic(model.with(variance)), truth};
}

// One bin without pulls.
Setup one_bin(double mean) {
  const LinearModel model{Eigen::ArrayXd::Constant(1, mean), Eigen::ArrayXd::Constant(1, 1.0),
                          Eigen::MatrixXd(1, 0), Eigen::VectorXd(0)};
  const auto comparison = model.with(model.expected);
  return {model, LinearStatistic(comparison), {comparison}};
}

// The signed root of the Poisson likelihood ratio of one bin, n against its expectation.
class PoissonRoot final : public TestStatistic {
 public:
  explicit PoissonRoot(double mean) : mean_(mean) {}
  double operator()(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                    const Eigen::Ref<const Eigen::VectorXd>&) const override {
    const double n = counts[0];
    const double q = 2.0 * (mean_ - n + (n > 0.0 ? n * std::log(n / mean_) : 0.0));
    return std::copysign(std::sqrt(std::max(0.0, q)), n - mean_);
  }

 private:
  double mean_;
};

class Failing final : public TestStatistic {
 public:
  double operator()(const Eigen::Ref<const Eigen::ArrayXd>&,
                    const Eigen::Ref<const Eigen::VectorXd>&) const override {
    throw NumericalError("no minimum");
  }
};

// One pseudo-experiment.
struct Toy {
  Eigen::ArrayXd counts;
  Eigen::VectorXd centres;
  double weight = 0.0;
  Eigen::ArrayXd means;
  Eigen::VectorXd normals;
};

Toy generate(const ToyEnsemble& ensemble, const StreamKey& key, std::uint64_t number) {
  Toys toys(1);
  ensemble.generate(key, number, toys);
  return {toys.counts.row(0).transpose(), toys.centres.row(0).transpose(), toys.weights[0],
          toys.means.row(0).transpose(), toys.normals.row(0).transpose()};
}

void check(const Estimate& estimate, double expected) {
  CHECK(std::abs(estimate.value - expected) < deviations * estimate.error);
}

void check(const Estimate& a, const Estimate& b) {
  CHECK(std::abs(a.value - b.value) < deviations * std::hypot(a.error, b.error));
}

bool same_bits(const ToyTally& a, const ToyTally& b) {
  return a.numbers().size() == b.numbers().size() &&
         std::memcmp(a.numbers().data(), b.numbers().data(), a.numbers().size_bytes()) == 0;
}

constexpr PullEnsemble ensembles[] = {PullEnsemble::thrown, PullEnsemble::nominal,
                                      PullEnsemble::profiled};

}  // namespace

TEST_CASE("at high counts z is a standard Gaussian in every ensemble") {
  for (const PullEnsemble ensemble : ensembles) {
    const Setup s = spectra(1e7, ensemble);
    ToyTally tally(0.0, {1.0, 3.0});
    run_toys(ToyEnsemble(s.truth), s.statistic, {11, 0}, 0, 500000, tally);
    check(tally.mean(), 0.0);
    // The variance of a sample variance is 2/n.
    check({tally.variance(), std::sqrt(2.0 / tally.toys())}, 1.0);
    check(tally.tail(0, Side::both), std::erfc(1.0 / std::sqrt(2.0)));
    check(tally.tail(1, Side::both), std::erfc(3.0 / std::sqrt(2.0)));
    check(gaussian_sigma(tally.tail(1, Side::both)), 3.0);
    check(tally.tail(1, Side::above), 0.5 * std::erfc(3.0 / std::sqrt(2.0)));
    for (const double z : {-2.0, -1.0, 0.0, 1.0, 2.0})
      check(tally.quantile(boost::math::cdf(boost::math::normal(), z)), z);
  }
}

TEST_CASE("under the alternative z is distributed around its Asimov value") {
  Setup s = spectra(1e6, PullEnsemble::thrown);
  s.truth.nature.tested.value += s.model.direction;
  const double asimov = s.statistic(s.truth.nature.tested.value, Eigen::VectorXd::Zero(2));
  REQUIRE(asimov > 2.0);
  ToyTally tally(asimov, {asimov});
  run_toys(ToyEnsemble(s.truth), s.statistic, {12, 0}, 0, 200000, tally);
  check(tally.mean(), asimov);
  check(tally.quantile(0.5), asimov);
  check(tally.tail(0, Side::above), 0.5);
}

TEST_CASE("tails by importance sampling are those of plain sampling") {
  // Counts so low that tails are not Gaussian; once with a sigma that needs clipping.
  for (const PullEnsemble ensemble : ensembles)
    for (const double sigma : {0.005, 0.5}) {
      const Setup s = spectra(40.0, ensemble, sigma);
      ToyTally plain(0.0, {1.0, 3.5}), tilted(0.0, {1.0, 3.5});
      run_toys(ToyEnsemble(s.truth), s.statistic, {13, 0}, 0, 500000, plain);
      run_toys(ToyEnsemble(s.truth, s.statistic, 3.5), s.statistic, {13, 1}, 0, 100000, tilted);
      INFO("ensemble " << static_cast<int>(ensemble) << ", sigma " << sigma);
      for (std::size_t threshold = 0; threshold < 2; ++threshold)
        for (const Side side : {Side::above, Side::below, Side::both})
          check(plain.tail(threshold, side), tilted.tail(threshold, side));
      check(plain.mean(), tilted.mean());
      for (const double probability : {0.1587, 0.5, 0.8413})
        check(plain.quantile(probability), tilted.quantile(probability));
      // Weights are ratios of densities: their mean is 1.
      const auto sums = tilted.numbers();
      check({sums[1] / sums[0], std::sqrt(sums[2]) / sums[0]}, 1.0);
      CHECK(tilted.tail(1, Side::above).error < 0.5 * plain.tail(1, Side::above).error);
    }
}

TEST_CASE("five standard deviations to some per cent with few toys") {
  for (const PullEnsemble ensemble : ensembles) {
    const Setup s = spectra(1e8, ensemble);
    ToyTally tally(0.0, {5.0});
    run_toys(ToyEnsemble(s.truth, s.statistic, 5.0), s.statistic, {14, 0}, 0, 20000, tally);
    const Estimate p = tally.tail(0, Side::both);
    CHECK(p.error < 0.1 * p.value);
    check(p, std::erfc(5.0 / std::sqrt(2.0)));
    check(gaussian_sigma(p), 5.0);
  }
}

TEST_CASE("tails of one bin are those of the Poisson distribution, not Gaussian at low counts") {
  for (const double mean : {0.3, 3.0, 40.0, 1e4})
    for (const double tail : {3.0, 5.0}) {
      const Setup s = one_bin(mean);
      const ToyEnsemble ensemble(s.truth, s.statistic, tail);
      INFO("mean " << mean << ", tail " << tail);

      ToyTally tally(0.0, {tail});
      run_toys(ensemble, s.statistic, {15, 0}, 0, 100000, tally);
      const double above = std::ceil(mean + tail * std::sqrt(mean));
      const double exact_above = boost::math::gamma_p(above, mean);  // P(n >= above)
      const double below = std::floor(mean - tail * std::sqrt(mean));
      const double exact_below = below >= 0.0 ? boost::math::gamma_q(below + 1.0, mean) : 0.0;
      check(tally.tail(0, Side::above), exact_above);
      check(tally.tail(0, Side::below), exact_below);
      CHECK(tally.tail(0, Side::above).error < 0.05 * exact_above);

      // The same toys ordered by another statistic.
      const PoissonRoot root(mean);
      ToyTally other(0.0, {tail});
      run_toys(ensemble, root, {15, 0}, 0, 100000, other);
      double first = std::ceil(mean);  // the lowest count with root >= tail
      while (root(Eigen::ArrayXd::Constant(1, first), Eigen::VectorXd(0)) < tail)
        ++first;
      check(other.tail(0, Side::above), boost::math::gamma_p(first, mean));

      const double gaussian = 0.5 * std::erfc(tail / std::sqrt(2.0));
      const Estimate found = tally.tail(0, Side::above);
      if (mean < 50.0)
        CHECK(found.value - gaussian > 10.0 * found.error);
    }
}

TEST_CASE("weights are at most five and plain toys have none") {
  const Setup s = spectra(100.0, PullEnsemble::thrown, 0.3);
  const ToyEnsemble plain(s.truth), zero(s.truth, s.statistic, 0.0),
      tilted(s.truth, s.statistic, 6.0);
  Toy a, b;
  double largest = 0.0;
  for (std::uint64_t number = 0; number < 5000; ++number) {
    a = generate(tilted, {16, 0}, number);
    REQUIRE(a.weight > 0.0);
    largest = std::max(largest, a.weight);
    a = generate(plain, {16, 0}, number);
    b = generate(zero, {16, 0}, number);
    REQUIRE((a.weight == 1.0 && b.weight == 1.0));
    REQUIRE((a.counts == b.counts).all());
  }
  CHECK(largest <= 5.0);
  CHECK(largest > 2.0);  // typical toys are thinned out
}

TEST_CASE("what is sampled from is a distribution: the truth's over the weights sums to one") {
  for (const double mean : {0.3, 3.0, 40.0, 1e3}) {
    const Setup s = one_bin(mean);
    const ToyEnsemble toys(s.truth, s.statistic, 5.0);
    std::map<double, double> weights;  // of each count
    Toy toy;
    for (std::uint64_t number = 0; number < 300000; ++number) {
      toy = generate(toys, {23, 0}, number);
      const auto [found, first] = weights.emplace(toy.counts[0], toy.weight);
      REQUIRE((first || found->second == toy.weight));
    }
    double sum = 0.0;
    for (const auto& [n, weight] : weights)
      sum += boost::math::gamma_p_derivative(n + 1.0, mean) / weight;  // Poisson probability of n
    INFO("mean " << mean);
    // What no toy has met is about as probable as there are such counts, over the toys.
    CHECK(sum == Approx(1.0).margin(3e-4));
  }
}

TEST_CASE("a toy does not depend on those before it") {
  for (const PullEnsemble ensemble : ensembles) {
    const Setup s = spectra(300.0, ensemble);
    const ToyEnsemble toys(s.truth, s.statistic, 4.0);
    std::vector<Toy> forward(50);
    for (std::uint64_t number = 0; number < 50; ++number)
      forward[number] = generate(toys, {17, 5}, number);
    Toy toy;
    for (std::uint64_t number = 50; number-- > 0;) {
      toy = generate(toys, {17, 5}, number);
      CHECK((toy.counts == forward[number].counts).all());
      CHECK(toy.centres == forward[number].centres);
      CHECK(toy.weight == forward[number].weight);
    }
    toy = generate(toys, {17, 6}, 0);
    CHECK_FALSE((toy.counts == forward[0].counts).all());
  }
}

TEST_CASE("what is thrown in each ensemble") {
  constexpr int count = 20000;
  for (const PullEnsemble ensemble : ensembles) {
    const Setup s = spectra(1000.0, ensemble, 0.2);
    const ToyEnsemble toys(s.truth);
    Toy toy;
    const bool thrown = ensemble == PullEnsemble::thrown;
    const Eigen::VectorXd x = ensemble == PullEnsemble::profiled
                                  ? s.truth.values
                                  : Eigen::VectorXd(Eigen::VectorXd::Zero(2));
    double sum = 0.0, squares = 0.0;
    for (std::uint64_t number = 0; number < count; ++number) {
      toy = generate(toys, {18, 0}, number);
      const Eigen::VectorXd scatter = s.truth.nature.widths().cwiseProduct(toy.normals);
      const Eigen::VectorXd nature = thrown ? scatter : x;
      const Eigen::VectorXd centres =
          thrown ? Eigen::VectorXd(Eigen::VectorXd::Zero(2)) : Eigen::VectorXd(x - scatter);
      REQUIRE((toy.centres - centres).norm() == 0.0);
      const Eigen::ArrayXd means =
          (s.truth.nature.tested.value + (s.truth.nature.pulls.value * nature).array()).max(0.0);
      REQUIRE((toy.means - means).abs().maxCoeff() < 1e-9);
      sum += toy.counts[3] - toy.means[3];
      squares += std::pow(toy.counts[3] - toy.means[3], 2);
    }
    const double expected =
        (s.truth.nature.tested.value + (s.truth.nature.pulls.value * x).array())[3];
    CHECK(std::abs(sum) < deviations * std::sqrt(count * expected));
    CHECK(squares / count == Approx(expected).epsilon(deviations * std::sqrt(2.0 / count)));
  }
}

TEST_CASE("expectations are clipped at zero") {
  // E max(0, m (1 + sigma g)) = m [Phi(1/sigma) + sigma phi(1/sigma)].
  const double mean = 50.0, sigma = 2.0;
  const Eigen::ArrayXd bin = Eigen::ArrayXd::Constant(1, mean);
  const LinearModel model{bin, bin, bin.matrix(), Eigen::VectorXd::Constant(1, sigma)};
  const ToyEnsemble toys(ToyTruth{model.with(bin), PullEnsemble::thrown});
  constexpr int count = 200000;
  double sum = 0.0, squares = 0.0;
  int empty = 0;
  Toy toy;
  for (std::uint64_t number = 0; number < count; ++number) {
    toy = generate(toys, {19, 0}, number);
    REQUIRE(toy.means[0] >= 0.0);
    if (toy.means[0] == 0.0) {
      REQUIRE(toy.counts[0] == 0.0);
      ++empty;
    }
    sum += toy.counts[0];
    squares += toy.counts[0] * toy.counts[0];
  }
  const boost::math::normal gaussian;
  const double at_zero = boost::math::cdf(gaussian, -1.0 / sigma);
  const double average = sum / count;
  const double error = std::sqrt((squares / count - average * average) / count);
  check({average, error}, mean * (1.0 - at_zero + sigma * boost::math::pdf(gaussian, 1.0 / sigma)));
  check({static_cast<double>(empty) / count, std::sqrt(at_zero * (1.0 - at_zero) / count)},
        at_zero);
}

TEST_CASE("a tally stored and continued is that of all toys at once, bit for bit") {
  const Setup s = spectra(1e4, PullEnsemble::nominal);
  const ToyEnsemble toys(s.truth, s.statistic, 5.0);
  const StreamKey key{20, 3};
  ToyTally whole(0.1, {2.0, 5.0});
  run_toys(toys, s.statistic, key, 0, 7 * toys_per_block, whole);

  ToyTally begun(0.1, {2.0, 5.0});
  run_toys(toys, s.statistic, key, 0, 2 * toys_per_block, begun);
  const std::vector<double> stored(begun.numbers().begin(), begun.numbers().end());
  ToyTally continued(0.1, {2.0, 5.0});
  continued.restore(stored);
  CHECK(same_bits(continued, begun));
  run_toys(toys, s.statistic, key, 2 * toys_per_block, toys_per_block, continued);
  run_toys(toys, s.statistic, key, 3 * toys_per_block, 4 * toys_per_block, continued);
  CHECK(same_bits(continued, whole));
  CHECK(whole.toys() == 7.0 * toys_per_block);
}

TEST_CASE("toys are counted once also where they are too many for one round of blocks") {
  const Setup s = one_bin(4.0);
  const ToyEnsemble toys(s.truth);
  ToyTally whole(0.0, {1.0}), parts(0.0, {1.0});
  run_toys(toys, s.statistic, {24, 0}, 0, 1030 * toys_per_block, whole);
  for (std::uint64_t part = 0; part < 2; ++part)
    run_toys(toys, s.statistic, {24, 0}, part * 515 * toys_per_block, 515 * toys_per_block, parts);
  CHECK(same_bits(whole, parts));
}

TEST_CASE("a tally has the same bits on any number of threads") {
  const Setup s = spectra(1e4, PullEnsemble::thrown);
  const ToyEnsemble toys(s.truth, s.statistic, 5.0);
  const int threads = omp_get_max_threads();
  std::vector<ToyTally> tallies;
  for (const int number : {1, 3, 4}) {
    omp_set_num_threads(number);
    tallies.emplace_back(0.0, std::vector<double>{3.0});
    run_toys(toys, s.statistic, {21, 0}, 0, 11 * toys_per_block, tallies.back());
  }
  omp_set_num_threads(threads);
  CHECK(same_bits(tallies[0], tallies[1]));
  CHECK(same_bits(tallies[0], tallies[2]));
}

TEST_CASE("quantiles and their errors on values of a known distribution") {
  const boost::math::normal gaussian;
  constexpr int count = 100000;
  const double shift = 3.0;
  ToyTally plain(shift, {}), weighted(shift, {});
  for (int i = 0; i < count; ++i) {
    const double p = (i + 0.5) / count;
    plain.add(shift + boost::math::quantile(gaussian, p), 1.0);
    // Uniform over eight standard deviations, weighted to a Gaussian.
    const double z = 8.0 * p - 4.0;
    weighted.add(shift + z, 8.0 * boost::math::pdf(gaussian, z));
  }
  for (const double z : {-1.5, -0.507, 0.0, 1.0, 2.25}) {
    const double p = boost::math::cdf(gaussian, z), density = boost::math::pdf(gaussian, z);
    // Linear interpolation in a step h is off by h^2/8 |z| at most; the sums step by one toy, and
    // the cut of the uniform values at four standard deviations takes 6e-5 of the probability.
    const double interpolation = 0.02 * 0.02 / 8.0 * (1.0 + std::abs(z)) + 1e-4 / density;
    CHECK(plain.quantile(p).value == Approx(shift + z).margin(interpolation));
    CHECK(weighted.quantile(p).value == Approx(shift + z).margin(interpolation));
    CHECK(plain.quantile(p).error ==
          Approx(std::sqrt(p * (1.0 - p) / count) / density).epsilon(0.01));
    // Integrals of w^2 = (8 phi)^2 over the uniform density: 8 phi(x)^2 = 8/(2 sqrt(pi)) N(x; 0,
    // 1/2).
    const double squares = 4.0 / std::sqrt(std::acos(-1.0));
    const double below = squares * boost::math::cdf(gaussian, z * std::sqrt(2.0));
    const double deviation =
        std::sqrt((below * (1.0 - p) * (1.0 - p) + (squares - below) * p * p) / count);
    CHECK(weighted.quantile(p).error == Approx(deviation / density).epsilon(0.01));
  }
  CHECK(plain.mean().value == Approx(shift).margin(1e-9));
  CHECK(plain.mean().error == Approx(1.0 / std::sqrt(count)).epsilon(1e-3));
  CHECK(plain.variance() == Approx(1.0).epsilon(1e-3));
}

TEST_CASE("values beyond the histogram are counted, but have no quantile") {
  ToyTally tally(0.0, {3.0});
  for (const double z : {-1e300, -9.0, -8.5, 0.0, 8.5, 9.0, 1e300})
    tally.add(z, 1.0);
  CHECK(tally.histogram().front() == 3.0);
  CHECK(tally.histogram().back() == 3.0);
  CHECK(tally.quantile(0.2).value == -infinity);
  CHECK(tally.quantile(0.8).value == infinity);
  CHECK(tally.quantile(0.5).value == Approx(0.01));  // the middle of a step
  CHECK(tally.tail(0, Side::above).value == Approx(3.0 / 7.0));
  CHECK(tally.tail(0, Side::both).value == Approx(6.0 / 7.0));
  CHECK_THROWS_AS(tally.add(std::nan(""), 1.0), NumericalError);
  CHECK_THROWS_AS(tally.add(0.0, infinity), NumericalError);
}

TEST_CASE("values that are added together are summed one after the other") {
  for (const bool plain : {true, false}) {
    std::vector<double> z, weights;
    RandomStream random({31, 0}, 0);
    for (int i = 0; i < 1000; ++i) {
      z.push_back(20.0 * random.uniform() - 10.0);
      weights.push_back(plain ? 1.0 : 5.0 * random.uniform());
    }
    const std::vector<double> thresholds = {2.0, 0.5, 9.5};
    ToyTally together(0.3, thresholds);
    together.add(z, weights);
    std::vector<double> expected(together.numbers().size());
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double w = weights[i], y = z[i] - 0.3;
      const double terms[] = {1.0, w, w * w, w * y, w * y * y, w * w * y, w * w * y * y};
      for (std::size_t k = 0; k < ToyTally::scalars; ++k)
        expected[k] += terms[k];
      const double step = std::floor((y + 8.0) * 50.0) + 1.0;
      const auto bin = static_cast<std::size_t>(std::clamp(step, 0.0, ToyTally::bins - 1.0));
      expected[ToyTally::scalars + bin] += w;
      expected[ToyTally::scalars + ToyTally::bins + bin] += w * w;
      for (std::size_t t = 0; t < thresholds.size(); ++t) {
        const std::size_t at = ToyTally::scalars + 2 * ToyTally::bins + 4 * t;
        if (std::abs(z[i]) >= thresholds[t]) {
          expected[at + (z[i] > 0.0 ? 0 : 2)] += w;
          expected[at + (z[i] > 0.0 ? 1 : 3)] += w * w;
        }
      }
    }
    REQUIRE(std::equal(expected.begin(), expected.end(), together.numbers().begin()));
  }
}

TEST_CASE("a threshold belongs to its tail") {
  ToyTally tally(0.0, {3.0});
  tally.add(3.0, 1.0);
  tally.add(-3.0, 0.5);
  tally.add(std::nextafter(3.0, 0.0), 1.0);
  tally.add(0.0, 1.0);
  CHECK(tally.tail(0, Side::above).value == 0.25);
  CHECK(tally.tail(0, Side::below).value == 0.125);
  CHECK(tally.tail(0, Side::both).value == 0.375);
}

TEST_CASE("equivalent significance of a p value") {
  for (const double sigma : {0.5, 1.0, 3.0, 5.0, 8.0}) {
    const double p = std::erfc(sigma / std::sqrt(2.0));
    const Estimate found = gaussian_sigma({p, 1e-4 * p});
    CHECK(found.value == Approx(sigma).epsilon(1e-12));
    const double moved = gaussian_sigma({p * (1.0 - 1e-4), 0.0}).value;
    CHECK(found.error == Approx(moved - sigma).epsilon(1e-3));
  }
  CHECK(gaussian_sigma({0.0, 1e-6}).value == infinity);
  CHECK(gaussian_sigma({1.0, 0.1}).value == 0.0);
  CHECK(gaussian_sigma({1.01, 0.1}).value == 0.0);
  ToyTally tally(0.0, {3.0});
  tally.add(1.0, 1.0);
  tally.add(2.0, 1.0);
  CHECK(tally.tail(0, Side::both).value == 0.0);
  CHECK(tally.tail(0, Side::both).error == 0.5);
}

TEST_CASE("truths that cannot be and fits that fail are reported") {
  Setup s = spectra(1e3, PullEnsemble::thrown);
  ToyTally tally(0.0, {});
  CHECK_THROWS_WITH(
      run_toys(ToyEnsemble(s.truth), Failing(), {22, 0}, 0, 2 * toys_per_block, tally),
      "no minimum");
  CHECK(tally.toys() == 0.0);
  s.truth.nature.tested.value[2] = -1.0;
  CHECK_THROWS_AS(ToyEnsemble(s.truth), NumericalError);
  s.truth.nature.tested.value[2] = 1e15;
  CHECK_THROWS_AS(ToyEnsemble(s.truth), NumericalError);
  s.truth.nature.tested.value[2] = std::nan("");
  CHECK_THROWS_AS(ToyEnsemble(s.truth), NumericalError);
  // A pull that multiplies the counts by a million.
  s = spectra(1e12, PullEnsemble::thrown, 1e6);
  CHECK_THROWS_AS(run_toys(ToyEnsemble(s.truth), s.statistic, {22, 0}, 0, toys_per_block, tally),
                  NumericalError);
}
