// The parameters that a job may set or sweep, by their keys.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/background.hpp"
#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/setup/kind.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/statistics/statistic.hpp"
#include "nuloop/statistics/toys.hpp"
#include "nuloop/sweep/grid.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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

/// One point of a job, with all names resolved. Pointers are into the World.
struct Scenario {
  physics::Model reference{};  ///< of the data, to which the model is compared
  physics::Model model{};      ///< under test
  physics::Observable observable{};
  double sin2_theta_w = 0.0;
  /// How far the angle that tree level is given lies above sin2_theta_w in the model under test. No
  /// key sets it: a fit of the angle does.
  double angle_shift = 0.0;
  physics::OneLoopInputs one_loop{};
  physics::FreeParameters free{};  ///< of the model under test

  physics::Neutrino neutrino{};  ///< of a cross section; a reactor's are nuebar_e
  double energy_MeV = 0.0;
  double recoil_MeV = 0.0;

  const experiment::FluxModel* flux = nullptr;
  const experiment::FluxUncertainties* flux_uncertainties = nullptr;
  /// One sigma of the reactors' energies per fission; NaN where none is known.
  experiment::PerFissile<double> energy_per_fission_error_MeV{};
  std::vector<Site> sites{1};           ///< those of the experiment: one, or more of a joint one
  std::size_t cosmogenic_isotopes = 0;  ///< how many the background has
  /// Disappearance on the way; the baseline is that of a core.
  experiment::Survival survival{};
  double background_scale = 0.0;
  double source_scale = 1.0;  ///< on backgrounds that are known by their spectrum
  double leak_scale = 1.0;    ///< on inverse beta decays that are taken for scatterings
  MovedYield moved_yield{};

  double window_low_MeV = 0.0;
  double window_high_MeV = 0.0;
  double bin_width_MeV = 0.0;
  double relative_tolerance = 0.0;

  statistics::Statistic statistic{};
  double discovery_significance = 0.0;
  double flux_uncertainty = 0.0;
  double background_uncertainty = 0.0;
  double sin2_theta_w_uncertainty = 0.0;
  double hadronic_3_gamma_uncertainty = 0.0;
  double hadronic_gamma_gamma_uncertainty = 0.0;
  double flux_correlation = 0.0;
  double flux_shape_uncorrelated_scale = 0.0;
  double flux_shape_isotope_scale = 0.0;
  double flux_shape_common_scale = 0.0;
  double flux_shape_covariance_scale = 0.0;
  double flux_shape_free_scale = 0.0;
  double signal_uncertainty_scale = 1.0;
  double source_uncertainty_scale = 1.0;
  double leak_uncertainty_scale = 1.0;
  double response_uncertainty_scale = 1.0;
  double isotope_yield_scale = 0.0;
  double energy_scale_uncertainty = 0.0;
  double resolution_uncertainty = 0.0;
  double reactor_off_share = 0.0;
  /// Data with and without reactor are those of the sites' reactor_on, alike at all sites, in the
  /// place of reactor_off_share.
  bool follows_calendar = false;
  double exposure_yr = 0.0;
  ToySettings toys{};

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

/// A number in canonical units, or the name of a choice.
using sweep::Value;

struct Parameter {
  /// The part of the computation that depends on the parameter.
  enum class Role {
    kinematics,     ///< the point at which a cross section is taken
    cross_section,  ///< the cross section, and so the rates
    rates,          ///< the expected rates
    propagation,    ///< what becomes of neutrinos on their way, and so the rates
    data,           ///< the rates in the world that the data come from
    statistic,      ///< how data and expectation are compared
    discovery,      ///< the significance that counts as a discovery
    uncertainty,    ///< chi2 alone
    toys,           ///< pseudo-experiments
    exposure        ///< chi2, not the discovery time
  };
  struct Choice {
    std::function<std::vector<std::string>(const World&)> names;
    std::function<void(Scenario&, const World&, const std::string&)> apply;
  };
  struct Quantity {
    io::Dimension dimension;
    io::Range range;
    std::function<double&(Scenario&)> member;
    /// What it is at a site, if it is set at all sites alike; `member` is then that of the first.
    std::function<double&(Site&)> at_site = {};
  };

  /// What else there is to say of a parameter.
  enum class Tag : unsigned {
    integrals = 1U << 0U,  ///< the integrals of rates over energy depend on it
    bins = 1U << 1U,       ///< it shapes the bins of visible energy
    site = 1U << 2U,       ///< it describes a single site, so that joint experiments cannot have it
    brought = 1U << 3U,    ///< the experiment, the couplings or the model bring a value, or none
    free = 1U << 4U,       ///< it is the free parameter of some model
  };
  /// How the discovery time is differentiated with respect to it (kind "impacts").
  enum class Derivative {
    none,              ///< not at all
    straight,          ///< rates are polynomials in it
    even,              ///< rates are polynomials in its square, or nearly
    inverse_square,    ///< rates are linear in its square's inverse
    fission_fraction,  ///< rates are linear in the inverse of the mean energy per fission
    charge_radius,     ///< as straight; the scale is that of the charge radius
    lower_edge,        ///< an edge of the window, which moves while all others stay
    upper_edge,
    time_without_reactor,
    threshold  ///< the significance itself
  };

