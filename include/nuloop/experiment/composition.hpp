// What a target is made of.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <span>

namespace nuloop::experiment {

struct Element {
  const char* symbol;
  double charge;
  double mass_g_per_mol;
};

/// Standard atomic weights of IUPAC 2021, abridged.
inline constexpr std::array elements = {
    Element{"H", 1.0, 1.008},    Element{"Li", 3.0, 6.94},    Element{"B", 5.0, 10.81},
    Element{"C", 6.0, 12.011},   Element{"N", 7.0, 14.007},   Element{"O", 8.0, 15.999},
    Element{"F", 9.0, 18.998},   Element{"Na", 11.0, 22.990}, Element{"Si", 14.0, 28.085},
    Element{"P", 15.0, 30.974},  Element{"S", 16.0, 32.06},   Element{"Cl", 17.0, 35.45},
    Element{"Ar", 18.0, 39.95},  Element{"Ge", 32.0, 72.630}, Element{"Br", 35.0, 79.904},
    Element{"I", 53.0, 126.90},  Element{"Xe", 54.0, 131.29}, Element{"Cs", 55.0, 132.91},
    Element{"Gd", 64.0, 157.25},
};

/// Electrons per tonne. @param mass_fractions one per element, in the order of `elements`.
double electrons_per_t(std::span<const double> mass_fractions);

/// Free protons per tonne, those of hydrogen. @param mass_fractions as above.
double protons_per_t(std::span<const double> mass_fractions);

}  // namespace nuloop::experiment
