// The electromagnetic-energy spectrum T = T_e + E_gamma: the radiative density of
// radiative_density.hpp integrated over a in (0, t) for T < T_max, with virtual and soft photons,
// and over (a1, t), a1 = t - 2w(w - t), for T > T_max.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/pack.hpp"
#include "nuloop/physics/dilogarithm.hpp"
#include "nuloop/physics/double_double.hpp"
#include "nuloop/physics/photonic.hpp"
#include "radiative_density.hpp"
#include "virtual_soft.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <boost/math/quadrature/gauss.hpp>

namespace nuloop::physics {
namespace {

template <class Real>
using RadiativeIntegrals = std::array<Real, radiative_terms>;

// Antiderivatives in Q of Lambda Q^n, n = 0, 2, 4, -2, -4, up to constants; v = Q/g.
template <class Real>
struct Primitives {
  Primitives(const Real& g, const Real& Q, const Real& a) {
    using std::log;
    const Real v = Q / g, v2 = v * v, g3 = g * g * g;
    const Real one_plus_2a = 1 + 2 * a;  // g^2 (1 - v^2), exactly
    const Real lambda = log((g + Q) * (g + Q) / one_plus_2a);
    const Real log_1mv2 = log(one_plus_2a / (g * g));
    const Real log_v2 = 2 * log(v);
    p0 = g * (v * lambda + log_1mv2);
    p2 = g3 * (v * v2 * lambda + v2 + log_1mv2) / 3;
    p4 = g3 * g * g * (v2 * v2 * v * lambda + v2 * v2 / 2 + v2 + log_1mv2) / 5;
    m2 = (-lambda / v + log_v2 - log_1mv2) / g;
    m4 = (-lambda / (v * v2) + log_v2 - log_1mv2 - 1 / v2) / (3 * g3);
  }
  Real p0, p2, p4, m2, m4;
};

// The dilogarithms in the integral of Lambda/(Q a).
template <class Real>
Real dilogarithms(const BasicRecoil<Real>& recoil, const Real& Q, const Real& a) {
  const Real g = recoil.gamma, beta = recoil.beta;
  const Real y = beta + Q / g;
  const Real u = 2 * a / (g * g * y);
  const Real one_minus_beta = 1 / (g * g * (1 + beta));
  return dilogarithm(u / (1 + beta)) - dilogarithm(-u / one_minus_beta) +
         dilogarithm(y / (1 + beta)) - dilogarithm(-y / one_minus_beta);
}

// Integrals over a in (0, t) of the thirteen terms of the density, ln a -> 0 at the lower end where
// it cancels against the soft photons.
template <class Real>
RadiativeIntegrals<Real> elastic_integrals(const BasicRecoil<Real>& recoil) {
  using std::log, std::log1p;
  const Real t = recoil.t, zero = 0.0;
  const Real q2 = t * (t + 2);  // Q^2 at a = 0; Q = t at a = t
  const Primitives<Real> upper(recoil.gamma, recoil.sinh_theta, zero);
  const Primitives<Real> lower(recoil.gamma, t, t);
  const Real j0 = upper.p0 - lower.p0, j2 = upper.p2 - lower.p2, j4 = upper.p4 - lower.p4;
  const Real dilogs = dilogarithms(recoil, recoil.sinh_theta, zero) - dilogarithms(recoil, t, t);
  const Real log_t = log(t);
  return {
      log_t,
      t / (1 + 2 * t),
      log1p(2 * t) / 2,
      1 / (t * q2),
      log1p(2 / t) / 2,
      t * t / 2,
      t,
      (2 * recoil.theta * log_t + dilogs) / recoil.sinh_theta,
      upper.m4 - lower.m4,
      upper.m2 - lower.m2,
      (q2 * q2 * j0 - 2 * q2 * j2 + j4) / 4,
      (q2 * j0 - j2) / 2,
      j0,
  };
}

template <class Real>
using ElasticStructures = std::array<InverseEnergyQuadratic<Real>, 3>;

template <class Real>
ElasticStructures<Real> elastic_structures(
    const BasicRecoil<Real>& recoil,
    const std::array<RadiativeCoefficients<Real>, 3>& coefficients) {
  const Real t = recoil.t;
  const RadiativeIntegrals<Real> integrals = elastic_integrals(recoil);
  using std::log;
  const Real factor = virtual_soft(recoil) + infrared_coefficient(recoil) * log(Real(2.0));
  const Real f2 = pauli_form_factor(recoil);
  const PauliStructures<Real> pauli = pauli_structures(recoil);

  // Factorised part on the Born structures 1, (1 - t/w)^2, -t/w^2, and the Pauli part.
  ElasticStructures<Real> elastic = {
      {{factor, 0, 0}, {factor, -2 * t * factor, t * t * factor}, {0, 0, -t * factor}}};
  const ElasticStructures<Real> flips = {pauli.left_right, pauli.left_right, pauli.interference};
  for (std::size_t i = 0; i < 3; ++i) {
    auto& structure = elastic[i];
    structure.c0 += f2 * flips[i].c0;
    structure.c1 += f2 * flips[i].c1;
    structure.c2 += f2 * flips[i].c2;
    for (std::size_t k = 0; k < radiative_terms; ++k) {
      structure.c0 += coefficients[i][k][2] * integrals[k];
      structure.c1 += coefficients[i][k][1] * integrals[k];
      structure.c2 += coefficients[i][k][0] * integrals[k];
    }
  }
  return elastic;
}

ElasticStructures<double> precise_elastic_structures(double recoil_MeV) {
  const BasicRecoil<DoubleDouble> recoil(recoil_MeV);
  const auto precise =
      elastic_structures(recoil, CrossingCoefficients<DoubleDouble>(recoil.t).in_energy(recoil.t));
  ElasticStructures<double> rounded;
  for (std::size_t i = 0; i < 3; ++i)
    rounded[i] = {precise[i].c0.high(), precise[i].c1.high(), precise[i].c2.high()};
  return rounded;
}

// The same over (a1, t), 0 < a1 < t, with length = t - a1. The rational terms are elementary; those
// with Lambda are integrated in y, Q = g tanh y, Lambda = 2y, by a Gauss rule that is exact to
// rounding here, because the differences of their antiderivatives cancel as a1 -> t.
RadiativeIntegrals<double> tail_integrals(const Recoil& recoil, double w, double rest, double a1,
                                          double length) {
  using std::exp, std::log, std::log1p, std::tanh;
  using Rule = boost::math::quadrature::gauss<double, 30>;
  const double t = recoil.t, g = recoil.gamma, sinh_theta = recoil.sinh_theta;
  const double Q1 = 2 * w - t;
  const double log_range = log(t / a1);
  const double log_slope = 2 * recoil.theta / sinh_theta;  // Lambda/Q at a = 0

  const double y0 = log1p(2 * t) / 2;
  const double half = log1p(2 * rest / (g + t)) / 2 + log1p(2 * length / (1 + 2 * a1)) / 4;
  RadiativeIntegrals<double> sum = {log_range,
                                    length / ((1 + 2 * a1) * (1 + 2 * t)),
                                    log1p(2 * length / (1 + 2 * a1)) / 2,
                                    length / (t * t * Q1 * Q1),
                                    log1p(2 * length / (t * t)) / 2,
                                    length * (t + a1) / 2,
                                    length,
                                    log_slope * log_range};
  const auto add = [&](double y, double weight) {
    const double tanh_y = tanh(y), Q = g * tanh_y, Q2 = Q * Q;
    const double a = (sinh_theta - Q) * (sinh_theta + Q) / 2;
    const double da = weight * Q * g * (1 - tanh_y * tanh_y);
    const double slope = 2 * y / Q;
    sum[7] += da * (slope - log_slope) / a;
    sum[8] += da * slope / (Q2 * Q2);
    sum[9] += da * slope / Q2;
    sum[10] += da * slope * a * a;
    sum[11] += da * slope * a;
    sum[12] += da * slope;
  };
  // At low energy Q falls to a small part of itself, and only ln y keeps its negative powers
  // smooth.
  const bool logarithmic = half > 4 * y0;
  const double half_log = logarithmic ? log1p(2 * half / y0) / 2 : 0.0;
  const double centre = logarithmic ? y0 * exp(half_log) : y0 + half;
  for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
    const double node = Rule::abscissa()[i], weight = Rule::weights()[i];
    if (logarithmic) {
      const double factor = exp(half_log * node), below = centre / factor, above = centre * factor;
      add(below, half_log * below * weight);
      add(above, half_log * above * weight);
    } else {
      add(centre - half * node, half * weight);
      add(centre + half * node, half * weight);
    }
  }
  return sum;
}

Structures tail_structures(const Recoil& recoil,
                           const std::array<RadiativeCoefficients<double>, 3>& coefficients,
                           double excess) {
  const double t = recoil.t, w = recoil.min_energy + excess;
  const double rest = t / recoil.eta_minus_1 + excess;  // w - t, from w_min - t = t/(eta - 1)
  if (rest <= 0)                                        // T = E but for rounding
    return {0.0, 0.0, 0.0};
  const double length = 2 * w * rest;  // t - a1
  // Towards the limit a1 vanishes and is taken from the excess: 2w(w - t) - t factorises into
  // 2 (w - w_min)(w - t + w_min).
  const double a1 = 2 * length < t ? t - length : -2 * excess * (rest + recoil.min_energy);
  const auto integrals = tail_integrals(recoil, w, rest, a1, length);
  std::array<double, 3> sum = {};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < radiative_terms; ++k) {
      const auto& powers = coefficients[i][k];
      sum[i] += (powers[0] / (w * w) + powers[1] / w + powers[2]) * integrals[k];
    }
  return {sum[0], sum[1], sum[2]};
}

