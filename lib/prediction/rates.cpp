// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/prediction/rates.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace nuloop::prediction {
namespace {

using experiment::BetaDecayBasis;
using experiment::Spectrum;

// What either basis gives; loops change scattering alone.
template <class Signal>
Spectrum events_per_day(const Signal& signal, const physics::Expansion& scattering,
                        const experiment::Reactor& reactor, const experiment::Detector& detector) {
  if (const auto* decays = std::get_if<BetaDecayBasis>(&signal))
    return decays->events_per_day(reactor, detector);
  return std::get<experiment::SignalBasis>(signal).events_per_day(scattering, reactor, detector);
}

template <class Signal>
experiment::PerFissile<Spectrum> events_per_day_by_isotope(const Signal& signal,
                                                           const physics::Expansion& scattering,
                                                           const experiment::Reactor& reactor,
                                                           const experiment::Detector& detector) {
  if (const auto* decays = std::get_if<BetaDecayBasis>(&signal))
    return decays->events_per_day_by_isotope(reactor, detector);
  return std::get<experiment::SignalBasis>(signal).events_per_day_by_isotope(scattering, reactor,
                                                                             detector);
}

// Integrals to remember; a sweep over windows would otherwise keep every one it ever needed. With
// the paper's window one set takes 17 kB.
constexpr std::size_t most_bases = 1024;

// The reactor's flavour.
constexpr physics::Neutrino reactor_neutrino = {physics::Flavour::electron,
                                                physics::Helicity::antineutrino};

// The cross section under test.
physics::Expansion tested_cross_section(const Scenario& s) {
  return physics::expand(s.theory.model, reactor_neutrino,
                         s.theory.sin2_theta_w + s.theory.angle_shift, s.theory.one_loop,
                         s.theory.free);
}

// The places of a central difference of sixth order, in steps of a quantity around zero.
constexpr auto& difference_steps = setup::MovedTables::steps;
template <class T>
using AtSteps = std::array<T, difference_steps.size()>;

struct Stencil {
  double step;
  AtSteps<double> offsets() const {
    AtSteps<double> at{};
    std::transform(difference_steps.begin(), difference_steps.end(), at.begin(),
                   [this](int steps) { return steps * step; });
    return at;
  }
};

// Integrals good to 1e-10 leave 3e-7 of the counts, and what is neglected is less unless a bin's
// edge lies on a kink of the spectrum.
constexpr Stencil energy_scale_stencil = {1e-3};
constexpr Stencil resolution_stencil = {1e-2};

// The same window seen with an energy scale that is wrong by `shift`: its edges, which are
// measured energies, stand at others.
Scenario with_energy_scale(Scenario s, double shift) {
  const auto move = [&](double& low_MeV, double& high_MeV, double& width_MeV) {
    for (double* energy_MeV : {&low_MeV, &high_MeV, &width_MeV})
      *energy_MeV *= 1.0 + shift;
  };
  move(s.window.low_MeV, s.window.high_MeV, s.window.bin_width_MeV);
  for (Site& site : s.sites)
    if (auto& own = site.window) {
      move(own->low_MeV, own->high_MeV, own->bin_width_MeV);
      for (double& edge_MeV : own->edges_MeV)
        edge_MeV *= 1.0 + shift;
    }
  return s;
}

Scenario with_resolution(Scenario s, double shift) {
  for (Site& site : s.sites)
    site.response.resolution = site.response.resolution.scaled(1.0 + shift);
  return s;
}

// The same sites with a part of a detector's response off by some steps of its stencil.
struct MovedResponse {
  double step;  // in standard deviations
  AtSteps<Scenario> scenarios;
};

MovedResponse moved_response(const Scenario& s, const ResponsePull& pull) {
  constexpr double relative_step = 1e-3;  // of a threshold
  const setup::ResponseUncertainties& uncertain = *s.sites[pull.site].response_uncertainties;
  const std::size_t detector = s.sites[pull.site].detector_number;
  const bool is_threshold = pull.part == ResponsePull::Part::threshold;
  const double threshold_step_MeV =
      relative_step * s.sites[pull.site].response.efficiency.threshold_MeV;
  MovedResponse moved{
      is_threshold ? threshold_step_MeV / uncertain.threshold_MeV : setup::MovedTables::step, {}};
  for (std::size_t i = 0; i < moved.scenarios.size(); ++i) {
    moved.scenarios[i] = s;
    for (Site& site : moved.scenarios[i].sites) {
      if (site.detector_number != detector)
        continue;
      experiment::Response& response = site.response;
      if (is_threshold)
        response.efficiency.threshold_MeV += difference_steps[i] * threshold_step_MeV;
      else if (pull.part == ResponsePull::Part::scale)
        response.scale = &uncertain.scale->tables[i];
      else
        response.efficiency.table = &uncertain.shares->tables[i];
    }
  }
  return moved;
}

// The sixth-order difference. Its neglected terms are taken as ten times its distance from the
// fourth-order one, which holds for a kink in the middle too: there both are wrong in first order.
Spectrum derivative(const AtSteps<Spectrum>& f, double step) {
  static_assert(difference_steps == std::array{-3, -2, -1, 1, 2, 3});
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

template <class Offset, class Rates>
SignalAndBackground derivatives(const AtSteps<Offset>& offsets, double step,
                                const Rates& rates_at) {
  AtSteps<Spectrum> signal, background;
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
  append(rates.systematic.flux_modes, more.systematic.flux_modes);
  append(rates.systematic.flux_bins, more.systematic.flux_bins);
  append(rates.systematic.isotope_yields, more.systematic.isotope_yields);
  append(rates.systematic.sources, more.systematic.sources);
  append(rates.systematic.signals, more.systematic.signals);
  append(rates.systematic.all_sources, more.systematic.all_sources);
  append(rates.systematic.angle, more.systematic.angle);
  append(rates.systematic.energy_scale, more.systematic.energy_scale);
  append(rates.systematic.resolution, more.systematic.resolution);
  append(rates.leak, more.leak);
  NULOOP_EXPECTS(rates.systematic.response.size() == more.systematic.response.size());
  for (std::size_t i = 0; i < rates.systematic.response.size(); ++i) {
    append(rates.systematic.response[i].signal, more.systematic.response[i].signal);
    append(rates.systematic.response[i].background, more.systematic.response[i].background);
  }
  rates.bins_of_sites.insert(rates.bins_of_sites.end(), more.bins_of_sites.begin(),
                             more.bins_of_sites.end());
  rates.detectors_of_sites.insert(rates.detectors_of_sites.end(), more.detectors_of_sites.begin(),
                                  more.detectors_of_sites.end());
}

void set_zero(Spectrum& spectrum, Eigen::Index bins) {
  spectrum.value.setZero(bins);
  spectrum.error.setZero(bins);
}

template <std::size_t N>
std::array<Spectrum, N> plus(std::array<Spectrum, N> a, const std::array<Spectrum, N>& b) {
  for (std::size_t i = 0; i < N; ++i)
    a[i] += b[i];
  return a;
}

// Calls visit(reactor, detector) for each core of a site, with the detector at its distance.
template <class Visit>
void for_each_core(const Site& site, const Visit& visit) {
  visit(site.reactor, site.detector);
  for (const setup::Core& core : site.further_cores) {
    experiment::Detector detector = site.detector;
    detector.baseline_m = core.baseline_m;
    visit(core.reactor, detector);
  }
}

// Signal of all cores of a site. Shape of the result: that of `rate`'s, events per day by a core.
template <class Rate>
auto of_all_cores(const Site& site, const Rate& rate) {
  std::optional<decltype(rate(site.reactor, site.detector))> sum;
  for_each_core(site, [&](const auto& reactor, const auto& detector) {
    auto part = rate(reactor, detector);
    sum = sum ? plus(std::move(*sum), part) : std::move(part);
  });
  return *sum;
}

// Distances of a site's cores.
std::vector<double> baselines_m(const Site& site) {
  std::vector<double> all = {site.detector.baseline_m};
  for (const setup::Core& core : site.further_cores)
    all.push_back(core.baseline_m);
  return all;
}

// Where nothing disappears, all distances are one.
experiment::Survival survival(const Scenario& s, double baseline_m) {
  if (s.flux.survival.certain())
    return {};
  return {s.flux.survival.sin2_2theta, s.flux.survival.delta_m2_eV2, baseline_m};
}

setup::Window window_of(const Scenario& s, const Site& site) {
  return site.window.value_or(s.window);
}

Spectrum nothing(const experiment::Binning& binning) {
  const auto bins = static_cast<Eigen::Index>(binning.size());
  return {Eigen::ArrayXd::Zero(bins), Eigen::ArrayXd::Zero(bins)};
}

// Groups of what the sites have in lists. @param list_of of a site. @param group_of the name of the
// group of a member of such a list; nothing for one without an uncertainty.
template <class ListOf, class GroupOf>
std::vector<CorrelationGroup> groups_of(const Scenario& s, const ListOf& list_of,
                                        const GroupOf& group_of) {
  std::vector<CorrelationGroup> groups;
  for (std::size_t site = 0; site < s.sites.size(); ++site)
    for (std::size_t i = 0; i < list_of(s.sites[site]).size(); ++i) {
      const std::optional<std::string> name = group_of(list_of(s.sites[site])[i]);
      if (!name)
        continue;
      // One without a name is of its detector, in all periods.
      const auto is_of = [&](const CorrelationGroup& g) {
        const auto& [first, place] = g.members.front();
        return g.name == *name &&
               (!name->empty() ||
                (place == i && s.sites[first].detector_number == s.sites[site].detector_number));
      };
      auto group = std::find_if(groups.begin(), groups.end(), is_of);
      if (group == groups.end())
        group = groups.insert(groups.end(), {*name, {}});
      group->members.emplace_back(site, i);
    }
  return groups;
}

// Bins of the flux's uncertainties.
bool wants_uncertain_bins(const Scenario& s) {
  return s.uncertainties.flux_shape_uncorrelated_scale > 0.0 ||
         s.uncertainties.flux_shape_isotope_scale > 0.0 ||
         s.uncertainties.flux_shape_common_scale > 0.0 ||
         s.uncertainties.flux_shape_covariance_scale > 0.0;
}

bool has_signal_uncertainties(const Scenario& s) {
  return std::any_of(s.sites.begin(), s.sites.end(),
                     [](const Site& site) { return !site.signal_uncertainties.empty(); });
}

// The same bins as energies that the response gives.
experiment::Binning visible_bins(const Scenario& s, const Site& site) {
  experiment::Binning measured = binning(s, site);
  if (site.energy_scale == 1.0)
    return measured;
  std::vector<double> edges_MeV = {measured.low_MeV(0) / site.energy_scale};
  for (std::size_t bin = 0; bin < measured.size(); ++bin)
    edges_MeV.push_back(measured.high_MeV(bin) / site.energy_scale);
  return experiment::Binning(std::move(edges_MeV));
}

// Whether the response was applied to a source before.
bool is_measured(const setup::Source& source) {
  return source.source->spectrum_of == experiment::SpectrumOf::measured;
}

// What the integrals over a site's scattered electrons depend on.
experiment::SignalShape scattering(const Scenario& s, const Site& site,
                                   const experiment::FluxModel& flux) {
  return {s.theory.observable,         flux,
          visible_bins(s, site),       site.response,
          s.theory.one_loop.scale_MeV, s.relative_tolerance};
}

// Share of the photons that a site misses and an observable would have.
double lost_photons(const Scenario& s, const Site& site) {
  return s.theory.observable == physics::Observable::electromagnetic && !site.beta_decay
             ? site.lost_photons
             : 0.0;
}

template <class Signal>
experiment::FuelBasis fuel_of(const Signal& signal,
                              const experiment::PerFissile<double>& fission_fractions) {
  return std::get<experiment::SignalBasis>(signal).of_fuel(fission_fractions);
}

// What differs between spectra of two worlds. Numbers that are the same come from the same
// integrals, with the same errors.
Spectrum change(const Spectrum& to, const Spectrum& from) {
  Spectrum change = to - from;
  change.error = (to.value == from.value).select(0.0, change.error);
  return change;
}

bool has_leak(const Scenario& s) {
  return std::any_of(s.sites.begin(), s.sites.end(),
                     [](const Site& site) { return site.leak.has_value(); });
}

// Sites that count what leaks into scattering as their signal: inverse beta decays by their prompt
// energy, and all of them whatever it is.
Site counting_prompt(const Site& site) {
  Site decays = site;
  decays.leak.reset();
  decays.beta_decay = site.leak->cross_section;
  decays.detector.protons_per_t = site.leak->protons_per_t;
  decays.detector.efficiency *= site.leak->prompt;
  return decays;
}
Site counting_captures(const Site& site) {
  Site decays = counting_prompt(site);
  decays.detector.efficiency = site.detector.efficiency * site.leak->captures;
  const double low_MeV = physics::electron_mass_MeV;  // half of the least prompt energy
  decays.response = {};
  decays.energy_scale = 1.0;
  decays.window = setup::Window{low_MeV,
                                physics::highest_spectrum_energy_MeV,
                                0.0,
                                {low_MeV, physics::highest_spectrum_energy_MeV}};
  return decays;
}

// The probabilities of a capture to be recorded in each bin.
Eigen::ArrayXd shares_of_captures(const Scenario& s, const Site& site) {
  const experiment::Binning bins = visible_bins(s, site);
  Eigen::ArrayXd shares(static_cast<Eigen::Index>(bins.size()));
  for (std::size_t bin = 0; bin < bins.size(); ++bin)
    shares[static_cast<Eigen::Index>(bin)] =
        experiment::BinResponse(bins.low_MeV(bin), bins.high_MeV(bin), site.response)
            .of_line(site.leak->capture_energy_MeV);
  return shares;
}

// What leaks into a site's bins. @param count of a site, which counts decays.
template <class Count>
auto leaking(const Scenario& s, const Site& site, const Count& count) {
  auto all = count(counting_prompt(site));
  const auto add = [&](Spectrum& to, const Spectrum& captured, const Eigen::ArrayXd& shares) {
    to.value += captured.value[0] * shares;
    to.error += captured.error[0] * shares;
    to *= s.backgrounds.leak_scale;
  };
  const Eigen::ArrayXd shares = shares_of_captures(s, site);
  const auto captured = count(counting_captures(site));
  if constexpr (std::is_same_v<decltype(all), Spectrum>)
    add(all, captured, shares);
  else
    for (std::size_t i = 0; i < all.size(); ++i)
      add(all[i], captured[i], shares);
  return all;
}

bool has_sources(const Scenario& s) {
  return std::any_of(s.sites.begin(), s.sites.end(),
                     [](const Site& site) { return !site.sources.empty(); });
}

}  // namespace

bool shifts_energy_scale(const Scenario& s) {
  return s.uncertainties.energy_scale > 0.0;
}

bool shifts_resolution(const Scenario& s) {
  return s.uncertainties.resolution > 0.0 &&
         std::any_of(s.sites.begin(), s.sites.end(),
                     [](const Site& site) { return !site.response.resolution.perfect(); });
}

bool wants_flux_bins(const Scenario& s) {
  return wants_uncertain_bins(s) || s.uncertainties.flux_shape_free > 0.0;
}

std::vector<double> free_flux_edges_MeV(const Scenario& s) {
  constexpr double near_MeV = 0.05;
  const double threshold_MeV =
      physics::InverseBetaDecay({.form = physics::BetaDecayForm::strumia_vissani}).threshold_MeV();
  std::vector<double> edges = s.flux.uncertainties->inner_edges_MeV;
  if (std::none_of(edges.begin(), edges.end(),
                   [&](double edge) { return std::abs(edge - threshold_MeV) < near_MeV; }))
    edges.insert(std::upper_bound(edges.begin(), edges.end(), threshold_MeV), threshold_MeV);
  return edges;
}

std::vector<CorrelationGroup> source_groups(const Scenario& s) {
  return groups_of(
      s, [](const Site& site) -> const auto& { return site.sources; },
      [](const setup::Source& member) -> std::optional<std::string> {
        if (member.source->relative_error == 0.0)
          return std::nullopt;
        return member.source->correlation_group;
      });
}

std::vector<CorrelationGroup> signal_groups(const Scenario& s) {
  return groups_of(
      s, [](const Site& site) -> const auto& { return site.signal_uncertainties; },
      [](const setup::SignalUncertainty& member) {
        return std::optional(member.correlation_group);
      });
}

std::vector<ResponsePull> response_pulls(const Scenario& s) {
  using Part = ResponsePull::Part;
  std::vector<ResponsePull> pulls;
  for (std::size_t site = 0; site < s.sites.size(); ++site) {
    const setup::ResponseUncertainties* uncertain = s.sites[site].response_uncertainties;
    if (uncertain == nullptr || is_later_period(s, site))
      continue;
    if (uncertain->efficiency > 0.0)
      pulls.push_back({site, Part::efficiency});
    if (uncertain->threshold_MeV > 0.0)
      pulls.push_back({site, Part::threshold});
    if (uncertain->scale)
      pulls.push_back({site, Part::scale});
    if (uncertain->shares)
      pulls.push_back({site, Part::shares});
  }
  return pulls;
}

experiment::Binning binning(const Scenario& s, const Site& site) {
  const setup::Window window = window_of(s, site);
  if (!window.edges_MeV.empty())
    return experiment::Binning(window.edges_MeV);
  return {window.low_MeV, window.high_MeV, window.bin_width_MeV};
}

experiment::Binning binning(const Scenario& s) {
  return binning(s, s.site());
}

std::size_t detectors(const Scenario& s) {
  return s.sites.back().detector_number + 1;
}

bool is_later_period(const Scenario& s, std::size_t site) {
  return site > 0 && s.sites[site].detector_number == s.sites[site - 1].detector_number;
}

std::size_t bins_of_all_sites(const Scenario& s) {
  std::size_t bins = 0;
  for (const Site& site : s.sites)
    bins += binning(s, site).size();
  return bins;
}

bool needs_systematic_rates(const Scenario& s) {
  return wants_flux_bins(s) || shifts_energy_scale(s) || shifts_resolution(s) ||
         s.uncertainties.isotope_yield_scale > 0.0 || s.uncertainties.sin2_theta_w > 0.0 ||
         has_sources(s) || has_signal_uncertainties(s) || !response_pulls(s).empty() ||
         has_leak(s) || s.data != nullptr;
}

RateCalculator::WindowKey RateCalculator::window_key(const Scenario& s, const Site& site) {
  setup::Window window = window_of(s, site);
  return {window.low_MeV, window.high_MeV,      window.bin_width_MeV, std::move(window.edges_MeV),
          site.response,  s.relative_tolerance, site.energy_scale};
}

RateCalculator::SourceKey RateCalculator::source_key(const Scenario& s, const Site& site,
                                                     const setup::Source& source) {
  SourceKey key{source.number, window_key(s, site)};
  if (is_measured(source))
    std::get<6>(key.second) = 1.0;  // the energy scale, which is in the spectrum
  return key;
}

RateCalculator::SignalKey RateCalculator::signal_key(const Scenario& s, const Site& site,
                                                     double baseline_m) {
  return {s.flux.model,    s.theory.observable,  window_key(s, site), survival(s, baseline_m),
          site.beta_decay, lost_photons(s, site)};
}

RateCalculator::FluxBinsKey RateCalculator::flux_bins_key(const Scenario& s, const Site& site,
                                                          double baseline_m, bool free) {
  return {signal_key(s, site, baseline_m), free ? nullptr : s.flux.uncertainties};
}

std::vector<RateCalculator::SignalKey> RateCalculator::signal_keys(const Scenario& s) {
  std::vector<SignalKey> keys;
  for (const Site& site : s.sites)
    for (const double baseline_m : baselines_m(site))
      keys.push_back(signal_key(s, site, baseline_m));
  if (s.data)
    for (SignalKey& key : signal_keys(*s.data))
      keys.push_back(std::move(key));
  return keys;
}

void RateCalculator::make_room() {
  if (signals_.size() >= most_bases)
    signals_.clear();
  if (backgrounds_.size() >= most_bases)
    backgrounds_.clear();
  if (fuels_.size() >= most_bases)
    fuels_.clear();
  if (depths_.size() >= most_bases)
    depths_.clear();
  if (source_shares_.size() >= most_bases)
    source_shares_.clear();
  if (flux_bins_.size() * 32 >= most_bases)  // a set of each holds some tens
    flux_bins_.clear();
}

void RateCalculator::prepare_signal(const Scenario& s, const Site& site, double baseline_m,
                                    const Team& team) {
  const SignalKey key = signal_key(s, site, baseline_m);
  if (signals_.contains(key))
    return;
  const experiment::FluxModel flux = s.flux.model->after(survival(s, baseline_m));
  if (site.beta_decay || lost_photons(s, site) > 0.0) {
    signals_.emplace(key, signal_of(s, site, flux, team));
    return;
  }
  const SpectrumKey spectrum{s.flux.model, s.theory.observable, survival(s, baseline_m),
                             s.relative_tolerance};
  if (spectra_of_ != spectrum)
    spectra_.clear();
  spectra_of_ = spectrum;
  signals_.emplace(key, experiment::SignalBasis(scattering(s, site, flux), spectra_, team));
}

RateCalculator::Signal RateCalculator::signal_of(const Scenario& s, const Site& site,
                                                 const experiment::FluxModel& flux,
                                                 const Team& team) {
  if (site.beta_decay)
    return experiment::BetaDecayBasis(
        {flux, visible_bins(s, site), site.response, *site.beta_decay, s.relative_tolerance}, team);
  const experiment::SignalShape shape = scattering(s, site, flux);
  experiment::SignalBasis basis(shape, team);
  const double lost = lost_photons(s, site);
  if (lost == 0.0)
    return basis;
  experiment::SignalShape without_photons = shape;
  without_photons.observable = physics::Observable::electron;
  return basis.mixed_with(experiment::SignalBasis(without_photons, team), lost);
}

void RateCalculator::prepare_nominal(const Scenario& s, const Team& team) {
  for (const Site& site : s.sites) {
    if (site.leak)
      for (const Site& decays : {counting_prompt(site), counting_captures(site)})
        for (const double baseline_m : baselines_m(site))
          prepare_signal(s, decays, baseline_m, team);
    for_each_core(site, [&](const auto& reactor, const auto& detector) {
      prepare_signal(s, site, detector.baseline_m, team);
      if (site.beta_decay)
        return;
      const FuelKey fuel{signal_key(s, site, detector.baseline_m),
                         experiment::mean_fission_fractions(reactor)};
      if (!fuels_.contains(fuel))
        fuels_.emplace(fuel, fuel_of(signals_.at(fuel.first), fuel.second));
    });
    const WindowKey window = window_key(s, site);
    if (!backgrounds_.contains(window))
      backgrounds_.emplace(
          window, experiment::BackgroundBasis(world_.isotopes, visible_bins(s, site), site.response,
                                              s.relative_tolerance, team));
    const DepthKey depth{window, site.overburden.mean_muon_energy_GeV};
    if (!depths_.contains(depth))
      depths_.emplace(depth, backgrounds_.at(window).per_muon_flux(depth.second));
    for (const setup::Source& source : site.sources) {
      const SourceKey key = source_key(s, site, source);
      if (!source_shares_.contains(key))
        source_shares_.emplace(
            key, experiment::bin_shares(
                     *source.source, is_measured(source) ? binning(s, site) : visible_bins(s, site),
                     site.response, s.relative_tolerance));
    }
  }
}

void RateCalculator::prepare_flux_bins(const Scenario& s, const Site& site, double baseline_m,
                                       bool free, const Team& team) {
  const FluxBinsKey key = flux_bins_key(s, site, baseline_m, free);
  if (flux_bins_.contains(key))
    return;
  const experiment::FluxModel flux = s.flux.model->after(survival(s, baseline_m));
  experiment::FluxUncertainties divided = *s.flux.uncertainties;
  if (free)
    divided.inner_edges_MeV = free_flux_edges_MeV(s);
  std::vector<std::optional<Signal>> bases(divided.bins());
  for (std::size_t bin = 0; bin < bases.size(); ++bin)
    if (const auto part = divided.part(flux, bin))
      bases[bin].emplace(signal_of(s, site, *part, team));
  flux_bins_.emplace(key, std::move(bases));
}

void RateCalculator::prepare(const Scenario& s, const Team& team) {
  const double begin = seconds_now();
  const auto sets = [&] {
    return signals_.size() + backgrounds_.size() + source_shares_.size() + flux_bins_.size();
  };
  const std::size_t before = sets(), signals_before = signals_.size();
  prepare_nominal(s, team);
  if (s.data)
    prepare_nominal(*s.data, team);
  const bool signal_is_new = signals_.size() > signals_before;
  if (shifts_energy_scale(s))
    for (const double shift : energy_scale_stencil.offsets())
      prepare_nominal(with_energy_scale(s, shift), team);
  if (shifts_resolution(s))
    for (const double shift : resolution_stencil.offsets())
      prepare_nominal(with_resolution(s, shift), team);
  for (const ResponsePull& pull : response_pulls(s))
    if (pull.part != ResponsePull::Part::efficiency)
      for (const Scenario& moved : moved_response(s, pull).scenarios)
        prepare_nominal(moved, team);
  const auto prepare_bins = [&](const Site& site) {
    for (const double baseline_m : baselines_m(site)) {
      if (wants_uncertain_bins(s))
        prepare_flux_bins(s, site, baseline_m, false, team);
      if (s.uncertainties.flux_shape_free > 0.0)
        prepare_flux_bins(s, site, baseline_m, true, team);
    }
  };
  for (const Site& site : s.sites) {
    prepare_bins(site);
    if (site.leak) {
      prepare_bins(counting_prompt(site));
      prepare_bins(counting_captures(site));
    }
  }
  if (sets() == before)
    return;
  const double seconds = seconds_now() - begin;
  if (signal_is_new)
    effort_.add(1.0 / static_cast<double>(team.size()), seconds);
  else
    effort_.sum_s += seconds;
}

Rates RateCalculator::rates(const Scenario& s) const {
  Rates rates;
  this->rates(s, rates);
  return rates;
}

void RateCalculator::rates(const Scenario& s, Rates& to) const {
  rates_of_site(s, 0, to);
  for (std::size_t i = 1; i < s.sites.size(); ++i) {
    Rates more;
    rates_of_site(s, i, more);
    append(to, more);
  }
  to.data_background.reset();
  to.data_leak.reset();
  if (s.data)
    move_to_data(s, to);
}

void RateCalculator::move_to_data(const Scenario& s, Rates& rates) const {
  const Scenario& data = *s.data;
  const physics::Expansion model =
      physics::expand(s.theory.reference, reactor_neutrino, data.theory.sin2_theta_w,
                      data.theory.one_loop, data.theory.free);
  const auto expected = [&](const Site& site) {
    SignalAndBackground counts{signal(data, site, model), {}};
    background(data, site, counts.background);
    return counts;
  };
  SignalAndBackground all = expected(data.sites.front());
  Spectrum leaks = leak(data, data.sites.front());
  for (std::size_t i = 1; i < data.sites.size(); ++i) {
    const SignalAndBackground more = expected(data.sites[i]);
    append(all.signal, more.signal);
    append(all.background, more.background);
    append(leaks, leak(data, data.sites[i]));
  }
  all.background += leaks;
  rates.difference += change(all.signal, rates.reference);
  rates.reference = std::move(all.signal);
  if ((all.background.value == rates.background.value).all() &&
      (leaks.value == (rates.leak ? rates.leak->value : 0.0 * leaks.value)).all())
    return;
  rates.data_background = std::move(all.background);
  rates.data_leak = std::move(leaks);
}

std::vector<Spectrum> RateCalculator::background_by_isotope(const Scenario& s,
                                                            const Site& site) const {
  auto background = backgrounds_.at(window_key(s, site))
                        .events_per_day_by_isotope(site.overburden, site.detector);
  for (std::size_t i = 0; i < background.size(); ++i) {
    const double factor =
        s.backgrounds.scale *
        (i == s.backgrounds.moved_yield.isotope ? s.backgrounds.moved_yield.factor : 1.0);
    background[i] *= factor;
  }
  return background;
}

template <std::size_t N>
void RateCalculator::signals(const Scenario& s, const Site& site,
                             const std::array<physics::Expansion, N>& expansions,
                             const std::array<Spectrum*, N>& to) const {
  bool begun = false;
  for_each_core(site, [&](const auto& reactor, const auto& detector) {
    const FuelKey key{signal_key(s, site, detector.baseline_m),
                      experiment::mean_fission_fractions(reactor)};
    if (site.beta_decay) {
      const Spectrum events = std::get<experiment::BetaDecayBasis>(signals_.at(key.first))
                                  .events_per_day(reactor, detector);
      for (Spectrum* spectrum : to) {
        if (!begun)
          set_zero(*spectrum, events.value.size());
        *spectrum += events;
      }
      begun = true;
      return;
    }
    const auto known = fuels_.find(key);
    std::optional<experiment::FuelBasis> made;  // for a fuel that was not prepared
    const experiment::FuelBasis& fuel =
        known != fuels_.end() ? known->second
                              : made.emplace(fuel_of(signals_.at(key.first), key.second));
    for (std::size_t i = 0; i < N; ++i) {
      if (!begun)
        set_zero(*to[i], fuel.bins());
      fuel.add_events_per_day(expansions[i], reactor, detector, *to[i]);
    }
    begun = true;
  });
}

Spectrum RateCalculator::signal(const Scenario& s, const Site& site,
                                const physics::Expansion& expansion) const {
  Spectrum signal;
  signals<1>(s, site, {expansion}, {&signal});
  return signal;
}

void RateCalculator::background(const Scenario& s, const Site& site, Spectrum& to) const {
  const DepthKey key{window_key(s, site), site.overburden.mean_muon_energy_GeV};
  const auto known = depths_.find(key);
  Spectrum made;  // for a depth that was not prepared
  if (known == depths_.end())
    made = backgrounds_.at(key.first).per_muon_flux(key.second);
  const Spectrum& unit = known != depths_.end() ? known->second : made;
  if (s.backgrounds.moved_yield.factor != 1.0) {
    set_zero(to, unit.value.size());
    for (const Spectrum& isotope : background_by_isotope(s, site))
      to += isotope;
  } else {
    const double factor =
        s.backgrounds.scale * site.detector.effective_mass_t() * site.overburden.muon_flux_per_m2_s;
    to.value = factor * unit.value;
    to.error = factor * unit.error;
  }
  for (const setup::Source& source : site.sources)
    to += of_source(s, site, source);
}

Spectrum RateCalculator::leak(const Scenario& s, const Site& site) const {
  if (!site.leak)
    return nothing(binning(s, site));
  return leaking(s, site, [&](const Site& decays) { return signal(s, decays, {}); });
}

SignalAndBackground RateCalculator::tested_and_background(const Scenario& s,
                                                          const Site& site) const {
  SignalAndBackground rates{signal(s, site, tested_cross_section(s)), {}};
  background(s, site, rates.background);
  if (site.leak)
    rates.signal += leak(s, site);
  return rates;
}

Spectrum RateCalculator::of_source(const Scenario& s, const Site& site,
                                   const setup::Source& source) const {
  const double per_day = s.backgrounds.scale * s.backgrounds.source_scale *
                         experiment::events_per_day(*source.source, site.detector);
  return per_day * source_shares_.at(source_key(s, site, source));
}

void RateCalculator::rates_of_site(const Scenario& s, std::size_t index, Rates& to) const {
  const Site& site = s.sites[index];
  const physics::Expansion reference =
      physics::expand(s.theory.reference, reactor_neutrino, s.theory.sin2_theta_w,
                      s.theory.one_loop, s.theory.free);
  const physics::Expansion tested = tested_cross_section(s);
  signals<4>(s, site,
             {reference, tested, physics::difference(reference, tested),
              physics::hadronic_variation(s.theory.model, reactor_neutrino, s.theory.one_loop)},
             {&to.reference, &to.tested, &to.difference, &to.hadronic});
  const Eigen::Index bins = to.tested.value.size();
  if (site.beta_decay)
    for (Spectrum* none : {&to.difference, &to.hadronic})
      set_zero(*none, bins);
  background(s, site, to.background);
  to.leak.reset();
  if (has_leak(s)) {
    to.leak = leak(s, site);
    to.background += *to.leak;
  }
  to.systematic = systematic_rates(s, index);
  to.bins_of_sites.assign(1, bins);
  to.detectors_of_sites.assign(1, site.detector_number);
}

experiment::PerFissile<Spectrum> RateCalculator::signal_of_bin(const Scenario& s, const Site& site,
                                                               std::size_t bin) const {
  const auto tested = tested_cross_section(s);
  const Spectrum none = nothing(binning(s, site));
  return of_all_cores(site, [&](const auto& reactor, const auto& detector) {
    const auto& basis = flux_bins_.at(flux_bins_key(s, site, detector.baseline_m, false))[bin];
    if (basis)
      return events_per_day_by_isotope(*basis, tested, reactor, detector);
    experiment::PerFissile<Spectrum> empty;
    empty.fill(none);
    return empty;
  });
}

Spectrum RateCalculator::signal_of_free_bin(const Scenario& s, const Site& site,
                                            std::size_t bin) const {
  const auto tested = tested_cross_section(s);
  const Spectrum none = nothing(binning(s, site));
  auto [part] = of_all_cores(site, [&](const auto& reactor, const auto& detector) {
    const auto& basis = flux_bins_.at(flux_bins_key(s, site, detector.baseline_m, true))[bin];
    return std::array{basis ? events_per_day(*basis, tested, reactor, detector) : none};
  });
  return part;
}

void RateCalculator::add_flux(const Scenario& s, const Site& site,
                              SystematicRates& systematic) const {
  const Spectrum none = nothing(binning(s, site));
  const Eigen::MatrixXd& modes = s.flux.uncertainties->modes;
  if (s.uncertainties.flux_shape_covariance_scale > 0.0)
    systematic.flux_modes.assign(static_cast<std::size_t>(modes.cols()), none);
  for (std::size_t bin = 0; bin < s.flux.uncertainties->bins(); ++bin) {
    auto parts = signal_of_bin(s, site, bin);
    if (site.leak)
      parts =
          plus(std::move(parts),
               leaking(s, site, [&](const Site& decays) { return signal_of_bin(s, decays, bin); }));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const double relative = s.flux.uncertainties->relative[i][bin];
      systematic.flux.push_back(relative * parts[i]);
      const auto row = static_cast<Eigen::Index>(bin * parts.size() + i);
      for (std::size_t mode = 0; mode < systematic.flux_modes.size(); ++mode)
        systematic.flux_modes[mode] += modes(row, static_cast<Eigen::Index>(mode)) * parts[i];
    }
  }
}

