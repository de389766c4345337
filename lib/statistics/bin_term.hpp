// The terms of one bin, inline for the fit.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/statistic.hpp"

#include <cmath>
#include <cstddef>
#include <type_traits>

namespace nuloop::statistics {

/// u - ln(1 + u) >= 0. @param ratio 1 + u, which may be known better than u + 1.
inline double log_deficit(double u, double ratio) {
  if (std::abs(u) > 0.2)
    return u - std::log(ratio);
  // ln(1 + u) = 2 atanh(w), w = u/(2 + u), and u - 2 w = u w.
  const double w = u / (2.0 + u), s = w * w;
  double series = 1.0 / 17.0;
  for (const double odd : {15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0})
    series = series * s + 1.0 / odd;
  return u * w - 2.0 * w * s * series;
}

/// Whether expectations below zero have no meaning.
constexpr bool needs_positive(Statistic statistic) {
  return statistic != Statistic::reference && statistic != Statistic::neyman;
}

/// As the public one. A bin without counts gets a barrier -b ln m where m < 0 has no meaning.
template <Statistic statistic>
BinTerm bin_term(double n, double m, double difference, double variance, double barrier) {
  if constexpr (needs_positive(statistic)) {
    if (n == 0.0) {
      constexpr double rise = statistic == Statistic::pearson ? 1.0 : 2.0;
      if (barrier == 0.0)
        return {rise * m, rise, 0.0};
      return {rise * m - barrier * std::log(m), rise - barrier / m, barrier / (m * m)};
    }
  }
  if constexpr (statistic == Statistic::poisson) {
    const double ratio = m / n;
    return {2.0 * n * log_deficit(-difference / n, ratio), -2.0 * difference / m,
            2.0 / (m * ratio)};
  } else if constexpr (statistic == Statistic::pearson || statistic == Statistic::combined) {
    const double relative = difference / m, ratio = n / m;
    const BinTerm pearson{difference * relative, -relative * (2.0 + relative),
                          2.0 * ratio * ratio / m};
    if constexpr (statistic == Statistic::pearson)
      return pearson;
    const double scaled = difference / n;
    return {(difference * scaled + 2.0 * pearson.value) / 3.0,
            (-2.0 * scaled + 2.0 * pearson.slope) / 3.0, (2.0 / n + 2.0 * pearson.curvature) / 3.0};
  } else {
    const double v = statistic == Statistic::reference ? variance : n > 0.0 ? n : 1.0;
    const double scaled = difference / v;
    return {difference * scaled, -2.0 * scaled, 2.0 / v};
  }
}

/// As the public one, for n > 0.
template <Statistic statistic>
double common_slope(double n, double m, double difference) {
  const double by_count = difference / n, by_expected = difference / m;
  if constexpr (statistic == Statistic::poisson)
    return -2.0 * log_deficit(by_expected, n / m);
  if constexpr (statistic == Statistic::neyman)
    return -by_count * by_count;
  if constexpr (statistic == Statistic::pearson)
    return -by_expected * by_expected;
  if constexpr (statistic == Statistic::combined)
    return -(by_count * by_count + 2.0 * by_expected * by_expected) / 3.0;
  return 0.0;
}

/// use(std::integral_constant<Statistic, S>) for the S that is `statistic`.
template <std::size_t first = 0, class Use>
auto visit_statistic(Statistic statistic, const Use& use) {
  constexpr Statistic known = statistic_names[first].second;
  if constexpr (first + 1 < statistic_names.size())
    if (statistic != known)
      return visit_statistic<first + 1>(statistic, use);
  return use(std::integral_constant<Statistic, known>());
}

}  // namespace nuloop::statistics
