// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/dilogarithm.hpp"

#include <array>
#include <cstddef>

#include <boost/math/special_functions/bernoulli.hpp>
#include <gsl/gsl_sf_dilog.h>

namespace nuloop::physics {
namespace {

// B_2k/(2k + 1)!, k = 1, 2, ... The series below goes with (u/2 pi)^2 < 0.0122: nineteen terms
// leave 1e-38.
constexpr std::size_t bernoulli_terms = 19;

std::array<Quad, bernoulli_terms> series_coefficients() {
  std::array<Quad, bernoulli_terms> coefficients;
  Quad factorial = 1;
  for (std::size_t i = 0; i < bernoulli_terms; ++i) {
    const int k = static_cast<int>(i) + 1;
    factorial *= 2 * k * (2 * k + 1);
    coefficients[i] = boost::math::bernoulli_b2n<Quad>(k) / factorial;
  }
  return coefficients;
}

// Sum of B_n u^(n+1)/(n+1)!, u = -ln(1 - x), for -1 <= x <= 1/2.
Quad bernoulli_series(const Quad& x) {
  static const std::array<Quad, bernoulli_terms> coefficients = series_coefficients();
  const Quad u = -log1p(-x), u2 = u * u;
  Quad sum = 0;
  for (std::size_t i = bernoulli_terms; i-- > 0;)
    sum = sum * u2 + coefficients[i];
  return u - u2 / 4 + u * u2 * sum;
}

}  // namespace

double dilogarithm(double x) {
  return gsl_sf_dilog(x);
}

Quad dilogarithm(const Quad& x) {
  if (x == 1)
    return dilogarithm_at_1<Quad>();
  const Quad at_1 = dilogarithm_at_1<Quad>();
  if (x < -1) {
    const Quad l = log(-x);
    return -at_1 - l * l / 2 - bernoulli_series(1 / x);
  }
  if (x <= Quad(0.5))
    return bernoulli_series(x);
  if (x < 2) {  // reflection; above 1 its real part, with |1 - x| in the logarithm
    const Quad rest = 1 - x;
    return at_1 - log(x) * log(abs(rest)) - bernoulli_series(rest);
  }
  const Quad l = log(x);
  return 2 * at_1 - l * l / 2 - bernoulli_series(1 / x);
}

}  // namespace nuloop::physics
