// Double-double numbers against exact sums and products, and against functions of 50 digits.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/double_double.hpp"

#include "catch.hpp"
#include "exact.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

using namespace nuloop;
using namespace nuloop::physics;
using nuloop::test::Exact;
using nuloop::test::exactly;
using nuloop::test::units;

namespace {

// Enough for every sum and product of the numbers below.
using Wide = boost::multiprecision::number<
    boost::multiprecision::cpp_bin_float<600, boost::multiprecision::digit_base_2>,
    boost::multiprecision::et_off>;

// Magnitudes evenly on the logarithm, with low parts of all sizes that are allowed.
class Numbers {
 public:
  DoubleDouble operator()(double low, double high) {
    const double place = uniform_(random_);
    const double magnitude = std::pow(low, 1 - place) * std::pow(high, place);
    return DoubleDouble::ordered_sum(magnitude,
                                     magnitude * 0x1p-53 * (2 * uniform_(random_) - 1) *
                                         std::pow(0.5, std::floor(40 * uniform_(random_))));
  }
  DoubleDouble of_any_sign(double low, double high) {
    return uniform_(random_) < 0.5 ? -(*this)(low, high) : (*this)(low, high);
  }

 private:
  std::mt19937_64 random_{42};
  std::uniform_real_distribution<double> uniform_{0.0, 1.0};
};

}  // namespace

TEST_CASE("sums, products, quotients and roots err no more than was proved") {
  Numbers any;
  double sum = 0.0, sum_with_double = 0.0, product = 0.0, product_with_double = 0.0, quotient = 0.0,
         quotient_by_double = 0.0, root = 0.0;
  const auto raise = [](double& worst, double found) { worst = std::max(worst, found); };
  for (int i = 0; i < 40000; ++i) {
    const DoubleDouble a = any.of_any_sign(1e-20, 1e20);
    DoubleDouble b = any.of_any_sign(1e-20, 1e20);
    if (i % 4 == 0)  // cancels
      b = -a + any.of_any_sign(1e-30, 1.0) * a;
    const Wide exact_a = exactly<Wide>(a), exact_b = exactly<Wide>(b);
    const double d = i % 3 == 0 ? -a.high() : b.high();
    raise(sum, units(a + b, Wide(exact_a + exact_b)));
    raise(sum, units(a - b, Wide(exact_a - exact_b)));
    raise(sum_with_double, units(a + d, Wide(exact_a + d)));
    raise(sum_with_double, units(d - a, Wide(d - exact_a)));
    raise(product, units(a * b, Wide(exact_a * exact_b)));
    raise(product_with_double, units(a * d, Wide(exact_a * d)));
    raise(quotient, units(a / b, Wide(exact_a / exact_b)));
    raise(quotient_by_double, units(a / d, Wide(exact_a / d)));
    const DoubleDouble positive = select(a > 0.0, a, -a);
    raise(root, units(sqrt(positive), Wide(sqrt(exactly<Wide>(positive)))));
  }
  CHECK(sum <= 3.0);
  CHECK(sum_with_double <= 2.0);
  CHECK(product <= 5.0);
  CHECK(product_with_double <= 2.0);
  CHECK(quotient <= 15.0);
  CHECK(quotient_by_double <= 3.0);
  CHECK(root <= 4.0);
  // Each of them is tested hard enough to come near.
  CHECK(sum > 1.2);
  CHECK(product > 2.0);
}

TEST_CASE("sums and products of doubles are exact") {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> mantissa(-2.0, 2.0);
  std::uniform_int_distribution<int> exponent(-60, 60);
  for (int i = 0; i < 20000; ++i) {
    const double a = std::ldexp(mantissa(random), exponent(random));
    const double b = std::ldexp(mantissa(random), exponent(random));
    CHECK(exactly<Wide>(DoubleDouble::sum(a, b)) == Wide(a) + b);
    const DoubleDouble product = DoubleDouble::product(a, b);
    CHECK(exactly<Wide>(product) == Wide(a) * b);
    CHECK(product.low() == std::fma(a, b, -a * b));  // as a processor with one instruction has it
  }
  for (const double power : {0x1p-300, 0.5, 1.0, -8.0, 0x1p300}) {
    const DoubleDouble third = DoubleDouble(1.0) / 3.0;
    CHECK(exactly<Wide>(third * power) == exactly<Wide>(third) * power);
    CHECK(exactly<Wide>(third / power) == exactly<Wide>(third) / power);
  }
}

