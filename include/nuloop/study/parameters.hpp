// Everything that a job may set or sweep, by its key.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/background.hpp"
#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/study/world.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nuloop::study {

/// One point of a study with nothing left to look up. Pointers are into the World.
struct Scenario {
  physics::Model model{};
  physics::Observable observable{};
  double sin2_theta_w = 0.0;

  const experiment::FluxModel* flux = nullptr;
  experiment::Reactor reactor{};
  experiment::Detector detector{};
  experiment::Overburden overburden{};
  double background_scale = 0.0;

  double window_low_MeV = 0.0;
  double window_high_MeV = 0.0;
  double bin_width_MeV = 0.0;
  experiment::Resolution resolution{};
  double relative_tolerance = 0.0;

  double discovery_significance = 0.0;
  double flux_uncertainty = 0.0;
  double background_uncertainty = 0.0;
  double exposure_yr = 0.0;
};

/// A number in canonical units, or the name of a choice.
using Value = std::variant<double, std::string>;

struct Parameter {
  /// What a change of it costs.
  enum class Role {
    spectrum,     ///< the expected rates change
    uncertainty,  ///< chi2 alone changes
    exposure      ///< chi2 changes, the discovery time does not
  };
  struct Choice {
    std::function<std::vector<std::string>(const World&)> names;
    std::function<void(Scenario&, const World&, const std::string&)> apply;
  };
  struct Quantity {
    io::Dimension dimension;
    io::Range range;
    std::function<double&(Scenario&)> member;
  };

  std::string key;
  std::string long_name;
  Role role;
  std::variant<Choice, Quantity> kind;

  const Quantity* quantity() const { return std::get_if<Quantity>(&kind); }

  /// The value written at `node`. @throws InputError with its location.
  Value read(const io::Node& node, const std::string& shown_key, const World& world) const;

  void apply(Scenario& scenario, const World& world, const Value& value) const;
};

/// All of them, in the order in which they must be applied: an experiment brings defaults that
/// later ones change.
const std::vector<Parameter>& parameters();

/// Index into parameters(), or nothing.
std::optional<std::size_t> find_parameter(std::string_view key);

std::vector<std::string> parameter_keys();

/// A value for each parameter that has one; indices as in parameters().
using Settings = std::vector<std::optional<Value>>;

/// What is wrong with a window of visible energy; empty if nothing is. Energies in MeV.
std::string window_problem(double low_MeV, double high_MeV, double bin_width_MeV);

/// The scenario that these settings describe. The parameters without a value keep what the
/// experiment brings.
Scenario make_scenario(const Settings& settings, const World& world);

}  // namespace nuloop::study
