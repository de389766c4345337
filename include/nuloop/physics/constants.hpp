// Constants of nature and of units, each with its source.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <numbers>

namespace nuloop::physics {

/// Fermi constant in GeV^-2. PDG 2022 (R. L. Workman et al., PTEP 2022 083C01), from the muon life
/// time.
inline constexpr double fermi_constant_GeV2 = 1.1663787e-5;

/// Electron mass in MeV. CODATA 2018.
inline constexpr double electron_mass_MeV = 0.51099895;

/// Muon mass in MeV. CODATA 2018.
inline constexpr double muon_mass_MeV = 105.6583755;

/// Tau mass in MeV. PDG 2022.
inline constexpr double tau_mass_MeV = 1776.86;

/// Proton mass in MeV. CODATA 2018.
inline constexpr double proton_mass_MeV = 938.27208816;

/// Neutron mass minus proton mass in MeV. CODATA 2018.
inline constexpr double nucleon_difference_MeV = 1.29333236;

/// W mass in GeV. PDG 2022.
inline constexpr double w_mass_GeV = 80.377;

/// Fine-structure constant at zero momentum transfer. CODATA 2018.
inline constexpr double fine_structure = 1.0 / 137.035999084;

/// (hbar c)^2 in GeV^2 cm^2. CODATA 2018.
inline constexpr double hbar_c_squared_GeV2_cm2 = 0.3893793721e-27;

/// hbar in MeV s. CODATA 2018.
inline constexpr double hbar_MeV_s = 6.582119569e-22;

/// Normalisation of every cross section here: m_e/(4 pi) (hbar c)^2, in cm^2/MeV per (GeV^-2)^2.
inline constexpr double cross_section_norm =
    1e-6 * hbar_c_squared_GeV2_cm2 * electron_mass_MeV / (4.0 * std::numbers::pi);

}  // namespace nuloop::physics
