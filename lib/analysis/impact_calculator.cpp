// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/impacts.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/statistics/chi_square_gradient.hpp"
#include "nuloop/statistics/groups.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace nuloop::analysis {
namespace {

using statistics::ChiSquareGradient;

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
  prediction::Rates rates;
  prediction::FluxCombinations combinations;
  statistics::Comparison expected;  // in all bins
  statistics::Groups groups;        // of bins that are counted together

  Origin(const RateCalculator& all_rates, const Scenario& at)
      : calculator(all_rates),
        scenario(at),
        pulls(prediction::pulls_of(at)),
        rates(calculator.rates(at)),
        combinations(prediction::flux_combinations(rates, pulls)),
        expected(prediction::expectation(rates, pulls, at.off_share(), &combinations)),
        groups(statistics::groups_of(statistics::Statistic::reference, expected,
                                     prediction::parts_of(rates, at.off_share()))) {}

  // What another scenario, which differs little, expects with the pulls of this one at the given
  // widths.
  statistics::Comparison like_this(const Scenario& other,
                                   const std::vector<prediction::Pull>& same_pulls) const {
    return prediction::expectation(calculator.rates(other), same_pulls, scenario.off_share(),
                                   &combinations);
  }

  Eigen::Index bins() const {
    return expected.difference.value.size() / (scenario.off_share() > 0.0 ? 2 : 1);
  }
};

// Steps at which a finite difference and its check at twice the step need values.
constexpr std::array<double, 3> strides = {1.0, 2.0, 4.0};

// (8 (f(h) - f(-h)) - (f(2h) - f(-2h)))/(12 h) from the differences over h, 2h and 4h, with the
// same at 2h for the truncation: that falls by 16 from 2h to h, and half of the change is more
// than seven times what is expected of it.
statistics::Comparison fourth_order(const std::array<statistics::Comparison, 3>& differences,
                                    double h) {
  const auto& [one, two, four] = differences;
  statistics::Comparison result = 8.0 / (12.0 * h) * one - 1.0 / (12.0 * h) * two;
  const statistics::Comparison check = 8.0 / (24.0 * h) * two - 1.0 / (24.0 * h) * four;
  statistics::for_each_part(
      [](auto& found, const auto& coarse) {
        found.error += (0.5 * (coarse.value - found.value)).cwiseAbs();
      },
      result, check);
  return result;
}

statistics::Comparison difference_of(const statistics::Comparison& above,
                                     const statistics::Comparison& below) {
  statistics::Comparison result = above - below;
  statistics::for_each_part(
      [](auto& difference, const auto& a, const auto& b) {
        constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
        difference.error += rounding * (a.value.cwiseAbs() + b.value.cwiseAbs());
        // What is the same to the last bit does not depend on the input, and has no error.
        difference.error = (difference.value.array() == 0.0).select(0.0, difference.error.array());
      },
      result, above, below);
  return result;
}

// Change of the comparison per unit of an input that is moved along a route.
statistics::Comparison along(const ImpactInput::Route& route, const Origin& origin) {
  const auto at = [&](double u) {
    const Scenario moved = route.move(origin.scenario, u);
    return origin.like_this(moved, matched(origin.pulls, prediction::pulls_of(moved)));
  };
  std::array<statistics::Comparison, 3> differences;
  std::transform(strides.begin(), strides.end(), differences.begin(), [&](double stride) {
    return difference_of(at(route.start + stride * route.step),
                         at(route.start - stride * route.step));
  });
  return route.slope * fourth_order(differences, route.step);
}

// Half the width of the narrowest bin around an edge: spectra are smooth on the scale of MeV, and
// near the lower edge on that of the edge.
double edge_step_MeV(const Scenario& s) {
  return std::min({s.window.low_MeV, s.window.high_MeV - s.window.low_MeV, 1.0}) / 512.0;
}

// A window of one bin around an edge.
Scenario around_edge(Scenario s, bool upper, double half_width_MeV) {
  const double edge = upper ? s.window.high_MeV : s.window.low_MeV;
  s.window.low_MeV = edge - half_width_MeV;
  s.window.high_MeV = edge + half_width_MeV;
  s.window.bin_width_MeV = 4.0 * half_width_MeV;  // one bin whatever the rounding
  return s;
}

