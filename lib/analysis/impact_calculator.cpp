// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/impacts.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/statistics/chi_square_gradient.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace nuloop::analysis {
namespace {

using statistics::ChiSquareGradient;
using statistics::Compared;

Bounded<Compared> nothing(const Compared& shape) {
  const Compared zero = Compared::zero(shape.difference.size(), shape.pulls.cols());
  return {zero, zero};
}

// As in prediction::compare(), with the widths squared.
Bounded<Compared> compared(const prediction::Expectation& e, const Eigen::VectorXd& sigmas) {
  const Eigen::VectorXd variances = sigmas.cwiseAbs2();
  const statistics::Counts variance = e.reference + e.background;
  return {{e.difference.value, variance.value, e.responses.value, variances},
          {e.difference.error, variance.error, e.responses.error,
           Eigen::VectorXd::Zero(variances.size())}};
}

// The pulls of a scenario that another has; with width zero where it has them not. Others, whose
// width is zero in the one, do not matter to first order.
std::vector<prediction::Pull> matched(std::vector<prediction::Pull> pulls,
                                      const std::vector<prediction::Pull>& found) {
  for (prediction::Pull& pull : pulls) {
    const auto same = std::find_if(found.begin(), found.end(), [&](const prediction::Pull& other) {
      return prediction::same_sources({pull}, {other});
    });
    pull.sigma = same != found.end() ? same->sigma : 0.0;
  }
  return pulls;
}

// The point at which derivatives are taken.
struct Origin {
  const RateCalculator& calculator;
  const Scenario& scenario;
  std::vector<prediction::Pull> pulls;
  prediction::Expectation expected;
  Bounded<Compared> compared;

  Origin(const RateCalculator& rates, const Scenario& at)
      : calculator(rates),
        scenario(at),
        pulls(prediction::pulls_of(at)),
        expected(prediction::expectation(rates.rates(at), at)),
        compared(analysis::compared(expected, prediction::widths(pulls))) {}

  // That of another scenario, which differs little, with the rows and pulls of this one.
  Bounded<Compared> like_this(const Scenario& other, const Eigen::VectorXd& sigmas) const {
    return analysis::compared(
        prediction::expectation(calculator.rates(other), pulls, scenario.reactor_off_share,
                                &expected.flux_combinations),
        sigmas);
  }

  Eigen::Index bins() const {
    return expected.difference.value.size() / (scenario.reactor_off_share > 0.0 ? 2 : 1);
  }
};

// Steps at which a finite difference and its check at twice the step need values.
constexpr std::array<double, 3> strides = {1.0, 2.0, 4.0};

// (8 (f(h) - f(-h)) - (f(2h) - f(-2h)))/(12 h) from the differences over h, 2h and 4h, with the
// same at 2h for the truncation: that falls by 16 from 2h to h, and half of the change is more
// than seven times what is expected of it.
Bounded<Compared> fourth_order(const std::array<Bounded<Compared>, 3>& differences, double h) {
  const auto& [one, two, four] = differences;
  Bounded<Compared> result = 8.0 / (12.0 * h) * one - 1.0 / (12.0 * h) * two;
  Compared check = (8.0 / (24.0 * h) * two - 1.0 / (24.0 * h) * four).value;
  check -= result.value;
  check *= 0.5;
  result.error += check.abs();
  return result;
}

Bounded<Compared> difference_of(const Bounded<Compared>& above, const Bounded<Compared>& below) {
  constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
  auto [value, error] = above - below;
  Compared terms = above.value.abs();
  terms += below.value.abs();
  terms *= rounding;
  error += terms;
  // What is the same to the last bit does not depend on the input, and has no error.
  const auto clear = [](const auto& difference, auto& bound) {
    bound = (difference == 0.0).select(0.0, bound);
  };
  clear(value.difference, error.difference);
  clear(value.variance, error.variance);
  auto pulls = error.pulls.array();
  clear(value.pulls.array(), pulls);
  auto variances = error.pull_variances.array();
  clear(value.pull_variances.array(), variances);
  return {value, error};
}

// Change of what is compared per unit of an input that is moved along a route.
Bounded<Compared> along(const ImpactInput::Route& route, const Origin& origin) {
  const auto at = [&](double u) {
    const Scenario moved = route.move(origin.scenario, u);
    return origin.like_this(moved,
                            prediction::widths(matched(origin.pulls, prediction::pulls_of(moved))));
  };
  std::array<Bounded<Compared>, 3> differences;
  std::transform(strides.begin(), strides.end(), differences.begin(), [&](double stride) {
    return difference_of(at(route.start + stride * route.step),
                         at(route.start - stride * route.step));
  });
  Bounded<Compared> change = fourth_order(differences, route.step);
  return change *= route.slope;
}

// Half the width of the narrowest bin around an edge: spectra are smooth on the scale of MeV, and
// near the lower edge on that of the edge.
double edge_step_MeV(const Scenario& s) {
  return std::min({s.window_low_MeV, s.window_high_MeV - s.window_low_MeV, 1.0}) / 512.0;
}

// A window of one bin around an edge.
Scenario around_edge(Scenario s, bool upper, double half_width_MeV) {
  const double edge = upper ? s.window_high_MeV : s.window_low_MeV;
  s.window_low_MeV = edge - half_width_MeV;
  s.window_high_MeV = edge + half_width_MeV;
  s.bin_width_MeV = 4.0 * half_width_MeV;  // one bin whatever the rounding
  return s;
}

// An edge of the window moves: its bin gains or loses what is around the edge. The finite
// differences are integrals over narrow bins, in which nothing cancels.
Bounded<Compared> along_edge(bool upper, const Origin& origin) {
  const double h = edge_step_MeV(origin.scenario);
  std::array<Bounded<Compared>, 3> contents;
  std::transform(strides.begin(), strides.end(), contents.begin(), [&](double stride) {
    return origin.like_this(around_edge(origin.scenario, upper, stride * h),
                            prediction::widths(origin.pulls));
  });
  const Bounded<Compared> density = fourth_order(contents, h);
  Bounded<Compared> change = nothing(origin.compared.value);
  const auto place = [&](Compared& to, const Compared& from, double sign) {
    for (Eigen::Index row = 0; row < from.difference.size(); ++row) {
      const Eigen::Index bin = row * origin.bins() + (upper ? origin.bins() - 1 : 0);
      to.difference[bin] = sign * from.difference[row];
      to.variance[bin] = sign * from.variance[row];
      to.pulls.row(bin) = sign * from.pulls.row(row);
    }
  };
  place(change.value, density.value, upper ? 1.0 : -1.0);
  place(change.error, density.error, 1.0);
  return change;
}

// The rows of data without reactor that last as long as those with it.
Bounded<Compared> rows_without_reactor(const Origin& origin) {
  Bounded<Compared> all =
      compared(prediction::expectation(origin.calculator.rates(origin.scenario), origin.pulls, 1.0,
                                       &origin.expected.flux_combinations),
               prediction::widths(origin.pulls));
  for (Compared* part : {&all.value, &all.error}) {
    part->difference = part->difference.tail(origin.bins()).eval();
    part->variance = part->variance.tail(origin.bins()).eval();
    part->pulls = part->pulls.bottomRows(origin.bins()).eval();
  }
  return all;
}

// Calls visit(scenario) for all that an input needs the rates of.
template <class Visit>
void visit_scenarios(const ImpactInput& input, const Scenario& scenario, const Visit& visit) {
  if (const auto* edge = std::get_if<ImpactInput::Edge>(&input.kind)) {
    for (const double stride : strides)
      visit(around_edge(scenario, edge->upper, stride * edge_step_MeV(scenario)));
  } else if (const auto* routes = std::get_if<ImpactInput::Routes>(&input.kind)) {
    if (const auto route = (*routes)(scenario))
      for (const double stride : strides)
        for (const double sign : {1.0, -1.0})
          visit(route->move(scenario, route->start + sign * stride * route->step));
  }
}

}  // namespace

