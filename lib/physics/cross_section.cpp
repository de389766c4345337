// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/cross_section.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <algorithm>
#include <functional>
#include <numbers>
#include <numeric>

namespace nuloop::physics {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;

using StructureCoefficients = std::array<double, structure_count>;

// cL^2, cR^2, cL cR: factors of the structures in a squared amplitude.
StructureCoefficients squared(Couplings c) {
  return {c.left * c.left, c.right * c.right, c.left * c.right};
}

// What a common shift `delta` of cL and cR adds to first order.
StructureCoefficients shifted(Couplings c, double delta) {
  return {2.0 * delta * c.left, 2.0 * delta * c.right, delta * (c.left + c.right)};
}

void add(BasisVector& to, std::size_t offset, const StructureCoefficients& values) {
  for (std::size_t k = 0; k < structure_count; ++k)
    to[offset + k] += cross_section_norm * values[k];
}

Expansion expand_tree(Couplings couplings, Helicity helicity) {
  Expansion expansion;
  add(expansion.born, 0, squared(crossed(couplings, helicity)));
  return expansion;
}

Expansion expand_tree(Neutrino neutrino, double sin2_theta_w) {
  return expand_tree(tree_couplings(neutrino.flavour, sin2_theta_w), neutrino.helicity);
}

// arXiv:2410.00107, eq. 9 of v1, which is eq. 10 of v2.
Expansion expand_charge_radius(Neutrino neutrino, double sin2_theta_w, double delta) {
  Expansion expansion = expand_tree(neutrino, sin2_theta_w);
  const Couplings c = crossed(tree_couplings(neutrino.flavour, sin2_theta_w), neutrino.helicity);
  add(expansion.loops, 0, shifted(c, delta));
  return expansion;
}

// What lo+cr and free-charge-radius add to cL and cR.
double charge_radius_delta(Model model, Flavour flavour, const OneLoopInputs& inputs,
                           const FreeParameters& free) {
  const double radius_GeV2 = model == Model::lo_cr
                                 ? charge_radius_GeV2(flavour)
                                 : free.charge_radius_cm2 / hbar_c_squared_GeV2_cm2;
  return charge_radius_coupling_shift(radius_GeV2, charge_radius_fine_structure(inputs));
}

// By how much the charge radius shifts s2; in proportion to s2.
double shift_of_angle(Flavour flavour, double sin2_theta_w) {
  return sin2_theta_w * w_mass_GeV * w_mass_GeV / 3.0 * charge_radius_GeV2(flavour);
}

// arXiv:2410.00107, eq. 10 of v1, which is eq. 9 of v2.
Expansion expand_charge_radius_shift(Neutrino neutrino, double sin2_theta_w) {
  Expansion expansion = expand_tree(neutrino, sin2_theta_w);
  const BasisVector moved =
      expand_tree(neutrino, sin2_theta_w + shift_of_angle(neutrino.flavour, sin2_theta_w)).born;
  std::transform(moved.begin(), moved.end(), expansion.born.begin(), expansion.loops.begin(),
                 std::minus<>());
  return expansion;
}

// arXiv:1907.03379: Born term with the couplings at mu, closed loops, photons.
Expansion expand_one_loop(Neutrino neutrino, const OneLoopInputs& inputs) {
  const LoopAndPhotonAlpha alpha = scheme_alpha(inputs);
  Expansion expansion;
  const Couplings c = crossed(effective_couplings(inputs, neutrino.flavour), neutrino.helicity);
  add(expansion.born, 0, squared(c));
  const LoopVector x = loop_coefficients(inputs, neutrino.flavour);
  for (std::size_t j = 0; j < loop_functions; ++j)
    add(expansion.loops, j * structure_count, shifted(c, alpha.loops * x[j] / two_pi));
  auto photonic = squared(c);
  for (double& value : photonic)
    value *= alpha.photons / std::numbers::pi;
  add(expansion.photonic, photonic_offset, photonic);
  return expansion;
}

// The photonic structures of those points that are above the limit, some at a time.
void add_electron(const ElectronPhotonic& electron, std::span<const EnergyPoint> points,
                  std::span<BasisAtRecoil::Inner> values) {
  constexpr std::size_t batch = 32;
  std::array<EnergyPoint, batch> elastic;
  std::array<std::size_t, batch> index;
  std::array<Structures, batch> photonic;
  for (std::size_t next = 0; next < points.size();) {
    std::size_t count = 0;
    for (; next < points.size() && count < batch; ++next)
      if (points[next].excess > 0.0) {
        elastic[count] = points[next];
        index[count++] = next;
      }
    electron(std::span(elastic).first(count), std::span(photonic).first(count));
    for (std::size_t i = 0; i < count; ++i)
      values[index[i]].photonic = photonic[i];
  }
}

double contract(const BasisVector& coefficients, const BasisVector& functions) {
  return std::inner_product(coefficients.begin(), coefficients.end(), functions.begin(), 0.0);
}

}  // namespace