// Nodes of a Gauss rule on (0, 1) and their weights, in whole packs.
struct UnitRule {
  std::vector<double> nodes, weights;
};
template <unsigned order>
UnitRule unit_rule() {
  using Rule = boost::math::quadrature::gauss<double, order>;
  static_assert(order % 2 == 0);
  UnitRule rule;
  for (std::size_t i = 0; i < order / 2; ++i)
    for (const double side : {-1.0, 1.0}) {
      rule.nodes.push_back(0.5 + 0.5 * side * Rule::abscissa()[i]);
      rule.weights.push_back(0.5 * Rule::weights()[i]);
    }
  while (rule.nodes.size() % pack_width != 0) {
    rule.nodes.push_back(0.5);
    rule.weights.push_back(0.0);
  }
  return rule;
}

using PreciseCoefficients = std::array<DoubleDouble, radiative_terms>;

// A number, prepared for many products.
struct Factor {
  Factor() = default;
  explicit Factor(const DoubleDoublePack& number) : value(number), halves(number.high()) {}
  DoubleDoublePack value;
  DoubleDoublePack::Halves halves;
};
using Factors = std::array<Factor, radiative_terms>;

template <class Numbers>
Factors factors(const Numbers& numbers) {
  Factors prepared;
  for (std::size_t k = 0; k < radiative_terms; ++k)
    prepared[k] = Factor(numbers[k]);
  return prepared;
}

