// Spectra of inverse beta decays: flux x cross section integrated over energies, bin by bin.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/experiment/signal.hpp"
#include "nuloop/physics/inverse_beta_decay.hpp"

#include <Eigen/Core>

namespace nuloop::experiment {

/// Everything on which the integrals depend. All else is a factor in front of them.
struct BetaDecayShape {
  FluxModel flux;
  Binning binning;  ///< of prompt energy
  Response response;
  physics::BetaDecayInputs cross_section;
  double relative_tolerance;  ///< of the largest of a bin's integrals, rounding apart
};

/// Integrals of S_i(E) dsigma/dx over the antineutrino's energy E and the positron's cosine x, for
/// every fissile isotope i with spectrum S_i. An event deposits its prompt energy: the positron's
/// kinetic energy and twice the electron's mass, photons included. The neutron deposits nothing.
class BetaDecayBasis {
 public:
  /// Integrates on all OpenMP threads of a team, as SignalBasis does.
  /// @throws NumericalError if the tolerance cannot be met. @throws Dissent
  explicit BetaDecayBasis(const BetaDecayShape& shape, const Team& team = Team());

  /// Mean cross section per fission of each isotope in cm^2: the part that each bin records.
  const PerFissile<Spectrum>& per_fission_cm2() const { return per_fission_cm2_; }

  /// Events per day in each bin, in the detector's protons.
  Spectrum events_per_day(const Reactor& reactor, const Detector& detector) const;

  /// The same from each fissile isotope alone.
  PerFissile<Spectrum> events_per_day_by_isotope(const Reactor& reactor,
                                                 const Detector& detector) const;

 private:
  PerFissile<Spectrum> per_fission_cm2_;
};

}  // namespace nuloop::experiment
