// Quadrature at the nodes of Chebyshev polynomials (L. Fejer's first rule).
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/foundation/bounded.hpp"

#include <array>
#include <cstddef>
#include <limits>

#include <Eigen/Core>

namespace nuloop::experiment {

/// The integral of the polynomial through the values at the nodes. What it leaves out begins with
/// T_n and T_(n+1), each worth at most 4/((n - 1)^2 - 1); see beyond_coefficients.
template <int n>
class ChebyshevRule {
 public:
  static constexpr std::size_t size = n;
  struct Node {
    double x;
  };

  static const ChebyshevRule& instance() {
    static const ChebyshevRule rule;
    return rule;
  }
  const std::array<Node, n>& nodes() const { return nodes_; }
  Eigen::Array<double, n, 1> nodes_in(const Panel& panel) const {
    return panel.centre() + panel.half_width() * Eigen::Map<const Eigen::Array<double, n, 1>>(
                                                     Chebyshev<n>::instance().nodes().data());
  }
  Eigen::Array<double, n, 1> weights() const { return factors_.col(0); }
  double weight(std::size_t i) const { return factors_(static_cast<Eigen::Index>(i), 0); }

  /// From a function's values at the nodes.
  template <class Value>
  Bounded<Value> combine(const Value* values, double half_width) const {
    std::array<Value, sums> sum;
    for (int k = 0; k < sums; ++k)
      sum[static_cast<std::size_t>(k)] = factors_(0, k) * values[0];
    for (int i = 1; i < n; ++i)
      for (int k = 0; k < sums; ++k)
        sum[static_cast<std::size_t>(k)] += factors_(i, k) * values[i];
    return bounded<Value>(sum[0], sum[1].abs() + sum[2].abs(), sum[3].abs() + sum[4].abs(),
                          half_width);
  }

  /// From the values of several functions (columns) at the nodes (rows).
  template <int functions>
  Bounded<Eigen::Array<double, functions, 1>> combine(
      const Eigen::Matrix<double, n, functions>& values, double half_width) const {
    using Value = Eigen::Array<double, functions, 1>;
    const Eigen::Array<double, functions, sums> sum = values.transpose().lazyProduct(factors_);
    return bounded<Value>(sum.col(0), sum.col(1).abs() + sum.col(2).abs(),
                          sum.col(3).abs() + sum.col(4).abs(), half_width);
  }

 private:
  // The integral, and the last four coefficients.
  static constexpr int sums = 5;

  ChebyshevRule() {
    const auto& chebyshev = Chebyshev<n>::instance();
    for (std::size_t i = 0; i < n; ++i)
      nodes_[i].x = chebyshev.nodes()[i];
    factors_.col(0).setZero();
    for (int j = 0; j < n; j += 2)  // T_j integrates to 2/(1 - j^2)
      factors_.col(0) += 2.0 / (1.0 - j * j) * chebyshev.coefficients().col(j);
    factors_.template rightCols<4>() = chebyshev.coefficients().template rightCols<4>();
  }

  // @param q,p of beyond_coefficients.
  template <class Value>
  static Bounded<Value> bounded(const Value& sum, const Value& q, const Value& p,
                                double half_width) {
    constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
    constexpr double worth = 4.0 / ((n - 1.0) * (n - 1.0) - 1.0);
    return {half_width * sum,
            half_width * (worth * beyond_coefficients<Value>(q, p) + rounding * sum.abs())};
  }

  std::array<Node, n> nodes_;
  Eigen::Matrix<double, n, sums> factors_;
};

}  // namespace nuloop::experiment