// Sum of products. Rounding leaves a part u^2 = 2^-106 of the sum of the moduli, times a small
// number: products are added without being normalised.
DoubleDoublePack contracted(const Factors& a, const Factors& b) {
  Pack sum = 0.0, rest = 0.0;
  for (std::size_t k = 0; k < radiative_terms; ++k) {
    const DoubleDoublePack &x = a[k].value, &y = b[k].value;
    const auto product = DoubleDoublePack::product(x.high(), a[k].halves, y.high(), b[k].halves);
    const auto next = DoubleDoublePack::sum(sum, product.high());
    rest += next.low() + (product.low() + (x.high() * y.low() + x.low() * y.high()));
    sum = next.high();
  }
  return DoubleDoublePack::sum(sum, rest);
}

// The density at `y` as terms_of_density has them.
Factors terms_at(const BasicRecoil<DoubleDouble>& recoil, const DoubleDoublePack& y,
                 DoubleDoublePack& Q) {
  const DoubleDouble g = recoil.gamma;
  Q = g * tanh(y);
  return factors(terms_of_density(recoil, Q, y + y, Q * (g - Q) * (g + Q) / g));
}

// From the recoil and the point as they are given, in double-double arithmetic: the density as a
// whole by a Gauss rule in y, which sees nothing of what cancels in it.
Structures precise_tail_structures(double recoil_MeV, const EnergyPoint& point) {
  const BasicRecoil<DoubleDouble> recoil(recoil_MeV);
  const bool by_energy = point.w < -point.excess;
  const DoubleDouble t = recoil.t;
  const DoubleDouble excess = by_energy ? point.w - recoil.min_energy : DoubleDouble(point.excess);
  const DoubleDouble w = recoil.min_energy + excess;
  const DoubleDouble rest = t / recoil.eta_minus_1 + excess;  // w - t, from w_min - t = t/(eta - 1)
  if (!(rest > 0.0))
    return {0.0, 0.0, 0.0};
  const DoubleDouble length = 2.0 * w * rest;
  const DoubleDouble a1 =
      2.0 * length < t ? t - length : -2.0 * excess * (rest + recoil.min_energy);
  const DoubleDouble y0 = log1p(2.0 * t) * 0.5;
  // exp(2y) = (g + Q)^2/(1 + 2a); both factors grow.
  const DoubleDouble first = 2.0 * rest / (recoil.gamma + t),
                     second = 2.0 * length / (1.0 + 2.0 * a1);
  const double range =
      0.5 * log1p(first * (2.0 + first) + second * (1.0 + first) * (1.0 + first)).high();
  // Near to the pole at a = 0, which is y = theta, this is integrated apart; elsewhere it would
  // cancel against the rest.
  const double room = (recoil.theta - y0).high();
  const bool pole = range > 0.88 * room, far_from_pole = range < 0.45 * room;
  const CrossingCoefficients<DoubleDouble> crossing(t);
  const DoubleDouble u = w + rest, u2 = u * u, inverse_w2 = 1.0 / (w * w);
  std::array<PreciseCoefficients, 3> coefficients;
  for (std::size_t k = 0; k < radiative_terms; ++k) {
    const DoubleDouble even = crossing.constant[k] + u2 * crossing.square[k];
    const DoubleDouble odd = u * crossing.linear[k];
    coefficients[0][k] = inverse_w2 * (even + odd);
    coefficients[1][k] = inverse_w2 * (even - odd);
    coefficients[2][k] =
        inverse_w2 * (crossing.interference[k] + u2 * crossing.interference_square[k]);
  }
  std::array<double, 3> residues = {};
  if (pole)
    for (std::size_t i = 0; i < 3; ++i) {
      const DoubleDouble logarithmic =
          coefficients[i][7] * (2.0 * recoil.theta / recoil.sinh_theta);
      residues[i] = (coefficients[i][0] + logarithmic).high();
      coefficients[i][0] = -logarithmic;
    }
  const std::array<Factors, 3> prepared = {factors(coefficients[0]), factors(coefficients[1]),
                                           factors(coefficients[2])};
  static const UnitRule few = unit_rule<10>(), many = unit_rule<30>();
  const UnitRule& rule = range < 1.0 && (pole || far_from_pole) ? few : many;
  const double logarithm = pole ? log(t / a1).high() : 0.0;
  std::array<double, 3> total;
  for (std::size_t i = 0; i < 3; ++i)
    total[i] = residues[i] * logarithm;
  for (std::size_t n = 0; n < rule.nodes.size(); n += pack_width) {
    const auto in_rule = [n](const std::vector<double>& of) {
      return Pack::load(std::span(of).subspan(n, pack_width));
    };
    DoubleDoublePack Q;
    const auto terms = terms_at(recoil, y0 + DoubleDoublePack::of(range * in_rule(rule.nodes)), Q);
    const Pack weight = range * in_rule(rule.weights);
    for (std::size_t i = 0; i < 3; ++i) {
      const Pack part = weight * contracted(prepared[i], terms).high();
      for (std::size_t lane = 0; lane < pack_width; ++lane)
        total[i] += part[lane];
    }
  }
  return {total[0], total[1], total[2]};
}

