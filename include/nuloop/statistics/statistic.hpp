// The term that one bin adds to chi2, for each way of weighing the difference of counts and
// expectation.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace nuloop::statistics {

/// The term f(n, m) of a bin with n >= 0 counts and m expected. All are convex in m and zero at m =
/// n. A bin with neither counts nor expectation adds nothing. m < 0 has no meaning for the last
/// three.
enum class Statistic {
  reference,  ///< (n - m)^2/v with v fixed beforehand (arXiv:2410.00107, eq. 13)
  neyman,     ///< (n - m)^2/n; v = 1 for n = 0, the usual choice
  pearson,    ///< (n - m)^2/m, which is m for n = 0
  combined,   ///< (neyman + 2 pearson)/3, or (n - m)^2/v with v = 3/(1/n + 2/m) (arXiv:1903.07185).
              ///< v = m/2 for n = 0, with which f = 2 m as for `poisson`; n -> 0 has no limit
  poisson,    ///< 2 (m - n + n ln(n/m)) (Baker and Cousins, NIM 221 (1984) 437), 2 m for n = 0
};

inline constexpr std::array<std::pair<std::string_view, Statistic>, 5> statistic_names = {
    {{"reference", Statistic::reference},
     {"neyman", Statistic::neyman},
     {"pearson", Statistic::pearson},
     {"combined", Statistic::combined},
     {"poisson", Statistic::poisson}}};

struct BinTerm {
  double value;      ///< f, to a few roundings relative to itself however close n and m are
  double slope;      ///< df/dm at fixed n
  double curvature;  ///< d2f/dm2
};

/// @param count n >= 0.
/// @param expected m; > 0 for pearson, combined and poisson.
/// @param difference n - m. It is given by itself because it may be known better than n and m.
/// @param variance v > 0 of `reference`; the others ignore it.
BinTerm bin_term(Statistic statistic, double count, double expected, double difference,
                 double variance);

/// df/dn + df/dm, the slope when counts and expectation grow together. It is of second order in n -
/// m.
/// @param count n > 0. For n = 0 the result is NaN, except for `reference`, where it is 0.
double common_slope(Statistic statistic, double count, double expected, double difference);

}  // namespace nuloop::statistics
