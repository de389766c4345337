// Gauss-Kronrod quadrature of vector-valued functions with an error for every component.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/bounded.hpp"
#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>

namespace nuloop::experiment {

/// A Kronrod rule and its embedded Gauss rule of half as many points on [-1, 1] (Boost.Math).
template <unsigned Size>
class KronrodRule {
 public:
  static constexpr std::size_t size = Size;

  struct Node {
    double x;
    double kronrod;
    double gauss;  ///< 0 where the Gauss rule has no node
  };

  static const KronrodRule& instance() {
    static const KronrodRule rule;
    return rule;
  }
  const std::array<Node, Size>& nodes() const { return nodes_; }
  double weight(std::size_t i) const { return nodes_[i].kronrod; }

  /// As the function of that name below.
  template <class Value>
  Bounded<Value> combine(const Value* values, double half_width) const {
    Value kronrod = nodes_[0].kronrod * values[0];
    Value gauss = nodes_[0].gauss * values[0];
    for (std::size_t i = 1; i < Size; ++i) {
      kronrod += nodes_[i].kronrod * values[i];
      gauss += nodes_[i].gauss * values[i];
    }
    constexpr double rounding = 4.0 * 2.220446049250313e-16;
    return {half_width * kronrod,
            half_width * ((kronrod - gauss).abs() + rounding * kronrod.abs())};
  }

 private:
  // Boost lists the non-negative half, ascending; every other entry is a Gauss node, the centre
  // among them if their number is odd.
  KronrodRule() {
    const auto& x = boost::math::quadrature::gauss_kronrod<double, Size>::abscissa();
    const auto& kronrod = boost::math::quadrature::gauss_kronrod<double, Size>::weights();
    const auto& gauss = boost::math::quadrature::gauss<double, Size / 2>::weights();
    constexpr std::size_t first = Size / 2 % 2 == 1 ? 0 : 1;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double gauss_weight = i % 2 == first ? gauss[i / 2] : 0.0;
      nodes_[Size / 2 - i] = {-x[i], kronrod[i], gauss_weight};
      nodes_[Size / 2 + i] = {x[i], kronrod[i], gauss_weight};
    }
  }
  std::array<Node, Size> nodes_;
};

/// Integral over one panel from the function's values at the rule's nodes. Its error is the
/// difference between the two rules, which overestimates the error of the Kronrod rule, plus
/// rounding.
template <unsigned Size, class Value>
Bounded<Value> combine(const Value* values, double half_width) {
  return KronrodRule<Size>::instance().combine(values, half_width);
}

/// A panel of an integration range.
struct Panel {
  double low;
  double high;
  double centre() const { return 0.5 * (low + high); }
  double half_width() const { return 0.5 * (high - low); }
  std::pair<Panel, Panel> halves() const { return {{low, centre()}, {centre(), high}}; }
};

/// What is known of an integral over one panel.
template <class Value>
struct PanelEstimate {
  Bounded<Value> integral;  ///< its error is that of the nodes alone
  Value own_error;          ///< due to the integrand's errors
};

/// The sum of estimates over `panels`. The panel with the largest error is bisected until the sum
/// of errors is below one of three bounds: `tolerance` times the largest component, `allowed`, or
/// four times the effect of the integrand's own errors. The last are part of the result's error.
/// @param estimate Panel -> PanelEstimate<Value>.
/// @throws NumericalError when 300 panels are not enough or a value is not finite.
template <class Value, class Estimate>
Bounded<Value> integrate_by_estimates(const Estimate& estimate, const std::vector<Panel>& panels,
                                      double tolerance, double allowed) {
  struct Work {
    Panel panel;
    PanelEstimate<Value> estimate;
    double error;
  };
  const auto work_on = [&](const Panel& panel) {
    const PanelEstimate<Value> part = estimate(panel);
    if (!part.integral.error.isFinite().all())
      throw NumericalError("an integrand is not finite");
    return Work{panel, part, part.integral.error.maxCoeff()};
  };

  std::vector<Work> work;
  work.reserve(panels.size() + 2);
  for (const Panel& panel : panels)
    work.push_back(work_on(panel));
  constexpr std::size_t most_panels = 300;
  while (true) {
    Bounded<Value> sum{Value::Zero(), Value::Zero()};
    Value own_error = Value::Zero();
    for (const Work& part : work) {
      sum += part.estimate.integral;
      own_error += part.estimate.own_error;
    }
    constexpr double scatter = 4.0;  // more panels do not average the integrand's errors out
    if (sum.error.maxCoeff() <=
        std::max({allowed, tolerance * sum.value.abs().maxCoeff(), scatter * own_error.maxCoeff()}))
      return {sum.value, sum.error + own_error};
    if (work.size() >= most_panels)
      throw NumericalError("an integral over energy does not converge");
    const auto worst = std::max_element(
        work.begin(), work.end(), [](const Work& a, const Work& b) { return a.error < b.error; });
    const auto [left, right] = worst->panel.halves();
    *worst = work_on(left);
    work.push_back(work_on(right));
  }
}

/// Integral of `function` over `panels`, which are bisected as those of integrate_by_estimates.
/// @tparam Rule KronrodRule, or another with its members size, instance, nodes, weight and combine.
/// @param function (x, values, errors) is called with all nodes x of a panel, ascending for
/// KronrodRule. It sets the integrand's values, an Eigen array for each node, and bounds on their
/// errors, which are zero beforehand.
/// @throws NumericalError as integrate_by_estimates.
template <class Value, class Rule, class Function>
Bounded<Value> integrate_by(const Function& function, const std::vector<Panel>& panels,
                            double tolerance, double allowed = 0.0) {
  constexpr std::size_t Size = Rule::size;
  const auto estimate = [&](const Panel& panel) -> PanelEstimate<Value> {
    const Rule& rule = Rule::instance();
    std::array<double, Size> x;
    std::array<Value, Size> values, errors;
    errors.fill(Value::Zero());
    for (std::size_t i = 0; i < Size; ++i)
      x[i] = panel.centre() + panel.half_width() * rule.nodes()[i].x;
    function(std::span<const double, Size>(x), std::span<Value, Size>(values),
             std::span<Value, Size>(errors));
    Value own_error = Value::Zero();
    for (std::size_t i = 0; i < Size; ++i)
      own_error += panel.half_width() * rule.weight(i) * errors[i];
    return {rule.combine(values.data(), panel.half_width()), own_error};
  };
  return integrate_by_estimates<Value>(estimate, panels, tolerance, allowed);
}

/// The same with a Kronrod rule.
template <class Value, unsigned Size, class Function>
Bounded<Value> integrate_in_batches(const Function& function, const std::vector<Panel>& panels,
                                    double tolerance, double allowed = 0.0) {
  return integrate_by<Value, KronrodRule<Size>>(function, panels, tolerance, allowed);
}

/// The same with a function of one energy, double -> Value.
template <class Value, class Function>
Bounded<Value> integrate(const Function& function, const std::vector<Panel>& panels,
                         double tolerance, double allowed = 0.0) {
  return integrate_in_batches<Value, 21>(
      [&](auto x, auto values, auto) {
        std::transform(x.begin(), x.end(), values.begin(), function);
      },
      panels, tolerance, allowed);
}

}  // namespace nuloop::experiment