// At many y, in double-double arithmetic.
void tail_densities(double recoil_MeV, std::span<const double> y,
                    std::span<RadiativeTail::Density> values) {
  const BasicRecoil<DoubleDouble> recoil(recoil_MeV);
  const DoubleDouble t = recoil.t, t2 = t * t;
  const CrossingCoefficients<DoubleDouble> of(t);
  const Factors constants = factors(of.constant), slopes = factors(of.linear),
                squares = factors(of.square), interferences = factors(of.interference),
                interference_squares = factors(of.interference_square);
  for (std::size_t first = 0; first < y.size(); first += pack_width) {
    const std::size_t count = std::min(pack_width, y.size() - first);
    DoubleDoublePack Q;
    const auto terms =
        terms_at(recoil, DoubleDoublePack::of(Pack::load(y.subspan(first, count))), Q);
    const auto square = contracted(squares, terms), slope = contracted(slopes, terms);
    const auto constant = contracted(constants, terms) + t2 * square;
    const auto interference_square = contracted(interference_squares, terms);
    const auto interference = contracted(interferences, terms) + t2 * interference_square;
    const std::array<std::array<Pack, 3>, 3> powers = {
        {{square.high(), (slope - 2.0 * t * square).high(), (constant - t * slope).high()},
         {square.high(), (-slope - 2.0 * t * square).high(), (constant + t * slope).high()},
         {interference_square.high(), (-2.0 * t * interference_square).high(),
          interference.high()}}};
    const Pack v = ((t + Q) * 0.5).high();
    for (std::size_t i = 0; i < count; ++i) {
      values[first + i].v = v[i];
      for (std::size_t k = 0; k < 3; ++k)
        values[first + i].in_y[k] = {4.0 * powers[k][0][i], 2.0 * powers[k][1][i], powers[k][2][i]};
    }
  }
}

}  // namespace

