// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_structures.hpp"
#include "kernels.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/pack.hpp"
#include "nuloop/physics/photonic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace nuloop::physics {
namespace {

// Powers of eta shared by the polynomials in s, and eta - 1 without cancellation.
template <class Real>
struct Powers {
  explicit Powers(const BasicRecoil<Real>& recoil)
      : theta2(2 * recoil.theta),
        em1(recoil.eta_minus_1),
        h(recoil.eta),
        h2(h * h),
        h3(h2 * h),
        h4(h2 * h2),
        h5(h4 * h),
        h6(h3 * h3) {}
  Real theta2, em1, h, h2, h3, h4, h5, h6;
};

template <class Real, std::size_t size>
Polynomial<Real, size - 1> scaled(const Real& factor, const Real (&coefficients)[size]) {
  Polynomial<Real, size - 1> polynomial;
  for (std::size_t i = 0; i < size; ++i)
    polynomial.coefficients[i] = factor * coefficients[i];
  return polynomial;
}

// Each list: coefficients of 1, s, s^2, ...; B = 2 theta stands in the first one.
template <class Real>
decltype(ElectronTerms<Real>::left) left_polynomials(const Powers<Real>& p) {
  const auto& [B, em1, h, h2, h3, h4, h5, h6] = p;
  return {
      scaled(Real(B / (2 * h * (h + 1))),
             {Real(-h3 + h2 - 4 * h), Real(h3 + 5 * h2 + h + 1), Real(-2 * h2 - h - 1)}),
      scaled(Real(1 / (60 * h5)),
             {Real(6 * h5 * h5 - 45 * h4 * h3 + 60 * h6 - 171 * h5 + 60 * h4 - 45 * h3 + 6),
              Real(-15 * h5 * h4 + 10 * h4 * h4 + 90 * h6 + 95 * h5 + 90 * h4 + 10 * h2 - 15 * h),
              Real(10 * h4 * h4 - 15 * h4 * h3 - 130 * h5 - 15 * h3 + 10 * h2), Real(0),
              Real(5 * h5), Real(-h5)}),
      scaled(Real(em1 / (60 * h5)), {Real(-30 * h5 + 21 * h4 - 39 * h3 + 6 * h2 + 6 * h + 6),
                                     Real(30 * h5 + 55 * h4 - 5 * h3 - 5 * h2 - 15 * h),
                                     Real(25 * h4 - 5 * h3 + 10 * h2)}),
      scaled(Real(0.5), {Real(3), Real(-4), Real(1)}),
      scaled(Real(0.5), {Real(-1), Real(2), Real(1)}),
      scaled(Real(em1 / (120 * h4)),
             {Real(-12 * h6 - 6 * h5 - 3 * h4 + 45 * h3 - 30 * h2 - 24 * h - 12),
              Real(6 * h5 - 23 * h4 + 92 * h3 + 7 * h2 + 24 * h), Real(4 * h4 - 11 * h3 + h2),
              Real(2 * h3)}),
  };
}

// To be multiplied: a by (2 eta w')^2, c by 1/s^2, rational by 1/s.
template <class Real>
decltype(ElectronTerms<Real>::right) right_polynomials(const Powers<Real>& p) {
  const auto& [B, em1, h, h2, h3, h4, h5, h6] = p;
  return {
      scaled(Real(B / (4 * h2 * (h + 1))),
             {Real(h5 - h4 - 10 * h3 + 4 * h2 - 5 * h + 3),
              Real(6 * h4 + 6 * h3 + 14 * h2 - 10 * h), Real(-4 * h3 - 2 * h2 - 2 * h)}),
      scaled(Real(1 / (60 * h5)), {Real(h6 + 7 * h5 + 56 * h4 + 73 * h3 + 56 * h2 + 7 * h + 1),
                                   Real(-3 * h5 - 14 * h4 - 59 * h3 - 14 * h2 - 3 * h),
                                   Real(3 * h4 + 7 * h3 + 3 * h2), Real(-h3)}),
      scaled(
          Real(em1 / (60 * h5)),
          {Real(100 * h6 - 45 * h5 + 51 * h4 - 14 * h3 + 51 * h2 + 6 * h + 1),
           Real(-80 * h5 + 95 * h4 - 45 * h3 - 25 * h2 - 5 * h), Real(25 * h4 - 5 * h3 + 10 * h2)}),
      scaled(Real(-1 / (4 * h2)),
             {Real(-3 * h2), Real(2 * h3 + 8 * h2 + 2 * h),
              Real(4 * h4 - 16 * h3 + 2 * h2 - 16 * h + 4), Real(-2 * h3 + 16 * h2 - 2 * h), h2}),
      scaled(Real(1 / (2 * h2)), {Real(2 * h4 + h2 + 2), Real(-2 * h3 + 2 * h2 - 2 * h), h2}),
      scaled(Real(em1 / (120 * h4)),
             {Real(-90 * h2), Real(-2 * h6 - 11 * h5 - 253 * h4 + 325 * h3 - 205 * h2 - 14 * h - 2),
              Real(6 * h5 + 22 * h4 + 292 * h3 + 67 * h2 + 9 * h), Real(-6 * h4 - 11 * h3 - 9 * h2),
              Real(2 * h3)}),
  };
}

// To be multiplied: c by 1/s.
template <class Real>
decltype(ElectronTerms<Real>::interference) interference_polynomials(const Powers<Real>& p) {
  const auto& [B, em1, h, h2, h3, h4, h5, h6] = p;
  return {
      scaled(Real(-B * em1 / (h * (h + 1))), {h2, Real(-4 * h - 2), Real(1)}),
      scaled(Real(1 / (3 * h3)), {Real(h6 - 6 * h5 + 6 * h4 - 16 * h3 + 6 * h2 - 6 * h + 1),
                                  Real(-3 * h5 + 12 * h4 - 3 * h3 + 12 * h2 - 3 * h),
                                  Real(3 * h4 - 6 * h3 + 3 * h2), Real(-h3)}),
      scaled(Real(em1 / (3 * h3)), {Real(-9 * h3 + h2 - 5 * h + 1), Real(9 * h2 - 3 * h)}),
      scaled(Real(2 / h), {Real(-h), Real(h2 + h + 1), Real(-2 * h)}),
      scaled(Real(2 / h), {Real(-h2 - 1), h}),
      scaled(Real(em1 / (3 * h2)), {Real(-h2 + 10 * h - 1), h}),
  };
}

// Of several energies, with the digits of `terms`. Their w are made anew: cancelling terms magnify
// the rounding of one that was computed with fewer digits.
[[gnu::noinline]] BasicStructures<Pack> precise_structures(
    const ElectronTerms<DoubleDouble>& terms, const PauliStructures<DoubleDouble>& pauli,
    const Pack& excess) {
  const auto wide = DoubleDoublePack::of(excess);
  const auto s = electron_structures(
      terms, pauli, BasicEnergyPoint<DoubleDoublePack>{terms.recoil.min_energy + wide, wide});
  return {s.left.high(), s.right.high(), s.interference.high()};
}

}  // namespace

