// The terms of a bin against their definitions in more digits, their derivatives and their limits.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/statistic.hpp"

#include "catch.hpp"

#include <cmath>
#include <random>
#include <set>

#include <boost/multiprecision/cpp_bin_float.hpp>

namespace {

using nuloop::statistics::bin_term;
using nuloop::statistics::BinTerm;
using nuloop::statistics::common_slope;
using nuloop::statistics::Statistic;
using nuloop::statistics::statistic_names;
using Real = boost::multiprecision::cpp_bin_float_100;

// The definitions, as printed.
Real definition(Statistic statistic, Real n, Real m, Real v) {
  switch (statistic) {
    case Statistic::reference:
      return (n - m) * (n - m) / v;
    case Statistic::neyman:
      return (n - m) * (n - m) / (n > 1 ? n : Real(1));
    case Statistic::pearson:
      return (n - m) * (n - m) / m;
    case Statistic::combined:
      return n > 0 ? Real((n - m) * (n - m) * (1 / n + 2 / m) / 3)
                   : Real((n - m) * (n - m) / (m / 2));
    case Statistic::poisson:
      return n > 0 ? Real(2 * (m - n + n * log(n / m))) : Real(2 * m);
  }
  return 0;
}

}  // namespace

TEST_CASE("every statistic has one name") {
  std::set<Statistic> statistics;
  for (const auto& [name, statistic] : statistic_names)
    CHECK(statistics.insert(statistic).second);
  CHECK(statistics.size() == 5);
}

TEST_CASE("a bin's term is its definition, to rounding, from one count to 1e12") {
  std::mt19937_64 engine(3101);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (int trial = 0; trial < 3000; ++trial) {
    const double n = std::floor(std::pow(10.0, 12.0 * unit(engine)));
    // From far away to differences that cannot be seen in n - m computed from n and m.
    const double relative =
        (unit(engine) < 0.5 ? -0.9 : 3.0) * std::pow(10.0, -14.0 * unit(engine));
    const double difference = -n * relative;
    const Real exact_m = Real(n) - Real(difference);
    const auto m = static_cast<double>(exact_m);
    const double v = m * (0.5 + unit(engine));
    for (const auto& [name, statistic] : statistic_names) {
      CAPTURE(name, n, relative);
      const auto expected = static_cast<double>(definition(statistic, n, exact_m, v));
      CHECK(bin_term(statistic, n, m, difference, v).value ==
            Approx(expected).epsilon(1e-14).margin(0.0));
    }
  }
}

TEST_CASE("bins without counts have the documented terms") {
  for (const double m : {1e-6, 0.3, 2.0, 40.0})
    for (const auto& [name, statistic] : statistic_names) {
      CAPTURE(name, m);
      const BinTerm term = bin_term(statistic, 0.0, m, -m, 0.7);
      CHECK(term.value ==
            Approx(static_cast<double>(definition(statistic, 0, m, 0.7))).epsilon(1e-15));
    }
  CHECK(bin_term(Statistic::combined, 0.0, 2.5, -2.5, 0.0).value == 5.0);
  CHECK(bin_term(Statistic::pearson, 0.0, 2.5, -2.5, 0.0).value == 2.5);
  CHECK(bin_term(Statistic::neyman, 0.0, 2.5, -2.5, 0.0).value == 6.25);
}

TEST_CASE("derivatives of a bin's term are those of its definition") {
  // Central differences in 100 digits: their own error is of the order h^2 = 1e-30.
  const Real h = 1e-15;
  for (const double n : {0.0, 1.0, 3.0, 250.0, 1e7})
    for (const double m : {0.2, 2.9, 3.1, 260.0, 0.99e7})
      for (const auto& [name, statistic] : statistic_names) {
        CAPTURE(name, n, m);
        const double v = 0.3 * m + 1.0;
        const auto f = [&, s = statistic](const Real& by_n, const Real& by_m) {
          return definition(s, Real(n) + by_n, Real(m) + by_m, v);
        };
        const Real step = h * m;
        const Real slope = (f(0, step) - f(0, -step)) / (2 * step);
        const Real curvature = (f(0, step) - 2 * f(0, 0) + f(0, -step)) / (step * step);
        const BinTerm term = bin_term(statistic, n, m, n - m, v);
        CHECK(term.slope == Approx(static_cast<double>(slope)).epsilon(1e-12));
        CHECK(term.curvature ==
              Approx(static_cast<double>(curvature)).epsilon(1e-12).margin(1e-15));
        const double common = common_slope(statistic, n, m, n - m);
        if (n == 0.0) {
          CHECK((std::isnan(common) || statistic == Statistic::reference));
          continue;
        }
        if (n == 1.0 && statistic == Statistic::neyman)
          continue;  // the definition's variance has a kink there
        const Real by_both = (f(step, step) - f(-step, -step)) / (2 * step);
        CHECK(common == Approx(static_cast<double>(by_both)).epsilon(1e-10).margin(1e-14));
      }
}

TEST_CASE("close to the expectation all are d^2/n times their own next order") {
  // With m = n (1 + u): neyman n u^2, pearson n u^2 (1 - u), the other two n u^2 (1 - 2u/3).
  const double n = 1e10;
  for (const double u : {-1e-5, 1e-5}) {
    const auto next_order = [&](Statistic statistic) {
      return (bin_term(statistic, n, n * (1.0 + u), -n * u, n).value / (n * u * u) - 1.0) / u;
    };
    // The order after it is about u = 1e-5 here, rounding 1e-16/u = 1e-11.
    CHECK(next_order(Statistic::reference) == Approx(0.0).margin(1e-9));
    CHECK(next_order(Statistic::neyman) == Approx(0.0).margin(1e-9));
    CHECK(next_order(Statistic::pearson) == Approx(-1.0).epsilon(2e-5));
    CHECK(next_order(Statistic::combined) == Approx(-2.0 / 3.0).epsilon(2e-5));
    CHECK(next_order(Statistic::poisson) == Approx(-2.0 / 3.0).epsilon(2e-5));
  }
}

TEST_CASE("the combined statistic lies between Neyman's and Pearson's") {
  for (const double n : {1.0, 7.0, 1e5})
    for (const double u : {-0.5, -1e-3, 1e-3, 2.0}) {
      const auto value = [&](Statistic statistic) {
        return bin_term(statistic, n, n * (1.0 + u), -n * u, 0.0).value;
      };
      const double neyman = value(Statistic::neyman), pearson = value(Statistic::pearson);
      CHECK(std::min(neyman, pearson) < value(Statistic::combined));
      CHECK(value(Statistic::combined) < std::max(neyman, pearson));
    }
}
