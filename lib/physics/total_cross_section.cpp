// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/total_cross_section.hpp"

#include "nuloop/foundation/bounded.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/quadrature/gauss_kronrod.hpp>

namespace nuloop::physics {
namespace {

// Adds that of f over T from `anchor` by `length`, which may be negative, in the cube root of the
// distance: it tames the logarithms at the kinematic limit, and gives the scale of m_e near T = 0
// its room. The tolerance is relative to what has been found before, if that is more: the tail is
// often small, and T too coarse near the limit to give all digits of it.
template <class Function>
void add_integral(Bounded<double>& sum, const Function& f, double anchor, double length) {
  constexpr double tolerance = 1e-10;
  constexpr unsigned max_depth = 12;
  using Rule = boost::math::quadrature::gauss_kronrod<double, 31>;
  const auto integrand = [&](double x) {
    return 3.0 * x * x * std::abs(length) * f(anchor + length * x * x * x);
  };
  double error = 0.0, magnitude = 0.0;
  double value = Rule::integrate(integrand, 0.0, 1.0, 0, tolerance, &error, &magnitude);
  const double allowed = tolerance * std::max(std::abs(sum.value), magnitude);
  if (error > allowed)
    value = Rule::integrate(integrand, 0.0, 1.0, max_depth, allowed / magnitude, &error);
  sum.value += value;
  sum.error += error;
}

}  // namespace

TotalCrossSection total_cross_section(const Expansion& expansion, Observable observable,
                                      double energy_MeV, double scale_MeV, double recoil_low_MeV) {
  NULOOP_EXPECTS(energy_MeV > 0.0 && recoil_low_MeV >= 0.0);
  const double limit = max_recoil_MeV(energy_MeV);
  const auto integral = [&](double CrossSection::*part) {
    const auto spectrum = [&](double recoil_MeV) {
      return cross_section(expansion, observable, energy_MeV, recoil_MeV, scale_MeV).*part;
    };
    Bounded<double> sum;
    if (recoil_low_MeV < limit) {
      const double half = 0.5 * (limit - recoil_low_MeV);
      add_integral(sum, spectrum, recoil_low_MeV, half);
      add_integral(sum, spectrum, limit, -half);
    }
    const double tail_low = std::max(limit, recoil_low_MeV);
    if (observable == Observable::electromagnetic && tail_low < energy_MeV)
      add_integral(sum, spectrum, tail_low, energy_MeV - tail_low);
    return sum;
  };
  const Bounded<double> born = integral(&CrossSection::born);
  const Bounded<double> loops = integral(&CrossSection::loops);
  const Bounded<double> photonic = integral(&CrossSection::photonic);
  return {born.value, loops.value, photonic.value, born.error + loops.error + photonic.error};
}

}  // namespace nuloop::physics
