// The parameters that a job may set or sweep, by their keys.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/special_values.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/setup/kind.hpp"
#include "nuloop/setup/scenario.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/sweep/grid.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nuloop::setup {

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
    double step = 0.0;  ///< of which values are multiples; 0 if any number is one
    /// Beyond it an uncertainty is hardly meant. That of a factor is on published uncertainties.
    double widest = infinity;
  };

  /// What else there is to say of a parameter.
  enum class Tag : unsigned {
    integrals = 1U << 0U,  ///< the integrals of rates over energy depend on it
    bins = 1U << 1U,       ///< it shapes the bins of visible energy
    site = 1U << 2U,       ///< it describes a single site, so that joint experiments cannot have it
    brought = 1U << 3U,    ///< the experiment, the couplings or the model bring a value, or none
    free = 1U << 4U,       ///< it is the free parameter of some model
    compared = 1U << 5U,   ///< it names one of the models that are compared
    accuracy = 1U << 6U,   ///< it is a numerical accuracy, on which nothing else depends
    flux_use = 1U << 7U,   ///< it says what a flux must have: isotopes, or a covariance
    resolution = 1U << 8U,   ///< it is a number of the resolution, of which an experiment has all
    correlation = 1U << 9U,  ///< it says what of an uncertainty several detectors have in common
    headline = 1U << 10U,    ///< it is told in the summary of a result
    amount = 1U << 11U       ///< it says how much is computed: a result with less can be extended
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
  std::string dataset = key;                ///< the name of its axis in a result
  std::optional<std::size_t> isotope = {};  ///< the fissile isotope whose fraction it is
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

/// Whether a job of that kind depends on any parameter of that role.
bool takes_any(const Kind& kind, Parameter::Role role);

/// The keys of a model's free parameters; none for most.
std::vector<std::string> free_parameters_of(physics::Model model);

/// The keys that matter to jobs of that kind; all of them without one.
std::vector<std::string> parameter_keys(const Kind* kind);

/// A value for each parameter that has one; indices as in parameters().
using Settings = std::vector<std::optional<Value>>;

/// The scenario that these settings describe. Parameters without a value keep the value that the
/// experiment brings. The world of the data, if a parameter of Role::data has a value, is the one
/// of the same settings with these in the place of those that they stand for.
Scenario make_scenario(const Settings& settings, const World& world);

}  // namespace nuloop::setup
