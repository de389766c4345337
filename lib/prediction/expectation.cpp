// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/prediction/expectation.hpp"

#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/statistics/groups.hpp"
#include "nuloop/statistics/whitened.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace nuloop::prediction {
namespace {

using experiment::fissile_count;
using experiment::Spectrum;

// Combinations of the uncertainties of single energies and isotopes that span all that these do to
// the counts: orthonormal, so that they are as independent as those, and no more than there are
// bins. Shape: uncertainties x combinations.
Eigen::MatrixXd combinations(const Eigen::MatrixXd& responses, const Eigen::ArrayXd& tested) {
  if (responses.rows() >= responses.cols())
    return Eigen::MatrixXd::Identity(responses.cols(), responses.cols());
  // Relative to the counts of a bin, so that bins of few are spanned as well as those of many.
  const Eigen::ArrayXd weight = (tested > 0.0).select(tested.inverse(), 1.0);
  const Eigen::MatrixXd relative = weight.matrix().asDiagonal() * responses;
  return Eigen::JacobiSVD<Eigen::MatrixXd>(relative.transpose(), Eigen::ComputeThinU).matrixU();
}

// How many of them there are.
std::size_t combination_count(std::size_t bins, std::size_t uncertainties) {
  return std::min(bins, uncertainties);
}

// Spectra side by side. Shape: bins x spectra.
Bounded<Eigen::MatrixXd> side_by_side(const std::vector<Spectrum>& spectra, Eigen::Index bins) {
  Eigen::MatrixXd values(bins, static_cast<Eigen::Index>(spectra.size()));
  Eigen::MatrixXd errors = values;
  for (std::size_t i = 0; i < spectra.size(); ++i) {
    values.col(static_cast<Eigen::Index>(i)) = spectra[i].value;
    errors.col(static_cast<Eigen::Index>(i)) = spectra[i].error;
  }
  return {std::move(values), std::move(errors)};
}

// What combinations of uncertainties add to the tested signal per day. Shape: bins x combinations.
Bounded<Eigen::MatrixXd> combined(const std::vector<Spectrum>& uncertainties,
                                  const Eigen::MatrixXd& combinations, Eigen::Index bins) {
  if (combinations.size() == 0)
    return {};
  const Bounded<Eigen::MatrixXd> single = side_by_side(uncertainties, bins);
  NULOOP_EXPECTS(combinations.rows() == single.value.cols());
  return {single.value * combinations, single.error * combinations.cwiseAbs()};
}

Spectrum column_of(const Bounded<Eigen::MatrixXd>& responses, std::size_t number) {
  const auto column = static_cast<Eigen::Index>(number);
  NULOOP_EXPECTS(column < responses.value.cols());
  return {responses.value.col(column), responses.error.col(column)};
}

class Responses {
 public:
  // Combinations as flux_combinations gives them.
  Responses(const Rates& rates, const FluxCombinations& combinations)
      : rates_(rates),
        zero_(Eigen::ArrayXd::Zero(rates.tested.value.size())),
        shape_(combined(rates.systematic.flux, combinations.shape, zero_.size())),
        covariance_(combined(rates.systematic.flux_modes, combinations.covariance, zero_.size())),
        free_(combined(rates.systematic.flux_bins, combinations.free, zero_.size())) {}

