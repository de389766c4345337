// A tested hypothesis against a reference, with the pulls on the tested one.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/bounded.hpp"

#include <Eigen/Core>

namespace nuloop::statistics {

/// Counts per unit of exposure, by bin.
using Counts = Bounded<Eigen::ArrayXd>;

/// All that two hypotheses expect. Counts are per unit of exposure and contain the background.
/// After an exposure t the reference expects t n_i in bin i, and the tested hypothesis expects
/// t (m_i + sum_k x_k p_ki). The pulls x_k have Gaussian priors around zero, of width sigma_k. Each
/// part has bounds on its numerical errors.
///
/// Comparisons add up part by part, so that this type is also the change of a comparison per unit
/// of something.
struct Comparison {
  Counts reference;                         ///< n >= 0
  Counts tested;                            ///< m >= 0
  Counts difference;                        ///< n - m; its error may be less than theirs
  Bounded<Eigen::MatrixXd> pulls;           ///< p; bins x pulls
  Bounded<Eigen::VectorXd> pull_variances;  ///< sigma^2 >= 0; chi2 is smooth in it, also at 0

  /// sigma, per pull.
  Eigen::VectorXd widths() const { return pull_variances.value.cwiseSqrt(); }

  /// The same in another unit of exposure, which is `exposure` >= 0 of the present ones.
  Comparison after(double exposure) const;

  Comparison& operator+=(const Comparison& other);
  Comparison& operator-=(const Comparison& other);
  Comparison& operator*=(double factor);

  friend Comparison operator+(Comparison a, const Comparison& b) { return a += b; }
  friend Comparison operator-(Comparison a, const Comparison& b) { return a -= b; }
  friend Comparison operator*(double factor, Comparison a) { return a *= factor; }
};

/// Calls f(a.reference, b.reference, ...), then the same for each further part.
template <class F, class... Comparisons>
void for_each_part(const F& f, Comparisons&... comparisons) {
  f(comparisons.reference...);
  f(comparisons.tested...);
  f(comparisons.difference...);
  f(comparisons.pulls...);
  f(comparisons.pull_variances...);
}

inline Comparison Comparison::after(double exposure) const {
  return {exposure * reference, exposure * tested, exposure * difference, exposure * pulls,
          pull_variances};
}

inline Comparison& Comparison::operator+=(const Comparison& other) {
  for_each_part([](auto& a, const auto& b) { a += b; }, *this, other);
  return *this;
}

inline Comparison& Comparison::operator-=(const Comparison& other) {
  for_each_part([](auto& a, const auto& b) { a -= b; }, *this, other);
  return *this;
}

inline Comparison& Comparison::operator*=(double factor) {
  for_each_part([&](auto& a) { a *= factor; }, *this);
  return *this;
}

}  // namespace nuloop::statistics
