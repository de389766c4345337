// A value with a bound on its numerical error.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

namespace nuloop {

/// A number, or an Eigen array of numbers, with a bound on the numerical error of each. Sums add
/// bounds, so that they hold whatever the errors' signs; errors that are common to two values do
/// not cancel. The rounding of the sum itself is left out.
template <class Value>
struct Bounded {
  Value value{};
  Value error{};  ///< >= 0, in the shape of `value`

  Bounded& operator+=(const Bounded& other) {
    value += other.value;
    error += other.error;
    return *this;
  }
  Bounded& operator-=(const Bounded& other) {
    value -= other.value;
    error += other.error;
    return *this;
  }
  /// By an exact factor.
  Bounded& operator*=(double factor) {
    value *= factor;
    error *= std::abs(factor);
    return *this;
  }

  friend Bounded operator+(Bounded a, const Bounded& b) { return a += b; }
  friend Bounded operator-(Bounded a, const Bounded& b) { return a -= b; }
  friend Bounded operator*(double factor, Bounded a) { return a *= factor; }
};

/// To first order in the errors.
inline Bounded<double> operator/(const Bounded<double>& a, const Bounded<double>& b) {
  const double value = a.value / b.value;
  return {value, (a.error + std::abs(value) * b.error) / std::abs(b.value)};
}

}  // namespace nuloop
