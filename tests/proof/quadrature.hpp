// Gauss-Legendre rules for functions with values in any vector space.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstddef>

#include <boost/math/quadrature/gauss.hpp>

namespace nuloop::proof {

/// Int_from^to f(x) dx with N (even) nodes.
template <unsigned N, class F>
auto gauss(const F& f, double from, double to) {
  using Rule = boost::math::quadrature::gauss<double, N>;
  static_assert(N % 2 == 0);
  const double centre = 0.5 * (from + to), half = 0.5 * (to - from);
  auto sum = f(centre);
  sum *= 0.0;
  for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
    const double shift = half * Rule::abscissa()[i];
    sum += half * Rule::weights()[i] * (f(centre - shift) + f(centre + shift));
  }
  return sum;
}

/// The same in ln x, for integrands made of powers of x.
template <unsigned N, class F>
auto gauss_in_log(const F& f, double from, double to) {
  const auto in_log = [&](double log_x) {
    const double x = std::exp(log_x);
    auto value = f(x);
    value *= x;
    return value;
  };
  return gauss<N>(in_log, std::log(from), std::log(to));
}

/// The same on panels no longer than `panel`.
template <unsigned N, class F>
auto gauss_on_panels(const F& f, double from, double to, double panel) {
  const int panels = static_cast<int>(std::ceil((to - from) / panel));
  const double length = (to - from) / panels;
  auto sum = gauss<N>(f, from, from + length);
  for (int i = 1; i < panels; ++i)
    sum += gauss<N>(f, from + i * length, from + (i + 1) * length);
  return sum;
}

}  // namespace nuloop::proof
