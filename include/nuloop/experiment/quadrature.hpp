// Gauss-Kronrod quadrature of vector-valued functions with an error for every component.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/errors.hpp"

#include <cstddef>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <boost/math/quadrature/gauss_kronrod.hpp>

namespace nuloop::experiment {

/// An integral and the bound on its error, component by component.
template <class Value>
struct Integral {
  Value value;
  Value error;

  Integral& operator+=(const Integral& other) {
    value += other.value;
    error += other.error;
    return *this;
  }
};

/// The 21-point Kronrod rule and its embedded 10-point Gauss rule on [-1, 1] (Boost.Math).
class KronrodRule {
 public:
  static constexpr std::size_t size = 21;

  struct Node {
    double x;
    double kronrod;
    double gauss;  ///< 0 where the Gauss rule has no node
  };

  static const KronrodRule& instance();
  const std::vector<Node>& nodes() const { return nodes_; }

 private:
  KronrodRule();
  std::vector<Node> nodes_;
};

/// Integral over one panel from the function's values at the rule's nodes; the error is the
/// difference of the two rules, which overestimates that of the Kronrod rule, plus rounding.
template <class Value>
Integral<Value> combine(const Value* values, double half_width) {
  const auto& nodes = KronrodRule::instance().nodes();
  Value kronrod = nodes[0].kronrod * values[0];
  Value gauss = nodes[0].gauss * values[0];
  for (std::size_t i = 1; i < KronrodRule::size; ++i) {
    kronrod += nodes[i].kronrod * values[i];
    gauss += nodes[i].gauss * values[i];
  }
  constexpr double rounding = 4.0 * 2.220446049250313e-16;
  return {half_width * kronrod, half_width * ((kronrod - gauss).abs() + rounding * kronrod.abs())};
}

/// A panel of an integration range.
struct Panel {
  double low;
  double high;
  double centre() const { return 0.5 * (low + high); }
  double half_width() const { return 0.5 * (high - low); }
  std::pair<Panel, Panel> halves() const { return {{low, centre()}, {centre(), high}}; }
};

/// Integral of `function` (double -> Value, an Eigen array) over `panels`, each bisected until its
/// error is below its share of tolerance times the largest component of the whole.
/// @throws NumericalError when 40 bisections are not enough.
template <class Value, class Function>
Integral<Value> integrate(const Function& function, const std::vector<Panel>& panels,
                          double tolerance) {
  const auto& nodes = KronrodRule::instance().nodes();
  const auto rule = [&](const Panel& panel) {
    std::vector<Value> values(KronrodRule::size);
    for (std::size_t i = 0; i < KronrodRule::size; ++i)
      values[i] = function(panel.centre() + panel.half_width() * nodes[i].x);
    return combine(values.data(), panel.half_width());
  };

  struct Work {
    Panel panel;
    Integral<Value> estimate;
    int depth;
  };
  std::vector<Work> stack;
  double scale = 0.0;
  for (auto it = panels.rbegin(); it != panels.rend(); ++it) {
    stack.push_back({*it, rule(*it), 0});
    scale += stack.back().estimate.value.abs().maxCoeff();
  }
  const double allowed = tolerance * scale / static_cast<double>(panels.size());

  Integral<Value> sum{Value::Zero(), Value::Zero()};
  while (!stack.empty()) {
    const Work work = stack.back();
    stack.pop_back();
    if (work.estimate.error.maxCoeff() <= allowed) {
      sum += work.estimate;
      continue;
    }
    if (work.depth == 40)
      throw NumericalError("quadrature does not converge near " + std::to_string(work.panel.low));
    const auto [left, right] = work.panel.halves();
    stack.push_back({right, rule(right), work.depth + 1});
    stack.push_back({left, rule(left), work.depth + 1});
  }
  return sum;
}

}  // namespace nuloop::experiment
