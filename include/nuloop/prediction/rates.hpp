// Expected rates of a scenario, with the expensive integrals computed once and shared.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/background.hpp"
#include "nuloop/experiment/beta_decay_signal.hpp"
#include "nuloop/experiment/signal.hpp"
#include "nuloop/setup/parameters.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/sweep/pieces.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace nuloop::prediction {

using setup::Scenario;
using setup::Site;
using setup::World;

/// A spectrum of the tested signal and one of the background, in events per day and bin. What a
/// background needs the reactor for is in the former.
struct SignalAndBackground {
  experiment::Spectrum signal;
  experiment::Spectrum background;
};

/// Changes of the rates by systematic uncertainties of one standard deviation, as configs/ has
/// them. Those that a scenario does not ask for are empty.
struct SystematicRates {
  /// By the flux of each isotope in each bin of the flux's uncertainties: bin by bin, all isotopes
  /// in each. Spectra of zeros are included.
  std::vector<experiment::Spectrum> flux;
  std::vector<experiment::Spectrum> flux_modes;  ///< by each mode of the flux's covariance
  std::vector<experiment::Spectrum> flux_bins;   ///< by the whole flux in each bin of a free flux
  std::vector<experiment::Spectrum> isotope_yields;  ///< by the yield of each cosmogenic isotope
  /// By the rate of each group of backgrounds that are known by their spectrum.
  std::vector<experiment::Spectrum> sources;
  /// By each group of the experiments' own uncertainties of the signal.
  std::vector<experiment::Spectrum> signals;
  /// All of these backgrounds, which are a part of Rates::background with errors of their own.
  std::optional<experiment::Spectrum> all_sources;
  std::optional<experiment::Spectrum> angle;  ///< derivative of `tested` by sin^2(theta_W) of LO
  /// Derivatives by the relative energy scale and the relative resolution.
  std::optional<SignalAndBackground> energy_scale;
  std::optional<SignalAndBackground> resolution;
  /// By each of response_pulls, by one standard deviation.
  std::vector<SignalAndBackground> response;
};

/// Events per day in each bin; those of a joint experiment site after site.
struct Rates {
  experiment::Spectrum reference;   ///< signal of the reference hypothesis, in the data's world
  experiment::Spectrum tested;      ///< signal of the model under test
  experiment::Spectrum difference;  ///< reference - tested; their common errors cancel
  experiment::Spectrum background;
  experiment::Spectrum hadronic;  ///< change of `tested` if Pi_3gamma grows by 1
  SystematicRates systematic = {};
  /// Of each site. Empty in the rates of an earlier result, which are of one.
  std::vector<Eigen::Index> bins_of_sites = {};
  /// The part of `background` that needs the reactor; empty if no site has one.
  std::optional<experiment::Spectrum> leak = {};
  /// Both in the data's world, if one of them is another there. Without a part that needs the
  /// reactor the second is zero.
  std::optional<experiment::Spectrum> data_background = {};
  std::optional<experiment::Spectrum> data_leak = {};
  std::vector<std::size_t> detectors_of_sites = {};  ///< as Site::detector_number; likewise
};

/// The spectra of Rates in the order in which results hold them: `stored_rates`.
inline constexpr std::array<experiment::Spectrum Rates::*, 5> spectra_of_rates = {
    &Rates::reference, &Rates::tested, &Rates::background, &Rates::difference, &Rates::hadronic};

/// The rates of one scenario by the isotopes that make them.
struct RatesByIsotope {
  std::vector<experiment::Spectrum> tested;      ///< of each fissile isotope
  std::vector<experiment::Spectrum> background;  ///< of each cosmogenic isotope
};

/// The bins of measured energy of one of the scenario's sites: those of its own window, or else of
/// the scenario's.
experiment::Binning binning(const Scenario& scenario, const Site& site);
/// The bins of the first site.
experiment::Binning binning(const Scenario& scenario);
/// How many detectors the sites have: fewer than sites if those are periods.
std::size_t detectors(const Scenario& scenario);
/// Whether that site is the detector of the one before it, in another period.
bool is_later_period(const Scenario& scenario, std::size_t site);
/// How many bins all sites have together.
std::size_t bins_of_all_sites(const Scenario& scenario);

