// Functions of an energy that are known at some energies, or in bins.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace nuloop::experiment {

/// A tabulated function, linear between its points. Below the first and above the last point it has
/// the values there.
struct EnergyTable {
  std::vector<double> energies_MeV;  ///< one or more, ascending
  std::vector<double> values;        ///< as many

  double operator()(double energy_MeV) const;
};

/// A function that is constant within each bin. At an edge it has the value of the bin above; at
/// and beyond the last one, of the last bin; before the first one, of the first.
struct StepTable {
  std::vector<double> edges_MeV;  ///< two or more, ascending
  std::vector<double> values;     ///< one fewer

  double operator()(double energy_MeV) const;
};

}  // namespace nuloop::experiment
