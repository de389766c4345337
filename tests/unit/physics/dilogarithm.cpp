// The dilogarithm against published values, its functional equations and its defining integral.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/dilogarithm.hpp"

#include "catch.hpp"
#include "exact.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gsl/gsl_sf_dilog.h>

using nuloop::physics::dilogarithm;
using nuloop::physics::DoubleDouble;
using nuloop::test::Exact;

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

TEST_CASE("the dilogarithm of double-doubles has its values to 31 digits") {
  // Computed with mpmath at 40 digits, at the doubles nearest to x; on both sides of every change
  // of its reductions.
  const std::pair<double, const char*> values[] = {
      {-1e6, "-97.0790990554596406264712991127271925"},
      {-7.25, "-3.47367191295709997157353786908154256"},
      {-1.0009765625, "-0.823143842889025746850425266293667224"},
      {-1, "-0.822467033424113218236207583323012595"},
      {-0.9990234375, "-0.821790039759683261376733212288348199"},
      {-0.3125, "-0.290978871002557928496732114603874239"},
      {-1e-9, "-0.000000000999999999750000062392702537687671822"},
      {1e-20, "9.99999999999999945155771454209571651e-21"},
      {0.25, "0.267652639082732606919183828487811576"},
      {0.5, "0.582240526465012505902656320159680109"},
      {0.5009765625, "0.583594915307546113985702945436630904"},
      {0.75, "0.978469392930306103743066666524561498"},
      {0.9990234375, "1.63718494305424718437681147734449293"},
      {1.0009765625, "1.65267610343514583385791672225708291"},
      {1.5, "2.37439527027248020067749976307163842"},
      {2, "2.46740110027233965470862274996903778"},
      {2.0009765625, "2.46740086200888630239063925775935861"},
      {9, "0.761610005092778886657845509050426433"},
      {1e8, "-166.370871411612283490028494212827627"}};
  for (const auto& [x, digits] : values) {
    CAPTURE(x);
    const Exact expected(digits);
    // By inversion it is a difference of the square of the logarithm and what is of the same order.
    const double log_x = std::log(std::abs(x));
    const double terms = std::max(1.0, log_x * log_x / std::abs(static_cast<double>(expected)));
    CHECK(nuloop::test::units(dilogarithm(DoubleDouble(x)), expected) < 20.0 * terms);
  }
  CHECK(dilogarithm(DoubleDouble(0.0)) == DoubleDouble(0.0));
  CHECK(dilogarithm(DoubleDouble(1.0)) == nuloop::physics::dilogarithm_at_1<DoubleDouble>());
}

TEST_CASE("the dilogarithms of doubles and double-doubles agree") {
  for (int i = -800; i < 800; ++i) {
    const double x = 0.0371 * i;
    CAPTURE(x);
    CHECK(static_cast<double>(dilogarithm(DoubleDouble(x))) == close_to(dilogarithm(x)));
  }
}

TEST_CASE("the dilogarithm agrees with another library's on the whole real line") {
  // Each of the two has a few roundings.
  for (double magnitude = 1e-12; magnitude < 1e12; magnitude *= 1.07)
    for (const double x : {magnitude, -magnitude, 1 + magnitude, 1 - magnitude}) {
      CAPTURE(x);
      const double log_x = std::log(std::abs(x));
      // Where inversion takes it from the square of the logarithm, rounding is relative to that.
      CHECK(dilogarithm(x) ==
            Approx(gsl_sf_dilog(x)).epsilon(2e-15).margin(4e-16 * log_x * log_x + 1e-15));
    }
  for (double x = 1e-12; x < 0.4; x *= 1.07)  // relative accuracy where it vanishes
    for (const double sign : {-1.0, 1.0}) {
      CAPTURE(sign * x);
      CHECK(dilogarithm(sign * x) == Approx(gsl_sf_dilog(sign * x)).epsilon(2e-15));
    }
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
