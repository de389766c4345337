// Pseudo-experiments ("toys"): counts and auxiliary measurements drawn from a truth, plainly or
// with more of them in the tails.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/registers.hpp"
#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/linear_statistic.hpp"
#include "nuloop/statistics/random_stream.hpp"
#include "nuloop/statistics/test_statistic.hpp"
#include "nuloop/statistics/toy_tally.hpp"

#include <cstdint>

#include <Eigen/Core>

namespace nuloop::statistics {

/// The random part of the pulls. x_k are the true pulls, a_k the measurements that constrain them
/// (the centres of the priors), and g_k standard normal numbers.
enum class PullEnsemble {
  thrown,   ///< x_k = sigma_k g_k, a_k = 0
  nominal,  ///< x_k = 0, a_k = -sigma_k g_k
  profiled  ///< x_k as given, a_k = x_k - sigma_k g_k
};

/// The truth from which toys are drawn: n_i ~ Poisson(max(0, m_i + sum_k x_k p_ki)). Pulls are
/// parts of the expectation, so that the maximum matters only if a width is comparable with 1.
struct ToyTruth {
  Comparison nature;  ///< its tested counts m, 0 to 1e14, with their pulls; its unit of exposure is
                      ///< that of a toy
  PullEnsemble ensemble = PullEnsemble::thrown;
  Eigen::VectorXd values = {};  ///< x of PullEnsemble::profiled
};

/// Some pseudo-experiments with numbers that follow each other. Each is a row.
struct Toys {
  /// @param number of them, 1 to most_poisson_toys.
  explicit Toys(Eigen::Index number) : weights(number) {}

  Eigen::ArrayXXd counts;   ///< n_i, whole numbers
  Eigen::MatrixXd centres;  ///< a_k
  Eigen::ArrayXd weights;   ///< probability under the truth over that under the sampling
  Eigen::ArrayXXd means;    ///< expected counts of the truth with its pulls
  Eigen::MatrixXd normals;  ///< g_k
};

/// Toys of one truth. Key and number alone determine each of them.
class ToyEnsemble {
 public:
  /// Plain sampling: all weights are 1.
  /// @throws NumericalError if a number is not finite or a mean is out of range; as
  /// registers_in_use.
  explicit ToyEnsemble(const ToyTruth& truth);

  /// Importance sampling: toys come in turn from five exponential tilts of the truth,
  ///   n_i ~ Poisson(lambda_i exp(theta w_i)),  g_k ~ N(theta dz/dg_k, 1)
  /// with w the weights of `statistic`, for theta = 0 and those which move the mean of its z by
  /// +-tail/2 and +-tail, or |theta| = tail/2 and tail where that takes more. Toy j has tilt j mod
  /// 5, and the weight
  ///   1/weight = (1/5) sum_j p_j(n, g)/p_0(n, g)
  /// of the mixture (E. Veach, L. J. Guibas, SIGGRAPH 95: balance heuristic): exact for any
  /// statistic, at most 5.
  /// @param tail >= 0, in units of z; 0 is plain sampling.
  ToyEnsemble(const ToyTruth& truth, const LinearStatistic& statistic, double tail);

  /// Draws the toys from number `first` on. May be called concurrently.
  /// @throws NumericalError if a thrown pull or a tilt asks for more than 1e15 counts in a bin.
  void generate(const StreamKey& key, std::uint64_t first, Toys& toys) const;

 private:
  static constexpr Eigen::Index tilts = 5;
  static Eigen::Index tilt_of(std::uint64_t number);

  void throw_pulls(const StreamKey& key, std::uint64_t first, Toys& toys) const;
  void draw_counts(const StreamKey& key, std::uint64_t first, Toys& toys) const;
  void weigh(Toys& toys) const;

  PullEnsemble ensemble_;
  Eigen::VectorXd values_;
  Eigen::MatrixXd pulls_;
  Eigen::VectorXd sigmas_;
  Eigen::ArrayXd means_;    // at the pulls that are not thrown
  Eigen::MatrixXd thrown_;  // what one standard deviation of each pull adds; pulls x bins
  Registers registers_ = registers_in_use();
  bool tilted_ = false;
  Eigen::ArrayXXd exponents_;  // theta w_i; bins x tilts
  Eigen::ArrayXXd factors_;    // their exponentials
  Eigen::ArrayXXd growth_;     // exponential - 1 - exponent
  Eigen::MatrixXd shifts_;     // means of the normals; pulls x tilts
};

/// The number of toys in a block of the tally. It is a multiple of the number of tilts, so that
/// whole blocks have the same number of toys of each.
inline constexpr std::uint64_t toys_per_block = 5000;

/// Runs the toys of numbers [first, first + count) on all threads. It adds them to the tally block
/// after block, in the order of their numbers. The tally therefore has the same bytes on any number
/// of threads, and also if it is stored and continued in a later run.
/// @param first, count multiples of toys_per_block.
/// @throws the errors of the ensemble and the statistic. The tally then has an unknown part of the
/// toys.
void run_toys(const ToyEnsemble& ensemble, const TestStatistic& statistic, const StreamKey& key,
              std::uint64_t first, std::uint64_t count, ToyTally& tally);

}  // namespace nuloop::statistics
