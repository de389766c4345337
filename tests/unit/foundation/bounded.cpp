// A value with a bound: whatever the errors within the bounds, results stay within theirs.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/bounded.hpp"

#include "catch.hpp"

#include <cmath>
#include <random>

#include <Eigen/Core>

using nuloop::Bounded;

TEST_CASE("sums, differences, factors and ratios hold the errors of what they are made of") {
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  for (int trial = 0; trial < 1000; ++trial) {
    const Bounded<double> a{unit(engine), 1e-6 * std::abs(unit(engine))};
    const Bounded<double> b{2.0 + unit(engine), 1e-6 * std::abs(unit(engine))};
    const double factor = 3.0 * unit(engine);
    // The corners of the errors' box are where the results are furthest off.
    for (const double x : {a.value - a.error, a.value + a.error})
      for (const double y : {b.value - b.error, b.value + b.error}) {
        const auto holds = [](const Bounded<double>& result, double there, double beyond) {
          CHECK(std::abs(result.value - there) <= result.error * beyond + 1e-15);
        };
        holds(a + b, x + y, 1.0);
        holds(a - b, x - y, 1.0);
        holds(factor * a, factor * x, 1.0);
        holds(a / b, x / y, 1.0 + 1e-5);  // first order
      }
    // No bound is larger than the errors ask for.
    CHECK((a - b).error == a.error + b.error);
    CHECK((factor * a).error == std::abs(factor) * a.error);
  }
}

TEST_CASE("arrays are bounded number by number") {
  using Array = Eigen::ArrayXd;
  const Bounded<Array> a{Array::LinSpaced(3, 1.0, 3.0), Array::Constant(3, 0.1)};
  Bounded<Array> b{Array::Constant(3, 2.0), Array::LinSpaced(3, 0.0, 0.2)};
  b -= a;
  CHECK((b.value == Eigen::Array3d(1.0, 0.0, -1.0)).all());
  CHECK((b.error == Eigen::Array3d(0.1, 0.2, 0.2 + 0.1)).all());
  b *= -2.0;
  CHECK((b.value == Eigen::Array3d(-2.0, 0.0, 2.0)).all());
  CHECK((b.error == 2.0 * Eigen::Array3d(0.1, 0.2, 0.2 + 0.1)).all());
}
