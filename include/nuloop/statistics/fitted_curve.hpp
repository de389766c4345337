// The Asimov chi2 of any Statistic as a function of exposure, by numerical minimisation.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/asimov.hpp"
#include "nuloop/statistics/statistic.hpp"

#include <Eigen/Core>

namespace nuloop::statistics {

/// After an exposure t the data are n = t reference exactly, the tested model expects
/// m = t (tested + sum_k x_k pulls_k), and chi2(t) is the minimum over the pulls x of
///   sum_i f(n_i, m_i) + sum_k (x_k/sigma_k)^2.
/// Here f(n, m) is the term of a bin, see Statistic. f grows in proportion when n and m do, so that
/// chi2 starts at zero, never decreases and is concave. The variances of `reference` and `neyman`
/// are both n here, and both statistics are the ChiSquareCurve of the same inputs.
class FittedCurve {
 public:
  /// Counts are per unit of exposure; errors are bounds on the numerical ones.
  /// @param reference all counts of the data, background included.
  /// @param difference reference minus tested. It is given by itself because its error is less than
  /// the error of either.
  /// @param pulls bins x pulls, one or more: change of the tested counts per unit of each.
  /// @param sigmas a-priori uncertainty of each pull, >= 0.
  /// @throws NumericalError if a number is not finite or a bin expects events in one hypothesis
  /// only.
  FittedCurve(Statistic statistic, const Counts& reference, const Counts& difference,
              const Bounded<Eigen::MatrixXd>& pulls, const Eigen::VectorXd& sigmas);

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

  /// The exposure at which chi2 reaches `threshold` > 0; infinity if it never does.
  /// @throws NumericalError if the root is not found to reach_tolerance.
  double reach(double threshold) const;

  /// Bound on the numerical error of `exposure` as the root of chi2 = threshold: the error of chi2
  /// over its slope there. Infinite if the exposure is.
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
  Eigen::MatrixXd pull_errors_;
  Eigen::MatrixXd columns_;   // turned pulls
  Eigen::MatrixXd to_pulls_;  // what a unit of each is in the given pulls
  ChiSquareCurve closed_;     // of the same inputs with n as variance
};

}  // namespace nuloop::statistics
