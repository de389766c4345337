// Signal spectra: flux x cross section integrated over energies, bin by bin.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/foundation/bounded.hpp"
#include "nuloop/physics/cross_section.hpp"

#include <Eigen/Core>

namespace nuloop::experiment {

/// A number per bin. Length: the number of bins.
using Spectrum = Bounded<Eigen::ArrayXd>;

/// Everything on which the integrals depend. All else about a signal is a factor in front of them.
struct SignalShape {
  physics::Observable observable;
  FluxModel flux;
  Binning binning;
  Response response;
  double loop_scale_MeV;      ///< renormalisation scale of the one-loop inputs
  double relative_tolerance;  ///< of the largest of a bin's integrals, rounding apart
};

/// Integrals of S_i(E) f_k(E, T) over the antineutrino's energy E and over the visible energy T in
/// a bin, for every fissile isotope i with spectrum S_i and every basis function f_k of the cross
/// section. Rates are linear in these integrals: one basis serves every power, fuel, mass,
/// baseline, coupling and model.
class SignalBasis {
 public:
  /// Integrates on all OpenMP threads; the result does not depend on their number.
  /// @throws NumericalError if the tolerance cannot be met.
  explicit SignalBasis(const SignalShape& shape);

  /// Events per day in each bin, before any efficiency. arXiv:2410.00107, eq. 12.
  Spectrum events_per_day(const physics::Expansion& cross_section, const Reactor& reactor,
                          const Detector& detector) const;

  /// The same from each fissile isotope alone.
  PerFissile<Spectrum> events_per_day_by_isotope(const physics::Expansion& cross_section,
                                                 const Reactor& reactor,
                                                 const Detector& detector) const;

 private:
  Spectrum events_per_day(const Eigen::VectorXd& weights) const;

  // Bins x (isotope, basis function; last the scale): integrals over E and T of S(E) f(E, T), in
  // MeV x antineutrinos per fission.
  Eigen::ArrayXXd value_;
  Eigen::ArrayXXd error_;
};

}  // namespace nuloop::experiment