  SignalAndBackground operator()(const Pull& pull) const {
    const Spectrum none{zero_, zero_};
    const SystematicRates& systematic = rates_.systematic;
    switch (pull.source) {
      case Pull::Source::signal_rate:
        return {of_detector(of_flux(), pull.number), none};
      case Pull::Source::background_rate:
        return {none, of_detector(cosmogenic(), pull.number)};
      case Pull::Source::hadronic_loops:
        return {rates_.hadronic, none};
      case Pull::Source::angle:
        NULOOP_EXPECTS(systematic.angle.has_value());
        return {*systematic.angle, none};
      case Pull::Source::common_signal_rate:
        return {of_flux(), none};
      case Pull::Source::flux_shape:
        return {column_of(shape_, pull.number), none};
      case Pull::Source::flux_covariance:
        return {column_of(covariance_, pull.number), none};
      case Pull::Source::flux_free:
        return {column_of(free_, pull.number), none};
      case Pull::Source::flux_isotope:
        return {sum_of_flux(pull.number, fissile_count), none};
      case Pull::Source::flux_common:
        return {sum_of_flux(0, 1), none};
      case Pull::Source::isotope_yield:
        NULOOP_EXPECTS(pull.number < systematic.isotope_yields.size());
        return {none, systematic.isotope_yields[pull.number]};
      case Pull::Source::source_rate:
        NULOOP_EXPECTS(pull.number < systematic.sources.size());
        return {none, systematic.sources[pull.number]};
      case Pull::Source::leak:
        return {rates_.leak ? of_detector(*rates_.leak, pull.number) : none, none};
      case Pull::Source::signal_group:
        NULOOP_EXPECTS(pull.number < systematic.signals.size());
        return {systematic.signals[pull.number], none};
      case Pull::Source::energy_scale:
        return of_detector(systematic.energy_scale, pull.number);
      case Pull::Source::resolution:
        return of_detector(systematic.resolution, pull.number);
      case Pull::Source::response:
        NULOOP_EXPECTS(pull.number < systematic.response.size());
        return {systematic.response[pull.number].signal,
                systematic.response[pull.number].background};
    }
    return {none, none};
  }

 private:
  // What antineutrinos make, and what they do not but for backgrounds with pulls of their own.
  Spectrum of_flux() const { return rates_.leak ? rates_.tested + *rates_.leak : rates_.tested; }
  Spectrum cosmogenic() const {
    Spectrum rest = rates_.background;
    if (rates_.systematic.all_sources)
      rest -= *rates_.systematic.all_sources;
    if (rates_.leak)
      rest -= *rates_.leak;
    return rest;
  }

  Spectrum of_detector(const Spectrum& spectrum, std::size_t detector) const {
    if (rates_.bins_of_sites.empty())
      return spectrum;
    Spectrum alone{zero_, zero_};
    Eigen::Index first = 0;
    for (std::size_t site = 0; site < rates_.bins_of_sites.size(); ++site) {
      const Eigen::Index bins = rates_.bins_of_sites[site];
      if (rates_.detectors_of_sites[site] == detector) {
        alone.value.segment(first, bins) = spectrum.value.segment(first, bins);
        alone.error.segment(first, bins) = spectrum.error.segment(first, bins);
      }
      first += bins;
    }
    return alone;
  }

  // Rates without a resolution do not change with it.
  SignalAndBackground of_detector(const std::optional<SignalAndBackground>& rates,
                                  std::size_t detector) const {
    if (!rates)
      return {{zero_, zero_}, {zero_, zero_}};
    return {of_detector(rates->signal, detector), of_detector(rates->background, detector)};
  }

  Spectrum sum_of_flux(std::size_t first, std::size_t step) const {
    const auto& flux = rates_.systematic.flux;
    NULOOP_EXPECTS(first < flux.size());
    Spectrum sum{zero_, zero_};
    for (std::size_t i = first; i < flux.size(); i += step)
      sum += flux[i];
    return sum;
  }

  const Rates& rates_;
  Eigen::ArrayXd zero_;
  Bounded<Eigen::MatrixXd> shape_;  // bins x combinations
  Bounded<Eigen::MatrixXd> covariance_;
  Bounded<Eigen::MatrixXd> free_;
};

}  // namespace

