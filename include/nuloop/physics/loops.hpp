// Closed fermion loops and the effective couplings that go with them, at mu = 2 GeV.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/couplings.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace nuloop::physics {

/// The charm loop at Q^2 = 0 to O(alpha_s), in one of the ways to define the quark's mass; they
/// differ by O(alpha_s^2).
struct CharmLoop {
  enum class Mass {
    at_scale,  ///< MSbar, mc(mu)
    at_mass,   ///< MSbar, mc(mc)
    pole
  };
  Mass definition;
  double mass_MeV;
  double alpha_s;  ///< alpha_s(mu); 0 leaves the O(alpha_s) term out
};

/// Which alpha multiplies closed loops and photons; the choices differ by O(alpha^2).
enum class AlphaScheme {
  thomson,        ///< alpha(0) in both
  running_loops,  ///< alpha(mu) in the closed loops
  running         ///< alpha(mu) in both
};
inline constexpr std::array<std::pair<std::string_view, AlphaScheme>, 3> alpha_scheme_names = {
    {{"thomson", AlphaScheme::thomson},
     {"running-loops", AlphaScheme::running_loops},
     {"running", AlphaScheme::running}}};

/// Which of these may multiply the charge radius of lo+cr: alpha(0) or alpha(mu).
inline constexpr std::array<std::pair<std::string_view, AlphaScheme>, 2> charge_radius_alpha_names =
    {{{"thomson", AlphaScheme::thomson}, {"running", AlphaScheme::running}}};

/// Inputs of the one-loop prediction (MSbar, mu = 2 GeV, nf = 4). Couplings in GeV^-2.
/// R. J. Hill and O. Tomalak, Phys. Lett. B 805 (2020) 135466, arXiv:1911.01493;
/// O. Tomalak and R. J. Hill, Phys. Rev. D 101 (2020) 033006, arXiv:1907.03379.
/// arXiv:2410.00107, eq. 11, has the couplings of the electron flavour.
struct OneLoopInputs {
  double left_same_flavour;   ///< cL^{nu_l l}
  double left_other_flavour;  ///< cL^{nu_l l'}, l' != l
  double right;               ///< cR
  Couplings up_quark;         ///< cL^u, cR^u
  double scale_MeV;           ///< mu
  CharmLoop charm;
  AlphaScheme alpha;
  double hadronic_gamma_gamma;                             ///< Pi_gammagamma of u, d, s
  double hadronic_3_gamma;                                 ///< Pi_3gamma of u, d, s
  double sin2_theta_w;                                     ///< s2 that multiplies Pi_gammagamma
  AlphaScheme charge_radius_alpha = AlphaScheme::thomson;  ///< of lo+cr, not of this prediction
};

/// Charm's vacuum polarisation at Q^2 = 0: (1/3) [l + (alpha_s/pi) (13/12 - l)] for the mass at mu,
/// l = ln(mu^2/mc^2) (arXiv:1907.03379). The other two definitions of the mass follow by its
/// one-loop running and the one-loop pole mass.
double charm_polarisation(const CharmLoop& charm, double scale_MeV);

/// alpha(mu) = alpha/(1 - alpha/pi sum_f Nc Q_f^2 Pi_f(0)) in MSbar with the loops of `inputs`; the
/// sum is over fermions f of charge Q_f and Nc colours.
double running_fine_structure(const OneLoopInputs& inputs);

/// alpha of the closed loops and alpha of the photons in the inputs' scheme.
struct LoopAndPhotonAlpha {
  double loops;
  double photons;
};
LoopAndPhotonAlpha scheme_alpha(const OneLoopInputs& inputs);

/// alpha of the charge radius in lo+cr.
double charge_radius_fine_structure(const OneLoopInputs& inputs);

/// Uncertainty of Pi_3gamma - 2 s2 Pi_gammagamma, the light quarks' part in X below, from two
/// relative uncertainties, each >= 0.
/// @param three_gamma of Pi_3gamma alone.
/// @param gamma_gamma of Pi_gammagamma. Pi_3gamma is derived from Pi_gammagamma and moves with it.
double hadronic_uncertainty(const OneLoopInputs& inputs, double three_gamma, double gamma_gamma);

/// cL, cR of the given flavour scattering on electrons.
Couplings effective_couplings(const OneLoopInputs& inputs, Flavour flavour);

/// One-loop vacuum polarisation Pi(Q^2, m) in MSbar; tends to (1/3) ln(mu^2/m^2) as Q^2 -> 0.
/// @param Q2_MeV2 >= 0; masses and scale in MeV. arXiv:1907.03379.
double vacuum_polarisation(double Q2_MeV2, double mass_MeV, double scale_MeV);

/// The closed loops shift cL and cR alike by alpha/(2 pi) X(T), where X is a sum of four functions
/// of T: 1, Pi_e, Pi_mu, Pi_tau at Q^2 = 2 m_e T. arXiv:1907.03379.
inline constexpr std::size_t loop_functions = 4;
using LoopVector = std::array<double, loop_functions>;

/// Values of 1, Pi_e, Pi_mu, Pi_tau at recoil energy T.
LoopVector loop_values(double recoil_MeV, double scale_MeV);

/// Coefficients of these four functions in X, in GeV^-2:
///   X = 2 sqrt2 GF (Pi_3gamma - 2 s2 Pi_gammagamma) + 2 (cL^u + cR^u) Pi_c
///       - sum_l (cL^{nu l} + cR) Pi_l,   l = e, mu, tau. arXiv:1907.03379.
LoopVector loop_coefficients(const OneLoopInputs& inputs, Flavour flavour);

}  // namespace nuloop::physics