void RateCalculator::add_free_flux(const Scenario& s, const Site& site,
                                   SystematicRates& systematic) const {
  for (std::size_t bin = 0; bin <= free_flux_edges_MeV(s).size(); ++bin) {
    systematic.flux_bins.push_back(signal_of_free_bin(s, site, bin));
    if (site.leak)
      systematic.flux_bins.back() +=
          leaking(s, site, [&](const Site& decays) { return signal_of_free_bin(s, decays, bin); });
  }
}

std::vector<Spectrum> RateCalculator::yield_changes(const Scenario& s, const Site& site) const {
  std::vector<Spectrum> changes = background_by_isotope(s, site);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const experiment::CosmogenicIsotope& isotope = world_.isotopes[i];
    // One that is not made, by decree of configs/, is not uncertain either.
    const double relative = isotope.yield_cm2_per_g > 0.0
                                ? isotope.yield_error_cm2_per_g / isotope.yield_cm2_per_g
                                : 0.0;
    changes[i] *= relative;
  }
  return changes;
}

void RateCalculator::add_sources(const Scenario& s, std::size_t index,
                                 SystematicRates& systematic) const {
  const Site& site = s.sites[index];
  const Spectrum none = nothing(binning(s, site));
  systematic.all_sources = none;
  for (const setup::Source& source : site.sources)
    *systematic.all_sources += of_source(s, site, source);
  for (const CorrelationGroup& group : source_groups(s)) {
    systematic.sources.push_back(none);
    for (const auto& [at, member] : group.members)
      if (at == index) {
        const setup::Source& source = site.sources[member];
        systematic.sources.back() += source.source->relative_error * of_source(s, site, source);
      }
  }
}

