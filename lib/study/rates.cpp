// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/rates.hpp"

#include "nuloop/study/progress.hpp"

#include <algorithm>

namespace nuloop::study {
namespace {

// Integrals to remember; a sweep over windows would otherwise keep every one it ever needed. With
// the paper's window one set takes 17 kB.
constexpr std::size_t most_bases = 1024;

// The reactor's flavour.
constexpr physics::Neutrino reactor_neutrino = {physics::Flavour::electron,
                                                physics::Helicity::antineutrino};

}  // namespace

experiment::Binning binning(const Scenario& s) {
  return {s.window_low_MeV, s.window_high_MeV, s.bin_width_MeV};
}

RateCalculator::WindowKey RateCalculator::window_key(const Scenario& s) {
  return {s.window_low_MeV,        s.window_high_MeV,     s.bin_width_MeV,
          s.resolution.stochastic, s.resolution.constant, s.relative_tolerance};
}

RateCalculator::SignalKey RateCalculator::signal_key(const Scenario& s) {
  return {s.flux, s.observable, window_key(s)};
}

void RateCalculator::make_room() {
  if (signals_.size() >= most_bases)
    signals_.clear();
  if (backgrounds_.size() >= most_bases)
    backgrounds_.clear();
}

void RateCalculator::prepare(const Scenario& s) {
  const double begin = seconds_now();
  const bool signal_is_new = !signals_.contains(signal_key(s));
  const bool background_is_new = !backgrounds_.contains(window_key(s));
  if (signal_is_new) {
    const experiment::SignalShape shape{s.observable,         *s.flux,
                                        binning(s),           s.resolution,
                                        s.one_loop.scale_MeV, s.relative_tolerance};
    signals_.emplace(signal_key(s), experiment::SignalBasis(shape));
  }
  if (background_is_new) {
    backgrounds_.emplace(window_key(s),
                         experiment::BackgroundBasis(world_.isotopes, binning(s), s.resolution,
                                                     s.relative_tolerance));
  }
  if (!signal_is_new && !background_is_new)
    return;
  const double seconds = seconds_now() - begin;
  effort_.seconds += seconds;
  if (!signal_is_new)
    return;
  effort_.shortest_s = effort_.sets == 0 ? seconds : std::min(effort_.shortest_s, seconds);
  effort_.longest_s = std::max(effort_.longest_s, seconds);
  ++effort_.sets;
}

Rates RateCalculator::rates(const Scenario& s) const {
  const experiment::SignalBasis& signal = signals_.at(signal_key(s));
  const auto expected = [&](const physics::Expansion& expansion) {
    return signal.events_per_day(expansion, s.reactor, s.detector);
  };
  const auto expand = [&](physics::Model model) {
    return physics::expand(model, reactor_neutrino, s.sin2_theta_w, s.one_loop, s.free);
  };
  const physics::Expansion reference = expand(s.reference), tested = expand(s.model);
  experiment::Spectrum background =
      backgrounds_.at(window_key(s)).events_per_day(s.overburden, s.detector);
  background.value *= s.background_scale;
  background.error *= s.background_scale;
  return {expected(reference), expected(tested), expected(physics::difference(reference, tested)),
          std::move(background),
          expected(physics::hadronic_variation(s.model, reactor_neutrino, s.one_loop))};
}

RatesByIsotope RateCalculator::rates_by_isotope(const Scenario& s) const {
  const auto signal =
      signals_.at(signal_key(s))
          .events_per_day_by_isotope(
              physics::expand(s.model, reactor_neutrino, s.sin2_theta_w, s.one_loop, s.free),
              s.reactor, s.detector);
  auto background =
      backgrounds_.at(window_key(s)).events_per_day_by_isotope(s.overburden, s.detector);
  for (experiment::Spectrum& spectrum : background) {
    spectrum.value *= s.background_scale;
    spectrum.error *= s.background_scale;
  }
  return {{signal.begin(), signal.end()}, std::move(background)};
}

}  // namespace nuloop::study