std::vector<Pull> pulls_of(const Scenario& s) {
  using Source = Pull::Source;
  std::vector<Pull> pulls;
  pulls.reserve(8);  // more than most scenarios have
  const auto add = [&](Source source, double sigma, std::size_t count) {
    for (std::size_t number = 0; number < count; ++number)
      pulls.push_back({source, sigma, number});
  };
  const auto add_if_wide = [&](Source source, double sigma, std::size_t count) {
    if (sigma > 0.0)
      add(source, sigma, count);
  };
  const std::size_t count = detectors(s);
  const double common = count > 1 ? s.uncertainties.flux_correlation : 0.0;
  add(Source::signal_rate, s.uncertainties.flux * std::sqrt(1.0 - common), count);
  add(Source::background_rate, s.uncertainties.background, count);
  add_if_wide(Source::hadronic_loops,
              physics::hadronic_uncertainty(s.theory.one_loop, s.uncertainties.hadronic_3_gamma,
                                            s.uncertainties.hadronic_gamma_gamma),
              1);
  add_if_wide(Source::angle, s.uncertainties.sin2_theta_w, 1);
  add_if_wide(Source::common_signal_rate, s.uncertainties.flux * std::sqrt(common), 1);
  if (s.uncertainties.flux_shape_uncorrelated_scale > 0.0)
    add(Source::flux_shape, s.uncertainties.flux_shape_uncorrelated_scale,
        combination_count(bins_of_all_sites(s), s.flux.uncertainties->bins() * fissile_count));
  add_if_wide(Source::flux_isotope, s.uncertainties.flux_shape_isotope_scale, fissile_count);
  add_if_wide(Source::flux_common, s.uncertainties.flux_shape_common_scale, 1);
  if (s.uncertainties.flux_shape_covariance_scale > 0.0)
    add(Source::flux_covariance, s.uncertainties.flux_shape_covariance_scale,
        combination_count(bins_of_all_sites(s),
                          static_cast<std::size_t>(s.flux.uncertainties->modes.cols())));
  if (s.uncertainties.flux_shape_free > 0.0)
    add(Source::flux_free, s.uncertainties.flux_shape_free,
        combination_count(bins_of_all_sites(s), free_flux_edges_MeV(s).size() + 1));
  add_if_wide(Source::isotope_yield, s.uncertainties.isotope_yield_scale, s.backgrounds.isotopes);
  add_if_wide(Source::source_rate, s.uncertainties.source_scale, source_groups(s).size());
  for (std::size_t site = 0; site < s.sites.size(); ++site) {
    if (const auto& leak = s.sites[site].leak; leak && !is_later_period(s, site))
      if (const double sigma = s.uncertainties.leak_scale * leak->relative_error; sigma > 0.0)
        pulls.push_back({Source::leak, sigma, s.sites[site].detector_number});
  }
  add_if_wide(Source::signal_group, s.uncertainties.signal_scale, signal_groups(s).size());
  add_if_wide(Source::energy_scale, s.uncertainties.energy_scale, count);
  if (shifts_resolution(s))
    add(Source::resolution, s.uncertainties.resolution, count);
  add_if_wide(Source::response, s.uncertainties.response_scale, response_pulls(s).size());
  return pulls;
}

bool same_sources(const std::vector<Pull>& a, const std::vector<Pull>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Pull& x, const Pull& y) {
    return x.source == y.source && x.number == y.number;
  });
}

Eigen::VectorXd widths(const std::vector<Pull>& pulls) {
  Eigen::VectorXd sigmas(static_cast<Eigen::Index>(pulls.size()));
  std::transform(pulls.begin(), pulls.end(), sigmas.begin(),
                 [](const Pull& pull) { return pull.sigma; });
  return sigmas;
}

FluxCombinations flux_combinations(const Rates& rates, const std::vector<Pull>& pulls) {
  const auto of = [&](Pull::Source source, const std::vector<Spectrum>& uncertainties) {
    if (std::none_of(pulls.begin(), pulls.end(),
                     [&](const Pull& pull) { return pull.source == source; }))
      return Eigen::MatrixXd();
    return combinations(side_by_side(uncertainties, rates.tested.value.size()).value,
                        rates.tested.value);
  };
  return {of(Pull::Source::flux_shape, rates.systematic.flux),
          of(Pull::Source::flux_covariance, rates.systematic.flux_modes),
          of(Pull::Source::flux_free, rates.systematic.flux_bins)};
}

std::vector<SignalAndBackground> responses(const Rates& rates, const std::vector<Pull>& pulls,
                                           const FluxCombinations& combinations) {
  const Responses response(rates, combinations);
  std::vector<SignalAndBackground> all;
  all.reserve(pulls.size());
  for (const Pull& pull : pulls)
    all.push_back(response(pull));
  return all;
}

