// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/prediction/rates.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::prediction {
namespace {

using experiment::Spectrum;

// Integrals to remember; a sweep over windows would otherwise keep every one it ever needed. With
// the paper's window one set takes 17 kB.
constexpr std::size_t most_bases = 1024;

// The reactor's flavour.
constexpr physics::Neutrino reactor_neutrino = {physics::Flavour::electron,
                                                physics::Helicity::antineutrino};

// A derivative from central differences of sixth order over steps of a quantity around zero.
struct Stencil {
  double step;
  std::array<double, 6> offsets() const {
    return {-3.0 * step, -2.0 * step, -step, step, 2.0 * step, 3.0 * step};
  }
};

// Integrals good to 1e-10 leave 3e-7 of the counts, and what is neglected is less unless a bin's
// edge lies on a kink of the spectrum.
constexpr Stencil energy_scale_stencil = {1e-3};
constexpr Stencil resolution_stencil = {1e-2};

// The same window seen with an energy scale that is wrong by `shift`: its edges, which are
// measured energies, stand at others.
Scenario with_energy_scale(Scenario s, double shift) {
  s.window_low_MeV *= 1.0 + shift;
  s.window_high_MeV *= 1.0 + shift;
  s.bin_width_MeV *= 1.0 + shift;
  return s;
}

Scenario with_resolution(Scenario s, double shift) {
  s.resolution = s.resolution.scaled(1.0 + shift);
  return s;
}

// The sixth-order difference. Its neglected terms are taken as ten times its distance from the
// fourth-order one, which holds for a kink in the middle too: there both are wrong in first order.
Spectrum derivative(const std::array<Spectrum, 6>& f, double step) {
  const auto odd = [&](std::size_t a, std::size_t b) -> Eigen::ArrayXd {
    return f[b].value - f[a].value;
  };
  const Eigen::ArrayXd near = odd(2, 3), middle = odd(1, 4), far = odd(0, 5);
  const Eigen::ArrayXd fourth = (8.0 * near - middle) / (12.0 * step);
  Spectrum result;
  result.value = (45.0 * near - 9.0 * middle + far) / (60.0 * step);
  result.error = 10.0 * (result.value - fourth).abs() +
                 (45.0 * (f[2].error + f[3].error) + 9.0 * (f[1].error + f[4].error) + f[0].error +
                  f[5].error) /
                     (60.0 * step);
  return result;
}

template <class Rates>
SignalAndBackground derivatives(const std::array<double, 6>& offsets, double step,
                                const Rates& rates_at) {
  std::array<Spectrum, 6> signal, background;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    SignalAndBackground rates = rates_at(offsets[i]);
    signal[i] = std::move(rates.signal);
    background[i] = std::move(rates.background);
  }
  return {derivative(signal, step), derivative(background, step)};
}

void append(Spectrum& spectrum, const Spectrum& more) {
  const auto join = [](Eigen::ArrayXd& a, const Eigen::ArrayXd& b) {
    Eigen::ArrayXd both(a.size() + b.size());
    both << a, b;
    a = std::move(both);
  };
  join(spectrum.value, more.value);
  join(spectrum.error, more.error);
}

void append(std::vector<Spectrum>& spectra, const std::vector<Spectrum>& more) {
  NULOOP_EXPECTS(spectra.size() == more.size());
  for (std::size_t i = 0; i < spectra.size(); ++i)
    append(spectra[i], more[i]);
}

void append(std::optional<SignalAndBackground>& rates,
            const std::optional<SignalAndBackground>& more) {
  if (!rates)
    return;
  append(rates->signal, more->signal);
  append(rates->background, more->background);
}

void append(std::optional<Spectrum>& spectrum, const std::optional<Spectrum>& more) {
  if (spectrum)
    append(*spectrum, *more);
}

void append(Rates& rates, const Rates& more) {
  for (const auto member : spectra_of_rates)
    append(rates.*member, more.*member);
  append(rates.systematic.flux, more.systematic.flux);
  append(rates.systematic.isotope_yields, more.systematic.isotope_yields);
  append(rates.systematic.angle, more.systematic.angle);
  append(rates.systematic.energy_scale, more.systematic.energy_scale);
  append(rates.systematic.resolution, more.systematic.resolution);
  rates.sites += more.sites;
}

}  // namespace

bool shifts_energy_scale(const Scenario& s) {
  return s.energy_scale_uncertainty > 0.0;
}