ElectromagneticPhotonic::ElectromagneticPhotonic(const Recoil& recoil)
    : recoil_(recoil),
      coefficients_(radiative_coefficients(recoil.t)),
      elastic_(recoil.t > electromagnetic_double_t ? precise_elastic_structures(recoil.recoil_MeV)
                                                   : elastic_structures(recoil, coefficients_)) {}

Structures ElectromagneticPhotonic::operator()(const EnergyPoint& point) const {
  NULOOP_EXPECTS(point.w > recoil_.t);
  if (point.excess >= 0.0) {
    const double inverse_w = 1.0 / point.w;
    return {elastic_[0](inverse_w), elastic_[1](inverse_w), elastic_[2](inverse_w)};
  }
  // Towards w = t, and at small t, the tail's terms cancel to a rest that wants more digits.
  const double rest = (point.w - recoil_.t) / point.w;
  if (recoil_.t > electromagnetic_double_t || rest < 0.02 || recoil_.t < 0.5)
    return precise_tail_structures(recoil_.recoil_MeV, point);
  return tail_structures(recoil_, coefficients_, point.excess);
}

RadiativeTail::RadiativeTail(const Recoil& recoil, Registers registers)
    : recoil_(recoil), coefficients_(radiative_coefficients(recoil.t)), registers_(registers) {}

double RadiativeTail::variable(double v) const {
  return std::atanh((2.0 * v - recoil_.t) / recoil_.gamma);
}

double RadiativeTail::relative_error(double v) const {
  constexpr double rounding = std::numeric_limits<double>::epsilon();
  const double arithmetic = in_double() ? rounding : 0x1p-102;
  const double t3 = recoil_.t * recoil_.t * recoil_.t;
  const double pole = (2.0 * v - recoil_.t) / (2.0 * (recoil_.min_energy - v));  // Q/(sinh - Q)
  return 4.0 * rounding + arithmetic * (100.0 + 3.0 * t3 + 3.0 / t3 + 4.0 * std::abs(pole));
}

void RadiativeTail::operator()(std::span<const double> y, std::span<Density> values) const {
  NULOOP_EXPECTS(y.size() == values.size());
  if (!in_double())
    return tail_densities(recoil_.recoil_MeV, y, values);
  constexpr std::size_t batch = 32;
  std::array<double, batch> tangents;
  for (std::size_t first = 0; first < y.size(); first += batch) {
    const auto some = y.subspan(first, std::min(batch, y.size() - first));
    std::transform(some.begin(), some.end(), tangents.begin(), [](double at) {
      const double growth = std::expm1(2.0 * at);
      return growth / (growth + 2.0);
    });
    kernels_for(registers_)
        .tail_at({recoil_, coefficients_, some, tangents.data(), &values[first]});
  }
}

}  // namespace nuloop::physics
