// Double-double arithmetic, for closed forms that cancel in double precision: 106 bits, some 31
// digits. It is made of roundings of double alone, each of which IEEE 754 prescribes, and therefore
// gives the same bits on every processor.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/pack.hpp"

#include <bit>
#include <cfloat>
#include <cstdint>
#include <type_traits>

namespace nuloop::physics {

static_assert(FLT_EVAL_METHOD == 0, "double-double arithmetic needs doubles that are rounded");

/// An unevaluated sum high + low with |low| <= ulp(high)/2. Base: double, or Pack for several
/// numbers side by side.
///
/// Errors are given as parts of the result in units of u^2 = 2^-106, and are proved in M. Joldes,
/// J.-M. Muller and V. Popescu, ACM Trans. Math. Softw. 44 (2017) 15res, and J.-M. Muller and
/// L. Rideau, ACM Trans. Math. Softw. 48 (2022) 9: sums and differences 3 (with a double 2),
/// products 5 (with a double 2), quotients 15 (with a double 3). They hold for numbers and results
/// between 2^-900 and 2^900 in modulus, and for zero.
template <class Base>
class Twofold {
 public:
  constexpr Twofold() = default;
  /// Exact.
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr Twofold(double value) : high_(value), low_(0.0) {}
  /// Exact; in every place of a pack.
  template <class Other>
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr Twofold(const Twofold<Other>& value) requires(std::is_same_v<Other, double> &&
                                                          !std::is_same_v<Base, double>)
      : high_(value.high()), low_(value.low()) {}
  /// Exact for a double that a pack holds.
  static constexpr Twofold of(const Base& value) { return {value, Base(0.0)}; }
  /// a + b, |a| >= |b| or a = 0; exact but for the rounding of the second part.
  static constexpr Twofold ordered_sum(const Base& a, const Base& b) {
    const Base sum = a + b;
    return {sum, b - (sum - a)};
  }
  /// a + b, exactly.
  static constexpr Twofold sum(const Base& a, const Base& b) {
    const Base sum = a + b, part = sum - a;
    return {sum, (a - (sum - part)) + (b - part)};
  }
  /// A double as a sum of two, of at most 26 bits each.
  struct Halves {
    constexpr Halves() = default;
    constexpr explicit Halves(const Base& a) {
      const Base shifted = 134217729.0 * a;  // 2^27 + 1
      upper = shifted - (shifted - a);
      lower = a - upper;
    }
    Base upper, lower;
  };
  /// a b, exactly.
  // By T. J. Dekker's halves: fused multiply-add would give the same two numbers, but is a slow
  // call where the processor that is compiled for may lack it.
  static constexpr Twofold product(const Base& a, const Base& b) {
    return product(a, Halves(a), b, Halves(b));
  }
  static constexpr Twofold product(const Base& a, const Halves& of_a, const Base& b,
                                   const Halves& of_b) {
    const Base product = a * b;
    return {product, ((of_a.upper * of_b.upper - product) + of_a.upper * of_b.lower +
                      of_a.lower * of_b.upper) +
                         of_a.lower * of_b.lower};
  }

  constexpr const Base& high() const { return high_; }  ///< the nearest double
  constexpr const Base& low() const { return low_; }
  /// The nearest double.
  constexpr explicit operator double() const requires std::is_same_v<Base, double> { return high_; }

  /// Exact, for a power of two.
  constexpr Twofold scaled(const Base& power_of_two) const {
    return {high_ * power_of_two, low_ * power_of_two};
  }