bool shifts_resolution(const Scenario& s) {
  return s.resolution_uncertainty > 0.0 && !s.resolution.perfect();
}

bool wants_flux_bins(const Scenario& s) {
  return s.flux_shape_uncorrelated_scale > 0.0 || s.flux_shape_isotope_scale > 0.0 ||
         s.flux_shape_common_scale > 0.0;
}

experiment::Binning binning(const Scenario& s) {
  return {s.window_low_MeV, s.window_high_MeV, s.bin_width_MeV};
}

bool needs_systematic_rates(const Scenario& s) {
  return wants_flux_bins(s) || shifts_energy_scale(s) || shifts_resolution(s) ||
         s.isotope_yield_scale > 0.0 || s.sin2_theta_w_uncertainty > 0.0;
}

RateCalculator::WindowKey RateCalculator::window_key(const Scenario& s) {
  return {s.window_low_MeV, s.window_high_MeV, s.bin_width_MeV, s.resolution, s.relative_tolerance};
}

RateCalculator::SignalKey RateCalculator::signal_key(const Scenario& s) {
  return {s.flux, s.observable, window_key(s)};
}

RateCalculator::FluxBinsKey RateCalculator::flux_bins_key(const Scenario& s) {
  return {signal_key(s), s.flux_uncertainties};
}

void RateCalculator::make_room() {
  if (signals_.size() >= most_bases)
    signals_.clear();
  if (backgrounds_.size() >= most_bases)
    backgrounds_.clear();
  if (flux_bins_.size() * 32 >= most_bases)  // a set of each holds some tens
    flux_bins_.clear();
}

void RateCalculator::prepare_nominal(const Scenario& s) {
  if (!signals_.contains(signal_key(s))) {
    const experiment::SignalShape shape{s.observable,         *s.flux,
                                        binning(s),           s.resolution,
                                        s.one_loop.scale_MeV, s.relative_tolerance};
    signals_.emplace(signal_key(s), experiment::SignalBasis(shape));
  }
  if (!backgrounds_.contains(window_key(s)))
    backgrounds_.emplace(window_key(s),
                         experiment::BackgroundBasis(world_.isotopes, binning(s), s.resolution,
                                                     s.relative_tolerance));
}

void RateCalculator::prepare_flux_bins(const Scenario& s) {
  if (flux_bins_.contains(flux_bins_key(s)))
    return;
  std::vector<std::optional<experiment::SignalBasis>> bases(s.flux_uncertainties->bins());
  for (std::size_t bin = 0; bin < bases.size(); ++bin)
    if (const auto part = s.flux_uncertainties->part(*s.flux, bin))
      bases[bin].emplace(experiment::SignalShape{s.observable, *part, binning(s), s.resolution,
                                                 s.one_loop.scale_MeV, s.relative_tolerance});
  flux_bins_.emplace(flux_bins_key(s), std::move(bases));
}

void RateCalculator::prepare(const Scenario& s) {
  const double begin = seconds_now();
  const std::size_t before = signals_.size() + backgrounds_.size() + flux_bins_.size();
  const bool signal_is_new = !signals_.contains(signal_key(s));
  prepare_nominal(s);
  if (shifts_energy_scale(s))
    for (const double shift : energy_scale_stencil.offsets())
      prepare_nominal(with_energy_scale(s, shift));
  if (shifts_resolution(s))
    for (const double shift : resolution_stencil.offsets())
      prepare_nominal(with_resolution(s, shift));
  if (wants_flux_bins(s))
    prepare_flux_bins(s);
  if (signals_.size() + backgrounds_.size() + flux_bins_.size() == before)
    return;
  const double seconds = seconds_now() - begin;
  if (signal_is_new)
    effort_.add(1.0, seconds);
  else
    effort_.sum_s += seconds;
}

Rates RateCalculator::rates(const Scenario& s) const {
  Rates rates = rates_of_site(s, s.sites.front());
  for (std::size_t i = 1; i < s.sites.size(); ++i)
    append(rates, rates_of_site(s, s.sites[i]));
  return rates;
}

std::vector<Spectrum> RateCalculator::background_by_isotope(const Scenario& s,
                                                            const Site& site) const {
  auto background =
      backgrounds_.at(window_key(s)).events_per_day_by_isotope(site.overburden, site.detector);
  for (std::size_t i = 0; i < background.size(); ++i) {
    const double factor =
        s.background_scale * (i == s.moved_yield.isotope ? s.moved_yield.factor : 1.0);
    background[i] *= factor;
  }
  return background;
}

