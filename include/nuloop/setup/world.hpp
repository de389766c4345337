// The world as configs/ describes it: experiments, reactors, fluxes, backgrounds, couplings.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/background.hpp"
#include "nuloop/experiment/calendar.hpp"
#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/radioactivity.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/experiment/source.hpp"
#include "nuloop/io/document.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/physics/inverse_beta_decay.hpp"
#include "nuloop/physics/loops.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::setup {

/// Things with names, in the order of their file.
template <class T>
class Catalogue {
 public:
  void add(std::string name, T value) { entries_.emplace_back(std::move(name), std::move(value)); }
  const std::vector<std::pair<std::string, T>>& entries() const { return entries_; }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : entries_)
      names.push_back(entry.first);
    return names;
  }

  /// Null if there is none of that name.
  const T* find(std::string_view name) const {
    for (const auto& [known, value] : entries_)
      if (known == name)
        return &value;
    return nullptr;
  }

 private:
  std::vector<std::pair<std::string, T>> entries_;
};

struct ReactorSite {
  std::string title;
  double thermal_power_GW;
  double load_factor;  ///< that of an operation is its experiment's
  experiment::Fuel fuel;
  std::optional<experiment::Operation> operation = {};  ///< in the place of a load factor
};

/// A composition of the fuel that can take the place of a reactor's own.
struct FuelEntry {
  std::string title;
  experiment::Fuel fuel;
};

/// Another meaning that the numbers of a flux's uncertainties may have had.
struct OtherMeaning {
  std::string what;                                      ///< a clause, as in "they are in per cent"
  experiment::PerFissile<std::vector<double>> relative;  ///< the standard deviations then
};

struct FluxEntry {
  std::string title;
  std::string source;
  experiment::FluxModel model;
  experiment::FluxUncertainties uncertainties;
  std::vector<OtherMeaning> other_meanings;  ///< of uncertainties of one's own; else none
  double largest_correction;  ///< of its corrections from 2 to 8 MeV, relative to it without them
};

struct BackgroundEntry {
  std::string title;
  experiment::Overburden overburden;
};

/// A core, and how far away it is.
struct FurtherCore {
  ReactorSite reactor;
  double baseline_m;
};

/// A cross section of inverse beta decay.
struct BetaDecayEntry {
  std::string title;
  physics::BetaDecayInputs inputs;
};

/// Bins of measured energy, as Binning takes them: of one width, or with edges, of which `low` and
/// `high` are the first and the last.
struct Window {
  double low_MeV = 0.0;
  double high_MeV = 0.0;
  double bin_width_MeV = 0.0;          ///< 0 if there are edges
  std::vector<double> edges_MeV = {};  ///< empty for one width
};

/// How well the number of signal events of an experiment is known, apart from the flux.
struct SignalUncertainty {
  double relative;                ///< one standard deviation, > 0
  std::string correlation_group;  ///< those of one name vary together; empty: alone
  std::string of;                 ///< what it is the uncertainty of, in words
};

/// A table by energy that is off by so many steps of an uncertainty.
struct MovedTables {
  static constexpr double step = 0.1;  ///< in standard deviations
  static constexpr std::array steps = {-3, -2, -1, 1, 2, 3};
  std::array<experiment::EnergyTable, steps.size()> tables;
};

/// How well the response of an experiment is known: one standard deviation of each part. They
/// change signal and background together.
struct ResponseUncertainties {
  double efficiency = 0.0;            ///< relative, at all energies
  double threshold_MeV = 0.0;         ///< of the efficiency's edge
  std::optional<MovedTables> scale;   ///< visible energy, by the deposited one
  std::optional<MovedTables> shares;  ///< recorded share, by visible energy
};

/// Inverse beta decays in the target of a scattering experiment that are taken for scatterings: a
/// background that needs the reactor. Shares are of all decays, before the response.
struct BetaDecayLeak {
  physics::BetaDecayInputs cross_section;
  double protons_per_t;       ///< free ones
  double prompt;              ///< share whose prompt energy is seen alone
  double captures;            ///< share whose neutron is seen alone
  double capture_energy_MeV;  ///< that its capture deposits; 0 without a share
  double relative_error;      ///< one standard deviation of both shares together
};

