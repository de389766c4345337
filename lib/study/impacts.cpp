// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/impacts.hpp"

#include "nuloop/statistics/chi_square_gradient.hpp"
#include "nuloop/study/expectation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace nuloop::study {
namespace {

using statistics::Bounded;
using statistics::ChiSquareGradient;
using statistics::Compared;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// What is compared, or its change, with the bounds on its numerical errors.
struct Uncertain {
  Compared value;
  Compared error;
};

Uncertain nothing(const Compared& shape) {
  const Compared zero = Compared::zero(shape.difference.size(), shape.pulls.cols());
  return {zero, zero};
}

// As in compare(), with the widths squared.
Uncertain compared(const Expectation& e, const std::vector<Pull>& pulls) {
  const Eigen::VectorXd variances = widths(pulls).cwiseAbs2();
  return {{e.difference.value, e.reference.value + e.background.value, e.responses, variances},
          {e.difference.error, e.reference.error + e.background.error, e.response_errors,
           Eigen::VectorXd::Zero(variances.size())}};
}

// The pulls of a scenario that another has; with width zero where it has them not. Others, whose
// width is zero in the one, do not matter to first order.
std::vector<Pull> matched(std::vector<Pull> pulls, const std::vector<Pull>& found) {
  for (Pull& pull : pulls) {
    const auto same = std::find_if(found.begin(), found.end(), [&](const Pull& other) {
      return same_sources({pull}, {other});
    });
    pull.sigma = same != found.end() ? same->sigma : 0.0;
  }
  return pulls;
}

Rates rates_of(const RateCalculator& calculator, const Varied& varied) {
  Rates rates = calculator.rates(varied.scenario);
  if (varied.yield_factor != 1.0) {
    const double more = varied.yield_factor - 1.0;
    const experiment::Spectrum part =
        calculator.rates_by_isotope(varied.scenario).background[varied.isotope];
    rates.background.value += more * part.value;
    rates.background.error += std::abs(more) * part.error;
  }
  return rates;
}

// Steps at which a finite difference and its check at twice the step need values.
constexpr std::array<double, 3> strides = {1.0, 2.0, 4.0};

// (8 (f(h) - f(-h)) - (f(2h) - f(-2h)))/(12 h) from the differences over h, 2h and 4h, with the
// same at 2h for the truncation: that falls by 16 from 2h to h, and half of the change is more
// than seven times what is expected of it.
Uncertain fourth_order(std::array<Uncertain, 3> differences, double h) {
  const auto combine = [](const Compared& narrow, double a, const Compared& wide, double b) {
    Compared sum = narrow;
    sum *= a;
    Compared other = wide;
    other *= b;
    return sum += other;
  };
  const auto& [one, two, four] = differences;
  Uncertain result{combine(one.value, 8.0 / (12.0 * h), two.value, -1.0 / (12.0 * h)),
                   combine(one.error, 8.0 / (12.0 * h), two.error, 1.0 / (12.0 * h))};
  Compared check = combine(two.value, 8.0 / (24.0 * h), four.value, -1.0 / (24.0 * h));
  check *= -1.0;
  check += result.value;
  check *= 0.5;
  result.error += check.abs();
  return result;
}

Uncertain difference_of(const Uncertain& above, const Uncertain& below) {
  constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
  Compared value = below.value;
  value *= -1.0;
  value += above.value;
  Compared error = above.error, terms = above.value.abs();
  error += below.error;
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
Uncertain along(const ImpactInput::Route& route, const RateCalculator& calculator,
                const Scenario& scenario, const std::vector<Pull>& pulls) {
  const auto at = [&](double u) {
    const Varied varied = route.move(scenario, u);
    return compared(expectation(rates_of(calculator, varied), pulls),
                    matched(pulls, pulls_of(varied.scenario)));
  };
  std::array<Uncertain, 3> differences;
  std::transform(strides.begin(), strides.end(), differences.begin(), [&](double stride) {
    return difference_of(at(route.start + stride * route.step),
                         at(route.start - stride * route.step));
  });
  Uncertain change = fourth_order(std::move(differences), route.step);
  change.value *= route.slope;
  change.error *= std::abs(route.slope);
  return change;
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
Uncertain along_edge(bool upper, const RateCalculator& calculator, const Scenario& scenario,
                     const std::vector<Pull>& pulls, const Compared& shape) {
  const double h = edge_step_MeV(scenario);
  std::array<Uncertain, 3> contents;
  std::transform(strides.begin(), strides.end(), contents.begin(), [&](double stride) {
    const Scenario narrow = around_edge(scenario, upper, stride * h);
    return compared(expectation(calculator.rates(narrow), pulls), pulls);
  });
  const Uncertain density = fourth_order(std::move(contents), h);
  Uncertain change = nothing(shape);
  const Eigen::Index bin = upper ? shape.difference.size() - 1 : 0;
  const auto place = [bin](Compared& to, const Compared& from, double sign) {
    to.difference[bin] = sign * from.difference[0];
    to.variance[bin] = sign * from.variance[0];
    to.pulls.row(bin) = sign * from.pulls.row(0);
  };
  place(change.value, density.value, upper ? 1.0 : -1.0);
  place(change.error, density.error, 1.0);
  return change;
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
          visit(route->move(scenario, route->start + sign * stride * route->step).scenario);
  }
}

Bounded ratio(const Bounded& a, const Bounded& b) {
  const double value = a.value / b.value;
  return {value, (a.error + std::abs(value) * b.error) / std::abs(b.value)};
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
  const std::vector<Pull> pulls = pulls_of(scenario);
  const Expectation expected = expectation(calculator.rates(scenario), pulls);
  const statistics::ChiSquareCurve curve = compare(expected).curve(widths(pulls));
  Impacts result{discovery_time_yr(curve, scenario), 0.0, {}};
  result.time_error_yr = curve.reach_error(result.time_yr);
  for (const ImpactInput& input : inputs_)
    result.inputs.push_back(
        {input.value(scenario), nan, nan, nan, input.uncertainty(scenario), nan});
  if (std::isinf(result.time_yr))
    return result;

  const Uncertain point = compared(expected, pulls);
  const ChiSquareGradient gradient(point.value, point.error, result.time_yr, result.time_error_yr);
  const Bounded rise = gradient.along_exposure();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    Bounded change{0.0, 0.0};  // of Z^2 - chi2
    if (const auto* edge = std::get_if<ImpactInput::Edge>(&inputs_[i].kind)) {
      const Uncertain moved = along_edge(edge->upper, calculator, scenario, pulls, point.value);
      change = gradient.along(moved.value, moved.error);
      change.value = -change.value;
    } else if (const auto* routes = std::get_if<ImpactInput::Routes>(&inputs_[i].kind)) {
      if (const auto route = (*routes)(scenario)) {
        const Uncertain moved = along(*route, calculator, scenario, pulls);
        change = gradient.along(moved.value, moved.error);
        change.value = -change.value;
      }
    } else {
      change.value = 2.0 * scenario.discovery_significance;
    }
    const Bounded derivative = ratio(change, rise);
    Impact& impact = result.inputs[i];
    impact.derivative = derivative.value;
    impact.derivative_error = derivative.error;
    if (impact.value != 0.0)
      impact.elasticity = derivative.value * impact.value / result.time_yr;
    impact.shift = derivative.value * impact.uncertainty;
  }
  return result;
}

}  // namespace nuloop::study
