// What limits the reach: the derivative of the discovery time with respect to every input.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/bounded.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/setup/parameters.hpp"
#include "nuloop/setup/world.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nuloop::analysis {

using prediction::RateCalculator;
using setup::Scenario;
using setup::World;

/// A number on which the discovery time depends: the key of a parameter, or the name of another
/// number of the configs. Two parameters are no inputs: the number of bins jumps with the bin
/// width, and the tolerance of the integrals changes numerical errors alone.
struct ImpactInput {
  /// The variable u by which the input is moved. If possible, rates are polynomials of low degree
  /// in u, and their finite differences are exact.
  struct Route {
    double start;  ///< u of the unchanged scenario
    double step;   ///< of finite differences; rates are taken up to four steps away
    double slope;  ///< du per unit of the input
    std::function<Scenario(const Scenario&, double u)> move;
  };
  /// Nothing if the discovery time does not change with the input to first order. This holds for an
  /// uncertainty or a resolution of zero, of which only the square matters, and for the energy per
  /// fission of an isotope without fissions.
  using Routes = std::function<std::optional<Route>(const Scenario&)>;
  /// An edge of the window, which moves while all other edges of bins stay.
  struct Edge {
    bool upper;
  };
  /// The threshold itself.
  struct Threshold {};
  /// Time without reactor per time with it. At zero the derivative is the one-sided one, upwards.
  struct ReactorOff {};

  std::string name;
  std::string units;                                   ///< UDUNITS
  std::function<double(const Scenario&)> value;        ///< NaN where the model has no such input
  std::function<double(const Scenario&)> uncertainty;  ///< one sigma; NaN where none is known
  std::variant<Routes, Edge, Threshold, ReactorOff> kind;
};

/// @param models under test and of the data. A free parameter is an input if one of these models
/// has it.
/// @param experiments of the job. Uncertainties of their own signals are inputs, by what they are
/// of: one of a name that several have changes by the same factor at all of them.
std::vector<ImpactInput> impact_inputs(const World& world,
                                       const std::vector<physics::Model>& models,
                                       const std::vector<std::string>& experiments = {});

/// The impact of one input. A derivative is NaN if there is no discovery, if the input is NaN, or
/// if the input is a yield of zero.
struct Impact {
  double value;                ///< in its own unit
  Bounded<double> derivative;  ///< of the discovery time in years, per unit
  double elasticity;           ///< d ln T/d ln value; NaN for a value of zero
  double uncertainty;          ///< one sigma of the input; NaN where none is known
  double shift;                ///< derivative times uncertainty, in years
};

struct Impacts {
  Bounded<double> time_yr;     ///< discovery time; infinity for never
  std::vector<Impact> inputs;  ///< in the order of impact_inputs
};

/// The discovery time T solves chi2(T; theta) = Z^2, so that dT/dtheta = -(dchi2/dtheta)/(dchi2/dT)
/// (implicit function theorem). dchi2 follows exactly from the change of the expected rates and of
/// the pulls' effects on them (statistics::ChiSquareGradient). That change is a central finite
/// difference of fourth order; the time itself is never differenced. The difference is
///  - exact but for rounding, with steps of 1/8 of the variable, where rates, and widths squared,
///    are polynomials of at most the fourth degree in it: power, load, fuel and energies per
///    fission, mass, electrons, baseline, muon flux, yields, sin^2(theta_W), couplings, charge
///    radius, loops and uncertainties;
///  - not exact for the muons' mean energy, where isotopes have different exponents, for inputs of
///    alpha(mu), for the resolution, and for the window's edges, whose difference is an integral
///    over a narrow bin.
/// The bound on the error contains the integrals' errors, rounding, and half of the change by a
/// step twice as large. Two derivatives need no difference: the threshold's, 2 Z/(dchi2/dT), and
/// the derivative by the time without reactor, in which chi2 at given pulls is linear.
class ImpactCalculator {
 public:
  ImpactCalculator(const World& world, const std::vector<physics::Model>& models,
                   const std::vector<std::string>& experiments = {})
      : inputs_(impact_inputs(world, models, experiments)) {}

  const std::vector<ImpactInput>& inputs() const { return inputs_; }

  /// Computes the integrals that `scenario` needs. Not for concurrent use. @throws NumericalError
  void prepare(RateCalculator& calculator, const Scenario& scenario,
               const Team& team = Team()) const;

  /// @param scenario that has been prepared. A number that each member of a joint experiment has is
  /// that of the first, and changes by the same factor at all of them. It is NaN where the first
  /// has none and another has, and so are edges of windows in a joint experiment. May be called
  /// concurrently.
  /// @throws NumericalError
  Impacts operator()(const RateCalculator& calculator, const Scenario& scenario) const;

  /// How many sets of a signal's integrals a scenario needs.
  std::size_t signal_sets(const Scenario& scenario) const;

 private:
  std::vector<ImpactInput> inputs_;
};

}  // namespace nuloop::analysis