// An edge of the window moves: its bin gains or loses what is around the edge. The finite
// differences are integrals over narrow bins, in which nothing cancels.
statistics::Comparison along_edge(bool upper, const Origin& origin) {
  const double h = edge_step_MeV(origin.scenario);
  std::array<statistics::Comparison, 3> contents;
  std::transform(strides.begin(), strides.end(), contents.begin(), [&](double stride) {
    return origin.like_this(around_edge(origin.scenario, upper, stride * h), origin.pulls);
  });
  const statistics::Comparison density = fourth_order(contents, h);
  statistics::Comparison change = 0.0 * origin.expected;
  const double sign = upper ? 1.0 : -1.0;
  for (Eigen::Index row = 0; row < density.difference.value.size(); ++row) {
    const Eigen::Index bin = row * origin.bins() + (upper ? origin.bins() - 1 : 0);
    const auto place = [&](auto& to, const auto& from) {
      to.value.row(bin) = sign * from.value.row(row);
      to.error.row(bin) = from.error.row(row);
    };
    place(change.reference, density.reference);
    place(change.difference, density.difference);
    place(change.pulls, density.pulls);
  }
  return change;
}

// The bins of data without reactor that last as long as those with it.
statistics::Comparison without_reactor(const Origin& origin) {
  statistics::Comparison all =
      prediction::expectation(origin.rates, origin.pulls, 1.0, &origin.combinations);
  const auto keep = [&](auto& part) {
    part.value = part.value.bottomRows(origin.bins()).eval();
    part.error = part.error.bottomRows(origin.bins()).eval();
  };
  keep(all.reference);
  keep(all.tested);
  keep(all.difference);
  keep(all.pulls);
  const statistics::Groups groups =
      statistics::groups_of(statistics::Statistic::reference, all, {origin.bins()});
  return statistics::together(std::move(all), groups);
}

// Calls visit(scenario) for all that an input needs the rates of.
template <class Visit>
void visit_scenarios(const ImpactInput& input, const Scenario& scenario, const Visit& visit) {
  if (std::isnan(input.value(scenario)))
    return;
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

void ImpactCalculator::prepare(RateCalculator& calculator, const Scenario& scenario,
                               const Team& team) const {
  calculator.prepare(scenario, team);
  for (const ImpactInput& input : inputs_)
    visit_scenarios(input, scenario, [&](const Scenario& s) { calculator.prepare(s, team); });
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
  const Origin origin(calculator, scenario);
  const statistics::Comparison expected = statistics::together(origin.expected, origin.groups);
  const statistics::ChiSquareCurve curve =
      statistics::Whitened(expected).curve(prediction::widths(origin.pulls));
  const double time_yr = prediction::discovery_time_yr(curve, scenario);
  Impacts result{{time_yr, curve.reach_error(time_yr)}, {}};
  for (const ImpactInput& input : inputs_)
    result.inputs.push_back(
        {input.value(scenario), {nan, nan}, nan, input.uncertainty(scenario), nan});
  if (std::isinf(time_yr))
    return result;

  const ChiSquareGradient gradient(expected, result.time_yr);
  const auto along_change = [&](statistics::Comparison change) {
    return gradient.along(statistics::together(std::move(change), origin.groups));
  };
  const Bounded<double> rise = gradient.along_exposure();
  const auto growth = [&](const ImpactInput& input) -> Bounded<double> {  // of chi2
    if (const auto* edge = std::get_if<ImpactInput::Edge>(&input.kind))
      return along_change(along_edge(edge->upper, origin));
    if (std::holds_alternative<ImpactInput::ReactorOff>(input.kind))
      return gradient.along_share(without_reactor(origin));
    if (const auto* routes = std::get_if<ImpactInput::Routes>(&input.kind)) {
      const auto route = (*routes)(scenario);
      return route ? along_change(along(*route, origin)) : Bounded<double>{};
    }
    return {-2.0 * scenario.criterion.significance, 0.0};  // of chi2 - Z^2
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
