// The catalogue of cross-section models. Each is a sum of the same fifteen functions of the
// neutrino's energy E and the measured energy T.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/special_values.hpp"
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
  lo,           ///< tree level: arXiv:2410.00107, eq. 7
  lo_cr,        ///< tree level + charge radius to first order: arXiv:2410.00107, eq. 9 of v1, which
                ///< is eq. 10 of v2
  lo_cr_shift,  ///< tree level at s2 (1 + m_W^2 <r^2>/3): eq. 10 of v1, which is eq. 9 of v2. Equal
                ///< to lo_cr at O(alpha) only if alpha has its tree value sqrt2 GF m_W^2 s2/pi
  nlo,          ///< complete one-loop result: arXiv:1907.03379, with the couplings of
                ///< arXiv:2410.00107, eq. 11
  free_charge_radius,  ///< as lo_cr, at any charge radius
  free_sin2_theta_w,   ///< tree level at any s2
  free_couplings       ///< tree level at any cL and cR
};

/// What there is to say of a model.
struct ModelRow {
  enum class Angle { given, own, none };

  std::string_view name;  ///< by which people choose
  Model model;
  std::string_view meaning;
  Angle angle = Angle::given;  ///< whether it takes s2 as given, has an own one, or none
  std::array<std::string_view, 2> free = {};  ///< its free parameters: keys after "free."
};
/// In the order of the lists shown to people.
inline constexpr std::array<ModelRow, 7> model_table = {
    {{"lo", Model::lo, "tree level"},
     {"lo+cr", Model::lo_cr, "tree level and charge radius, linear"},
     {"lo+cr-shift", Model::lo_cr_shift, "tree level at a shifted weak mixing angle"},
     {"nlo", Model::nlo, "complete one-loop result", ModelRow::Angle::none},
     {"free-charge-radius",
      Model::free_charge_radius,
      "as lo+cr, at any charge radius free.charge_radius",
      ModelRow::Angle::given,
      {"charge_radius"}},
     {"free-sin2-theta-w",
      Model::free_sin2_theta_w,
      "tree level at any free.sin2_theta_w",
      ModelRow::Angle::own,
      {"sin2_theta_w"}},
     {"free-couplings",
      Model::free_couplings,
      "tree level at any couplings free.c_l, free.c_r",
      ModelRow::Angle::none,
      {"c_l", "c_r"}}}};
const ModelRow& row_of(Model model);

/// Names by which people choose; the order is that of the lists shown to them.
inline constexpr auto model_names = [] {
  std::array<std::pair<std::string_view, Model>, model_table.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = {model_table[i].name, model_table[i].model};
  return names;
}();
inline constexpr std::array<std::pair<std::string_view, Observable>, 2> observable_names = {
    {{"electron", Observable::electron}, {"electromagnetic", Observable::electromagnetic}}};
inline constexpr std::array<std::pair<std::string_view, Neutrino>, 6> neutrino_names = {
    {{"nuebar_e", {Flavour::electron, Helicity::antineutrino}},
     {"nu_e", {Flavour::electron, Helicity::neutrino}},
     {"nuebar_mu", {Flavour::muon, Helicity::antineutrino}},
     {"nu_mu", {Flavour::muon, Helicity::neutrino}},
     {"nuebar_tau", {Flavour::tau, Helicity::antineutrino}},
     {"nu_tau", {Flavour::tau, Helicity::neutrino}}}};

/// Values of the free parameters, for the models that have any; NaN where none is given.
struct FreeParameters {
  double charge_radius_cm2 = nan;    ///< of either sign
  double sin2_theta_w = nan;         ///< in (0, 1)
  Couplings couplings = {nan, nan};  ///< in units of 2 sqrt2 GF
};

/// Basis functions of every cross section. The first twelve are products of a loop function (1,
/// Pi_e, Pi_mu, Pi_tau, number j) and a Born structure (I_L, I_R, I_LR), at index 3 j + structure.
/// The last three are the photonic structures dL, dR, dLR.
inline constexpr std::size_t structure_count = 3;
inline constexpr std::size_t photonic_offset = loop_functions * structure_count;
inline constexpr std::size_t basis_size = photonic_offset + structure_count;
using BasisVector = std::array<double, basis_size>;