template <class Real>
ElectronTerms<Real>::ElectronTerms(const BasicRecoil<Real>& at)
    : recoil(at),
      virtual_soft(physics::virtual_soft(at)),
      infrared(infrared_coefficient(at)),
      pauli(pauli_form_factor(at)),
      dilog_inverse_eta(dilogarithm(1 / at.eta)),
      dilog_inverse_eta2(dilogarithm(1 / (at.eta * at.eta))) {
  using std::log, std::log1p;
  log_eta_minus_1 = log(at.eta_minus_1);
  log_eta_plus_1 = log1p(at.eta);
  const Powers<Real> powers(at);
  left = left_polynomials(powers);
  right = right_polynomials(powers);
  interference = interference_polynomials(powers);
}

ElectronPhotonic::ElectronPhotonic(const Recoil& recoil, Registers registers)
    : terms_(recoil), registers_(registers) {}

Structures ElectronPhotonic::operator()(const EnergyPoint& point) const {
  Structures value;
  (*this)({&point, 1}, {&value, 1});
  return value;
}

void ElectronPhotonic::operator()(std::span<const EnergyPoint> points,
                                  std::span<Structures> values) const {
  NULOOP_EXPECTS(points.size() == values.size());
  const auto precise = [](const EnergyPoint& point) {
    NULOOP_EXPECTS(point.excess > 0.0);
    return point.w > electron_double_w;
  };
  const auto count = std::count_if(points.begin(), points.end(), precise);
  if (count < std::ssize(points))
    kernels_for(registers_)
        .electron_at({terms_, pauli_structures(terms_.recoil), points, values.data()});
  if (count == 0)
    return;
  const BasicRecoil<DoubleDouble> recoil(terms_.recoil.recoil_MeV);
  const ElectronTerms<DoubleDouble> terms(recoil);
  const PauliStructures<DoubleDouble> pauli = pauli_structures(recoil);
  for (std::size_t first = 0; first < points.size(); first += pack_width) {
    const std::size_t size = std::min(pack_width, points.size() - first);
    const auto some = points.subspan(first, size);
    if (std::none_of(some.begin(), some.end(), precise))
      continue;
    std::array<double, pack_width> excess;
    for (std::size_t i = 0; i < size; ++i)
      excess[i] = some[i].excess;
    const auto pack = precise_structures(terms, pauli, Pack::load(std::span(excess).first(size)));
    for (std::size_t i = 0; i < size; ++i)
      if (precise(some[i]))
        values[first + i] = {pack.left[i], pack.right[i], pack.interference[i]};
  }
}

}  // namespace nuloop::physics
