// Signal spectra: flux x cross section integrated over energies, bin by bin.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/reactor.hpp"
#include "nuloop/foundation/bounded.hpp"
#include "nuloop/foundation/team.hpp"
#include "nuloop/physics/cross_section.hpp"

#include <array>
#include <memory>
#include <vector>

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

/// Events per day that a cross section of 1 cm^2 per fission makes in so many targets per tonne of
/// a detector. arXiv:2410.00107, eq. 12.
double events_per_cm2_day(const Reactor& reactor, const Detector& detector, double targets_per_t);

/// The integrals of a fuel: those of its isotopes, weighted by the fission fractions and summed.
/// Rates are linear in these numbers, 15 for each bin.
class FuelBasis {
 public:
  Eigen::Index bins() const { return bins_; }

  /// Adds events per day in each bin to `sum`, which has as many bins. arXiv:2410.00107, eq. 12.
  /// @param reactor its mean_fission_fractions are those of the fuel.
  void add_events_per_day(const physics::Expansion& cross_section, const Reactor& reactor,
                          const Detector& detector, Spectrum& sum) const;

 private:
  friend class SignalBasis;

  // Bins that are summed side by side; the 18 bins of the paper's window are three times as many.
  static constexpr std::size_t lanes = 6;
  using Functions = std::array<std::array<double, lanes>, physics::basis_size>;
  struct Block {
    Functions value{};
    Functions error{};
  };

  Eigen::Index bins_ = 0;
  // All bins, zeros after the last; photonic functions as they enter a cross section.
  std::vector<Block> blocks_;
};

/// What shapes that differ in their binning and the detector's response alone have in common: the
/// spectra at the visible energies where they were wanted.
class SpectrumMemory {
 public:
  SpectrumMemory();
  SpectrumMemory(const SpectrumMemory&) = delete;
  SpectrumMemory& operator=(const SpectrumMemory&) = delete;
  ~SpectrumMemory();

  void clear();

 private:
  friend class SignalBasis;
  struct Content;
  std::unique_ptr<Content> content_;
};

/// Integrals of S_i(E) f_k(E, T) over the antineutrino's energy E and over the visible energy T in
/// a bin, for every fissile isotope i with spectrum S_i and every basis function f_k of the cross
/// section. Rates are linear in these integrals: one basis serves every power, fuel, mass,
/// baseline, coupling and model.
class SignalBasis {
 public:
  /// Integrates on all OpenMP threads of a team, each of whose members calls this; the result does
  /// not depend on their number.
  /// @param memory of what it takes, which makes the next ones of the same flux, observable and
  /// tolerance faster. The result does not depend on it.
  /// The members' memories are alike.
  /// @throws NumericalError if the tolerance cannot be met. @throws Dissent
  explicit SignalBasis(const SignalShape& shape, const Team& team = Team());
  SignalBasis(const SignalShape& shape, SpectrumMemory& memory, const Team& team = Team());

  /// Of a detector that sees a share of the events as `other` has them, and the rest like this.
  /// Both have the same bins.
  SignalBasis mixed_with(const SignalBasis& other, double share) const;

  /// @param fission_fractions of a reactor, their means over time.
  FuelBasis of_fuel(const PerFissile<double>& fission_fractions) const;

  /// Events per day in each bin.
  Spectrum events_per_day(const physics::Expansion& cross_section, const Reactor& reactor,
                          const Detector& detector) const;

  /// The same from each fissile isotope alone.
  PerFissile<Spectrum> events_per_day_by_isotope(const physics::Expansion& cross_section,
                                                 const Reactor& reactor,
                                                 const Detector& detector) const;

 private:
  SignalBasis() = default;

  // Bins x (isotope, basis function; last the scale): integrals over E and T of S(E) f(E, T), in
  // MeV x antineutrinos per fission.
  Eigen::ArrayXXd value_;
  Eigen::ArrayXXd error_;
};

}  // namespace nuloop::experiment