/// A detector at a reactor, or several of them that run for the same time and are fitted together.
struct ExperimentEntry {
  std::string title;
  io::Location where;  ///< of its table
  ReactorSite reactor{};
  std::vector<FurtherCore> further_cores;
  experiment::Detector detector{};
  bool has_resolution = false;  ///< of its own, or that of configs/analysis.toml
  /// Without its tables, which stand below.
  experiment::Response response{};
  std::optional<experiment::EnergyTable> efficiency;    ///< by visible energy
  std::optional<experiment::EnergyTable> energy_scale;  ///< visible over deposited, by the latter
  std::string background;                               ///< the muons above it
  std::vector<std::string> further_backgrounds;         ///< of World::sources
  std::optional<Window> window;                         ///< its own, or that of the job
  std::vector<SignalUncertainty> signal_uncertainties;
  ResponseUncertainties response_uncertainties;
  double lost_photons = 0.0;  ///< share of the photons that the observable electromagnetic misses
  /// What it counts: inverse beta decays with this cross section, or electrons that recoil.
  std::optional<physics::BetaDecayInputs> beta_decay;
  std::optional<BetaDecayLeak> leak;
  bool has_operation = false;  ///< the load factor of one of its cores follows from when it runs
  /// Share of the time in which any of its cores runs, where that is known.
  std::optional<double> reactor_on;

  std::vector<std::string> members;  ///< of a joint experiment, which has little else; else empty
  std::optional<experiment::Fuel> fuel;  ///< of a joint one, in the place of the members' own
  std::size_t periods = 1;               ///< of the fuel's cycle, each with data of its own

  bool joint() const { return !members.empty(); }
};

/// A value of a key that people may give by its name.
struct NamedValue {
  std::string key;
  std::string name;
  double value;  ///< in the canonical unit of the key
  std::string title;
};

/// A key of an entry that changes nothing there.
struct IdleKey {
  std::string key;
  std::string reason;  ///< a clause
};

struct World {
  Catalogue<ExperimentEntry> experiments;
  Catalogue<FluxEntry> fluxes;
  Catalogue<BackgroundEntry> backgrounds;
  Catalogue<experiment::Chain> chains;  ///< of natural radioactivity
  Catalogue<experiment::BackgroundSource> sources;
  std::map<std::string, std::vector<IdleKey>> idle_keys;  ///< of those entries of sources with some
  Catalogue<experiment::PerFissile<double>> energies_per_fission_MeV;
  Catalogue<experiment::PerFissile<double>> energy_per_fission_errors_MeV;  ///< NaN: not known
  Catalogue<FuelEntry> fuels;
  std::vector<experiment::CosmogenicIsotope> isotopes;
  Catalogue<BetaDecayEntry> beta_decays;
  Catalogue<physics::CharmLoop> charm_loops;
  physics::OneLoopInputs one_loop;
  Catalogue<double> uncertainties;       ///< one sigma of inputs, by their keys, where it is known
  std::vector<NamedValue> named_values;  ///< in the order of configs/named_values.toml
  io::Node defaults;                     ///< the keys of configs/analysis.toml
};

/// What is installed with the program: share/nuloop/NAME beside its bin/ (in a build tree a link to
/// the sources).
std::string installed(const std::string& name);

/// The folder configs/ of this program: the one that NULOOP_CONFIGS names, or else
/// the installed one.
std::string configs_folder();

/// All files of a folder like configs/, named configs/... in provenance: those beside each other
/// and those in fluxes/. @param own a folder of one's own, which holds some such files, named
/// own/... in provenance; empty for none.
/// @throws InputError if one is missing, cannot be read, or has a name that no config has.
std::vector<io::TextFile> read_configs(const std::string& folder, const std::string& own = "");

/// Files beside those of read_configs that no TOML file names, by their names in provenance: texts
/// in fluxes/, which look as if they were read. Pages (*.md) and hidden files are none.
/// @param files as read_configs gives them for these folders.
std::vector<std::string> unread_files(const std::string& folder, const std::string& own,
                                      const std::vector<io::TextFile>& files);

/// What to tell the user of such a file.
std::string unread_warning(const std::string& name);

/// Whether a file of read_configs is one of the user's own.
bool is_own(const io::TextFile& file);

/// The file of that name in provenance. @throws InputError if there is none.
const io::TextFile& file_named(const std::vector<io::TextFile>& files, const std::string& name);

/// Null if the key has no value of that name.
const NamedValue* find_named_value(const World& world, std::string_view key, std::string_view name);

std::vector<std::string> names_of_values(const World& world, std::string_view key);

/// The world that the files describe. What a file of one's own says takes the place of what
/// configs/ says under the same key.
/// @throws InputError with file, line and key if anything is missing, unknown or out of range.
World build_world(const std::vector<io::TextFile>& files);

}  // namespace nuloop::setup
