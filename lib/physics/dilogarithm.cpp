// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/dilogarithm.hpp"

#include "dilogarithm_series.hpp"

#include <array>
#include <cmath>
#include <cstddef>

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

// B_2k/(2k + 1)!: 17 leave 2e-33 of a sum whose weight is below 1/36, and those from the 8th on
// need no more digits than a double has.
constexpr std::size_t twofold_terms = 17, long_terms = 7;
constexpr auto twofold_coefficients = [] {
  // B_2, B_4, ..., whose numerators and denominators are doubles.
  constexpr std::array<std::array<double, 2>, twofold_terms> numbers = {{{1, 6},
                                                                         {-1, 30},
                                                                         {1, 42},
                                                                         {-1, 30},
                                                                         {5, 66},
                                                                         {-691, 2730},
                                                                         {7, 6},
                                                                         {-3617, 510},
                                                                         {43867, 798},
                                                                         {-174611, 330},
                                                                         {854513, 138},
                                                                         {-236364091, 2730},
                                                                         {8553103, 6},
                                                                         {-23749461029, 870},
                                                                         {8615841276005, 14322},
                                                                         {-7709321041217, 510},
                                                                         {2577687858367, 6}}};
  std::array<DoubleDouble, twofold_terms> coefficients;
  DoubleDouble factorial = 1.0;
  for (std::size_t i = 0; i < twofold_terms; ++i) {
    const double k2 = 2.0 * static_cast<double>(i + 1);
    factorial = factorial * (k2 * (k2 + 1.0));
    coefficients[i] = DoubleDouble(numbers[i][0]) / numbers[i][1] / factorial;
  }
  return coefficients;
}();

template <class Base>
Twofold<Base> twofold_series(const Twofold<Base>& u) {
  const Twofold<Base> u2 = u * u;
  Base rest = twofold_coefficients.back().high();
  for (std::size_t i = twofold_terms - 1; i-- > long_terms;)
    rest = rest * u2.high() + twofold_coefficients[i].high();
  Twofold<Base> sum = Twofold<Base>::of(rest);
  for (std::size_t i = long_terms; i-- > 0;)
    sum = sum * u2 + twofold_coefficients[i];
  return u + u2 * (u * sum - 0.25);
}

}  // namespace

DoubleDouble bernoulli_series(const DoubleDouble& u) {
  return twofold_series(u);
}
DoubleDoublePack bernoulli_series(const DoubleDoublePack& u) {
  return twofold_series(u);
}

double dilogarithm(double x) {
  return dilogarithm_of(x);
}

DoubleDouble dilogarithm(const DoubleDouble& x) {
  return dilogarithm_of(x);
}

}  // namespace nuloop::physics
