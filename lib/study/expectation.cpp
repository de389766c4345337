// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/expectation.hpp"

#include "nuloop/experiment/units.hpp"

#include <algorithm>

namespace nuloop::study {
namespace {

const experiment::Spectrum& response_to(Pull::Source source, const Rates& rates) {
  switch (source) {
    case Pull::Source::background_rate:
      return rates.background;
    case Pull::Source::hadronic_loops:
      return rates.hadronic;
    case Pull::Source::signal_rate:
      break;
  }
  return rates.tested;
}

}  // namespace

std::vector<Pull> pulls_of(const Scenario& s) {
  std::vector<Pull> pulls = {{Pull::Source::signal_rate, s.flux_uncertainty},
                             {Pull::Source::background_rate, s.background_uncertainty}};
  const double hadronic = physics::hadronic_uncertainty(s.one_loop, s.hadronic_3_gamma_uncertainty,
                                                        s.hadronic_gamma_gamma_uncertainty);
  if (hadronic > 0.0)
    pulls.push_back({Pull::Source::hadronic_loops, hadronic});
  return pulls;
}

bool same_sources(const std::vector<Pull>& a, const std::vector<Pull>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Pull& x, const Pull& y) { return x.source == y.source; });
}

Eigen::VectorXd widths(const std::vector<Pull>& pulls) {
  Eigen::VectorXd sigmas(static_cast<Eigen::Index>(pulls.size()));
  std::transform(pulls.begin(), pulls.end(), sigmas.begin(),
                 [](const Pull& pull) { return pull.sigma; });
  return sigmas;
}

Expectation expectation(const Rates& rates, const std::vector<Pull>& pulls) {
  const auto per_year = [](const experiment::Spectrum& spectrum) -> statistics::Counts {
    return {experiment::days_per_year * spectrum.value, experiment::days_per_year * spectrum.error};
  };
  Expectation result{per_year(rates.reference),
                     per_year(rates.tested),
                     per_year(rates.difference),
                     per_year(rates.background),
                     {rates.tested.value.size(), static_cast<Eigen::Index>(pulls.size())},
                     {rates.tested.value.size(), static_cast<Eigen::Index>(pulls.size())}};
  for (Eigen::Index k = 0; k < result.responses.cols(); ++k) {
    const statistics::Counts response =
        per_year(response_to(pulls[static_cast<std::size_t>(k)].source, rates));
    result.responses.col(k) = response.value;
    result.response_errors.col(k) = response.error;
  }
  return result;
}

statistics::AsimovComparison compare(const Expectation& e) {
  return {e.difference.value,
          e.reference.value + e.background.value,
          e.responses,
          {e.difference.error, e.reference.error + e.background.error, e.response_errors}};
}

statistics::ChiSquareCurve chi_square_curve(const Rates& rates, const Scenario& scenario) {
  const std::vector<Pull> pulls = pulls_of(scenario);
  return compare(expectation(rates, pulls)).curve(widths(pulls));
}

double discovery_time_yr(const statistics::ChiSquareCurve& curve, const Scenario& scenario) {
  return curve.reach(scenario.discovery_significance * scenario.discovery_significance);
}

}  // namespace nuloop::study