  std::string key;
  std::string long_name;
  Role role;
  std::variant<Choice, Quantity> kind;
  unsigned tags = 0;
  Derivative derivative = Derivative::straight;
  std::string dataset = key;  ///< the name of its axis in a result
  std::size_t isotope = 0;    ///< the fissile isotope whose fraction it is
  /// The parameter that it sets in the world of the data (Role::data); an index into parameters().
  std::optional<std::size_t> of_data = {};

  bool has(Tag tag) const { return (tags & static_cast<unsigned>(tag)) != 0; }

  /// Whether a job of that kind depends on it.
  bool matters_to(const Kind& job_kind) const { return job_kind.takes(*this); }

  /// Whether it leaves the expected rates alone, and `discovery` too.
  bool is_statistical() const { return role == Role::uncertainty || role == Role::exposure; }

  /// How much of a job's work its axis repeats. Uncertainties and exposures are cheap where one set
  /// of rates serves all their values.
  sweep::Depth depth(const Kind& job_kind) const;

  const Quantity* quantity() const { return std::get_if<Quantity>(&kind); }

  /// The value written at `node`. @throws InputError with its location.
  Value read(const io::Node& node, const std::string& shown_key, const World& world) const;

  /// Not for Role::data: make_scenario applies these.
  void apply(Scenario& scenario, const World& world, const Value& value) const;
};

/// All parameters, in the order in which they must be applied: an experiment brings defaults, which
/// later parameters change.
const std::vector<Parameter>& parameters();

/// Index into parameters(), or nothing.
std::optional<std::size_t> find_parameter(std::string_view key);

/// The problem of a job with a joint experiment, if there is one. A joint experiment takes no key
/// of a single site, and has no spectrum of its own. `text` is empty if
/// all is well; `parameter` is the one that causes the problem, or none.
/// @param given the parameters that the job sets or sweeps.
struct JointProblem {
  std::optional<std::size_t> parameter;
  std::string text;
};
JointProblem joint_problem(const std::string& experiment, const std::vector<std::size_t>& given,
                           const Kind& kind, const World& world);

/// What a job says of the time without reactor.
struct TimeOff {
  bool follows_calendar;     ///< reactor_time is "calendar" at some point
  bool sets_load_factor;     ///< reactor.load_factor is given
  double reactor_off_share;  ///< the largest one
};
/// The problem of an experiment that cannot follow a calendar, or of time off that would be counted
/// twice; `text` is empty if there is none.
JointProblem time_problem(const std::string& experiment, const TimeOff& time, const World& world);
/// How the keys of single fission fractions begin.
inline constexpr std::string_view fission_fraction_prefix = "reactor.fission_fraction.";
/// The problem of a key for the fuel of a scenario, whose fractions change during a cycle; empty if
/// there is none.
std::string fuel_problem(const std::string& key, const Scenario& scenario);
/// The keys of a model's free parameters; none for most.
std::vector<std::string> free_parameters_of(physics::Model model);

/// Why a tested model cannot have lo.sin2_theta_w_uncertainty; empty if it can. The pull moves the
/// angle that tree level is given. A measurement of free.sin2_theta_w takes the key as a prior on
/// it.
std::string angle_problem(physics::Model tested, const Kind& kind);

/// The keys that matter to jobs of that kind; all of them without one.
std::vector<std::string> parameter_keys(const Kind* kind);

/// A value for each parameter that has one; indices as in parameters().
using Settings = std::vector<std::optional<Value>>;

/// The problem of a window of visible energy; empty if there is none. Energies in MeV.
std::string window_problem(double low_MeV, double high_MeV, double bin_width_MeV);

/// A window of measured energy, and the least and largest `detector.energy_scale` with which its
/// edges are divided to become visible energies.
struct MeasuredEnergies {
  double low_MeV = 0.0, high_MeV = 0.0;
  double lowest_scale = 1.0, highest_scale = 1.0;
};

/// The problem of an experiment whose tables of efficiency or energy scale end inside a window;
/// empty if there is none. An experiment's own window goes before `window`.
std::string coverage_problem(const std::string& experiment, MeasuredEnergies window,
                             const World& world);

/// The problem of a key reactor.fission_fraction.* if the fractions of the first core are all zero;
/// empty if they are not.
std::string fission_problem(const Scenario& scenario);

/// The problem of a scenario's flux, if there is one: an isotope of a reactor that the flux does
/// not have, or a covariance that is wanted and not known. Empty if all is well.
std::string flux_problem(const Scenario& scenario);

/// Why the world of a scenario's data cannot be compared with that of its fit: the sites must count
/// the same in the same bins. Empty if all is well.
/// @param draws whether pulls vary in the world of the data too: they must be those of the fit.
std::string data_problem(const Scenario& scenario, bool draws);

/// The scenario that these settings describe. Parameters without a value keep the value that the
/// experiment brings. The world of the data, if a parameter of Role::data has a value, is the one
/// of the same settings with these in the place of those that they stand for.
Scenario make_scenario(const Settings& settings, const World& world);

}  // namespace nuloop::setup
