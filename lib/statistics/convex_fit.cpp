// SPDX-License-Identifier: GPL-3.0-or-later
#include "convex_fit.hpp"

#include "bin_term.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Cholesky>

namespace nuloop::statistics {
namespace {

using Eigen::Index;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// What the minimum of the sum owes, relative to it.
constexpr double tolerance = 1e-14;

constexpr int most_newton_steps = 200;

// Without counts a term that needs m >= 0 is linear in m, and its least may be at m = 0. There a
// barrier -b ln m is added, b falls by stages; the minimum with it is at most b per bin too high.
constexpr double first_barrier = 1.0;
constexpr double last_barrier = 1e-10;
constexpr double barrier_fall = 1e-2;
constexpr double highest_barrier = 1.5e-6;  // that may remain if rounding stops the fall

// While no m_i changes by more than this, no curvature (a power -2 or -3 of m at most) changes by
// more than a third.
constexpr double little = 0.1;

template <Statistic statistic>
class Newton {
 public:
  Newton(const ConvexProblem& problem, ConvexMinimum& minimum)
      : p_(problem),
        at_(minimum),
        bins_(problem.counts.size()),
        variables_(minimum.y.size()),
        change_(bins_),
        weighted_(bins_),
        step_(variables_),
        gradient_(variables_),
        hessian_(variables_, variables_) {
    at_.expected.resize(bins_);
    at_.difference.resize(bins_);
    at_.slopes.resize(bins_);
    at_.curvatures.resize(bins_);
    place();
  }

  void run() {
    Index without_counts = 0;
    if constexpr (needs_positive(statistic)) {
      if (!(at_.expected > 0.0).all())
        throw NumericalError("a bin is expected to have no events or fewer");
      without_counts = (p_.counts == 0.0).count();
    }
    if (without_counts > 0)
      approach();
    else if (!converge(Until::converged))
      throw NumericalError(failure_);
    const double decrement = decrement_;
    // One step more costs little, and squares the distance that is left.
    advance(true);
    const double bias = barrier_ * static_cast<double>(without_counts);
    barrier_ = 0.0;
    evaluate();
    at_.value = value_;
    // Where convergence is sure, F - min F <= decrement/(2 * 3/4).
    at_.error = decrement + bias + first_order_rounding_ + 8.0 * epsilon * value_;
  }

 private:
  enum class Until { close, converged };

  // Lowers the barrier as far as rounding lets it: where m_i -> 0 in many bins the Hessian is more
  // and more singular.
  void approach() {
    double reached = 0.0;
    Eigen::VectorXd y;
    for (barrier_ = first_barrier; barrier_ > 0.1 * last_barrier; barrier_ *= barrier_fall) {
      const bool last = barrier_ < 10.0 * last_barrier;
      if (!converge(last ? Until::converged : Until::close))
        break;
      reached = barrier_;
      y = at_.y;
      if (last)
        return;
    }
    if (!(reached > 0.0 && reached < highest_barrier))
      throw NumericalError(failure_);
    barrier_ = reached;
    at_.y = y;
    place();
    evaluate();
    if (!solve())
      throw NumericalError(failure_);
  }

  // Whether it came where the minimum with this barrier is near or found; if not, failure_ says
  // why.
  bool converge(Until until) {
    for (int step = 0; step < most_newton_steps; ++step) {
      evaluate();
      if (!solve())
        return false;
      // Newton's own convergence is sure if no point as near as the minimum must then be has very
      // different curvatures: |dm_i|/m_i <= |dy|_H/(m_i sqrt(f''_i)), |dy|_H <= 4/3 of the step.
      const bool sure = 4.0 / 3.0 * std::sqrt(decrement_) * swiftness_ <= little;
      if (sure && (until == Until::close || decrement_ <= tolerance * value_scale_ + floor_))
        return true;
      if (!advance(sure))
        return false;
    }
    failure_ = "the fit did not converge";
    return false;
  }

