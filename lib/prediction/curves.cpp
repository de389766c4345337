// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/prediction/curves.hpp"

#include "nuloop/experiment/units.hpp"

namespace nuloop::prediction {
namespace {

// Whether the paper's two pulls of one site are all there are, and `to` takes their comparison.
bool whiten(const Rates& rates, const std::vector<Pull>& pulls, double reactor_off_share,
            statistics::WhitenedPair& to) {
  if (pulls.size() != 2 || pulls[0].source != Pull::Source::signal_rate ||
      pulls[1].source != Pull::Source::background_rate || rates.bins_of_sites.size() > 1 ||
      reactor_off_share > 0.0 || rates.systematic.all_sources || rates.leak ||
      rates.data_background)
    return false;
  return to.compute(rates.reference, rates.tested, rates.difference, rates.background,
                    experiment::days_per_year);
}

}  // namespace

bool fits_angle(const Scenario& scenario) {
  return scenario.uncertainties.sin2_theta_w > 0.0 &&
         scenario.criterion.statistic == statistics::Statistic::reference;
}

statistics::ProfiledCurve angle_curve(const RateCalculator& calculator, const Scenario& scenario) {
  Scenario free = scenario;
  free.uncertainties.sin2_theta_w = 0.0;
  const auto at = [&calculator, free](double shift) {
    Scenario shifted = free;
    shifted.theory.angle_shift = shift;
    return chi_square_curve(calculator.rates(shifted), shifted);
  };
  return {at, scenario.uncertainties.sin2_theta_w, -scenario.theory.sin2_theta_w,
          1.0 - scenario.theory.sin2_theta_w};
}

const statistics::ChiSquareCurve& Curves::closed_form(const Scenario& scenario) {
  std::vector<Pull> pulls = pulls_of(scenario);
  const double share = scenario.off_share();
  if (!is_compared_ || !same_sources(pulls, pulls_) || share != reactor_off_share_) {
    whitened_.reset();
    is_pair_ = whiten(*rates_, pulls, share, pair_);
  }
  is_compared_ = true;
  pulls_ = std::move(pulls);
  reactor_off_share_ = share;
  if (is_pair_ && pair_.curve({pulls_[0].sigma, pulls_[1].sigma}, curve_))
    return curve_;
  if (!whitened_)
    whitened_.emplace(comparable(*rates_, pulls_, share, statistics::Statistic::reference));
  return curve_ = whitened_->curve(widths(pulls_));
}

double discovery_time_yr(const RateCalculator& calculator, const Scenario& scenario) {
  const Rates rates = calculator.rates(scenario);
  Curves curves;
  curves.begin(rates, calculator);
  double time_yr = 0.0;
  curves.with(scenario, [&](const auto& curve) { time_yr = discovery_time_yr(curve, scenario); });
  return time_yr;
}

}  // namespace nuloop::prediction
