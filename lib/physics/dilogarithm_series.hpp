// The dilogarithm from logarithms that are known already: no function is left but a short series.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/pack.hpp"
#include "nuloop/physics/dilogarithm.hpp"

#include <array>
#include <cstddef>

namespace nuloop::physics {

template <>
inline Pack dilogarithm_at_1<Pack>() {
  return dilogarithm_at_1<double>();
}

/// Terms B_2k/(2k + 1)!, k = 1, 2, ..., that are enough for |u| <= ln 2, where (u/2 pi)^2 < 0.0122.
inline constexpr std::size_t bernoulli_terms = 8;  // leave 6e-18 of the sum

/// Li2(1 - exp(-u)) = sum of B_n u^(n+1)/(n+1)!, |u| <= ln 2. Real: double or Pack.
template <class Real>
Real bernoulli_series(const Real& u) {
  constexpr std::array<double, bernoulli_terms> coefficients = {1.0 / 36,
                                                                -1.0 / 3600,
                                                                1.0 / 211680,
                                                                -1.0 / 10886400,
                                                                1.0 / 526901760,
                                                                -691.0 / 16999766784000,
                                                                1.0 / 1120863744000,
                                                                -3617.0 / 181400588328960000};
  const Real u2 = u * u;
  Real sum = coefficients.back();
  for (std::size_t i = bernoulli_terms - 1; i-- > 0;)
    sum = sum * u2 + coefficients[i];
  return u + u2 * (u * sum - 0.25);
}

DoubleDouble bernoulli_series(const DoubleDouble& u);
DoubleDoublePack bernoulli_series(const DoubleDoublePack& u);

/// Li2(-r) from ln r and ln(1 + r), r > 0.
template <class Real>
Real dilogarithm_of_negative(const Real& log_r, const Real& log_1_plus_r) {
  const auto inverted = log_r > Real(0);
  const Real sum =
      bernoulli_series(select(inverted, Real(log_r - log_1_plus_r), Real(-log_1_plus_r)));
  return select(inverted, Real(-dilogarithm_at_1<Real>() - log_r * log_r / 2 - sum), sum);
}

/// Li2(x) from ln x and ln(1 - x), 0 < x < 1.
template <class Real>
Real dilogarithm_of_fraction(const Real& log_x, const Real& log_1_minus_x) {
  const auto reflected = log_x > log_1_minus_x;
  const Real sum = bernoulli_series(select(reflected, Real(-log_x), Real(-log_1_minus_x)));
  return select(reflected, Real(dilogarithm_at_1<Real>() - log_x * log_1_minus_x - sum), sum);
}

}  // namespace nuloop::physics
