// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/composition.hpp"

#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/contracts.hpp"

namespace nuloop::experiment {

double electrons_per_t(std::span<const double> mass_fractions) {
  NULOOP_EXPECTS(mass_fractions.size() == elements.size());
  double mol_per_g = 0.0;
  for (std::size_t i = 0; i < elements.size(); ++i)
    mol_per_g += mass_fractions[i] * elements[i].charge / elements[i].mass_g_per_mol;
  return mol_per_g * avogadro_per_mol * gram_per_t;
}

double protons_per_t(std::span<const double> mass_fractions) {
  NULOOP_EXPECTS(mass_fractions.size() == elements.size());
  return mass_fractions[0] / elements[0].mass_g_per_mol * avogadro_per_mol * gram_per_t;
}

}  // namespace nuloop::experiment
