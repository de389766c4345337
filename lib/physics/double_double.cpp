// Logarithms and exponentials by tables in steps of 1/64 and short series. Coefficients of small
// terms are doubles.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/double_double.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace nuloop::physics {
namespace {

constexpr int steps = 64;

constexpr DoubleDouble inverse(int n) {
  return DoubleDouble(1.0) / n;
}

// ln(c) = 2 artanh((c - 1)/(c + 1)).
constexpr DoubleDouble logarithm_by_series(double c) {
  const DoubleDouble s = DoubleDouble(c - 1.0) / (c + 1.0), z = s * s;
  DoubleDouble sum = 0.0;
  for (int n = 61; n >= 1; n -= 2)  // s < 0.34
    sum = sum * z + inverse(n);
  return 2.0 * s * sum;
}

constexpr DoubleDouble exponential_minus_1_by_series(double x) {
  DoubleDouble sum = 0.0;
  for (int n = 25; n >= 1; --n)
    sum = (sum + 1.0) * x / n;
  return sum;
}

// ln(j/64), j from first_logarithm: c = j/64 is the nearest to a number in [sqrt(1/2), sqrt(2)).
constexpr int first_logarithm = 45;
constexpr auto logarithms = [] {
  std::array<DoubleDouble, 91 - first_logarithm + 1> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = logarithm_by_series(static_cast<double>(first_logarithm + i) / steps);
  return table;
}();
constexpr DoubleDouble ln2 = logarithm_by_series(2.0);

// exp(j/64) - 1, j from first_exponential: the nearest to a number within ln(2)/2 of zero.
constexpr int first_exponential = -23;
constexpr auto exponentials_minus_1 = [] {
  std::array<DoubleDouble, 1 - 2 * first_exponential> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = exponential_minus_1_by_series((first_exponential + static_cast<double>(i)) / steps);
  return table;
}();

// The numbers of a pack, and a double as a pack of one.
template <class Base>
constexpr std::size_t lanes = 1;
template <>
constexpr std::size_t lanes<Pack> = pack_width;
template <class Base>
using Lanes = std::array<double, lanes<Base>>;
double lane(double value, std::size_t /*i*/) {
  return value;
}
double lane(const Pack& value, std::size_t i) {
  return value[i];
}
template <class Base>
Base from(const Lanes<Base>& values) {
  if constexpr (lanes<Base> == 1)
    return values[0];
  else
    return Pack::load(values);
}

double power_of_2(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(1023 + exponent) << 52);
}

// Of x >= 0. Where x is half-way to rounding, either neighbour serves: it chooses a centre of a
// series.
int nearest(double x) {
  constexpr double half = 0.5;
  return static_cast<int>(x + half);
}

// x = 2^k m, m in [sqrt(1/2), sqrt(2)); c nearest to m.
template <class Base>
Twofold<Base> logarithm(const Twofold<Base>& x) {
  constexpr std::uint64_t one = 0x3ff0000000000000, root_half = 0x3fe6a09e667f3bcd;
  Lanes<Base> exponent, scale, centre, high, low;
  for (std::size_t i = 0; i < lanes<Base>; ++i) {
    const double value = lane(x.high(), i);
    NULOOP_EXPECTS(value > 0.0);
    const std::uint64_t shifted = std::bit_cast<std::uint64_t>(value) + (one - root_half);
    const int k = static_cast<int>(shifted >> 52) - 1023;
    exponent[i] = k;
    scale[i] = power_of_2(-k);
    const int j = nearest(value * scale[i] * steps);
    centre[i] = j / static_cast<double>(steps);
    const DoubleDouble& of_centre = logarithms[static_cast<std::size_t>(j - first_logarithm)];
    high[i] = of_centre.high();
    low[i] = of_centre.low();
  }
  const Twofold<Base> m = x.scaled(from<Base>(scale)), c = Twofold<Base>::of(from<Base>(centre));
  // ln(m/c) = 2 artanh(s), |s| < 1/180.
  const Twofold<Base> s = (m - c) / (m + c), z = s * s, twice = s + s;
  const Base zh = z.high();
  const Base small = 1.0 / 9 + zh * (1.0 / 11 + zh * (1.0 / 13 + zh * (1.0 / 15)));
  constexpr DoubleDouble third = inverse(3), fifth = inverse(5), seventh = inverse(7);
  const Twofold<Base> sum =
      z * (third + z * (fifth + z * (seventh + Twofold<Base>::of(zh * small))));
  const Twofold<Base> of_powers = ln2 * Twofold<Base>::of(from<Base>(exponent)) +
                                  Twofold<Base>::ordered_sum(from<Base>(high), from<Base>(low));
  return of_powers + (twice + twice * sum);
}

