// The catalogue of cross-section models, each a sum of the same fifteen functions of (E, T).
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/physics/couplings.hpp"
#include "nuloop/physics/kinematics.hpp"
#include "nuloop/physics/loops.hpp"
#include "nuloop/physics/photonic.hpp"
#include "nuloop/physics/structures.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

namespace nuloop::physics {

enum class Model {
  lo,           ///< tree level
  lo_cr,        ///< tree level + charge radius to first order: the paper's LO+CR
  lo_cr_shift,  ///< tree level at s2 (1 + m_W^2 <r^2>/3); equal to lo_cr at O(alpha) only if alpha
                ///< has its tree value sqrt2 GF m_W^2 s2/pi
  nlo,          ///< complete one-loop result
  free_charge_radius,  ///< as lo_cr, at any charge radius
  free_sin2_theta_w,   ///< tree level at any s2
  free_couplings       ///< tree level at any cL and cR
};

/// Names by which people choose; the order is that of the lists shown to them.
inline constexpr std::array<std::pair<std::string_view, Model>, 7> model_names = {
    {{"lo", Model::lo},
     {"lo+cr", Model::lo_cr},
     {"lo+cr-shift", Model::lo_cr_shift},
     {"nlo", Model::nlo},
     {"free-charge-radius", Model::free_charge_radius},
     {"free-sin2-theta-w", Model::free_sin2_theta_w},
     {"free-couplings", Model::free_couplings}}};
inline constexpr std::array<std::pair<std::string_view, Observable>, 2> observable_names = {
    {{"electron", Observable::electron}, {"electromagnetic", Observable::electromagnetic}}};
inline constexpr std::array<std::pair<std::string_view, Neutrino>, 6> neutrino_names = {
    {{"nuebar_e", {Flavour::electron, Helicity::antineutrino}},
     {"nu_e", {Flavour::electron, Helicity::neutrino}},
     {"nuebar_mu", {Flavour::muon, Helicity::antineutrino}},
     {"nu_mu", {Flavour::muon, Helicity::neutrino}},
     {"nuebar_tau", {Flavour::tau, Helicity::antineutrino}},
     {"nu_tau", {Flavour::tau, Helicity::neutrino}}}};

/// What bears `name` in one of these lists, or null.
template <class Names>
constexpr const typename Names::value_type::second_type* find_named(const Names& names,
                                                                    std::string_view name) {
  for (const auto& [known, value] : names)
    if (known == name)
      return &value;
  return nullptr;
}

/// The name that `value` bears in one of these lists.
template <class Names>
constexpr std::string_view name_of(const Names& names,
                                   typename Names::value_type::second_type value) {
  for (const auto& [name, known] : names)
    if (known == value)
      return name;
  return {};
}

/// Basis functions of every cross section: {1, Pi_e, Pi_mu, Pi_tau} x {I_L, I_R, I_LR} (index
/// 3 j + structure), then (dL, dR, dLR).
inline constexpr std::size_t structure_count = 3;
inline constexpr std::size_t photonic_offset = loop_functions * structure_count;
inline constexpr std::size_t basis_size = photonic_offset + structure_count;
using BasisVector = std::array<double, basis_size>;

/// Coefficients of the basis functions in dsigma/dT (cm^2/MeV), by origin. In LO+CR the charge
/// radius, itself a loop, stands under `loops`.
struct Expansion {
  BasisVector born{};
  BasisVector loops{};
  BasisVector photonic{};

  BasisVector total() const;
};

/// a - b, origin by origin.
Expansion difference(const Expansion& a, const Expansion& b);

/// @param sin2_theta_w s2 of the tree-level models, in (0, 1); nlo has its own couplings, as have
/// free_sin2_theta_w and free_couplings.
/// @param free has what a model with free parameters needs: the charge radius and the couplings are
/// those of the scattering neutrino's own flavour, written for neutrinos.
Expansion expand(Model model, Neutrino neutrino, double sin2_theta_w, const OneLoopInputs& inputs,
                 const FreeParameters& free = {});

/// What Pi_3gamma + 1 would add to the model, which is linear in Pi_3gamma; zero for models without
/// hadronic loops.
Expansion hadronic_variation(Model model, Neutrino neutrino, const OneLoopInputs& inputs);

/// The basis functions at fixed T.
class BasisAtRecoil {
 public:
  /// Born and photonic structures at one energy; zero where kinematics forbids them.
  struct Inner {
    Structures born{};
    Structures photonic{};
  };

  /// @param recoil_MeV T > 0. @param scale_MeV renormalisation scale of the loops.
  BasisAtRecoil(Observable observable, double recoil_MeV, double scale_MeV);

  const Recoil& recoil() const { return recoil_; }
  const LoopVector& loop_values() const { return loops_; }

  Inner operator()(const EnergyPoint& point) const;

  /// The same for many energies, to the last bit; of the electron spectrum several times as fast.
  /// @param values as many as points.
  void operator()(std::span<const EnergyPoint> points, std::span<Inner> values) const;

  /// What of Born and photonic structures above the limit is a quadratic in 1/w, in the order of
  /// Inner: all but the photonic ones of the electron spectrum, which are zero here.
  std::array<InverseEnergyQuadratic<double>, 2 * structure_count> quadratics() const;

 private:
  Recoil recoil_;
  LoopVector loops_;
  std::variant<ElectronPhotonic, ElectromagneticPhotonic> photonic_;
};

/// The fifteen functions from the two structures and the loops that multiply the Born one.
BasisVector assemble(const LoopVector& loops, const BasisAtRecoil::Inner& inner);

/// dsigma/dT in cm^2/MeV and its parts.
struct CrossSection {
  double born;
  double loops;
  double photonic;
  double total() const { return born + loops + photonic; }
};

/// Where cross_section keeps what it promises. Above 10 GeV nothing has been compared.
inline constexpr double lowest_energy_MeV = 1e-3;
inline constexpr double highest_energy_MeV = 1e4;
inline constexpr double lowest_recoil_MeV = 1e-15;

/// End of the energies over which event spectra are integrated (fluxes, windows of visible energy):
/// nearly all of it is evaluated in double precision, a few hundred times faster than what is
/// above.
inline constexpr double highest_spectrum_energy_MeV = 100.0;

/// @param energy_MeV E in [lowest_energy_MeV, highest_energy_MeV] and @param recoil_MeV T >=
/// lowest_recoil_MeV. Zero where T is out of reach.
///
/// Relative error below 1e-9, as measured against 90-digit arithmetic at thousands of points for
/// every neutrino and both observables, unless T is nearer to the limit than a millionth of
/// E - T_max, or in the radiative tail nearer to E than a ten-thousandth of it: closer than that
/// the logarithm and the tail's zero magnify the rounding of E and T. The worst are 2.5e-10 below
/// the limit (T = 1e-15 MeV; 1e-15 is typical at reactor energies) and 8e-10 of itself in the tail
/// (E = 1 keV). Arithmetic: double up to about 51 MeV (electron_double_w,
/// electromagnetic_double_t), 113 bits above, as also in the tail towards T = E below T = 0.1 MeV.
///
/// Physics: the effective theory below m_W with light quarks at Q^2 = 0. It stays good to 10 GeV,
/// because Q^2 = 2 m_e T <= 0.0102 GeV^2 there, far below hadronic scales.
CrossSection cross_section(const Expansion& expansion, Observable observable, double energy_MeV,
                           double recoil_MeV, double scale_MeV);

}  // namespace nuloop::physics
