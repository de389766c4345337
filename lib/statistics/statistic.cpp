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
  return visit_statistic(statistic, [&](auto which) {
    return bin_term<which()>(count, expected, difference, variance, 0.0);
  });
}

double common_slope(Statistic statistic, double count, double expected, double difference) {
  if (statistic == Statistic::reference)
    return 0.0;
  if (count == 0.0)
    return nan;
  return visit_statistic(
      statistic, [&](auto which) { return common_slope<which()>(count, expected, difference); });
}

}  // namespace nuloop::statistics
