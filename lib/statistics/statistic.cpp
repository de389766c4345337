// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/statistic.hpp"

#include "bin_term.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/special_values.hpp"

namespace nuloop::statistics {

BinTerm bin_term(Statistic statistic, double count, double expected, double difference,
                 double variance) {
  NULOOP_EXPECTS(count >= 0.0);
  NULOOP_EXPECTS(expected > 0.0 || !needs_positive(statistic));
  NULOOP_EXPECTS(variance > 0.0 || statistic != Statistic::reference);
  switch (statistic) {
    case Statistic::reference:
      return bin_term<Statistic::reference>(count, expected, difference, variance, 0.0);
    case Statistic::neyman:
      return bin_term<Statistic::neyman>(count, expected, difference, variance, 0.0);
    case Statistic::pearson:
      return bin_term<Statistic::pearson>(count, expected, difference, variance, 0.0);
    case Statistic::combined:
      return bin_term<Statistic::combined>(count, expected, difference, variance, 0.0);
    case Statistic::poisson:
      return bin_term<Statistic::poisson>(count, expected, difference, variance, 0.0);
  }
  return {};
}

double common_slope(Statistic statistic, double count, double expected, double difference) {
  if (statistic == Statistic::reference)
    return 0.0;
  if (count == 0.0)
    return nan;
  const double by_count = difference / count, by_expected = difference / expected;
  switch (statistic) {
    case Statistic::reference:
      break;
    case Statistic::neyman:
      return -by_count * by_count;
    case Statistic::pearson:
      return -by_expected * by_expected;
    case Statistic::combined:
      return -(by_count * by_count + 2.0 * by_expected * by_expected) / 3.0;
    case Statistic::poisson:
      return -2.0 * log_deficit(by_expected, count / expected);
  }
  return 0.0;
}

}  // namespace nuloop::statistics