void RateCalculator::add_signals(const Scenario& s, std::size_t index,
                                 SystematicRates& systematic) const {
  const Site& site = s.sites[index];
  const Spectrum tested = signal(s, site, tested_cross_section(s));
  for (const CorrelationGroup& group : signal_groups(s)) {
    systematic.signals.push_back(nothing(binning(s, site)));
    for (const auto& [at, member] : group.members)
      if (at == index)
        systematic.signals.back() += site.signal_uncertainties[member].relative * tested;
  }
}

// Signal, and the background that the detector's efficiency has made less.
SignalAndBackground RateCalculator::of_efficiency(const Scenario& s, const Site& site) const {
  SignalAndBackground rates = tested_and_background(s, site);
  for (const setup::Source& source : site.sources)
    if (is_measured(source))
      rates.background -= of_source(s, site, source);
  return rates;
}

void RateCalculator::add_response(const Scenario& s, std::size_t index,
                                  SystematicRates& systematic) const {
  const Site& site = s.sites[index];
  for (const ResponsePull& pull : response_pulls(s)) {
    const Spectrum none = nothing(binning(s, site));
    if (s.sites[pull.site].detector_number != site.detector_number) {
      systematic.response.push_back({none, none});
    } else if (pull.part == ResponsePull::Part::efficiency) {
      const SignalAndBackground rates = of_efficiency(s, site);
      const double relative = site.response_uncertainties->efficiency;
      systematic.response.push_back({relative * rates.signal, relative * rates.background});
    } else {
      const MovedResponse moved = moved_response(s, pull);
      systematic.response.push_back(derivatives(
          moved.scenarios, moved.step,
          [&](const Scenario& there) { return tested_and_background(there, there.sites[index]); }));
    }
  }
}

