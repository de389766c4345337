// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/energy_table.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::experiment {

double EnergyTable::operator()(double energy_MeV) const {
  NULOOP_EXPECTS(!energies_MeV.empty() && energies_MeV.size() == values.size());
  const auto above = std::upper_bound(energies_MeV.begin(), energies_MeV.end(), energy_MeV);
  if (above == energies_MeV.begin())
    return values.front();
  if (above == energies_MeV.end())
    return values.back();
  const auto i = static_cast<std::size_t>(above - energies_MeV.begin());
  return std::lerp(values[i - 1], values[i],
                   (energy_MeV - energies_MeV[i - 1]) / (energies_MeV[i] - energies_MeV[i - 1]));
}

double StepTable::operator()(double energy_MeV) const {
  NULOOP_EXPECTS(!values.empty() && edges_MeV.size() == values.size() + 1);
  const auto above = std::upper_bound(edges_MeV.begin() + 1, edges_MeV.end() - 1, energy_MeV);
  return values[static_cast<std::size_t>(above - edges_MeV.begin()) - 1];
}

}  // namespace nuloop::experiment
