// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/toys.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/parallel_for.hpp"
#include "nuloop/statistics/poisson.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <boost/random/normal_distribution.hpp>

namespace nuloop::statistics {
namespace {

constexpr double largest_mean = 1e14;
constexpr double largest_drawn = 1e15;

// Blocks whose tallies wait to be added; more than enough for all threads of a node.
constexpr std::uint64_t blocks_per_round = 1024;

// An exponent this large tilts a bin in which there is next to nothing to tilt.
constexpr double largest_exponent = 30.0;

// The theta that moves the mean of z by `shift` times the sign of `limit`, or `limit` if that moves
// it less: exponential tilts overshoot where counts are low, and cannot reach below zero counts.
double solve_tilt(const Eigen::ArrayXd& means, const Eigen::ArrayXd& weights,
                  double variance_of_pulls, double shift) {
  const auto moved = [&](double theta) {
    const auto exponents = (theta * weights).max(-largest_exponent).min(largest_exponent);
    return (weights * means * (exponents.exp() - 1.0)).sum() + theta * variance_of_pulls;
  };
  double low = 0.0, high = shift;
  if (std::abs(moved(high)) <= std::abs(shift))
    return high;
  // Only the efficiency depends on it: three digits do.
  for (int halving = 0; halving < 12; ++halving) {
    const double middle = 0.5 * (low + high);
    (std::abs(moved(middle)) > std::abs(shift) ? high : low) = middle;
  }
  return low;
}

}  // namespace

ToyEnsemble::ToyEnsemble(const ToyTruth& truth)
    : ensemble_(truth.ensemble),
      values_(truth.values),
      pulls_(truth.nature.pulls.value),
      sigmas_(truth.nature.widths()),
      means_(truth.nature.tested.value) {
  NULOOP_EXPECTS(pulls_.rows() == means_.size() && pulls_.cols() == sigmas_.size());
  if (ensemble_ == PullEnsemble::profiled) {
    NULOOP_EXPECTS(values_.size() == pulls_.cols());
    means_ = (means_ + (pulls_ * values_).array()).max(0.0);
  }
  if (!means_.allFinite() || !pulls_.allFinite() || !sigmas_.allFinite())
    throw NumericalError("the expected counts of the truth are not finite");
  if ((means_ < 0.0).any() || (means_ > largest_mean).any())
    throw NumericalError("the expected counts of the truth are not between 0 and 1e14");
}

ToyEnsemble::ToyEnsemble(const ToyTruth& truth, const LinearStatistic& statistic, double tail)
    : ToyEnsemble(truth) {
  NULOOP_EXPECTS(tail >= 0.0 && statistic.weights().size() == means_.size());
  NULOOP_EXPECTS(statistic.response().size() == sigmas_.size());
  tilted_ = tail > 0.0;
  if (!tilted_)
    return;
  // dz/dg_k: through the counts if nature's pulls are thrown, through the centres otherwise.
  const Eigen::VectorXd slopes = sigmas_.cwiseProduct(
      ensemble_ == PullEnsemble::thrown ? (pulls_.transpose() * statistic.weights()).eval()
                                        : statistic.response());
  Eigen::RowVectorXd thetas(tilts);
  Eigen::Index j = 0;
  for (const double shift : {0.0, 0.5 * tail, -0.5 * tail, tail, -tail})
    thetas[j++] = solve_tilt(means_, statistic.weights().array(), slopes.squaredNorm(), shift);
  exponents_ = (statistic.weights() * thetas).array().max(-largest_exponent).min(largest_exponent);
  factors_ = exponents_.exp();
  growth_ = exponents_.unaryExpr([](double x) { return std::expm1(x) - x; });
  shifts_ = slopes * thetas;
}

void ToyEnsemble::generate(const StreamKey& key, std::uint64_t number, Toy& toy) const {
  RandomStream random(key, number);
  const auto tilt = static_cast<Eigen::Index>(number % tilts);
  const Eigen::Index bins = means_.size(), pulls = sigmas_.size();
  toy.counts.resize(bins);
  toy.normals.resize(pulls);
  toy.centres.resize(pulls);

  boost::random::normal_distribution<double> normal;
  for (Eigen::Index k = 0; k < pulls; ++k)
    toy.normals[k] = normal(random);
  if (tilted_)
    toy.normals += shifts_.col(tilt);
  toy.means = means_;
  if (ensemble_ == PullEnsemble::thrown) {
    for (Eigen::Index k = 0; k < pulls; ++k)
      toy.means += (sigmas_[k] * toy.normals[k]) * pulls_.col(k).array();
    toy.means = toy.means.max(0.0);
    toy.centres.setZero();
  } else {
    toy.centres = -sigmas_.cwiseProduct(toy.normals);
    if (ensemble_ == PullEnsemble::profiled)
      toy.centres += values_;
  }

  for (Eigen::Index i = 0; i < bins; ++i) {
    const double mean = tilted_ ? toy.means[i] * factors_(i, tilt) : toy.means[i];
    if (!(mean <= largest_drawn))
      throw NumericalError("a pull raises the expected counts beyond 1e15");
    toy.counts[i] = static_cast<double>(poisson(mean, random));
  }
  toy.weight = tilted_ ? weight(toy) : 1.0;
}

double ToyEnsemble::weight(const Toy& toy) const {
  double sum = 0.0;
  for (Eigen::Index j = 0; j < tilts; ++j) {
    // The terms linear in the exponents are taken together, or their digits would be lost.
    const double log_ratio = (exponents_.col(j) * (toy.counts - toy.means)).sum() -
                             (growth_.col(j) * toy.means).sum() +
                             shifts_.col(j).dot(toy.normals - 0.5 * shifts_.col(j));
    sum += std::exp(log_ratio);
  }
  return static_cast<double>(tilts) / sum;
}

void run_toys(const ToyEnsemble& ensemble, const TestStatistic& statistic, const StreamKey& key,
              std::uint64_t first, std::uint64_t count, ToyTally& tally) {
  NULOOP_EXPECTS(first % toys_per_block == 0 && count % toys_per_block == 0);
  const ToyTally empty(tally.shift(), tally.thresholds());
  const std::uint64_t blocks = count / toys_per_block;
  for (std::uint64_t begin = 0; begin < blocks; begin += blocks_per_round) {
    std::vector<ToyTally> round(std::min(blocks_per_round, blocks - begin), empty);
    parallel_for(round.size(), [&](std::size_t block) {
      const std::uint64_t start = first + (begin + block) * toys_per_block;
      Toy toy;
      for (std::uint64_t number = start; number < start + toys_per_block; ++number) {
        ensemble.generate(key, number, toy);
        round[block].add(statistic(toy.counts, toy.centres), toy.weight);
      }
    });
    for (const ToyTally& block : round)
      tally += block;
  }
}

}  // namespace nuloop::statistics
