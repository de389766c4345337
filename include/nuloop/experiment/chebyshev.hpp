// Interpolation in Chebyshev polynomials.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include <Eigen/Core>

namespace nuloop::experiment {

/// Bound on the sum of the moduli of the coefficients of Chebyshev polynomials beyond the last one
/// of n, for each function. They are extrapolated: the next two are p^2/q if coefficients fall
/// geometrically. Four times that also covers all further ones, and those of a function with
/// x^2 log(x) at an end, which fall like 1/j^6. Where coefficients do not fall, twice p is taken.
/// @param q,p moduli of the last but three and the last but two, and of the last two, added up.
template <class Value>
Value beyond_coefficients(const Value& q, const Value& p) {
  constexpr double least = std::numeric_limits<double>::min();
  return (4.0 * p / (q + least)).min(2.0) * p;
}

/// The polynomial through the values at the zeros of T_n on [-1, 1].
template <int n>
class Chebyshev {
 public:
  static const Chebyshev& instance() {
    static const Chebyshev chebyshev;
    return chebyshev;
  }
  const std::array<double, n>& nodes() const { return nodes_; }

  /// Values (a row for each function) times this are the coefficients of T_0, ..., T_(n-1).
  const Eigen::Matrix<double, n, n>& coefficients() const { return coefficients_; }

  /// T_0, ..., T_(count-1) at x.
  template <int count>
  static Eigen::Matrix<double, count, 1> polynomials(double x) {
    Eigen::Matrix<double, count, 1> t;
    t[0] = 1.0;
    t[1] = x;
    for (int j = 2; j < count; ++j)
      t[j] = 2.0 * x * t[j - 1] - t[j - 2];
    return t;
  }

  /// Values at several x (rows) of series in T_0, ..., T_(n-1), for each function (columns) from
  /// its coefficients (rows). @param terms 2 to n: those of which sums are made.
  template <int size, int functions>
  static Eigen::Matrix<double, size, functions> series_at(
      const Eigen::Array<double, size, 1>& x,
      const Eigen::Matrix<double, functions, n>& coefficients, int terms = n) {
    using Column = Eigen::Array<double, size, 1>;
    std::array<Column, n> t;
    t[0].setOnes();
    t[1] = x;
    const Column twice = 2.0 * x;
    for (std::size_t j = 2; j < static_cast<std::size_t>(terms); ++j)
      t[j] = twice * t[j - 1] - t[j - 2];
    Eigen::Matrix<double, size, functions> values;
    // As many sums as there are registers for.
    constexpr int together = functions % 3 == 0 ? 3 : 2;
    static_assert(functions % together == 0);
    for (int f = 0; f < functions; f += together) {
      std::array<Column, together> sums;
      sums.fill(Column::Zero());
      for (int j = 0; j < terms; ++j)
        for (int k = 0; k < together; ++k)
          sums[static_cast<std::size_t>(k)] +=
              coefficients(f + k, j) * t[static_cast<std::size_t>(j)];
      for (int k = 0; k < together; ++k)
        values.col(f + k) = sums[static_cast<std::size_t>(k)];
    }
    return values;
  }

 private:
  Chebyshev() {
    for (int k = 0; k < n; ++k) {
      const double angle = std::numbers::pi * (k + 0.5) / n;
      nodes_[static_cast<std::size_t>(k)] = std::cos(angle);
      for (int j = 0; j < n; ++j)
        coefficients_(k, j) = (j == 0 ? 1.0 : 2.0) / n * std::cos(j * angle);
    }
  }
  std::array<double, n> nodes_;
  Eigen::Matrix<double, n, n> coefficients_;
};

}  // namespace nuloop::experiment
