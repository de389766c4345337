// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/likelihood_fit.hpp"

#include "bin_term.hpp"
#include "convex_fit.hpp"
#include "kernels.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::statistics {

using Eigen::Index;

// The counts and expectations of one call, mu = 0 and pulls at their centres.
struct FittedStatistic::Fit {
  Eigen::ArrayXd counts;
  Eigen::ArrayXd expected;
  Eigen::ArrayXd difference;
  ConvexMinimum at;
};

FittedStatistic::FittedStatistic(Statistic statistic, const Comparison& c, Registers registers)
    : statistic_(statistic),
      registers_(registers),
      bins_(c.tested.value.size()),
      sigmas_(c.widths()) {
  Counts variance = statistic == Statistic::reference ? c.reference : c.tested;
  if (statistic == Statistic::neyman)
    variance.value = (variance.value > 0.0).select(variance.value, c.reference.value);
  const Whitened whitened(c, variance);
  occupied_ = whitened.occupied();
  const auto occupied = static_cast<Index>(occupied_.size());
  expected_ = c.tested.value(occupied_);
  variance_ = c.reference.value(occupied_);
  pulls_ = rows_of(c.pulls.value, occupied_);
  has_direction_ = (c.difference.value != 0.0).any();

  const TurnedPulls turned = whitened.turned(pulls_, sigmas_);
  columns_.resize(occupied, turned.columns.cols() + 1);
  columns_.leftCols(turned.columns.cols()) = turned.columns;
  columns_.rightCols(1) = c.difference.value(occupied_).matrix();
  rows_ = columns_.transpose();
  to_pulls_ = turned.to_pulls;
  // The turned pulls are orthonormal in units of the widths.
  to_turned_ = to_pulls_.transpose();
  for (Index k = 0; k < sigmas_.size(); ++k)
    to_turned_.col(k) *= sigmas_[k] > 0.0 ? 1.0 / (sigmas_[k] * sigmas_[k]) : 0.0;
}

FittedStatistic::Fit FittedStatistic::prepare(
    const Eigen::Ref<const Eigen::ArrayXd>& counts,
    const Eigen::Ref<const Eigen::VectorXd>& centres) const {
  NULOOP_EXPECTS(counts.size() == bins_ && centres.size() == sigmas_.size());
  const auto occupied = static_cast<Index>(occupied_.size());
  Fit fit;
  fit.counts = counts(occupied_);
  if (!(counts >= 0.0).all() || !counts.allFinite() || !centres.allFinite())
    throw NumericalError("counts must be finite and not negative");
  if (occupied < bins_ && (counts > 0.0).count() > (fit.counts > 0.0).count())
    throw NumericalError("there are counts in a bin that expects none");

  const Index turned = to_pulls_.cols();
  fit.at.y = Eigen::VectorXd::Zero(turned);
  fit.expected = expected_;
  fit.difference = fit.counts - expected_;
  if ((centres.array() != 0.0).any()) {
    const Eigen::ArrayXd shift = (pulls_ * centres).array();
    fit.expected += shift;
    fit.difference -= shift;
    // Pulls at zero are where the model expects something whatever the centres are.
    if (needs_positive(statistic_) && !(fit.expected > 0.0).all())
      fit.at.y = -to_turned_ * centres;
  }
  return fit;
}

double FittedStatistic::operator()(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                                   const Eigen::Ref<const Eigen::VectorXd>& centres) const {
  Eigen::ArrayXd z;
  of_each(counts.transpose(), centres.transpose(), z);
  return z[0];
}

double FittedStatistic::fit_alone(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                                  const Eigen::Ref<const Eigen::VectorXd>& centres) const {
  Fit fit = prepare(counts, centres);
  if (!has_direction_)
    return 0.0;
  const Index turned = to_pulls_.cols();
  const ConvexProblem problem{statistic_,     fit.counts, variance_, fit.expected,
                              fit.difference, columns_,   turned};
  minimise(problem, fit.at);
  const double tested = fit.at.value;
  fit.at.y.conservativeResize(turned + 1);
  fit.at.y[turned] = 0.0;
  minimise(problem, fit.at);
  return std::copysign(std::sqrt(std::max(tested - fit.at.value, 0.0)), fit.at.y[turned]);
}