BasisVector Expansion::total() const {
  BasisVector sum{};
  for (std::size_t k = 0; k < basis_size; ++k)
    sum[k] = born[k] + loops[k] + photonic[k];
  return sum;
}

Expansion difference(const Expansion& a, const Expansion& b) {
  Expansion result;
  const auto subtract = [](const BasisVector& x, const BasisVector& y, BasisVector& out) {
    std::transform(x.begin(), x.end(), y.begin(), out.begin(), std::minus<>());
  };
  subtract(a.born, b.born, result.born);
  subtract(a.loops, b.loops, result.loops);
  subtract(a.photonic, b.photonic, result.photonic);
  return result;
}

const ModelRow& row_of(Model model) {
  const auto found = std::find_if(model_table.begin(), model_table.end(),
                                  [&](const ModelRow& row) { return row.model == model; });
  NULOOP_EXPECTS(found != model_table.end());
  return *found;
}

Expansion expand(Model model, Neutrino neutrino, double sin2_theta_w, const OneLoopInputs& inputs,
                 const FreeParameters& free) {
  switch (model) {
    case Model::lo:
      return expand_tree(neutrino, sin2_theta_w);
    case Model::lo_cr:
    case Model::free_charge_radius:
      return expand_charge_radius(neutrino, sin2_theta_w,
                                  charge_radius_delta(model, neutrino.flavour, inputs, free));
    case Model::lo_cr_shift:
      return expand_charge_radius_shift(neutrino, sin2_theta_w);
    case Model::nlo:
      return expand_one_loop(neutrino, inputs);
    case Model::free_sin2_theta_w:
      return expand_tree(neutrino, free.sin2_theta_w);
    case Model::free_couplings:
      return expand_tree(
          {coupling_unit_GeV2 * free.couplings.left, coupling_unit_GeV2 * free.couplings.right},
          neutrino.helicity);
  }
  return {};
}

Expansion hadronic_variation(Model model, Neutrino neutrino, const OneLoopInputs& inputs) {
  Expansion variation;
  if (model != Model::nlo)
    return variation;
  const Couplings c = crossed(effective_couplings(inputs, neutrino.flavour), neutrino.helicity);
  add(variation.loops, 0, shifted(c, scheme_alpha(inputs).loops * coupling_unit_GeV2 / two_pi));
  return variation;
}

Expansion angle_variation(Model model, Neutrino neutrino, double sin2_theta_w,
                          const OneLoopInputs& inputs, const FreeParameters& free) {
  // cL and cR grow alike, by 2 sqrt2 GF per unit of s2.
  const auto of_tree = [&](double s2) {
    return shifted(crossed(tree_couplings(neutrino.flavour, s2), neutrino.helicity),
                   coupling_unit_GeV2);
  };
  Expansion variation;
  if (row_of(model).angle != ModelRow::Angle::given)
    return variation;
  if (model == Model::lo_cr_shift) {
    auto moved = of_tree(sin2_theta_w + shift_of_angle(neutrino.flavour, sin2_theta_w));
    for (double& value : moved)
      value *= 1.0 + shift_of_angle(neutrino.flavour, 1.0);
    add(variation.born, 0, moved);
    return variation;
  }
  add(variation.born, 0, of_tree(sin2_theta_w));
  if (model != Model::lo)
    add(variation.loops, 0,
        shifted({coupling_unit_GeV2, coupling_unit_GeV2},
                charge_radius_delta(model, neutrino.flavour, inputs, free)));
  return variation;
}