/// Whether the scenario's pulls take more integrals than the rates: at shifted energies, at other
/// resolutions, over each bin of the flux uncertainties.
bool shifts_energy_scale(const Scenario& scenario);
bool shifts_resolution(const Scenario& scenario);
bool wants_flux_bins(const Scenario& scenario);

/// Where one bin of a free flux ends and the next begins, in MeV, ascending: as in the flux's
/// uncertainties, and at the threshold of inverse beta decay, below which no decay sees the flux.
std::vector<double> free_flux_edges_MeV(const Scenario& scenario);

/// What varies together: the members of a correlation group at all sites, or one of one detector.
struct CorrelationGroup {
  std::string name;                                          ///< of the group; empty for one
  std::vector<std::pair<std::size_t, std::size_t>> members;  ///< site, and place in its list
};
/// The backgrounds with a spectrum (Site::sources), in the order in which the sites have them;
/// those without an uncertainty are left out.
std::vector<CorrelationGroup> source_groups(const Scenario& scenario);
/// The experiments' own uncertainties of the signal (Site::signal_uncertainties), likewise.
std::vector<CorrelationGroup> signal_groups(const Scenario& scenario);

/// A part of a detector's response that is uncertain by itself.
struct ResponsePull {
  enum class Part { efficiency, threshold, scale, shares };
  std::size_t site;  ///< the first one of the detector
  Part part;
};
/// Those of all detectors (Site::response_uncertainties).
std::vector<ResponsePull> response_pulls(const Scenario& scenario);

/// Whether a scenario asks for rates beyond `spectra_of_rates`. Results do not hold those.
bool needs_systematic_rates(const Scenario& scenario);

/// Computes rates. It remembers the integrals over energy, which depend on flux model, observable,
/// window, resolution and tolerance only.
class RateCalculator {
 public:
  explicit RateCalculator(const World& world) : world_(world) {}

  /// Whether `a` comes before `b` in an order that keeps scenarios with the same integrals
  /// together. The same on every rank.
  static bool before(const Scenario& a, const Scenario& b) {
    return signal_keys(a) < signal_keys(b);
  }

  /// Forgets old integrals if there are many. Scenarios must be prepared again after it.
  void make_room();

  /// How many sets of a signal's integrals it remembers.
  std::size_t signal_sets() const { return signals_.size(); }

  /// Computes the integrals that `scenario` needs, on all threads of a team, but none for
  /// systematic uncertainties that are zero. Of the world of the data it takes no uncertainties.
  /// Not for concurrent use. The calculators of the members are to know the same.
  /// @throws NumericalError @throws Dissent
  void prepare(const Scenario& scenario, const Team& team = Team());

  /// @param scenario one that has been prepared. May be called concurrently.
  Rates rates(const Scenario& scenario) const;
  /// The same on the storage of other rates.
  void rates(const Scenario& scenario, Rates& to) const;
  RatesByIsotope rates_by_isotope(const Scenario& scenario) const;
  /// A background with a spectrum at one of the scenario's sites, events per day in each bin.
  experiment::Spectrum of_source(const Scenario& scenario, const Site& site,
                                 const setup::Source& source) const;

  /// The sets of signal integrals done so far, and their time, background included; of those that a
  /// team did this member's share.
  const sweep::Pieces& effort() const { return effort_; }

 private:
  using WindowKey =
      std::tuple<double, double, double, std::vector<double>, experiment::Response, double, double>;
  using SignalKey =
      std::tuple<const experiment::FluxModel*, physics::Observable, WindowKey, experiment::Survival,
                 std::optional<physics::BetaDecayInputs>, double>;
  // Of what the site counts.
  using Signal = std::variant<experiment::SignalBasis, experiment::BetaDecayBasis>;

  using FuelKey = std::pair<SignalKey, experiment::PerFissile<double>>;

  using DepthKey = std::pair<WindowKey, double>;  // mean energy of the muons

  using SpectrumKey =
      std::tuple<const experiment::FluxModel*, physics::Observable, experiment::Survival, double>;