void FittedStatistic::of_each(const Eigen::ArrayXXd& counts, const Eigen::MatrixXd& centres,
                              Eigen::ArrayXd& z) const {
  z.setConstant(counts.rows(), nan);
  if (statistic_ == Statistic::poisson && has_direction_ && counts.cols() == bins_ &&
      to_pulls_.cols() <= static_cast<Index>(PoissonFits::most_priors))
    fit_in_lanes(counts, centres, z);
  for (Index j = 0; j < z.size(); ++j)
    if (std::isnan(z[j]))
      z[j] = fit_alone(counts.row(j).transpose(), centres.row(j).transpose());
}

void FittedStatistic::fit_in_lanes(const Eigen::ArrayXXd& counts, const Eigen::MatrixXd& centres,
                                   Eigen::ArrayXd& z) const {
  constexpr auto lanes = static_cast<Index>(PoissonFits::lanes);
  const auto occupied = static_cast<Index>(occupied_.size());
  Eigen::ArrayXXd fitted(lanes, occupied), expected(lanes, occupied), difference(lanes, occupied);
  Eigen::ArrayXd roots(lanes);
  const PoissonFits fits{.bins = occupied_.size(),
                         .priors = static_cast<std::size_t>(to_pulls_.cols()),
                         .columns = rows_.data(),
                         .counts = fitted.data(),
                         .expected = expected.data(),
                         .difference = difference.data(),
                         .roots = roots.data()};
  FitPoisson* const fit = kernels_for(registers_).fit_poisson;
  const bool centred = (centres.array() == 0.0).all();
  for (Index first = 0; first < z.size(); first += lanes) {
    const Index size = std::min(lanes, z.size() - first);
    for (Index j = 0; j < occupied; ++j) {
      const Index bin = occupied_[static_cast<std::size_t>(j)];
      fitted.col(j).setZero();  // lanes to spare have no counts
      fitted.col(j).head(size) = counts.col(bin).segment(first, size);
      expected.col(j).setConstant(expected_[j]);
      difference.col(j) = fitted.col(j) - expected_[j];
      if (centred)
        continue;
      Eigen::Array<double, lanes, 1> shift = Eigen::Array<double, lanes, 1>::Zero();
      for (Index k = 0; k < centres.cols(); ++k)
        shift.head(size) += pulls_(j, k) * centres.col(k).array().segment(first, size);
      expected.col(j) += shift;
      difference.col(j) -= shift;
    }
    fit(fits);
    z.segment(first, size) = roots.head(size);
  }
  // fit_alone refuses them.
  for (Index i = 0; i < bins_ && occupied < bins_; ++i)
    if (std::find(occupied_.begin(), occupied_.end(), i) == occupied_.end())
      z = (counts.col(i) == 0.0).select(z, nan);
}

FittedStatistic::Minimum FittedStatistic::minimum(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                                                  const Eigen::Ref<const Eigen::VectorXd>& centres,
                                                  Strength strength) const {
  Fit fit = prepare(counts, centres);
  const Index turned = to_pulls_.cols();
  if (strength == Strength::free) {
    if (!has_direction_)
      throw NumericalError("the alternative expects what is tested: its strength is not defined");
    fit.at.y.conservativeResize(turned + 1);
    fit.at.y[turned] = 0.0;
  }
  minimise({statistic_, fit.counts, variance_, fit.expected, fit.difference, columns_, turned},
           fit.at);
  Minimum result{fit.at.value,
                 fit.at.error,
                 strength == Strength::free ? fit.at.y[turned] : 0.0,
                 centres + to_pulls_ * fit.at.y.head(turned),
                 Eigen::ArrayXd::Zero(bins_),
                 Eigen::ArrayXd::Zero(bins_),
                 Eigen::ArrayXd::Zero(bins_)};
  for (Index j = 0; j < fit.counts.size(); ++j) {
    const Index i = occupied_[static_cast<std::size_t>(j)];
    const double n = fit.counts[j];
    result.expected[i] = fit.at.expected[j];
    result.slope_in_expected[i] = fit.at.slopes[j];
    // At n = 0 Neyman's variance is fixed.
    const double common =
        statistic_ == Statistic::neyman && n == 0.0
            ? 0.0
            : common_slope(statistic_, n, fit.at.expected[j], fit.at.difference[j]);
    result.slope_in_counts[i] = common - fit.at.slopes[j];
  }
  return result;
}

}  // namespace nuloop::statistics
