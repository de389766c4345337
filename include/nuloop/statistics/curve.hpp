// The Asimov chi2 as a function of exposure, and the exposure at which it reaches a threshold: in
// closed form for the paper's variances, and by numerical minimisation for any Statistic.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/statistic.hpp"

#include <functional>
#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// To which fraction of itself an exposure that reaches a threshold is found.
inline constexpr double reach_tolerance = 1e-12;

/// chi2_min as a function of exposure t:
///   chi2(t) = slope t + sum_k amplitude_k t/(1 + stiffness_k t),
/// every term non-negative, so it never decreases and nothing cancels. Whitened::curve makes it.
struct ChiSquareCurve {
  double slope;  ///< of the part that no pull can absorb, per unit of exposure
  struct Saturating {
    double amplitude;
    double stiffness;  ///< >= 0
    double pull_error =
        0.0;  ///< its part in sum_k x_k |delta p_k/sqrt(v)|, over t/(1 + stiffness t)
  };
  std::vector<Saturating> saturating;  ///< one per pull, or per bin if there are fewer of these

  /// Bounds on the numerical errors of what is compared.
  double difference_error = 0.0;  ///< |delta r/sqrt(v)|
  double variance_error = 0.0;    ///< max_i delta v_i/v_i

  /// @param exposure >= 0.
  double operator()(double exposure) const;

  /// Bound on the numerical error of chi2 at that exposure, to first order in the errors of its
  /// inputs:
  ///   2 sqrt(t chi2) |delta residual| + chi2 delta v/v,
  /// because the length of the residual r - sum_k x_k p_k is at most sqrt(chi2/t).
  double error(double exposure) const;

  /// Its derivative, > 0 unless all terms are zero.
  double rise(double exposure) const;

  /// The value of chi2 for t -> infinity; may be infinite.
  double limit() const;

  /// The exposure at which chi2 reaches `threshold` > 0; infinity if it never does.
  /// @throws NumericalError if the root is not found to reach_tolerance, or chi2 is not finite.
  double reach(double threshold) const;

  /// Bound on the numerical error of `exposure` as the root of chi2 = threshold: the error of chi2
  /// over its slope there. Infinite if the exposure is.
  double reach_error(double exposure) const;
};

/// After an exposure t the data are n = t reference exactly, the tested hypothesis expects
/// m = t (tested + sum_k x_k pulls_k), and chi2(t) is the minimum over the pulls x of
///   sum_i f(n_i, m_i) + sum_k (x_k/sigma_k)^2.
/// Here f(n, m) is the term of a bin, see Statistic. f grows in proportion when n and m do, so that
/// chi2 starts at zero, never decreases and is concave. The variances of `reference` and `neyman`
/// are both n here, and both statistics are the ChiSquareCurve of the same comparison.
class FittedCurve {
 public:
  /// @throws NumericalError if a number is not finite or a bin has no term: see groups_of.
  FittedCurve(Statistic statistic, const Comparison& comparison);

  /// @param exposure >= 0. @throws NumericalError if the fit does not converge.
  double operator()(double exposure) const;

  /// Bound on the numerical error of chi2 at that exposure. It contains the error of the fit, and
  /// the errors of the inputs to second order with the worst sign in every bin. A change of the
  /// pulls at the minimum adds nothing to first order.
  double error(double exposure) const;

  /// The value of chi2 for t -> infinity. It is infinite if no pulls, however large, remove the
  /// difference. If they can, the data force m = n and f = 0, and only the priors of the pulls
  /// remain, which are the same for every Statistic.
  double limit() const { return closed_.limit(); }

  /// As those of ChiSquareCurve.
  double reach(double threshold) const;
  double reach_error(double exposure) const;

 private:
  struct Point {
    double value;
    double error;
    double slope;  // d chi2/dt
  };
  Point at(double exposure) const;

  Statistic statistic_;
  // Per occupied bin.
  Counts reference_;
  Counts difference_;
  Eigen::ArrayXd tested_;
  Eigen::MatrixXd pull_errors_;
  Eigen::MatrixXd columns_;   // turned pulls
  Eigen::MatrixXd to_pulls_;  // what a unit of each is in the given pulls
  ChiSquareCurve closed_;     // of the same comparison with n as variance
};

/// The minimum of a family of curves over a parameter x, which has a Gaussian prior around zero:
///   chi2(t) = min_x chi2_x(t) + (x/width)^2.
/// chi2_x may depend on x in any smooth way. chi2 never decreases, since no chi2_x does.
class ProfiledCurve {
 public:
  using Family = std::function<ChiSquareCurve(double)>;

  /// @param width > 0. @param low,high the values of x: an open range with zero in it.
  ProfiledCurve(Family family, double width, double low, double high);

  /// @param exposure >= 0. @throws as the family.
  double operator()(double exposure) const { return minimum(exposure).chi2; }

  /// The bound on the error of chi2_x there: a change of x adds nothing to first order.
  double error(double exposure) const;

  /// The x of the minimum.
  double best(double exposure) const { return minimum(exposure).x; }

  /// As those of ChiSquareCurve. Infinite too if the threshold is not reached at 1e12 times the
  /// exposure at which it is for x = 0.
  double reach(double threshold) const;
  double reach_error(double exposure) const;

 private:
  struct Minimum {
    double x;
    double chi2;
  };
  Minimum minimum(double exposure) const;

  Family family_;
  double width_;
  double low_;
  double high_;
  ChiSquareCurve at_zero_;
};

}  // namespace nuloop::statistics
