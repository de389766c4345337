// The Asimov chi2 of any Statistic as a function of exposure, by numerical minimisation.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/asimov.hpp"
#include "nuloop/statistics/statistic.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// After an exposure t the data are n = t reference exactly, the tested model expects
/// m = t (tested + sum_k x_k pulls_k), and chi2(t) is the minimum over the pulls x of
///   sum_i f(n_i, m_i) + sum_k (x_k/sigma_k)^2.
/// f grows in proportion when n and m do, so that chi2 starts at zero, never decreases and is
/// concave. The variances of `reference` and `neyman` are both n here, and both are the
/// ChiSquareCurve of the same inputs.
class FittedCurve {
 public:
  /// Counts are per unit of exposure; errors are bounds on the numerical ones.
  /// @param reference everything that is counted, background included.
  /// @param difference reference minus tested; its error is less than that of either.
  /// @param pulls one or more: what a unit of each adds to the tested counts.
  /// @param sigmas a-priori uncertainty of each pull, >= 0.
  /// @throws NumericalError if a number is not finite or a bin expects events in one hypothesis
  /// only.
  FittedCurve(Statistic statistic, const Counts& reference, const Counts& difference,
              const std::vector<Counts>& pulls, const Eigen::VectorXd& sigmas);

  /// @param exposure >= 0. @throws NumericalError if the fit does not converge.
  double operator()(double exposure) const;

  /// Bound on the numerical error of chi2 at that exposure: that of the fit and those of the inputs
  /// to second order, every bin's at its worst. A change of the pulls at the minimum adds nothing
  /// to first order.
  double error(double exposure) const;

  /// Its value for t -> infinity: infinite if the pulls, however far, leave a difference. If they
  /// cover it the data force m = n, f = 0, and the priors remain, the same for every Statistic.
  double limit() const { return closed_.limit(); }

  /// The exposure at which it reaches `threshold` > 0; infinity if it never does.
  /// @throws NumericalError if the root is not found to 12 digits.
  double reach(double threshold) const;

  /// Bound on the numerical error of `exposure` as the root of chi2 = threshold, from that of chi2
  /// and the slope there; infinite if the exposure is.
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