template <class Base>
Twofold<Base> logarithm_of_sum(const Twofold<Base>& x) {
  // 1 + x as a sum of three doubles, of which the logarithm of the first two and a rest are taken.
  const auto first = Twofold<Base>::sum(Base(1.0), x.high());
  const auto second = Twofold<Base>::sum(first.low(), x.low());
  const auto sum = Twofold<Base>::ordered_sum(first.high(), second.high());
  return logarithm(sum) + Twofold<Base>::of(second.low() / sum.high());
}

// exp(x) = 2^k (1 + rest), x in [0, 100].
template <class Base>
struct Exponential {
  Base power;
  Twofold<Base> rest;
};

template <class Base>
Exponential<Base> exponential(const Twofold<Base>& x) {
  Lanes<Base> exponent, power, centre, high, low;
  for (std::size_t i = 0; i < lanes<Base>; ++i) {
    const double value = lane(x.high(), i);
    NULOOP_EXPECTS(value >= 0.0 && value <= 100.0);
    const int k = nearest(value * (1.0 / ln2.high()));
    const int j = static_cast<int>((value - k * ln2.high()) * steps + 128.5) - 128;
    exponent[i] = k;
    power[i] = power_of_2(k);
    centre[i] = j / static_cast<double>(steps);
    const DoubleDouble& at = exponentials_minus_1[static_cast<std::size_t>(j - first_exponential)];
    high[i] = at.high();
    low[i] = at.low();
  }
  const Twofold<Base> r = (x - ln2 * Twofold<Base>::of(from<Base>(exponent))) -
                          Twofold<Base>::of(from<Base>(centre));  // |r| < 1/127
  const Base rh = r.high();
  Base small = 1.0 / 6227020800;
  for (const double factorial : {479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0, 5040.0})
    small = small * rh + 1.0 / factorial;
  constexpr DoubleDouble sixth = inverse(6), n24 = inverse(24), n120 = inverse(120),
                         n720 = inverse(720);
  const Twofold<Base> sum =
      sixth + r * (n24 + r * (n120 + r * (n720 + Twofold<Base>::of(rh * small))));
  const Twofold<Base> grown = r + r * r * (0.5 + r * sum);  // exp(r) - 1
  const auto at = Twofold<Base>::ordered_sum(from<Base>(high), from<Base>(low));
  return {from<Base>(power), at + (grown + at * grown)};
}

template <class Base>
Twofold<Base> tangent(const Twofold<Base>& x) {
  const Exponential<Base> e = exponential(x + x);
  const Twofold<Base> growth =
      e.rest.scaled(e.power) + Twofold<Base>::of(e.power - 1.0);  // exp(2x) - 1
  return growth / (growth + 2.0);
}

}  // namespace

DoubleDouble sqrt(const DoubleDouble& x) {
  const double root = std::sqrt(x.high());
  const DoubleDouble square = DoubleDouble::product(root, root);
  const double rest = ((x.high() - square.high()) - square.low()) + x.low();
  return DoubleDouble::ordered_sum(root, rest / (2.0 * root));
}

DoubleDouble log(const DoubleDouble& x) {
  return logarithm(x);
}
DoubleDoublePack log(const DoubleDoublePack& x) {
  return logarithm(x);
}

DoubleDouble log1p(const DoubleDouble& x) {
  return logarithm_of_sum(x);
}
DoubleDoublePack log1p(const DoubleDoublePack& x) {
  return logarithm_of_sum(x);
}

DoubleDouble asinh(const DoubleDouble& x) {
  const DoubleDouble x2 = x * x;
  return log1p(x + x2 / (1.0 + sqrt(1.0 + x2)));
}

DoubleDouble tanh(const DoubleDouble& x) {
  return tangent(x);
}
DoubleDoublePack tanh(const DoubleDoublePack& x) {
  return tangent(x);
}

}  // namespace nuloop::physics
