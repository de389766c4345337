// Conversions between the units of experiments; all exact by definition.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace nuloop::experiment {

inline constexpr double joule_per_MeV = 1.602176634e-13;  // SI 2019
inline constexpr double joule_per_GJ = 1e9;
inline constexpr double cm_per_m = 100.0;
inline constexpr double gram_per_t = 1e6;
inline constexpr double avogadro_per_mol = 6.02214076e23;  // SI 2019
inline constexpr double hbar_c_eV_m = 1.973269804e-7;      // SI 2019
inline constexpr double eV_per_MeV = 1e6;
inline constexpr double seconds_per_day = 86400.0;
inline constexpr double days_per_year = 365.25;  // Julian year

}  // namespace nuloop::experiment