SignalAndBackground RateCalculator::tested_and_background(const Scenario& s,
                                                          const Site& site) const {
  SignalAndBackground rates{
      signals_.at(signal_key(s))
          .events_per_day(
              physics::expand(s.model, reactor_neutrino, s.sin2_theta_w, s.one_loop, s.free),
              site.reactor, site.detector),
      backgrounds_.at(window_key(s)).events_per_day(site.overburden, site.detector)};
  rates.background *= s.background_scale;
  if (s.moved_yield.factor != 1.0) {
    rates.background.value.setZero();
    rates.background.error.setZero();
    for (const Spectrum& isotope : background_by_isotope(s, site))
      rates.background += isotope;
  }
  return rates;
}

Rates RateCalculator::rates_of_site(const Scenario& s, const Site& site) const {
  const experiment::SignalBasis& signal = signals_.at(signal_key(s));
  const auto expected = [&](const physics::Expansion& expansion) {
    return signal.events_per_day(expansion, site.reactor, site.detector);
  };
  const auto expand = [&](physics::Model model) {
    return physics::expand(model, reactor_neutrino, s.sin2_theta_w, s.one_loop, s.free);
  };
  const physics::Expansion reference = expand(s.reference), tested = expand(s.model);
  SignalAndBackground nominal = tested_and_background(s, site);
  return {expected(reference),
          std::move(nominal.signal),
          expected(physics::difference(reference, tested)),
          std::move(nominal.background),
          expected(physics::hadronic_variation(s.model, reactor_neutrino, s.one_loop)),
          systematic_rates(s, site)};
}

SystematicRates RateCalculator::systematic_rates(const Scenario& s, const Site& site) const {
  SystematicRates systematic;
  if (wants_flux_bins(s)) {
    const auto tested =
        physics::expand(s.model, reactor_neutrino, s.sin2_theta_w, s.one_loop, s.free);
    const auto bins = static_cast<Eigen::Index>(binning(s).size());
    const auto& bases = flux_bins_.at(flux_bins_key(s));
    for (std::size_t bin = 0; bin < bases.size(); ++bin) {
      experiment::PerFissile<Spectrum> parts;
      parts.fill({Eigen::ArrayXd::Zero(bins), Eigen::ArrayXd::Zero(bins)});
      if (bases[bin])
        parts = bases[bin]->events_per_day_by_isotope(tested, site.reactor, site.detector);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const double relative = s.flux_uncertainties->relative[i][bin];
        systematic.flux.push_back(relative * parts[i]);
      }
    }
  }
  if (s.isotope_yield_scale > 0.0) {
    const auto background = background_by_isotope(s, site);
    for (std::size_t i = 0; i < background.size(); ++i) {
      const experiment::CosmogenicIsotope& isotope = world_.isotopes[i];
      // One that is not made, by decree of configs/, is not uncertain either.
      const double relative = isotope.yield_cm2_per_g > 0.0
                                  ? isotope.yield_error_cm2_per_g / isotope.yield_cm2_per_g
                                  : 0.0;
      systematic.isotope_yields.push_back(relative * background[i]);
    }
  }
  if (s.sin2_theta_w_uncertainty > 0.0)
    systematic.angle =
        signals_.at(signal_key(s))
            .events_per_day(physics::angle_variation(s.model, reactor_neutrino, s.sin2_theta_w,
                                                     s.one_loop, s.free),
                            site.reactor, site.detector);
  if (shifts_energy_scale(s))
    systematic.energy_scale =
        derivatives(energy_scale_stencil.offsets(), energy_scale_stencil.step,
                    [&](double x) { return tested_and_background(with_energy_scale(s, x), site); });
  if (shifts_resolution(s))
    systematic.resolution =
        derivatives(resolution_stencil.offsets(), resolution_stencil.step,
                    [&](double x) { return tested_and_background(with_resolution(s, x), site); });
  return systematic;
}

RatesByIsotope RateCalculator::rates_by_isotope(const Scenario& s) const {
  NULOOP_EXPECTS(s.sites.size() == 1);
  const Site& site = s.site();
  const auto signal =
      signals_.at(signal_key(s))
          .events_per_day_by_isotope(
              physics::expand(s.model, reactor_neutrino, s.sin2_theta_w, s.one_loop, s.free),
              site.reactor, site.detector);
  return {{signal.begin(), signal.end()}, background_by_isotope(s, site)};
}

}  // namespace nuloop::prediction