  friend constexpr Twofold operator-(const Twofold& a) { return {-a.high_, -a.low_}; }
  friend constexpr Twofold operator+(const Twofold& a, const Twofold& b) {
    const Twofold highs = sum(a.high_, b.high_), lows = sum(a.low_, b.low_);
    const Twofold partial = ordered_sum(highs.high_, highs.low_ + lows.high_);
    return ordered_sum(partial.high_, lows.low_ + partial.low_);
  }
  friend constexpr Twofold operator+(const Twofold& a, double b) {
    const Twofold highs = sum(a.high_, Base(b));
    return ordered_sum(highs.high_, a.low_ + highs.low_);
  }
  friend constexpr Twofold operator+(double a, const Twofold& b) { return b + a; }
  friend constexpr Twofold operator-(const Twofold& a, const Twofold& b) { return a + (-b); }
  friend constexpr Twofold operator-(const Twofold& a, double b) { return a + (-b); }
  friend constexpr Twofold operator-(double a, const Twofold& b) { return (-b) + a; }
  friend constexpr Twofold operator*(const Twofold& a, const Twofold& b) {
    const Twofold highs = product(a.high_, b.high_);
    return ordered_sum(highs.high_, highs.low_ + (a.high_ * b.low_ + a.low_ * b.high_));
  }
  friend constexpr Twofold operator*(const Twofold& a, double b) {
    return is_power_of_2(b) ? a.scaled(Base(b)) : a.times(Base(b));
  }
  friend constexpr Twofold operator*(double a, const Twofold& b) { return b * a; }
  friend constexpr Twofold operator/(const Twofold& a, const Twofold& b) {
    const Base quotient = a.high_ / b.high_;
    const Twofold covered = b.times(quotient);
    const Base rest = (a.high_ - covered.high_) + (a.low_ - covered.low_);
    return ordered_sum(quotient, rest / b.high_);
  }
  friend constexpr Twofold operator/(const Twofold& a, double b) {
    if (is_power_of_2(b))
      return a.scaled(Base(1.0 / b));
    const Base quotient = a.high_ / Base(b);
    const Twofold covered = product(quotient, Base(b));
    return ordered_sum(quotient, ((a.high_ - covered.high_) - covered.low_ + a.low_) / Base(b));
  }
  friend constexpr Twofold operator/(double a, const Twofold& b) { return Twofold(a) / b; }
  constexpr Twofold& operator+=(const Twofold& b) { return *this = *this + b; }

  friend constexpr auto operator>(const Twofold& a, const Twofold& b) {
    return (a.high_ > b.high_) | ((a.high_ >= b.high_) & (a.low_ > b.low_));
  }
  friend constexpr auto operator<(const Twofold& a, const Twofold& b) { return b > a; }
  friend constexpr bool operator<=(const Twofold& a,
                                   const Twofold& b) requires std::is_same_v<Base, double> {
    return !(a > b);
  }
  friend constexpr bool operator==(const Twofold& a,
                                   const Twofold& b) requires std::is_same_v<Base, double> {
    return a.high_ == b.high_ && a.low_ == b.low_;
  }
  /// a where the condition holds, else b.
  friend Twofold select(const Pack::Mask& condition, const Twofold& a,
                        const Twofold& b) requires std::is_same_v<Base, Pack> {
    return {nuloop::select(condition, a.high_, b.high_), nuloop::select(condition, a.low_, b.low_)};
  }

 private:
  template <class Other>
  friend class Twofold;

  constexpr Twofold(const Base& high, const Base& low) : high_(high), low_(low) {}

  // The compiler knows it of a constant.
  static constexpr bool is_power_of_2(double b) {
    return (std::bit_cast<std::uint64_t>(b) & 0x000fffffffffffff) == 0;
  }
  constexpr Twofold times(const Base& b) const {
    const Twofold highs = product(high_, b);
    const Twofold partial = ordered_sum(highs.high_, low_ * b);
    return ordered_sum(partial.high_, partial.low_ + highs.low_);
  }

  Base high_;
  Base low_;
};

using DoubleDouble = Twofold<double>;
using DoubleDoublePack = Twofold<Pack>;

/// To 4 units of u^2; x > 0.
DoubleDouble sqrt(const DoubleDouble& x);

// The following are good to 20 units of u^2 as measured, also where they vanish.

/// Natural logarithm; x > 0.
DoubleDouble log(const DoubleDouble& x);
DoubleDoublePack log(const DoubleDoublePack& x);

/// ln(1 + x); x > -1.
DoubleDouble log1p(const DoubleDouble& x);
DoubleDoublePack log1p(const DoubleDoublePack& x);

/// x >= 0.
DoubleDouble asinh(const DoubleDouble& x);

/// x in [0, 50].
DoubleDouble tanh(const DoubleDouble& x);
DoubleDoublePack tanh(const DoubleDoublePack& x);

}  // namespace nuloop::physics