/// Coefficients of the basis functions in dsigma/dT (cm^2/MeV), by origin. The charge radius of
/// LO+CR is a loop, and part of `loops`.
struct Expansion {
  BasisVector born{};
  BasisVector loops{};
  BasisVector photonic{};

  BasisVector total() const;
};

/// a - b, origin by origin.
Expansion difference(const Expansion& a, const Expansion& b);

/// @param sin2_theta_w s2 of the tree-level models, in (0, 1). The models nlo, free_sin2_theta_w
/// and free_couplings have couplings of their own and ignore it.
/// @param free has what a model with free parameters needs: the charge radius and the couplings are
/// those of the scattering neutrino's own flavour, written for neutrinos.
Expansion expand(Model model, Neutrino neutrino, double sin2_theta_w, const OneLoopInputs& inputs,
                 const FreeParameters& free = {});

/// The change of the model if Pi_3gamma grows by 1; the model is linear in Pi_3gamma. Zero for
/// models without hadronic loops.
Expansion hadronic_variation(Model model, Neutrino neutrino, const OneLoopInputs& inputs);

/// The derivative of the model with respect to the s2 of tree level, in which the model is a
/// polynomial of second degree. Zero for models that are not given an s2 (ModelRow::angle).
/// Arguments as those of `expand`.
Expansion angle_variation(Model model, Neutrino neutrino, double sin2_theta_w,
                          const OneLoopInputs& inputs, const FreeParameters& free = {});

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

  /// The same for many energies, to the last bit; several times as fast for the electron spectrum.
  /// @param values as many as points.
  void operator()(std::span<const EnergyPoint> points, std::span<Inner> values) const;

  /// The photonic structures alone, to the last bit. @param points above the kinematic limit.
  void photonic(std::span<const EnergyPoint> points, std::span<Structures> values) const;

  /// Born and photonic structures above the kinematic limit as quadratics in 1/w, w = E/m_e, in the
  /// order of Inner. The photonic structures of the electron spectrum are no quadratics, and are
  /// zero here.
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

/// The energies at which cross_section has the accuracy it promises. Above 10 GeV it was never
/// compared with anything.
inline constexpr double lowest_energy_MeV = 1e-3;
inline constexpr double highest_energy_MeV = 1e4;
inline constexpr double lowest_recoil_MeV = 1e-15;

/// Highest energy of event spectra (fluxes, windows of visible energy). Nearly all energies below
/// are evaluated in double precision, ten to twenty times faster than those above.
inline constexpr double highest_spectrum_energy_MeV = 100.0;

/// @param energy_MeV E in [lowest_energy_MeV, highest_energy_MeV] and @param recoil_MeV T >=
/// lowest_recoil_MeV. Zero where T is out of reach.
///
/// The relative error is below 1e-9, measured against 90-digit arithmetic at thousands of points
/// for every neutrino and both observables. The largest errors are 2.5e-10 for T < T_max (at T =
/// 1e-15 MeV) and 1.4e-10 of itself in the radiative tail; 1e-15 is typical at reactor energies.
/// Two places are excepted, where a logarithm and the tail's zero magnify the rounding of E and T:
/// T nearer to T_max than a millionth of E - T_max, and T in the tail nearer to E than a
/// ten-thousandth of E. The arithmetic is double up to about 51 MeV (electron_double_w,
/// electromagnetic_double_t) and double-double above. It is double-double too in the tail, below T
/// = 0.26 MeV and towards T = E.
///
/// The physics is the effective theory below m_W with light quarks at Q^2 = 0. It holds up to 10
/// GeV, because Q^2 = 2 m_e T <= 0.0102 GeV^2 there, far below hadronic scales.
CrossSection cross_section(const Expansion& expansion, Observable observable, double energy_MeV,
                           double recoil_MeV, double scale_MeV);

}  // namespace nuloop::physics
