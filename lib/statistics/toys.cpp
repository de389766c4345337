// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/toys.hpp"

#include "kernels.hpp"
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

// Drawn side by side, in memory close to the processor.
constexpr std::uint64_t toys_per_batch = 200;
static_assert(toys_per_block % toys_per_batch == 0 && toys_per_batch <= most_poisson_toys);

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

// The numbers of a RandomStream of which the first ones are there.
class BegunStream {
 public:
  using result_type = RandomStream::result_type;
  static constexpr result_type min() { return RandomStream::min(); }
  static constexpr result_type max() { return RandomStream::max(); }

  /// @param first numbers, `stride` from each to the next, of whole blocks.
  BegunStream(const StreamKey& key, std::uint64_t toy, const std::uint64_t* first,
              std::size_t stride, std::size_t number)
      : next_(first),
        stride_(stride),
        left_(number),
        further_(key, toy, static_cast<std::uint32_t>(number / 2)) {}

  result_type operator()() {
    if (left_ == 0)
      return further_();
    --left_;
    const result_type word = *next_;
    next_ += stride_;
    return word;
  }

 private:
  const std::uint64_t* next_;
  std::size_t stride_;
  std::size_t left_;
  RandomStream further_;
};

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
  thrown_ = sigmas_.asDiagonal() * pulls_.transpose();
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

void ToyEnsemble::generate(const StreamKey& key, std::uint64_t first, Toys& toys) const {
  throw_pulls(key, first, toys);
  draw_counts(key, first, toys);
  if (tilted_)
    weigh(toys);
  else
    toys.weights.setOnes();
}

Eigen::Index ToyEnsemble::tilt_of(std::uint64_t number) {
  return static_cast<Eigen::Index>(number % tilts);
}

void ToyEnsemble::throw_pulls(const StreamKey& key, std::uint64_t first, Toys& toys) const {
  const Eigen::Index number = toys.weights.size(), pulls = sigmas_.size();
  toys.normals.resize(number, pulls);
  toys.centres.setZero(number, pulls);
  if (pulls == 0)
    return;
  // Most normal numbers take one random number.
  const auto blocks = static_cast<std::size_t>(pulls + 1) / 2;
  const std::size_t stride = (static_cast<std::size_t>(number) + 7) / 8 * 8;
  std::vector<std::uint64_t> words(2 * blocks * stride);
  random_words(stride, blocks, key, first, registers_, words);
  for (Eigen::Index j = 0; j < number; ++j) {
    const std::uint64_t toy = first + static_cast<std::uint64_t>(j);
    BegunStream random(key, toy, words.data() + j, stride, 2 * blocks);
    boost::random::normal_distribution<double> normal;
    for (Eigen::Index k = 0; k < pulls; ++k)
      toys.normals(j, k) = normal(random);
    if (tilted_)
      toys.normals.row(j) += shifts_.col(tilt_of(toy)).transpose();
  }
  if (ensemble_ == PullEnsemble::thrown)
    return;
  for (Eigen::Index k = 0; k < pulls; ++k) {
    toys.centres.col(k) = -sigmas_[k] * toys.normals.col(k);
    if (ensemble_ == PullEnsemble::profiled)
      toys.centres.col(k).array() += values_[k];
  }
}

void ToyEnsemble::draw_counts(const StreamKey& key, std::uint64_t first, Toys& toys) const {
  const Eigen::Index number = toys.weights.size(), bins = means_.size();
  toys.means.resize(number, bins);
  toys.counts.resize(number, bins);
  bool possible = true;
  if (ensemble_ == PullEnsemble::thrown && sigmas_.size() > 0)
    possible = kernels_for(registers_)
                   .expect_counts({.bins = static_cast<std::size_t>(bins),
                                   .toys = static_cast<std::size_t>(number),
                                   .pulls = static_cast<std::size_t>(sigmas_.size()),
                                   .nominal = means_.data(),
                                   .slopes = thrown_.data(),
                                   .normals = toys.normals.data(),
                                   .means = toys.means.data(),
                                   .limit = largest_drawn});
  else
    toys.means.rowwise() = means_.transpose();
  const Eigen::ArrayXXd* sampled = &toys.means;
  Eigen::ArrayXXd tilted;
  if (tilted_) {
    tilted.resize(number, bins);
    for (Eigen::Index j = 0; j < number; ++j)
      tilted.row(j) = toys.means.row(j) *
                      factors_.col(tilt_of(first + static_cast<std::uint64_t>(j))).transpose();
    sampled = &tilted;
    possible = possible && (tilted <= largest_drawn).all();
  }
  if (!possible)
    throw NumericalError("a pull raises the expected counts beyond 1e15");
  const auto size = static_cast<std::size_t>(number * bins);
  // The normal numbers have the blocks before those of the first bin.
  poisson({sampled->data(), size}, static_cast<std::size_t>(number), key, first,
          poisson_blocks_per_bin, registers_, {toys.counts.data(), size});
}

void ToyEnsemble::weigh(Toys& toys) const {
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(toys.weights.size()), log_ratio = sum;
  for (Eigen::Index j = 0; j < tilts; ++j) {
    // The terms linear in the exponents are taken together, or their digits would be lost.
    log_ratio.setZero();
    for (Eigen::Index i = 0; i < means_.size(); ++i)
      log_ratio += exponents_(i, j) * (toys.counts.col(i) - toys.means.col(i)) -
                   growth_(i, j) * toys.means.col(i);
    for (Eigen::Index k = 0; k < sigmas_.size(); ++k)
      log_ratio += shifts_(k, j) * (toys.normals.col(k).array() - 0.5 * shifts_(k, j));
    sum += log_ratio.unaryExpr([](double x) { return std::exp(x); });
  }
  toys.weights = static_cast<double>(tilts) / sum;
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
      Toys toys(toys_per_batch);
      Eigen::ArrayXd z;
      for (std::uint64_t number = start; number < start + toys_per_block;
           number += toys_per_batch) {
        ensemble.generate(key, number, toys);
        statistic.of_each(toys.counts, toys.centres, z);
        const auto size = static_cast<std::size_t>(z.size());
        round[block].add({z.data(), size}, {toys.weights.data(), size});
      }
    });
    for (const ToyTally& block : round)
      tally += block;
  }
}

}  // namespace nuloop::statistics
