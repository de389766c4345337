// Test statistics with any of several terms per bin, by numerical minimisation.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/registers.hpp"
#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/statistic.hpp"
#include "nuloop/statistics/test_statistic.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// Minimises chi2(mu, x) = sum_i f(n_i, m_i) + sum_k ((x_k - a_k)/sigma_k)^2, f of a Statistic and
/// m as TestStatistic says; a pull with sigma_k = 0 stays at its centre a_k. m_i >= 0 where f has
/// no meaning below.
class FittedStatistic final : public TestStatistic {
 public:
  /// @param comparison its reference's counts are v_i of Statistic::reference; other statistics
  /// ignore them.
  /// @throws NumericalError as check_bins, for bins that have no term: see groups_of. `neyman` has
  /// one wherever either hypothesis expects events. Also as registers_in_use.
  FittedStatistic(Statistic statistic, const Comparison& comparison,
                  Registers registers = registers_in_use());

  /// As TestStatistic promises; 0 if the direction is zero. The minima are good to about 1e-14 of
  /// themselves, and z near 0 to the square root of that. Bins without counts are worse for
  /// pearson, combined and poisson: each adds an error of 1e-10 to q, or of 1e-6 where many of them
  /// end at m = 0 and rounding limits the fit. Minimum::error says which.
  /// @param counts n_i >= 0. @throws NumericalError also if a bin that expects nothing has counts,
  /// or a pull that is fixed leaves a bin with nothing to expect.
  double operator()(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                    const Eigen::Ref<const Eigen::VectorXd>& centres) const override;

  /// Poisson fits with up to five pulls that are independent of each other run side by side in the
  /// registers of the processor; all widths give the same bytes.
  void of_each(const Eigen::ArrayXXd& counts, const Eigen::MatrixXd& centres,
               Eigen::ArrayXd& z) const override;

  /// Whether the strength mu stays at 0, the tested hypothesis, or is fitted.
  enum class Strength { tested, free };

  struct Minimum {
    double value;             ///< of chi2
    double error;             ///< bound on its numerical error
    double strength;          ///< mu
    Eigen::VectorXd pulls;    ///< x; a pull that changes no bin is at its centre
    Eigen::ArrayXd expected;  ///< m_i

    /// Derivatives of the minimum with respect to a bin's expectation (at any mu, x) and to its
    /// counts. The minimum does not change with pulls and mu to first order. For n_i = 0 the second
    /// derivative is NaN, except for `reference` and `neyman`, where the variance stays 1.
    Eigen::ArrayXd slope_in_expected;
    Eigen::ArrayXd slope_in_counts;
  };

  /// As operator(). @throws NumericalError if mu is free and the direction zero.
  Minimum minimum(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                  const Eigen::Ref<const Eigen::VectorXd>& centres, Strength strength) const;

 private:
  struct Fit;
  Fit prepare(const Eigen::Ref<const Eigen::ArrayXd>& counts,
              const Eigen::Ref<const Eigen::VectorXd>& centres) const;
  double fit_alone(const Eigen::Ref<const Eigen::ArrayXd>& counts,
                   const Eigen::Ref<const Eigen::VectorXd>& centres) const;
  // Leaves NaN where it needs to be alone.
  void fit_in_lanes(const Eigen::ArrayXXd& counts, const Eigen::MatrixXd& centres,
                    Eigen::ArrayXd& z) const;

  Statistic statistic_;
  Registers registers_;
  std::vector<Eigen::Index> occupied_;  // bins that expect something; those below are per such bin
  Eigen::Index bins_;
  Eigen::ArrayXd expected_;
  Eigen::ArrayXd variance_;
  Eigen::MatrixXd pulls_;
  Eigen::VectorXd sigmas_;
  Eigen::MatrixXd columns_;   // turned pulls, then the direction
  Eigen::MatrixXd rows_;      // the same, bin after bin
  Eigen::MatrixXd to_pulls_;  // what a unit of each turned pull is in the given pulls
  Eigen::MatrixXd to_turned_;
  bool has_direction_;
};

}  // namespace nuloop::statistics
