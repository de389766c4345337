// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/dilogarithm.hpp"

#include "dilogarithm_series.hpp"

#include <cmath>

#include <boost/math/special_functions/bernoulli.hpp>

namespace nuloop::physics {
namespace {

template <class Real>
Real dilogarithm_of(const Real& x) {
  using std::log, std::log1p;
  if (x < 0)
    return dilogarithm_of_negative<Real>(log(-x), log1p(-x));
  if (x == 0)
    return 0;
  if (x < 1)
    return dilogarithm_of_fraction<Real>(log(x), log1p(-x));
  if (x == 1)
    return dilogarithm_at_1<Real>();
  const Real log_x = log(x);  // by inversion, of which the real part is left
  return 2 * dilogarithm_at_1<Real>() - log_x * log_x / 2 -
         dilogarithm_of_fraction<Real>(-log_x, log1p(-1 / x));
}

std::array<Quad, quad_bernoulli_terms> series_coefficients() {
  std::array<Quad, quad_bernoulli_terms> coefficients;
  Quad factorial = 1;
  for (std::size_t i = 0; i < quad_bernoulli_terms; ++i) {
    const int k = static_cast<int>(i) + 1;
    factorial *= 2 * k * (2 * k + 1);
    coefficients[i] = boost::math::bernoulli_b2n<Quad>(k) / factorial;
  }
  return coefficients;
}

}  // namespace

const std::array<Quad, quad_bernoulli_terms>& quad_bernoulli_coefficients() {
  static const std::array<Quad, quad_bernoulli_terms> coefficients = series_coefficients();
  return coefficients;
}

double dilogarithm(double x) {
  return dilogarithm_of(x);
}

Quad dilogarithm(const Quad& x) {
  return dilogarithm_of(x);
}

}  // namespace nuloop::physics
