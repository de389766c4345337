// Quadrature at the nodes of Chebyshev polynomials (L. Fejer's first rule).
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/foundation/bounded.hpp"

#include <array>
#include <cstddef>

#include <Eigen/Core>

namespace nuloop::experiment {

/// The integral of the polynomial through the values at the nodes. Where its coefficients fall
/// geometrically, what it leaves out is less than twice the last two, and T_j integrates to at most
/// 2/(j^2 - 1).
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
  double weight(std::size_t i) const { return weights_[static_cast<Eigen::Index>(i)]; }

  template <class Value>
  Bounded<Value> combine(const Value* values, double half_width) const {
    Value sum = weights_[0] * values[0];
    Value last = last_two_(0, 0) * values[0], last_but_one = last_two_(0, 1) * values[0];
    for (int i = 1; i < n; ++i) {
      sum += weights_[i] * values[i];
      last += last_two_(i, 0) * values[i];
      last_but_one += last_two_(i, 1) * values[i];
    }
    constexpr double rounding = 4.0 * 2.220446049250313e-16;
    constexpr double left_out = 2.0 * 2.0 / ((n - 1.0) * (n - 1.0) - 1.0);
    return {half_width * sum,
            half_width * (left_out * (last.abs() + last_but_one.abs()) + rounding * sum.abs())};
  }

 private:
  ChebyshevRule() : last_two_(Chebyshev<n>::instance().coefficients().template rightCols<2>()) {
    for (int i = 0; i < n; ++i)
      nodes_[static_cast<std::size_t>(i)].x =
          Chebyshev<n>::instance().nodes()[static_cast<std::size_t>(i)];
    weights_.setZero();
    for (int j = 0; j < n; j += 2)  // T_j integrates to 2/(1 - j^2)
      weights_ += 2.0 / (1.0 - j * j) * Chebyshev<n>::instance().coefficients().col(j);
  }
  std::array<Node, n> nodes_;
  Eigen::Matrix<double, n, 1> weights_;
  Eigen::Matrix<double, n, 2> last_two_;
};

}  // namespace nuloop::experiment