statistics::Comparison expectation(const Rates& rates, const std::vector<Pull>& pulls,
                                   double reactor_off_share, const FluxCombinations* combinations) {
  NULOOP_EXPECTS(reactor_off_share >= 0.0);
  const Eigen::Index bins = rates.tested.value.size();
  const Eigen::Index rows = reactor_off_share > 0.0 ? 2 * bins : bins;
  // Counts of the bins with reactor, and of those without, if there are any.
  const auto per_year = [&](const Spectrum& on, double off_share) -> statistics::Counts {
    statistics::Counts counts{Eigen::ArrayXd::Zero(rows), Eigen::ArrayXd::Zero(rows)};
    const auto fill = [&](Eigen::ArrayXd& all, const Eigen::ArrayXd& per_day) {
      all.head(bins) = experiment::days_per_year * per_day;
      if (rows > bins)
        all.tail(bins) = off_share * all.head(bins);
    };
    fill(counts.value, on.value);
    fill(counts.error, on.error);
    return counts;
  };
  // A background of which a part needs the reactor.
  const auto with_leak = [&](const Spectrum& all, const std::optional<Spectrum>& leak) {
    if (!leak)
      return per_year(all, reactor_off_share);
    return per_year(all - *leak, reactor_off_share) + per_year(*leak, 0.0);
  };
  const auto count = static_cast<Eigen::Index>(pulls.size());
  const statistics::Counts background = with_leak(rates.background, rates.leak);
  statistics::Counts observed = background, difference = per_year(rates.difference, 0.0);
  if (rates.data_background) {
    observed = with_leak(*rates.data_background, rates.data_leak);
    difference += observed - background;
  }
  statistics::Comparison result{per_year(rates.reference, 0.0) + observed,
                                per_year(rates.tested, 0.0) + background,
                                std::move(difference),
                                {Eigen::MatrixXd(rows, count), Eigen::MatrixXd(rows, count)},
                                {widths(pulls).cwiseAbs2(), Eigen::VectorXd::Zero(count)}};
  const Responses response(
      rates, combinations != nullptr ? *combinations : flux_combinations(rates, pulls));
  for (Eigen::Index k = 0; k < count; ++k) {
    const SignalAndBackground unit = response(pulls[static_cast<std::size_t>(k)]);
    const statistics::Counts change =
        per_year(unit.signal, 0.0) + per_year(unit.background, reactor_off_share);
    result.pulls.value.col(k) = change.value;
    result.pulls.error.col(k) = change.error;
  }
  return result;
}

std::vector<Eigen::Index> parts_of(const Rates& rates, double reactor_off_share) {
  std::vector<Eigen::Index> parts = rates.bins_of_sites;
  if (parts.empty())
    parts.push_back(rates.tested.value.size());
  if (reactor_off_share > 0.0) {
    const std::vector<Eigen::Index> with_reactor = parts;
    parts.insert(parts.end(), with_reactor.begin(), with_reactor.end());
  }
  return parts;
}

statistics::Comparison comparable(const Rates& rates, const std::vector<Pull>& pulls,
                                  double reactor_off_share, statistics::Statistic statistic) {
  statistics::Comparison all = expectation(rates, pulls, reactor_off_share);
  if (!statistics::any_bin_lacks(statistic, all))
    return all;
  const statistics::Groups groups =
      statistics::groups_of(statistic, all, parts_of(rates, reactor_off_share));
  return statistics::together(std::move(all), groups);
}

statistics::Comparison expectation(const Rates& rates, const Scenario& scenario) {
  return comparable(rates, pulls_of(scenario), scenario.off_share(), scenario.criterion.statistic);
}

statistics::ChiSquareCurve chi_square_curve(const Rates& rates, const Scenario& scenario) {
  const statistics::Comparison comparison =
      comparable(rates, pulls_of(scenario), scenario.off_share(), statistics::Statistic::reference);
  return statistics::Whitened(comparison).curve(comparison.widths());
}

double discovery_time_yr(const Rates& rates, const Scenario& scenario) {
  if (scenario.criterion.statistic == statistics::Statistic::reference)
    return discovery_time_yr(chi_square_curve(rates, scenario), scenario);
  return discovery_time_yr(
      statistics::FittedCurve(scenario.criterion.statistic, expectation(rates, scenario)),
      scenario);
}

}  // namespace nuloop::prediction