BasisAtRecoil::BasisAtRecoil(Observable observable, double recoil_MeV, double scale_MeV)
    : recoil_(recoil_MeV),
      loops_(physics::loop_values(recoil_MeV, scale_MeV)),
      photonic_(observable == Observable::electron
                    ? decltype(photonic_)(ElectronPhotonic(recoil_))
                    : decltype(photonic_)(ElectromagneticPhotonic(recoil_))) {}

BasisAtRecoil::Inner BasisAtRecoil::operator()(const EnergyPoint& point) const {
  Inner inner;
  (*this)({&point, 1}, {&inner, 1});
  return inner;
}

void BasisAtRecoil::operator()(std::span<const EnergyPoint> points, std::span<Inner> values) const {
  NULOOP_EXPECTS(points.size() == values.size());
  for (std::size_t i = 0; i < points.size(); ++i)
    values[i] = {points[i].excess > 0.0 ? born_structures(recoil_, points[i].w) : Structures{}, {}};
  if (const auto* electron = std::get_if<ElectronPhotonic>(&photonic_))
    return add_electron(*electron, points, values);
  const auto& electromagnetic = std::get<ElectromagneticPhotonic>(photonic_);
  for (std::size_t i = 0; i < points.size(); ++i)
    if (points[i].w > recoil_.t)
      values[i].photonic = electromagnetic(points[i]);
}

void BasisAtRecoil::photonic(std::span<const EnergyPoint> points,
                             std::span<Structures> values) const {
  NULOOP_EXPECTS(points.size() == values.size());
  if (const auto* electron = std::get_if<ElectronPhotonic>(&photonic_))
    return (*electron)(points, values);
  const auto& electromagnetic = std::get<ElectromagneticPhotonic>(photonic_);
  std::transform(points.begin(), points.end(), values.begin(), electromagnetic);
}

std::array<InverseEnergyQuadratic<double>, 2 * structure_count> BasisAtRecoil::quadratics() const {
  const double t = recoil_.t;
  std::array<InverseEnergyQuadratic<double>, 2 * structure_count> all = {
      {{1.0, 0.0, 0.0}, {1.0, -2.0 * t, t * t}, {0.0, 0.0, -t}}};
  if (const auto* electromagnetic = std::get_if<ElectromagneticPhotonic>(&photonic_))
    std::copy_n(electromagnetic->elastic().begin(), structure_count, all.begin() + structure_count);
  return all;
}

BasisVector assemble(const LoopVector& loops, const BasisAtRecoil::Inner& inner) {
  BasisVector functions{};
  for (std::size_t j = 0; j < loop_functions; ++j) {
    functions[j * structure_count] = loops[j] * inner.born.left;
    functions[j * structure_count + 1] = loops[j] * inner.born.right;
    functions[j * structure_count + 2] = loops[j] * inner.born.interference;
  }
  functions[photonic_offset] = inner.photonic.left;
  functions[photonic_offset + 1] = inner.photonic.right;
  functions[photonic_offset + 2] = inner.photonic.interference;
  return functions;
}

CrossSection cross_section(const Expansion& expansion, Observable observable, double energy_MeV,
                           double recoil_MeV, double scale_MeV) {
  NULOOP_EXPECTS(energy_MeV > 0.0 && recoil_MeV > 0.0);
  if (recoil_MeV >= energy_MeV)
    return {0.0, 0.0, 0.0};
  const BasisAtRecoil basis(observable, recoil_MeV, scale_MeV);
  const BasisVector functions =
      assemble(basis.loop_values(), basis(energy_point(energy_MeV, basis.recoil())));
  return {contract(expansion.born, functions), contract(expansion.loops, functions),
          contract(expansion.photonic, functions)};
}

}  // namespace nuloop::physics
