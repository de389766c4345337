// The terms of one bin, inline for the fit.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/statistic.hpp"

#include <cmath>

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

/// As the public one; a bin without counts gets a barrier -b ln m where m < 0 has no meaning.
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

}  // namespace nuloop::statistics