  using FluxBinsKey = std::pair<SignalKey, const experiment::FluxUncertainties*>;

  using SourceKey = std::pair<std::size_t, WindowKey>;

  static WindowKey window_key(const Scenario& scenario, const Site& site);
  static SourceKey source_key(const Scenario& scenario, const Site& site,
                              const setup::Source& source);
  // Of a core at this distance from the site.
  static SignalKey signal_key(const Scenario& scenario, const Site& site, double baseline_m);
  // Of the bins of a free flux if `free`, or else of those of its uncertainties.
  static FluxBinsKey flux_bins_key(const Scenario& scenario, const Site& site, double baseline_m,
                                   bool free);
  static std::vector<SignalKey> signal_keys(const Scenario& scenario);

  // Does what is missing of a scenario without its systematic uncertainties.
  void prepare_nominal(const Scenario& scenario, const Team& team);
  void prepare_signal(const Scenario& scenario, const Site& site, double baseline_m,
                      const Team& team);
  static Signal signal_of(const Scenario& scenario, const Site& site,
                          const experiment::FluxModel& flux, const Team& team);
  void prepare_flux_bins(const Scenario& scenario, const Site& site, double baseline_m, bool free,
                         const Team& team);

  // Of one of the scenario's sites, here and below. Events per day, as all rates.
  void rates_of_site(const Scenario& scenario, std::size_t site, Rates& to) const;
  // Moves what the reference expects into the world of the scenario's data.
  void move_to_data(const Scenario& scenario, Rates& rates) const;
  SystematicRates systematic_rates(const Scenario& scenario, std::size_t site) const;
  void add_sources(const Scenario& scenario, std::size_t site, SystematicRates& systematic) const;
  void add_signals(const Scenario& scenario, std::size_t site, SystematicRates& systematic) const;
  void add_response(const Scenario& scenario, std::size_t site, SystematicRates& systematic) const;
  SignalAndBackground of_efficiency(const Scenario& scenario, const Site& site) const;
  template <std::size_t N>
  void signals(const Scenario& scenario, const Site& site,
               const std::array<physics::Expansion, N>& expansions,
               const std::array<experiment::Spectrum*, N>& to) const;
  experiment::Spectrum signal(const Scenario& scenario, const Site& site,
                              const physics::Expansion& expansion) const;
  // Without inverse beta decays.
  void background(const Scenario& scenario, const Site& site, experiment::Spectrum& to) const;
  // Inverse beta decays that are taken for scatterings; zero without them.
  experiment::Spectrum leak(const Scenario& scenario, const Site& site) const;
  // From the antineutrinos of a bin of the flux's uncertainties.
  experiment::PerFissile<experiment::Spectrum> signal_of_bin(const Scenario& scenario,
                                                             const Site& site,
                                                             std::size_t bin) const;
  experiment::Spectrum signal_of_free_bin(const Scenario& scenario, const Site& site,
                                          std::size_t bin) const;
  std::vector<experiment::Spectrum> background_by_isotope(const Scenario& scenario,
                                                          const Site& site) const;
  SignalAndBackground tested_and_background(const Scenario& scenario, const Site& site) const;
  void add_flux(const Scenario& scenario, const Site& site, SystematicRates& systematic) const;
  void add_free_flux(const Scenario& scenario, const Site& site, SystematicRates& systematic) const;
  std::vector<experiment::Spectrum> yield_changes(const Scenario& scenario, const Site& site) const;

  const World& world_;
  sweep::Pieces effort_;
  std::map<SignalKey, Signal> signals_;
  experiment::SpectrumMemory spectra_;  // of the last flux
  std::optional<SpectrumKey> spectra_of_;
  std::map<WindowKey, experiment::BackgroundBasis> backgrounds_;
  // Sums of these integrals over isotopes, for the fuels and the depths that were prepared.
  std::map<FuelKey, experiment::FuelBasis> fuels_;
  std::map<DepthKey, experiment::Spectrum> depths_;
  std::map<SourceKey, experiment::Spectrum> source_shares_;
  std::map<FluxBinsKey, std::vector<std::optional<Signal>>> flux_bins_;
};

}  // namespace nuloop::prediction