TEST_CASE("numbers compare by both parts") {
  const DoubleDouble one = 1.0, above = one + 1e-25, below = one - 1e-25;
  CHECK((above > one && one > below && !(one > one)));
  CHECK((below < one && !(one < one)));
  CHECK((one <= one && one <= above && !(above <= one)));
  CHECK((one == DoubleDouble(1.0) && !(one == above)));
}

TEST_CASE("the logarithm keeps its digits everywhere") {
  Numbers any;
  double worst = 0.0, worst_of_sum = 0.0;
  const auto check = [&](const DoubleDouble& x) {
    worst = std::max(worst, units(log(x), Exact(log(exactly(x)))));
  };
  const auto check_sum = [&](const DoubleDouble& x) {
    worst_of_sum = std::max(worst_of_sum, units(log1p(x), Exact(log1p(exactly(x)))));
  };
  for (int i = 0; i < 4000; ++i) {
    check(any(1e-250, 1e250));
    check(any(0.25, 4.0));
    check(1.0 + any.of_any_sign(1e-30, 0.1));
    check_sum(any(1e-40, 1e20));
    check_sum(-any(1e-40, 0.9999));
  }
  for (int j = 80; j <= 200; ++j)  // where the entry of the table changes
    for (const double step : {-1e-16, 0.0, 1e-16}) {
      check(DoubleDouble(j / 128.0) * (1.0 + step));
      check_sum(DoubleDouble(j / 128.0) * (1.0 + step));
      check_sum(-DoubleDouble((j - 80) / 128.0) * (1.0 + step));
    }
  CHECK(log(DoubleDouble(1.0)) == DoubleDouble(0.0));
  CHECK(log1p(DoubleDouble(0.0)) == DoubleDouble(0.0));
  CHECK(worst < 20.0);
  CHECK(worst_of_sum < 20.0);
}

TEST_CASE("the hyperbolic functions keep their digits down to zero") {
  Numbers any;
  double worst_tangent = 0.0, worst_inverse = 0.0;
  for (int i = 0; i < 4000; ++i) {
    for (const DoubleDouble& x : {any(1e-30, 45.0), any(0.01, 1.0)})
      worst_tangent = std::max(worst_tangent, units(tanh(x), Exact(tanh(exactly(x)))));
    for (const DoubleDouble& x : {any(1e-30, 1e8), any(0.01, 10.0)}) {
      const Exact y = exactly(x);
      const Exact expected = log1p(Exact(y + y * y / (1 + sqrt(Exact(1 + y * y)))));
      worst_inverse = std::max(worst_inverse, units(asinh(x), expected));
    }
  }
  CHECK(worst_tangent < 20.0);
  CHECK(worst_inverse < 20.0);
  CHECK(tanh(DoubleDouble(0.0)) == DoubleDouble(0.0));
  CHECK(asinh(DoubleDouble(0.0)) == DoubleDouble(0.0));
}

TEST_CASE("numbers side by side have the bits of each alone") {
  Numbers any;
  for (int i = 0; i < 500; ++i) {
    std::array<double, pack_width> highs, others;
    for (std::size_t k = 0; k < pack_width; ++k) {
      highs[k] = any(1e-3, 40.0).high();
      others[k] = any(1e-3, 40.0).high();
    }
    const auto calculate = [](const auto& a, const auto& b) {
      const auto c = a / 3.0 + b * a - 0.7;
      return std::vector{a / b, c, select(c > a, c, a), log(a), log1p(b), tanh(a)};
    };
    const auto packs = calculate(DoubleDoublePack::of(Pack::load(highs)),
                                 DoubleDoublePack::of(Pack::load(others)));
    for (std::size_t k = 0; k < pack_width; ++k) {
      const auto alone = calculate(DoubleDouble(highs[k]), DoubleDouble(others[k]));
      for (std::size_t n = 0; n < alone.size(); ++n) {
        CHECK(packs[n].high()[k] == alone[n].high());
        CHECK(packs[n].low()[k] == alone[n].low());
      }
    }
  }
}
