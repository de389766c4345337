// chi2 of a scenario as a function of exposure, each by the way that is exact for it and fastest.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/prediction/expectation.hpp"
#include "nuloop/statistics/curve.hpp"
#include "nuloop/statistics/whitened.hpp"
#include "nuloop/statistics/whitened_pair.hpp"

#include <optional>
#include <vector>

namespace nuloop::prediction {

/// Whether chi2 is minimised over the angle of tree level as angle_curve does.
bool fits_angle(const Scenario& scenario);

/// The paper's chi2, minimised over the angle of tree level in the model under test, in which
/// counts are quadratic, with its prior of width lo.sin2_theta_w_uncertainty > 0. Years are its
/// exposure.
/// @param calculator outlives the curve, and has prepared the scenario.
statistics::ProfiledCurve angle_curve(const RateCalculator& calculator, const Scenario& scenario);

/// Curves of scenarios that have the same rates and differ in their uncertainties. The storage
/// serves again for other rates.
class Curves {
 public:
  /// @param rates,calculator outlive the use of the curves; the calculator has prepared the
  /// scenarios that fit the angle.
  void begin(const Rates& rates, const RateCalculator& calculator) {
    rates_ = &rates;
    calculator_ = &calculator;
    is_compared_ = false;
  }

  /// Calls use(curve). Years are the curve's exposure. @throws NumericalError
  template <class Use>
  void with(const Scenario& scenario, const Use& use) {
    if (scenario.criterion.statistic != statistics::Statistic::reference)
      use(statistics::FittedCurve(scenario.criterion.statistic, expectation(*rates_, scenario)));
    else if (fits_angle(scenario))
      use(angle_curve(*calculator_, scenario));
    else
      use(closed_form(scenario));
  }

 private:
  // It stands until the next one is made.
  const statistics::ChiSquareCurve& closed_form(const Scenario& scenario);

  const Rates* rates_ = nullptr;
  const RateCalculator* calculator_ = nullptr;
  // What the last scenario was compared by, if any was.
  bool is_compared_ = false;
  std::vector<Pull> pulls_;
  double reactor_off_share_ = 0.0;
  bool is_pair_ = false;
  statistics::WhitenedPair pair_;
  std::optional<statistics::Whitened> whitened_;
  statistics::ChiSquareCurve curve_{};
};

/// Years until the scenario's discovery significance is reached, to the last bit as a job of kind
/// "reach" has it. @param calculator has prepared the scenario.
double discovery_time_yr(const RateCalculator& calculator, const Scenario& scenario);

}  // namespace nuloop::prediction
