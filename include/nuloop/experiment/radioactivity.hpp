// Natural radioactivity of a target: chains of decays in equilibrium with their first isotope.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/source.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nuloop::experiment {

/// What one branch of a decay emits at once. Energies are kinetic, and 0 without such a particle.
struct Emission {
  double fraction;      ///< of the decays of its kind
  double endpoint_MeV;  ///< of an electron
  double alpha_MeV;
  double gammas_MeV;  ///< the level that the decay leads to: gammas and conversion electrons
};

/// One kind of decay of a chain.
struct ChainDecay {
  std::string name;
  int daughter_charge;                  ///< 0 without electrons
  double per_parent;                    ///< decays of the kind in one decay of the first isotope
  double half_life_s;                   ///< of a decay that follows another; 0 for the others
  std::vector<Emission> emissions;      ///< fractions sum to one
  std::optional<std::size_t> follower;  ///< decay of the chain that follows soon, if one does
};

struct Chain {
  std::string title;
  double half_life_yr;
  double molar_mass_g;  ///< of a mole
  std::vector<ChainDecay> decays;
};

/// How a detector sees a chain.
struct ChainLight {
  double alpha_quenching;   ///< q: an alpha of energy E is seen as an electron of q E; in [0, 1]
  double tagged;            ///< share of the decays that are discarded, together with the one that
                            ///< follows soon but apart; in [0, 1]
  double readout_window_s;  ///< t >= 0: decays that follow after less are part of the same event
};

/// Events by the decays of a chain, with fractions per decay of its first isotope. Of the followers
/// with half-life h a share 1 - 2^(-t/h) comes within the window t. All gammas are contained.
std::vector<DecayBranch> branches_of(const Chain& chain, const ChainLight& light);

/// Decays per tonne and day of the first isotope. @param concentration its grams in a gram.
double decays_per_t_day(const Chain& chain, double concentration);

}  // namespace nuloop::experiment