  // F and its derivatives where it is.
  void evaluate() {
    value_ = 0.0;
    value_scale_ = 0.0;
    floor_ = 0.0;
    first_order_rounding_ = 0.0;
    swiftness_ = 0.0;
    for (Index i = 0; i < bins_; ++i) {
      const double m = at_.expected[i];
      const BinTerm term =
          bin_term<statistic>(p_.counts[i], m, at_.difference[i], p_.variances[i], barrier_);
      value_ += term.value;
      value_scale_ += std::abs(term.value);
      at_.slopes[i] = term.slope;
      at_.curvatures[i] = term.curvature;
      if constexpr (needs_positive(statistic))
        swiftness_ = std::max(swiftness_, 1.0 / (m * m * term.curvature));
      double scale = std::abs(p_.difference[i]);
      for (Index k = 0; k < variables_; ++k)
        scale += std::abs(p_.columns(i, k) * at_.y[k]);
      const double of_count = 4.0 * epsilon * scale;
      floor_ += term.curvature * of_count * of_count;
      first_order_rounding_ += std::abs(term.slope) * of_count;
    }
    swiftness_ = std::sqrt(swiftness_);
    const double priors = at_.y.head(std::min(p_.priors, variables_)).squaredNorm();
    value_ += priors;
    value_scale_ += priors;
  }

  // The step -H^-1 g and the decrement g^T H^-1 g; whether they exist.
  bool solve() {
    if (variables_ == 0)
      return true;
    for (Index k = 0; k < variables_; ++k) {
      const double prior = k < p_.priors ? 2.0 : 0.0;
      weighted_ = at_.curvatures * p_.columns.col(k).array();
      for (Index l = k; l < variables_; ++l)
        hessian_(l, k) = weighted_.matrix().dot(p_.columns.col(l));
      hessian_(k, k) += prior;
      gradient_[k] = at_.slopes.matrix().dot(p_.columns.col(k)) + prior * at_.y[k];
    }
    Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(hessian_);
    if (cholesky.info() != Eigen::Success) {
      failure_ = "the fit does not determine what it varies";
      return false;
    }
    step_ = -gradient_;
    cholesky.matrixL().solveInPlace(step_);
    decrement_ = step_.squaredNorm();
    cholesky.matrixU().solveInPlace(step_);
    failure_ = "the fit met a number that is not finite";
    return std::isfinite(decrement_);
  }

  // A step down, of full length if that is sure to be one; whether there is one.
  bool advance(bool sure) {
    change_.setZero();
    for (Index k = 0; k < variables_; ++k)
      change_ += step_[k] * p_.columns.col(k).array();
    double length = 1.0;
    if constexpr (needs_positive(statistic))
      for (Index i = 0; i < bins_; ++i)
        if (at_.expected[i] + length * change_[i] <= 0.01 * at_.expected[i])
          length = 0.99 * at_.expected[i] / -change_[i];
    if (!sure)
      while (!descends(length)) {
        length *= 0.5;
        if (length < 1e-12) {
          failure_ = "the fit found no way down";
          return false;
        }
      }
    at_.y += length * step_;
    place();
    return true;
  }

  // n - m and m from y, not from those before, so that roundings do not add up.
  void place() {
    change_.setZero();
    for (Index k = 0; k < variables_; ++k)
      change_ += at_.y[k] * p_.columns.col(k).array();
    at_.expected = p_.expected + change_;
    at_.difference = p_.difference - change_;
  }

  bool descends(double length) {
    double value = 0.0;
    for (Index i = 0; i < bins_; ++i)
      value +=
          bin_term<statistic>(p_.counts[i], at_.expected[i] + length * change_[i],
                              at_.difference[i] - length * change_[i], p_.variances[i], barrier_)
              .value;
    for (Index k = 0; k < std::min(p_.priors, variables_); ++k) {
      const double y = at_.y[k] + length * step_[k];
      value += y * y;
    }
    return value <= value_ - 0.1 * length * decrement_ + 1e-14 * value_scale_;
  }

  const ConvexProblem& p_;
  ConvexMinimum& at_;
  const Index bins_;
  const Index variables_;
  Eigen::ArrayXd change_, weighted_;
  Eigen::VectorXd step_, gradient_;
  Eigen::MatrixXd hessian_;
  double barrier_ = 0.0;
  double value_ = 0.0;
  double value_scale_ = 0.0;           // sum of the magnitudes of its terms
  double floor_ = 0.0;                 // what rounding alone makes of the decrement
  double first_order_rounding_ = 0.0;  // what rounding of n - m makes of F
  double swiftness_ = 0.0;             // max_i 1/(m_i sqrt(f''_i)); 0 where f'' is constant
  double decrement_ = 0.0;
  const char* failure_ = "";
};

}  // namespace

void minimise(const ConvexProblem& problem, ConvexMinimum& minimum) {
  NULOOP_EXPECTS(minimum.y.size() <= problem.columns.cols());
  visit_statistic(problem.statistic, [&](auto which) { Newton<which()>(problem, minimum).run(); });
}

}  // namespace nuloop::statistics
