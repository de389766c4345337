// The dilogarithm against published values, its functional equations and its defining integral.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/dilogarithm.hpp"

#include <cmath>
#include <numbers>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <catch2/catch.hpp>

using nuloop::physics::dilogarithm;

namespace {

constexpr double pi2 = std::numbers::pi * std::numbers::pi;

// A few units in the last place of the largest term.
Approx close_to(double value) {
  return Approx(value).epsilon(1e-14).margin(1e-14);
}

}  // namespace

TEST_CASE("the dilogarithm has its known values") {
  CHECK(dilogarithm(0.0) == 0.0);
  CHECK(dilogarithm(1.0) == close_to(pi2 / 6));
  CHECK(dilogarithm(-1.0) == close_to(-pi2 / 12));
  CHECK(dilogarithm(0.5) == close_to(pi2 / 12 - 0.5 * std::numbers::ln2 * std::numbers::ln2));
  CHECK(dilogarithm(2.0) == close_to(pi2 / 4));
  CHECK(dilogarithm(0.3) == close_to(0.326129510075476));
  CHECK(dilogarithm(0.9) == close_to(1.299714723004959));
  CHECK(dilogarithm(-0.7) == close_to(-0.605158402337705));
  CHECK(dilogarithm(-5.0) == close_to(-2.749279126060808));
  CHECK(dilogarithm(1.5) == close_to(2.374395270272480));
  CHECK(dilogarithm(5.0) == close_to(1.783719161266631));
}

TEST_CASE("the dilogarithm obeys the reflection formula") {
  for (const double x : {1e-9, 1e-3, 0.1, 0.25, 0.49, 0.5, 0.7, 0.999, 1.0 - 1e-9}) {
    CAPTURE(x);
    CHECK(dilogarithm(x) + dilogarithm(1.0 - x) ==
          close_to(pi2 / 6 - std::log(x) * std::log1p(-x)));
  }
}

TEST_CASE("the dilogarithm obeys the inversion formula") {
  for (const double x : {1.0001, 1.3, 2.0, 7.0, 1e3, 1e8, 1e30}) {
    CAPTURE(x);
    const double half_square = 0.5 * std::log(x) * std::log(x);
    CHECK(dilogarithm(-x) + dilogarithm(-1.0 / x) == close_to(-pi2 / 6 - half_square));
    CHECK(dilogarithm(x) + dilogarithm(1.0 / x) == close_to(pi2 / 3 - half_square));
  }
}

TEST_CASE("the dilogarithm obeys the duplication formula") {
  for (const double x : {1e-6, 0.2, 0.6, 0.95, 1.0})
    CHECK(dilogarithm(x) + dilogarithm(-x) == close_to(0.5 * dilogarithm(x * x)));
}

TEST_CASE("the dilogarithm is the integral of -ln(1 - t)/t") {
  boost::math::quadrature::tanh_sinh<double> rule;
  for (const double x : {-40.0, -3.0, -0.5, 0.2, 0.8, 0.99}) {
    CAPTURE(x);
    // t = x z keeps the range (0, 1) for either sign.
    const double integral = rule.integrate(
        [x](double z) { return z == 0.0 ? -x : std::log1p(-x * z) / z; }, 0.0, 1.0, 1e-14);
    CHECK(dilogarithm(x) == Approx(-integral).epsilon(1e-13));
  }
}
