// One point of a job with all names resolved: what is compared, where, and how.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/background.hpp"
#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/statistics/statistic.hpp"
#include "nuloop/statistics/toys.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nuloop::setup {

/// Which of the two hypotheses that are compared.
enum class Hypothesis { model, reference };
inline constexpr std::array<std::pair<std::string_view, Hypothesis>, 2> hypothesis_names = {
    {{"model", Hypothesis::model}, {"reference", Hypothesis::reference}}};

inline constexpr std::array<std::pair<std::string_view, statistics::PullEnsemble>, 3>
    pull_ensemble_names = {{{"thrown", statistics::PullEnsemble::thrown},
                            {"nominal", statistics::PullEnsemble::nominal},
                            {"profiled", statistics::PullEnsemble::profiled}}};

/// How pseudo-experiments are made and judged.
struct ToySettings {
  Hypothesis tested{};  ///< which of the two is to be rejected
  /// The truth that is drawn from: one of the two hypotheses, or any cross-section model.
  std::variant<Hypothesis, physics::Model> truth{};
  statistics::PullEnsemble pulls{};
  double count = 0.0;
  double seed = 0.0;
  double tail = 0.0;  ///< significance up to which tails are sampled; 0 for plain sampling
};

/// A core beside the one at a site, and how far away it is.
struct Core {
  experiment::Reactor reactor;
  double baseline_m;
};

/// A background that is known by its spectrum, and which one of the world's it is.
struct Source {
  const experiment::BackgroundSource* source;
  std::size_t number;
};

/// A detector at a reactor, the muons above it, and what else it sees. Keys of reactor and baseline
/// mean the first core.
struct Site {
  experiment::Reactor reactor;
  experiment::Detector detector;
  experiment::Response response;
  experiment::Overburden overburden;
  std::vector<Core> further_cores;
  std::vector<Source> sources;
  std::optional<Window> window;  ///< its own, in the place of the scenario's
  std::vector<SignalUncertainty> signal_uncertainties;
  const ResponseUncertainties* response_uncertainties = nullptr;  ///< null for none
  /// Share of the radiated photons, of any energy, that the observable electromagnetic misses.
  double lost_photons = 0.0;
  /// Inverse beta decays with this cross section, in the place of nu-e scattering.
  std::optional<physics::BetaDecayInputs> beta_decay;
  std::optional<BetaDecayLeak> leak;
  /// Share of the time in which any of its cores runs, where that is known.
  std::optional<double> reactor_on = {};
  /// The place of its detector in a joint experiment. Sites of one detector are periods of its
  /// data.
  std::size_t detector_number = 0;
  double energy_scale = 1.0;  ///< measured energy over that which the response gives, > 0
};

/// A cosmogenic isotope whose yield is not the world's, with the world's relative uncertainty.
struct MovedYield {
  std::size_t isotope = 0;  ///< of the world
  double factor = 1.0;      ///< on its yield
};

/// The models that are compared, and what their cross sections depend on.
struct Theory {
  physics::Model reference{};  ///< of the data, to which the model is compared
  physics::Model model{};      ///< under test
  physics::Observable observable{};
  double sin2_theta_w = 0.0;  ///< of tree level
  /// How far the angle that tree level is given lies above sin2_theta_w in the model under test. No
  /// key sets it: a fit of the angle does.
  double angle_shift = 0.0;
  physics::OneLoopInputs one_loop{};
  physics::FreeParameters free{};  ///< of the model under test
};

/// Where a cross section is taken. Rates do not depend on it.
struct Kinematics {
  physics::Neutrino neutrino{};  ///< a reactor's are nuebar_e
  double energy_MeV = 0.0;       ///< of the neutrino
  double recoil_MeV = 0.0;       ///< kinetic energy, or electromagnetic energy
};

/// The neutrinos of all reactors, and what becomes of them on the way.
struct Flux {
  const experiment::FluxModel* model = nullptr;
  const experiment::FluxUncertainties* uncertainties = nullptr;
  /// One sigma of the reactors' energies per fission; NaN where none is known.
  experiment::PerFissile<double> energy_per_fission_error_MeV{};
  experiment::Survival survival{};  ///< the baseline is that of a core
};

/// Factors on the backgrounds of all sites.
struct Backgrounds {
  std::size_t isotopes = 0;   ///< how many cosmogenic ones there are
  double scale = 0.0;         ///< on those
  double source_scale = 1.0;  ///< on backgrounds that are known by their spectrum
  double leak_scale = 1.0;    ///< on inverse beta decays that are taken for scatterings
  MovedYield moved_yield{};
};

/// How data and expectation are compared, and which significance counts as a discovery.
struct Criterion {
  statistics::Statistic statistic{};
  double significance = 0.0;
};

/// One standard deviation of what is not known exactly; 0 leaves an uncertainty out. A scale is a
/// factor on uncertainties that flux, experiments or world bring.
struct Uncertainties {
  double flux = 0.0;              ///< relative, of the signal's normalisation
  double flux_correlation = 0.0;  ///< share of flux^2 that is common to a joint fit's members
  double background = 0.0;        ///< relative, of the normalisation of cosmogenic background
  double sin2_theta_w = 0.0;      ///< absolute, of the angle of tree level in the model under test
  double hadronic_3_gamma = 0.0;  ///< relative, of Pi_3gamma alone
  double hadronic_gamma_gamma = 0.0;  ///< relative, of Pi_gammagamma, which moves Pi_3gamma alike
  double flux_shape_uncorrelated_scale = 0.0;
  double flux_shape_isotope_scale = 0.0;
  double flux_shape_common_scale = 0.0;
  double flux_shape_covariance_scale = 0.0;
  double flux_shape_free = 0.0;  ///< relative, of each bin of energy of the whole flux
  double signal_scale = 1.0;
  double source_scale = 1.0;
  double leak_scale = 1.0;
  double response_scale = 1.0;
  double isotope_yield_scale = 0.0;
  double energy_scale = 0.0;  ///< relative
  double resolution = 0.0;    ///< relative
};

/// How long data are taken, with and without reactor.
struct RunningTime {
  double exposure_yr = 0.0;        ///< with reactor
  double reactor_off_share = 0.0;  ///< time without reactor per time with it
  /// Data with and without reactor are those of the sites' reactor_on, alike at all sites, in the
  /// place of reactor_off_share.
  bool follows_calendar = false;
};

/// One point of a job. Pointers are into the World.
struct Scenario {
  Theory theory;
  Kinematics kinematics;
  Flux flux;
  std::vector<Site> sites{1};  ///< those of the experiment: one, or more of a joint one
  Backgrounds backgrounds;
  Window window;                    ///< of the sites that have none of their own
  double relative_tolerance = 0.0;  ///< of each bin's integrals
  Criterion criterion;
  Uncertainties uncertainties;
  RunningTime time;
  ToySettings toys;

  /// The world that the data come from, where it is not the one of the fit; else null. Bins, pulls
  /// and models are those of the fit.
  std::shared_ptr<const Scenario> data;

  /// Time without reactor of which there are data, per time with it.
  double off_share() const;

  /// The site of an experiment with one detector. Keys of a single site mean this one; joint
  /// experiments do not take them.
  Site& site() { return sites.front(); }
  const Site& site() const { return sites.front(); }
};

}  // namespace nuloop::setup
