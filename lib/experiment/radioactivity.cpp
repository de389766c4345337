// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/radioactivity.hpp"

#include "nuloop/experiment/units.hpp"

#include <cmath>
#include <numbers>

namespace nuloop::experiment {
namespace {

// Share of the pairs of a decay and its follower that are one event.
double share_in_window(const ChainDecay& follower, const ChainLight& light) {
  return -std::expm1(-std::numbers::ln2 * light.readout_window_s / follower.half_life_s);
}

}  // namespace

std::vector<DecayBranch> branches_of(const Chain& chain, const ChainLight& light) {
  const auto seen_MeV = [&](const Emission& emission) {
    return emission.gammas_MeV + light.alpha_quenching * emission.alpha_MeV;
  };
  std::vector<double> alone(chain.decays.size(),
                            1.0);  // share of a kind that is an event by itself
  for (std::size_t i = 0; i < chain.decays.size(); ++i)
    if (const auto follower = chain.decays[i].follower)
      alone[i] = alone[*follower] =
          (1.0 - share_in_window(chain.decays[*follower], light)) * (1.0 - light.tagged);
  std::vector<DecayBranch> branches;
  const auto add = [&](const ChainDecay& decay, double fraction, double endpoint_MeV,
                       double extra_MeV) {
    if (fraction > 0.0)
      branches.push_back(
          {{BetaSign::electron, fraction, endpoint_MeV, extra_MeV}, decay.daughter_charge});
  };
  for (std::size_t i = 0; i < chain.decays.size(); ++i) {
    const ChainDecay& decay = chain.decays[i];
    for (const Emission& emission : decay.emissions) {
      const double fraction = decay.per_parent * emission.fraction;
      add(decay, alone[i] * fraction, emission.endpoint_MeV, seen_MeV(emission));
      if (!decay.follower)
        continue;
      const ChainDecay& follower = chain.decays[*decay.follower];
      for (const Emission& next : follower.emissions)
        add(decay, share_in_window(follower, light) * fraction * next.fraction,
            emission.endpoint_MeV, seen_MeV(emission) + seen_MeV(next));
    }
  }
  return branches;
}

double decays_per_t_day(const Chain& chain, double concentration) {
  const double atoms_per_t = concentration * gram_per_t * avogadro_per_mol / chain.molar_mass_g;
  return atoms_per_t * std::numbers::ln2 / (chain.half_life_yr * days_per_year);
}

}  // namespace nuloop::experiment
