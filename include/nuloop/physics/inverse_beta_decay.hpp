// The cross section of inverse beta decay, nubar_e p -> e+ n, on a free proton at rest.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <string_view>
#include <utility>

namespace nuloop::physics {

/// Up to which order in the energy E over the nucleon's mass M.
enum class BetaDecayForm {
  static_nucleons,  ///< none: p_e E_e, and the asymmetry of the positron's angle
  vogel_beacom,     ///< first order at each angle. hep-ph/9903554, eqs. 7, 11 to 13
  strumia_vissani   ///< all orders, form factors included. astro-ph/0302055, eqs. 3 to 11
};
inline constexpr std::array<std::pair<std::string_view, BetaDecayForm>, 3> beta_decay_form_names = {
    {{"static-nucleons", BetaDecayForm::static_nucleons},
     {"vogel-beacom", BetaDecayForm::vogel_beacom},
     {"strumia-vissani", BetaDecayForm::strumia_vissani}}};

struct BetaDecayInputs {
  BetaDecayForm form{};
  double lambda = 0.0;    ///< g_A/g_V > 0
  double strength = 0.0;  ///< of the vector current, V_ud^2 (1 + inner radiative correction)
  bool outer = false;     ///< whether the outer radiative correction is in
  auto operator<=>(const BetaDecayInputs&) const = default;  // NOLINT(modernize-use-nullptr): false
};

/// V_ud^2 (1 + inner), from the neutron's life: 1/tau = G_F^2 m_e^5 strength (1 + 3 lambda^2) f/(2
/// pi^3 hbar). @param lifetime_s tau. @param phase_space f, with recoil, Coulomb and outer
/// radiative corrections.
double strength_of_lifetime(double lifetime_s, double phase_space, double lambda);

/// The outer radiative correction with static nucleons, relative, photons included: a positron with
/// its photons has the total energy E_e >= m_e. alpha/(2 pi) times the function of A. Sirlin, Phys.
/// Rev. 164 (1967) 1767 for virtual and soft photons, with the spectrum of hard ones integrated;
/// derived here, in the form of hep-ph/0403149.
double outer_correction(double positron_MeV);

class InverseBetaDecay {
 public:
  explicit InverseBetaDecay(const BetaDecayInputs& inputs);

  /// The least energy of an antineutrino that the form lets react.
  double threshold_MeV() const { return threshold_MeV_; }

  /// The positron's total energy is middle + half_spread x, where x in [-1, 1] is the cosine of its
  /// angle to the antineutrino: in the laboratory, or with all orders in the centre of mass.
  struct PositronEnergies {
    double middle_MeV;
    double half_spread_MeV;
    double at(double x) const { return middle_MeV + half_spread_MeV * x; }
  };
  /// @param energy_MeV of the antineutrino, above the threshold; here and below.
  PositronEnergies positron_energies(double energy_MeV) const;

  /// dsigma/dx in cm^2. First order in 1/M goes slightly below zero in the last 10 keV above the
  /// threshold; where it leaves the positron less than its mass, there is none.
  double per_cosine(double energy_MeV, double x) const;

  /// The same integrated over x, in cm^2, to 1e-12; with first order in 1/M, to 1e-6 in the last 10
  /// keV above the threshold.
  double total(double energy_MeV) const;

 private:
  double first_order(double energy_MeV, double x) const;
  double all_orders(double energy_MeV, double positron_MeV) const;

  BetaDecayInputs inputs_;
  double norm_;  // G_F^2 strength/pi (hbar c)^2 in cm^2/MeV^2
  double threshold_MeV_;
};

}  // namespace nuloop::physics