SystematicRates RateCalculator::systematic_rates(const Scenario& s, std::size_t index) const {
  const Site& site = s.sites[index];
  SystematicRates systematic;
  if (wants_uncertain_bins(s))
    add_flux(s, site, systematic);
  if (s.uncertainties.flux_shape_free > 0.0)
    add_free_flux(s, site, systematic);
  if (s.uncertainties.isotope_yield_scale > 0.0)
    systematic.isotope_yields = yield_changes(s, site);
  if (has_sources(s))
    add_sources(s, index, systematic);
  if (has_signal_uncertainties(s))
    add_signals(s, index, systematic);
  add_response(s, index, systematic);
  if (s.uncertainties.sin2_theta_w > 0.0)
    systematic.angle = site.beta_decay
                           ? nothing(binning(s, site))
                           : signal(s, site,
                                    physics::angle_variation(s.theory.model, reactor_neutrino,
                                                             s.theory.sin2_theta_w,
                                                             s.theory.one_loop, s.theory.free));
  if (shifts_energy_scale(s))
    systematic.energy_scale =
        derivatives(energy_scale_stencil.offsets(), energy_scale_stencil.step, [&](double shift) {
          const Scenario shifted = with_energy_scale(s, shift);
          const Site& moved = shifted.sites[index];
          SignalAndBackground rates = tested_and_background(shifted, moved);
          // What was measured stays where it was measured.
          for (const setup::Source& source : site.sources)
            if (is_measured(source)) {
              rates.background -= of_source(shifted, moved, source);
              rates.background += of_source(s, site, source);
            }
          return rates;
        });
  if (shifts_resolution(s))
    systematic.resolution =
        derivatives(resolution_stencil.offsets(), resolution_stencil.step, [&](double shift) {
          const Scenario shifted = with_resolution(s, shift);
          return tested_and_background(shifted, shifted.sites[index]);
        });
  return systematic;
}

RatesByIsotope RateCalculator::rates_by_isotope(const Scenario& s) const {
  NULOOP_EXPECTS(s.sites.size() == 1);
  const Site& site = s.site();
  const auto expansion = tested_cross_section(s);
  const auto signal = of_all_cores(site, [&](const auto& reactor, const auto& detector) {
    return events_per_day_by_isotope(signals_.at(signal_key(s, site, detector.baseline_m)),
                                     expansion, reactor, detector);
  });
  return {{signal.begin(), signal.end()}, background_by_isotope(s, site)};
}

}  // namespace nuloop::prediction