void ImpactCalculator::prepare(RateCalculator& calculator, const Scenario& scenario) const {
  calculator.prepare(scenario);
  for (const ImpactInput& input : inputs_)
    visit_scenarios(input, scenario, [&](const Scenario& s) { calculator.prepare(s); });
}

std::size_t ImpactCalculator::signal_sets(const Scenario& scenario) const {
  const auto before = [](const Scenario& a, const Scenario& b) {
    return RateCalculator::before(a, b);
  };
  std::set<Scenario, decltype(before)> sets(before);
  sets.insert(scenario);
  for (const ImpactInput& input : inputs_)
    visit_scenarios(input, scenario, [&](const Scenario& s) { sets.insert(s); });
  return sets.size();
}

Impacts ImpactCalculator::operator()(const RateCalculator& calculator,
                                     const Scenario& scenario) const {
  NULOOP_EXPECTS(scenario.sites.size() == 1);
  const Origin origin(calculator, scenario);
  const statistics::ChiSquareCurve curve =
      prediction::compare(origin.expected).curve(prediction::widths(origin.pulls));
  const double time_yr = prediction::discovery_time_yr(curve, scenario);
  Impacts result{{time_yr, curve.reach_error(time_yr)}, {}};
  for (const ImpactInput& input : inputs_)
    result.inputs.push_back(
        {input.value(scenario), {nan, nan}, nan, input.uncertainty(scenario), nan});
  if (std::isinf(time_yr))
    return result;

  const ChiSquareGradient gradient(origin.compared, result.time_yr);
  const Bounded<double> rise = gradient.along_exposure();
  const auto growth = [&](const ImpactInput& input) -> Bounded<double> {  // of chi2
    if (const auto* edge = std::get_if<ImpactInput::Edge>(&input.kind))
      return gradient.along(along_edge(edge->upper, origin));
    if (std::holds_alternative<ImpactInput::ReactorOff>(input.kind))
      return gradient.along_share(rows_without_reactor(origin));
    if (const auto* routes = std::get_if<ImpactInput::Routes>(&input.kind)) {
      const auto route = (*routes)(scenario);
      return route ? gradient.along(along(*route, origin)) : Bounded<double>{};
    }
    return {-2.0 * scenario.discovery_significance, 0.0};  // of chi2 - Z^2
  };
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    Impact& impact = result.inputs[i];
    if (std::isnan(impact.value))
      continue;
    impact.derivative = (Bounded<double>{} - growth(inputs_[i])) / rise;
    if (impact.value != 0.0)
      impact.elasticity = impact.derivative.value * impact.value / time_yr;
    impact.shift = impact.derivative.value * impact.uncertainty;
  }
  return result;
}

}  // namespace nuloop::analysis
